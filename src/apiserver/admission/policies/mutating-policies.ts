/** Upstream's MutatingAdmissionPolicy: expressions in the API change objects on their way to the store. */
import { MutatingAdmissionPolicy } from '../../../api/admissionregistration/mutating-admission-policy.ts';
import type { Mutation } from '../../../api/admissionregistration/mutating-admission-policy.ts';
import { MutatingAdmissionPolicyBinding } from '../../../api/admissionregistration/mutating-admission-policy-binding.ts';
import { StatusError, messageOf } from '../../../base/errors.ts';
import type { Json } from '../../../base/json.ts';
import { typeOfObject } from '../../../machinery/apply/type-of-schema.ts';
import type { CompiledExpression } from '../../../machinery/cel/environment.ts';
import { checkPartTypes } from '../../../machinery/cel/libraries/object-construction.ts';
import { toJson } from '../../../machinery/cel/to-json.ts';
import type { CelValue } from '../../../machinery/cel/values.ts';
import { equalJson } from '../../../machinery/patch/equal-json.ts';
import { applyJsonPatch } from '../../../machinery/patch/json-patch.ts';
import type { Resource } from '../../../machinery/resource.ts';
import type { AdmissionPlugin, AdmissionRequest, ObjectKind } from '../../ports.ts';
import type { ServedResources } from '../../served-resources.ts';
import { replaceObject } from '../webhooks/mutating-webhooks.ts';
import { convert } from '../webhooks/shown-objects.ts';
import { isAboutAdmission } from '../webhooks/webhook-matching.ts';
import { atomicPaths } from './atomic-paths.ts';
import { CostBudget, compileStatement, withVariables } from './compiled-policy.ts';
import { matchedBy, paramsOf } from './policy-request.ts';
import type { PolicyContext } from './policy-request.ts';
import { requestBindings } from './request-bindings.ts';

/** Makes the plug-in. */
export function createMutatingPolicies(resources: ServedResources): AdmissionPlugin {
  return {
    name: 'MutatingAdmissionPolicy',
    admit(request, context) {
      const policies = context.objects(MutatingAdmissionPolicy);
      if (policies.length === 0 || !request.object || isAboutAdmission(request)) return;
      const bindings = context.objects(MutatingAdmissionPolicyBinding);
      const bound = policies.map((policy) => ({
        policy,
        bindings: bindings.filter(({ spec }) => spec.policyName === policy.metadata.name),
      }));
      runRounds(bound, request, { context, served: resources.all() });
    },
  };
}

interface BoundPolicy {
  readonly policy: MutatingAdmissionPolicy;
  readonly bindings: readonly MutatingAdmissionPolicyBinding[];
}

/** All in the order of their names; then once more those that wish it, of which a later one changed what they saw. */
function runRounds(policies: readonly BoundPolicy[], request: AdmissionRequest, context: PolicyContext): void {
  const again = new Set<BoundPolicy>();
  const earlier: BoundPolicy[] = [];
  for (const bound of policies) {
    if (runPolicy(bound, request, context)) for (const one of earlier) again.add(one);
    if (bound.policy.spec.reinvocationPolicy === 'IfNeeded') earlier.push(bound);
  }
  for (const bound of again) runPolicy(bound, request, context);
}

/** Runs one policy; says whether it changed the object. */
function runPolicy({ policy, bindings }: BoundPolicy, request: AdmissionRequest, context: PolicyContext): boolean {
  const { matchConstraints, paramKind, failurePolicy } = policy.spec;
  const shownAs = matchedBy(matchConstraints, request, context);
  if (!shownAs) return false;
  const before = structuredClone(request.object);
  for (const binding of bindings) {
    if (!matchedBy(binding.spec.matchResources, request, context)) continue;
    try {
      for (const params of paramsOf({ paramKind, paramRef: binding.spec.paramRef }, request, context)) {
        mutate(policy, request, { shownAs, params, context });
      }
    } catch (error) {
      if (failurePolicy === 'Ignore') continue;
      const who = `policy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
      throw new StatusError('Forbidden', `${who} denied request: ${messageOf(error)}`, {
        details: { name: request.attributes.name, kind: request.resource.plural },
        cause: error,
      });
    }
  }
  return !equalJson(before, request.object);
}

interface CompiledMutation {
  readonly patchType: Mutation['patchType'];
  readonly expression: CompiledExpression;
}

type Compiled = ReturnType<typeof compileStatement> & { readonly mutations: readonly CompiledMutation[] };

const compiledPolicies = new WeakMap<MutatingAdmissionPolicy, Compiled>();

function compiledOf(policy: MutatingAdmissionPolicy): Compiled {
  let compiled = compiledPolicies.get(policy);
  if (!compiled) {
    const statement = compileStatement(policy.spec, { mutation: true });
    const { environment } = statement.variables;
    const mutations = (policy.spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => ({
      patchType,
      expression: environment.compile((patchType === 'JSONPatch' ? jsonPatch : applyConfiguration)?.expression ?? ''),
    }));
    compiledPolicies.set(policy, (compiled = { ...statement, mutations }));
  }
  return compiled;
}

function mutate(
  policy: MutatingAdmissionPolicy,
  request: AdmissionRequest,
  {
    shownAs,
    params,
    context,
  }: { readonly shownAs: Resource; readonly params: unknown; readonly context: PolicyContext },
): void {
  const { conditions, variables, mutations } = compiledOf(policy);
  const budget = new CostBudget();
  // Each mutation sees what those before it have made of the object.
  const values = () =>
    withVariables(variables, { ...requestBindings(request, shownAs, context.context), params }, budget);
  if (!conditions.hold(values())) return;
  for (const { patchType, expression } of mutations) {
    const value = budget.evaluate(expression, values());
    const shown = convert(request.object, request.resource, shownAs) as Json;
    const changed =
      patchType === 'JSONPatch' ? patched(shown, value) : configured(shown, value, request.objectKind ?? shownAs);
    replaceObject(request, convert(changed, shownAs, request.resource));
  }
}

function patched(object: Json, value: CelValue): Json {
  return applyJsonPatch(object, toJson(value) as Json);
}

function configured(object: Json, value: CelValue, { schema, group, version, kind }: ObjectKind): Json {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  checkPartTypes(value);
  const configuration = { ...(toJson(value) as Readonly<Record<string, Json>>), apiVersion, kind };
  const atomic = atomicPaths(schema, configuration);
  if (atomic.length > 0) {
    const detail = `may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`;
    throw new Error(`error applying patch: invalid ApplyConfiguration: ${detail}`);
  }
  return typeOfObject(schema).merge(object, configuration) as Json;
}
