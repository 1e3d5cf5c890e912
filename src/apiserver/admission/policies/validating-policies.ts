/** Upstream's ValidatingAdmissionPolicy: expressions in the API judge requests. */
import { ValidatingAdmissionPolicy } from '../../../api/admissionregistration/validating-admission-policy.ts';
import type { Validation } from '../../../api/admissionregistration/validating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from '../../../api/admissionregistration/validating-admission-policy-binding.ts';
import { StatusError, messageOf, reasonCodes } from '../../../base/errors.ts';
import type { StatusReason } from '../../../base/errors.ts';
import type { CompiledExpression } from '../../../machinery/cel/environment.ts';
import { maxMessageExpressionBytes } from '../../../machinery/cel/limits.ts';
import type { ApiObject } from '../../../machinery/resource.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../ports.ts';
import type { ServedResources } from '../../served-resources.ts';
import { refusal } from '../refusal.ts';
import { ShownObjects } from '../shown-objects.ts';
import { isBeyondPolicies } from '../webhooks/webhook-matching.ts';
import { CostBudget, compileStatement, withVariables } from './compiled-policy.ts';
import type { Bindings } from './compiled-policy.ts';
import { matchedBy, paramsOf } from './policy-request.ts';
import type { PolicyContext } from './policy-request.ts';
import { requestBindings } from './request-bindings.ts';
import { unlessPending, whenDecided } from './when-decided.ts';

/** Makes the plug-in. */
export function createValidatingPolicies(resources: ServedResources): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionPolicy',
    async validate(request, context) {
      const policies = context.objects(ValidatingAdmissionPolicy);
      if (policies.length === 0 || isBeyondPolicies(request)) return;
      const bindings = context.objects(ValidatingAdmissionPolicyBinding);
      const policyContext = { context, served: resources.all(), objects: new ShownObjects(request) };
      for (const policy of policies) {
        const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name);
        if (own.length > 0) await judge({ policy, bindings: own }, request, policyContext);
      }
    },
  };
}

interface PolicyWithBindings {
  readonly policy: ValidatingAdmissionPolicy;
  readonly bindings: readonly ValidatingAdmissionPolicyBinding[];
}

/** A verdict against a request. */
interface Denial {
  readonly message: string;
  readonly reason: StatusReason;
}

async function judge(
  { policy, bindings }: PolicyWithBindings,
  request: AdmissionRequest,
  context: PolicyContext,
): Promise<void> {
  const { matchConstraints, paramKind } = policy.spec;
  const shownAs = matchedBy(matchConstraints, request, context);
  if (!shownAs) return;
  const shown = await context.objects.as(shownAs);
  for (const binding of bindings) {
    if (!matchedBy(binding.spec.matchResources, request, context)) continue;
    const who = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
    let params: readonly (ApiObject | null)[];
    try {
      params = paramsOf({ paramKind, paramRef: binding.spec.paramRef }, request, context);
    } catch (error) {
      if (policy.spec.failurePolicy === 'Ignore') continue;
      throw denied(request, { who, message: `failed to configure binding: ${messageOf(error)}`, reason: 'Invalid' });
    }
    for (const param of params) {
      const values = { ...requestBindings(request, shown, context.context), params: param };
      const denials = await whenDecided(() => denialsOf(policy, values));
      for (const denial of denials) enforce(denial, { binding, who }, request);
    }
  }
}

function enforce(
  { message, reason }: Denial,
  { binding, who }: { readonly binding: ValidatingAdmissionPolicyBinding; readonly who: string },
  request: AdmissionRequest,
): void {
  const { validationActions } = binding.spec;
  if (validationActions.includes('Warn')) request.warnings?.push(`Validation failed for ${who}: ${message}`);
  if (validationActions.includes('Deny')) throw denied(request, { who, message, reason });
}

function denied(
  request: AdmissionRequest,
  { who, message: detail, reason }: Denial & { readonly who: string },
): StatusError {
  const message = `${who} denied request: ${detail}`;
  const { message: text, details } = refusal(request, message, [{ message }]);
  return new StatusError(reason, text, {
    code: reasonCodes[reason as keyof typeof reasonCodes] ?? 422,
    ...(details ? { details } : {}),
  });
}

interface CompiledValidation {
  readonly validation: Validation;
  readonly expression: CompiledExpression;
  readonly message: CompiledExpression | undefined;
}

type Compiled = ReturnType<typeof compileStatement> & { readonly validations: readonly CompiledValidation[] };

const compiledPolicies = new WeakMap<ValidatingAdmissionPolicy, Compiled>();

function compiledOf(policy: ValidatingAdmissionPolicy): Compiled {
  let compiled = compiledPolicies.get(policy);
  if (!compiled) {
    const statement = compileStatement(policy.spec, { mutation: false });
    const { environment } = statement.variables;
    const validations = (policy.spec.validations ?? []).map((validation) => ({
      validation,
      expression: environment.compile(validation.expression),
      message: validation.messageExpression ? environment.compile(validation.messageExpression) : undefined,
    }));
    compiledPolicies.set(policy, (compiled = { ...statement, validations }));
  }
  return compiled;
}

/** What a policy has against a request. */
function denialsOf(policy: ValidatingAdmissionPolicy, bindings: Bindings): readonly Denial[] {
  const failed = (error: unknown): readonly Denial[] =>
    policy.spec.failurePolicy === 'Ignore' ? [] : [{ message: messageOf(error), reason: 'Invalid' }];
  try {
    const { conditions, variables, validations } = compiledOf(policy);
    const budget = new CostBudget();
    const values = withVariables(variables, bindings, budget);
    if (!conditions.hold(values)) return [];
    return validations.flatMap((validation) => {
      try {
        return denialOf(validation, values, budget);
      } catch (error) {
        unlessPending(error);
        return failed(
          new Error(`expression '${validation.validation.expression.trim()}' resulted in error: ${messageOf(error)}`),
        );
      }
    });
  } catch (error) {
    unlessPending(error);
    return failed(error);
  }
}

function denialOf(
  { validation, expression, message }: CompiledValidation,
  values: Bindings,
  budget: CostBudget,
): Denial[] {
  if (budget.evaluate(expression, values) === true) return [];
  const text =
    (message && evaluatedMessage(message, values, budget)) ||
    validation.message?.trim() ||
    `failed expression: ${validation.expression.trim()}`;
  return [{ message: text, reason: (validation.reason as StatusReason | undefined) ?? 'Invalid' }];
}

/** '' when the expression fails, or makes something that is no proper message. */
function evaluatedMessage(expression: CompiledExpression, values: Bindings, budget: CostBudget): string {
  try {
    const value = budget.evaluate(expression, values);
    const text = typeof value === 'string' ? value.trim() : '';
    return Buffer.byteLength(text) > maxMessageExpressionBytes || text.includes('\n') ? '' : text;
  } catch (error) {
    unlessPending(error);
    return '';
  }
}
