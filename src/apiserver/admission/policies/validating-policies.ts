/** Upstream's ValidatingAdmissionPolicy: expressions in the API judge requests. */
import { ValidatingAdmissionPolicy } from '../../../api/admissionregistration/validating-admission-policy.ts';
import type { AuditAnnotation, Validation } from '../../../api/admissionregistration/validating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from '../../../api/admissionregistration/validating-admission-policy-binding.ts';
import { messageOf } from '../../../base/errors.ts';
import type { StatusReason } from '../../../base/errors.ts';
import type { CompiledExpression } from '../../../machinery/cel/environment.ts';
import { maxMessageExpressionBytes } from '../../../machinery/cel/limits.ts';
import type { ApiObject } from '../../../machinery/resource.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../ports.ts';
import type { ServedResources } from '../../served-resources.ts';
import { ShownObjects } from '../shown-objects.ts';
import { isBeyondPolicies } from '../webhooks/webhook-matching.ts';
import { CostBudget, compileStatement, withVariables } from './compiled-policy.ts';
import type { Bindings } from './compiled-policy.ts';
import { policyError } from './policy-metrics.ts';
import type { PolicyMetrics } from './policy-metrics.ts';
import { matchedBy, paramsOf } from './policy-request.ts';
import type { PolicyContext } from './policy-request.ts';
import { PolicyVerdicts } from './policy-verdicts.ts';
import type { Denial } from './policy-verdicts.ts';
import { requestBindings } from './request-bindings.ts';
import { unlessPending, whenDecided } from './when-decided.ts';

/** Makes the plug-in. */
export function createValidatingPolicies(resources: ServedResources, metrics?: PolicyMetrics): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionPolicy',
    validate(request, context) {
      const policies = context.objects(ValidatingAdmissionPolicy);
      if (policies.length === 0 || isBeyondPolicies(request)) return;
      const verdicts = new PolicyVerdicts(request);
      const judging = { context, served: resources.all(), objects: new ShownObjects(request), verdicts, metrics };
      return judgeAll(policies, request, judging);
    },
  };
}

async function judgeAll(
  policies: readonly ValidatingAdmissionPolicy[],
  request: AdmissionRequest,
  context: JudgingContext,
): Promise<void> {
  const bindings = context.context.objects(ValidatingAdmissionPolicyBinding);
  for (const policy of policies) {
    const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name);
    if (own.length > 0) await judge({ policy, bindings: own }, request, context);
  }
  context.verdicts.conclude();
}

interface PolicyWithBindings {
  readonly policy: ValidatingAdmissionPolicy;
  readonly bindings: readonly ValidatingAdmissionPolicyBinding[];
}

interface JudgingContext extends PolicyContext {
  readonly verdicts: PolicyVerdicts;
  readonly metrics: PolicyMetrics | undefined;
}

async function judge(
  { policy, bindings }: PolicyWithBindings,
  request: AdmissionRequest,
  context: JudgingContext,
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
      const message = `failed to configure binding: ${messageOf(error)}`;
      context.verdicts.deny(who, { message, reason: 'Invalid' });
      continue;
    }
    for (const param of params) {
      const values = { ...requestBindings(request, shown, context.context), params: param };
      const began = context.metrics?.clock.monotonic() ?? 0;
      const judgement = await whenDecided(() => judgementOf(policy, values));
      if (context.metrics) count(judgement, { policy, binding, began }, context.metrics);
      const { denials, notes } = judgement;
      for (const denial of denials) enforce(denial, { policy, binding, who, verdicts: context.verdicts }, request);
      for (const { key, value, error } of notes) {
        if (error !== undefined) context.verdicts.deny(who, { message: error, reason: 'Invalid' });
        else if (value !== '') context.verdicts.note(policy.metadata.name, key, value);
      }
    }
  }
}

interface Judged {
  readonly policy: ValidatingAdmissionPolicy;
  readonly binding: ValidatingAdmissionPolicyBinding;
  /** Monotonic milliseconds. */
  readonly began: number;
}

/** Counts what is done about a request; that it has nothing against it is counted only where that could not be found out. */
function count({ denials, ignored }: Judgement, { policy, binding, began }: Judged, metrics: PolicyMetrics): void {
  const who = { policy: policy.metadata.name, binding: binding.metadata.name };
  const seconds = (metrics.clock.monotonic() - began) / 1000;
  for (const message of ignored) metrics.checked(who, { error: policyError(message), action: 'allow' }, seconds);
  for (const { message } of denials) {
    for (const action of binding.spec.validationActions)
      metrics.checked(who, { error: policyError(message), action: action.toLowerCase() }, seconds);
  }
}

