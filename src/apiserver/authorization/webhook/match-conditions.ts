/** Whether a request is an authorization webhook's business at all. Source: apiserver's pkg/authorization/cel. */
import { SubjectAccessReviewSpec } from '../../../api/authorization/subject-access-review.ts';
import { messageOf } from '../../../base/errors.ts';
import { formatType } from '../../../machinery/cel/cel-type.ts';
import { createCelEnvironment } from '../../../machinery/cel/environment.ts';
import type { CelEnvironment, CelProgram } from '../../../machinery/cel/environment.ts';
import { celTypeOf } from '../../../machinery/cel/schema-type.ts';
import { errorText } from '../error-text.ts';

/** A condition, compiled. */
export interface AccessCondition {
  readonly expression: string;
  readonly program: CelProgram;
}

let environment: CelEnvironment | undefined;

/** Compiles a condition. Throws an Error that says in upstream's words what is wrong with it. */
export function compileAccessCondition(expression: string): AccessCondition {
  environment ??= createCelEnvironment({ variables: { request: celTypeOf(SubjectAccessReviewSpec.node) } });
  let compiled;
  try {
    compiled = environment.compile(expression);
  } catch (error) {
    throw new Error(`compilation failed: ${messageOf(error)}`, { cause: error });
  }
  if (compiled.type.kind !== 'bool') throw new Error(`must evaluate to bool but got ${formatType(compiled.type)}`);
  return { expression, program: compiled.program };
}

/** Whether all conditions hold. Throws an Error when one can't be evaluated and none is false. */
export function conditionsHold(conditions: readonly AccessCondition[], question: SubjectAccessReviewSpec): boolean {
  if (conditions.length === 0) return true;
  const request = completed(question);
  const errors: string[] = [];
  for (const { expression, program } of conditions) {
    try {
      if (program.evaluate({ request }).value !== true) return false;
    } catch (error) {
      errors.push(`cel evaluation error: expression '${expression}' resulted in error: ${messageOf(error)}`);
    }
  }
  if (errors.length > 0) throw new Error(errorText(errors));
  return true;
}

/** Expressions see texts that are empty, too. */
function completed({ resourceAttributes, nonResourceAttributes, ...subject }: SubjectAccessReviewSpec): object {
  const noResource = { namespace: '', verb: '', group: '', version: '', resource: '', subresource: '', name: '' };
  return {
    ...{ user: '', groups: [], uid: '', extra: {} },
    ...subject,
    ...(resourceAttributes ? { resourceAttributes: { ...noResource, ...resourceAttributes } } : {}),
    ...(nonResourceAttributes ? { nonResourceAttributes: { path: '', verb: '', ...nonResourceAttributes } } : {}),
  };
}
