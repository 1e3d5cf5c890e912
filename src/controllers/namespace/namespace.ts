import { messageOf, hasReason } from '../../base/errors.ts';
import { builtinResources } from '../../api/registry.ts';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { definedKind } from '../../api/apiextensions/defined-kind.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Pod } from '../../api/core/pod.ts';
import { again, defineController, done } from '../../client/controller.ts';
import type { ControllerContext } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import type { Resource } from '../../machinery/resource.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { deletionConditions, lookAgainAfter } from './namespace-plan.ts';
import type { DeletionFailure, Remaining } from './namespace-plan.ts';

const finalizer = 'kubernetes';

/** Kinds that live in namespaces and can be deleted; pods first. */
const namespacedKinds: readonly Resource[] = builtinResources
  .filter(({ namespaced, verbs }) => namespaced && verbs.includes('deletecollection') && verbs.includes('list'))
  .toSorted((a, b) => Number(b.qualified === Pod.qualified) - Number(a.qualified === Pod.qualified));

/** Empties a namespace that is being deleted, kind by kind, and lets it go when nothing is left. */
export const namespaceController = defineController({
  name: 'namespace-controller',
  for: Namespace,
  rbac: {
    namespaces: ['delete', 'get', 'list', 'watch'],
    'namespaces/finalize': ['update'],
    'namespaces/status': ['update'],
    '*.*': ['delete', 'deletecollection', 'get', 'list'],
  },
  workers: 10,
  async reconcile(key, context) {
    const namespace = context.cache.get(Namespace, key);
    if (!namespace || namespace.metadata.deletionTimestamp === undefined) return done;
    if (!(namespace.spec.finalizers ?? []).includes(finalizer)) return done;
    const failures: DeletionFailure[] = [];
    const remaining: Remaining[] = [];
    for (const resource of [...namespacedKinds, ...(await customKinds(context))]) {
      // What pods may still need, such as network policies, stays until they are gone. Source: KEP-5080.
      const podsRemain =
        failures.some(({ resource: { qualified } }) => qualified === Pod.qualified) ||
        remaining.some(({ resource: { qualified }, objects }) => qualified === Pod.qualified && objects.length > 0);
      try {
        remaining.push(await (podsRemain ? look : empty)(resource, key.name, context));
      } catch (error) {
        context.signal.throwIfAborted();
        failures.push({ resource, message: messageOf(error) });
      }
    }
    if (failures.length === 0 && remaining.every(({ objects }) => objects.length === 0)) {
      await finalize(namespace, context);
      return done;
    }
    await writeConditions(namespace, { remaining, failures }, context);
    if (failures.length > 0) throw new Error(failures.map(({ message }) => message).join('; '));
    return again(lookAgainAfter(remaining));
  },
});

/** The kinds that custom resource definitions have added, as they are now: no cache may be behind here. */
async function customKinds({ client, signal }: ControllerContext): Promise<readonly Resource[]> {
  const { items } = await client.list(CustomResourceDefinition, { signal });
  return items.flatMap((definition) => definedKind(definition) ?? []).filter(({ namespaced }) => namespaced);
}

/** What there is of a kind in a namespace. */
async function look(resource: Resource, namespace: string, { client, signal }: ControllerContext): Promise<Remaining> {
  return { resource, objects: (await client.list(resource, { namespace, signal })).items };
}

/** Deletes all objects of a kind in a namespace; returns those that take their time. */
async function empty(resource: Resource, namespace: string, { client, signal }: ControllerContext): Promise<Remaining> {
  const before = await client.list(resource, { namespace, signal });
  if (before.items.length === 0) return { resource, objects: [] };
  await client.deleteCollection(resource, { namespace, propagation: 'Background', signal });
  const after = await client.list(resource, { namespace, signal });
  return { resource, objects: after.items };
}

async function finalize(namespace: Namespace, { client, signal }: ControllerContext): Promise<void> {
  const finalizers = (namespace.spec.finalizers ?? []).filter((name) => name !== finalizer);
  try {
    const body = { ...namespace, spec: { ...namespace.spec, finalizers } };
    await client.update(Namespace, body, { subresource: 'finalize', signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}

async function writeConditions(
  namespace: Namespace,
  state: { readonly remaining: readonly Remaining[]; readonly failures: readonly DeletionFailure[] },
  { client, clock, cache, signal }: ControllerContext,
): Promise<void> {
  const fresh = cache.get(Namespace, keyOf(namespace)) ?? namespace;
  const conditions = deletionConditions(fresh, { ...state, now: clock.now() });
  if (equalJson(conditions, fresh.status.conditions) && fresh.status.phase === 'Terminating') return;
  const status = { ...fresh.status, phase: 'Terminating' as const, conditions };
  await client.update(Namespace, { ...fresh, status }, { subresource: 'status', signal });
}