interface Enforcing extends Pick<JudgingContext, 'verdicts'> {
  readonly policy: ValidatingAdmissionPolicy;
  readonly binding: ValidatingAdmissionPolicyBinding;
  readonly who: string;
}

function enforce(
  denial: IndexedDenial,
  { policy, binding, who, verdicts }: Enforcing,
  request: AdmissionRequest,
): void {
  const { validationActions } = binding.spec;
  const { message, expressionIndex } = denial;
  if (validationActions.includes('Warn')) request.warnings?.push(`Validation failed for ${who}: ${message}`);
  if (validationActions.includes('Deny')) verdicts.deny(who, denial);
  if (!validationActions.includes('Audit')) return;
  const names = { policy: policy.metadata.name, binding: binding.metadata.name };
  verdicts.audit({ message, ...names, expressionIndex, validationActions });
}

/** A denial, and which of the policy's validations it is of. */
interface IndexedDenial extends Denial {
  readonly expressionIndex: number;
}

/** What a policy says about a request. */
interface Judgement {
  readonly denials: readonly IndexedDenial[];
  /** Failures that a lenient policy lets pass. */
  readonly ignored: readonly string[];
  /** Annotations of the audit event; an empty value is none. */
  readonly notes: readonly { readonly key: string; readonly value: string; readonly error?: string }[];
}

interface CompiledValidation {
  readonly validation: Validation;
  readonly expression: CompiledExpression;
  readonly message: CompiledExpression | undefined;
}

interface CompiledNote {
  readonly annotation: AuditAnnotation;
  readonly expression: CompiledExpression;
}

type Compiled = ReturnType<typeof compileStatement> & {
  readonly validations: readonly CompiledValidation[];
  readonly notes: readonly CompiledNote[];
};

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
    const notes = (policy.spec.auditAnnotations ?? []).map((annotation) => ({
      annotation,
      expression: environment.compile(annotation.valueExpression),
    }));
    compiledPolicies.set(policy, (compiled = { ...statement, validations, notes }));
  }
  return compiled;
}

/** What a policy has against a request, and what it notes. May be asked again: see `whenDecided`. */
function judgementOf(policy: ValidatingAdmissionPolicy, bindings: Bindings): Judgement {
  const isLenient = policy.spec.failurePolicy === 'Ignore';
  const ignored: string[] = [];
  const failed = (error: unknown, expressionIndex = 0): readonly IndexedDenial[] => {
    const message = messageOf(error);
    if (!isLenient) return [{ message, reason: 'Invalid', expressionIndex }];
    ignored.push(message);
    return [];
  };
  try {
    const { conditions, variables, validations, notes } = compiledOf(policy);
    const budget = new CostBudget();
    const values = withVariables(variables, bindings, budget);
    if (!conditions.hold(values)) return { denials: [], ignored, notes: [] };
    const denials = validations.flatMap((validation, index) => {
      try {
        return denialOf(validation, values, budget).map((denial) => ({ ...denial, expressionIndex: index }));
      } catch (error) {
        unlessPending(error);
        return failed(expressionError(validation.validation.expression, error), index);
      }
    });
    const noting = new CostBudget();
    return { denials, ignored, notes: notes.map((note) => noteOf(note, values, { budget: noting, isLenient })) };
  } catch (error) {
    unlessPending(error);
    return { denials: failed(error), ignored, notes: [] };
  }
}

function expressionError(expression: string, error: unknown): Error {
  return new Error(`expression '${expression.trim()}' resulted in error: ${messageOf(error)}`);
}

/** Source: apiserver's policy/validating, validator.go. */
function noteOf(
  { annotation: { key, valueExpression }, expression }: CompiledNote,
  values: Bindings,
  { budget, isLenient }: { readonly budget: CostBudget; readonly isLenient: boolean },
): Judgement['notes'][number] {
  try {
    const value = budget.evaluate(expression, values);
    if (value === null) return { key, value: '' };
    if (typeof value === 'string') return { key, value: value.trim() };
  } catch (error) {
    unlessPending(error);
    return isLenient
      ? { key, value: '' }
      : { key, value: '', error: messageOf(expressionError(valueExpression, error)) };
  }
  const error = `valueExpression '${valueExpression}' resulted in unsupported return type. Return type must be either string or null.`;
  return { key, value: '', error };
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
