/** Upstream's MutatingAdmissionPolicy: expressions in the API change objects on their way to the store. */
import { MutatingAdmissionPolicy } from '../../../api/admissionregistration/mutating-admission-policy.ts';
import type { Mutation } from '../../../api/admissionregistration/mutating-admission-policy.ts';
import { MutatingAdmissionPolicyBinding } from '../../../api/admissionregistration/mutating-admission-policy-binding.ts';
import { copyJson } from '../../../base/copy-json.ts';
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
import { isJsonObject } from '../../../machinery/schema.ts';
import type { AdmissionPlugin, AdmissionRequest, ObjectKind } from '../../ports.ts';
import type { ServedResources } from '../../served-resources.ts';
import { MutationRounds } from '../mutation-rounds.ts';
import { ShownObjects, convert } from '../shown-objects.ts';
import { replaceObject } from '../webhooks/mutating-webhooks.ts';
import { isBeyondPolicies } from '../webhooks/webhook-matching.ts';
import { atomicPaths } from './atomic-paths.ts';
import { CostBudget, compileStatement, withVariables } from './compiled-policy.ts';
import { policyError } from './policy-metrics.ts';
import type { PolicyError, PolicyMetrics } from './policy-metrics.ts';
import { matchedBy, paramsOf } from './policy-request.ts';
import type { PolicyContext } from './policy-request.ts';
import { requestBindings } from './request-bindings.ts';
import { whenDecided } from './when-decided.ts';

const name = 'MutatingAdmissionPolicy';

/** Makes the plug-in. */
export function createMutatingPolicies(resources: ServedResources, metrics?: PolicyMetrics): AdmissionPlugin {
  return {
    name,
    mutatesInRounds: true,
    admit(request, context) {
      const policies = context.objects(MutatingAdmissionPolicy);
      if (policies.length === 0 || !request.object || isBeyondPolicies(request)) return;
      const bindings = context.objects(MutatingAdmissionPolicyBinding);
      const policyContext = { context, served: resources.all(), objects: new ShownObjects(request), metrics };
      const mutators = policies.map((policy) => ({
        identity: policy,
        reinvocationPolicy: policy.spec.reinvocationPolicy,
        ask: () => {
          const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name);
          return runPolicy({ policy, bindings: own }, request, policyContext);
        },
      }));
      return (request.rounds ??= new MutationRounds()).run(name, mutators, request);
    },
  };
}

interface BoundPolicy {
  readonly policy: MutatingAdmissionPolicy;
  readonly bindings: readonly MutatingAdmissionPolicyBinding[];
}

/** Runs one policy; says whether it changed the object. */
async function runPolicy(
  { policy, bindings }: BoundPolicy,
  request: AdmissionRequest,
  context: PolicyContext & { readonly metrics: PolicyMetrics | undefined },
): Promise<boolean | undefined> {
  const { matchConstraints, paramKind, failurePolicy } = policy.spec;
  const shownAs = bindings.length > 0 ? matchedBy(matchConstraints, request, context) : undefined;
  if (!shownAs) return undefined;
  const before = copyJson(request.object);
  for (const binding of bindings) {
    if (!matchedBy(binding.spec.matchResources, request, context)) continue;
    const { metrics } = context;
    const began = metrics?.clock.monotonic() ?? 0;
    const count = (error: PolicyError): void => {
      const who = { policy: policy.metadata.name, binding: binding.metadata.name };
      metrics?.checked(who, { error, action: '' }, (metrics.clock.monotonic() - began) / 1000);
    };
    try {
      for (const params of paramsOf({ paramKind, paramRef: binding.spec.paramRef }, request, context)) {
        await mutate(policy, request, { shownAs, params, context });
      }
      count('no_error');
    } catch (error) {
      count(policyError(messageOf(error)));
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

async function mutate(
  policy: MutatingAdmissionPolicy,
  request: AdmissionRequest,
  {
    shownAs,
    params,
    context,
  }: { readonly shownAs: Resource; readonly params: unknown; readonly context: PolicyContext },
): Promise<void> {
  const { conditions, variables, mutations } = compiledOf(policy);
  const budget = new CostBudget();
  // Each mutation sees what those before it have made of the object.
  let shown = await context.objects.as(shownAs);
  const values = () =>
    withVariables(variables, { ...requestBindings(request, shown, context.context), params }, budget);
  const first = values();
  if (!(await whenDecided(() => conditions.hold(first)))) return;
  for (const { patchType, expression } of mutations) {
    const own = values();
    const value = await whenDecided(() => budget.evaluate(expression, own));
    const object = shown.object as Json;
    const changed =
      patchType === 'JSONPatch' ? patched(object, value) : configured(object, value, request.objectKind ?? shownAs);
    replaceObject(request, isJsonObject(changed) ? await convert(changed, shownAs, request.resource) : changed);
    context.objects.changed();
    shown = await context.objects.as(shownAs);
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
