import { hasReason, messageOf } from '../../base/errors.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { Pod } from '../../api/core/pod.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { Cache, ControllerContext } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import type { ObjectKey } from '../../machinery/resource.ts';
import { labelSelectorMatcher } from '../../machinery/selector.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { claim, controllerIndex, controllerKey, controllerOf, orphansOf, planClaims } from '../ownership.ts';
import { isPodActive } from '../pod-state.ts';
import { slowStart } from '../slow-start.ts';
import { podFromTemplate } from '../template-pod.ts';
import { podsToDelete } from './deletion-rank.ts';
import { nextAvailability, replicaSetStatus } from './status.ts';
import type { ReplicaSetState } from './status.ts';

/** Pods created or deleted in one round at most. */
const burst = 500;

/** Keeps as many pods as a ReplicaSet asks for. */
export const replicaSetController = defineController({
  name: 'replicaset-controller',
  for: ReplicaSet,
  rbac: {
    'replicasets.apps': ['get', 'list', 'watch', 'update'],
    'replicasets.apps/status': ['update'],
    'replicasets.apps/finalizers': ['update'],
    pods: ['create', 'delete', 'list', 'patch', 'watch'],
    events: ['create', 'patch', 'update'],
  },
  watches: [watched(Pod, (pod, { cache }) => replicaSetsOf(pod, cache))],
  indexes: [controllerIndex(Pod), controllerIndex(ReplicaSet)],
  async reconcile(key, context) {
    const replicaSet = context.cache.get(ReplicaSet, key);
    if (!replicaSet) return done;
    const all = await claimedPods(replicaSet, context);
    const pods = all.filter(isPodActive);
    const alive = replicaSet.metadata.deletionTimestamp === undefined;
    const failure = alive ? await scale(replicaSet, pods, context) : undefined;
    // Read again: what was created or deleted just now shows in the cache.
    const owned = context.cache.byIndex(Pod, 'controller', replicaSet.metadata.uid);
    const active = owned.filter((pod) => isPodActive(pod) && selects(replicaSet, pod));
    const terminating = owned.filter((pod) => pod.metadata.deletionTimestamp !== undefined);
    const now = context.clock.now();
    await writeStatus({ replicaSet, pods: active, terminating, failure, now }, context);
    if (failure) throw failure.error;
    const wait = nextAvailability(replicaSet, active, now);
    return wait === undefined ? done : again(wait);
  },
});

function selects(replicaSet: ReplicaSet, pod: Pod): boolean {
  return labelSelectorMatcher(replicaSet.spec.selector)(pod.metadata.labels);
}

/** The replica set that controls a pod, or every one that might adopt it. */
function replicaSetsOf(pod: Pod, cache: Cache): readonly ObjectKey[] {
  if (controllerOf(pod)) return controllerKey(pod, ReplicaSet);
  const { namespace } = pod.metadata;
  return cache
    .list(ReplicaSet, { namespace })
    .filter((replicaSet) => selects(replicaSet, pod))
    .map(keyOf);
}

function claimedPods(replicaSet: ReplicaSet, { cache, client, signal }: ControllerContext): Promise<readonly Pod[]> {
  const { uid, namespace } = replicaSet.metadata;
  const candidates = [
    ...cache.byIndex(Pod, 'controller', uid),
    ...cache.byIndex(Pod, 'controller', orphansOf(namespace)),
  ];
  const matches = labelSelectorMatcher(replicaSet.spec.selector);
  const claims = planClaims(replicaSet, candidates.filter(isPodActive), (pod) => matches(pod.metadata.labels));
  return claim(claims, { client, signal, owner: { resource: ReplicaSet, object: replicaSet }, dependents: Pod });
}

async function scale(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  context: ControllerContext,
): Promise<ReplicaSetState['failure']> {
  const missing = replicaSet.spec.replicas - pods.length;
  if (missing > 0) return createPods(replicaSet, Math.min(missing, burst), context);
  if (missing < 0) return deletePods(replicaSet, { pods, count: Math.min(-missing, burst) }, context);
  return undefined;
}

async function createPods(
  replicaSet: ReplicaSet,
  count: number,
  { client, events, signal }: ControllerContext,
): Promise<ReplicaSetState['failure']> {
  const { failure } = await slowStart(count, async () => {
    try {
      const pod = await client.create(Pod, podFromTemplate(replicaSet, replicaSet.spec.template), { signal });
      const message = `Created pod: ${pod.metadata.name}`;
      events.record(replicaSet, { type: 'Normal', reason: 'SuccessfulCreate', message });
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      const message = `Error creating: ${messageOf(error)}`;
      events.record(replicaSet, { type: 'Warning', reason: 'FailedCreate', message });
      throw error;
    }
  });
  return failure === undefined ? undefined : { error: failure, creating: true };
}

function isNamespaceTerminating(error: unknown): boolean {
  return (
    hasReason(error, 'Forbidden') && error.details?.causes?.some((c) => c.reason === 'NamespaceTerminating') === true
  );
}

async function deletePods(
  replicaSet: ReplicaSet,
  { pods, count }: { readonly pods: readonly Pod[]; readonly count: number },
  { cache, client, clock, events, signal }: ControllerContext,
): Promise<ReplicaSetState['failure']> {
  const doomed = podsToDelete({ pods, related: relatedPods(replicaSet, cache), count, now: clock.now() });
  const results = await Promise.allSettled(
    doomed.map(async (pod) => {
      const { uid, name } = pod.metadata;
      try {
        await client.delete(Pod, keyOf(pod), { preconditions: { uid }, signal });
        events.record(replicaSet, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` });
      } catch (error) {
        if (hasReason(error, 'NotFound')) return;
        const message = `Error deleting: ${messageOf(error)}`;
        events.record(replicaSet, { type: 'Warning', reason: 'FailedDelete', message });
        throw error;
      }
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  return failed ? { error: failed.reason, creating: false } : undefined;
}

/** Pods of all replica sets of the same Deployment: those doubled up on a node go first. */
function relatedPods(replicaSet: ReplicaSet, cache: Cache): readonly Pod[] {
  const owner = controllerOf(replicaSet);
  const siblings = owner ? cache.byIndex(ReplicaSet, 'controller', owner.uid) : [replicaSet];
  return siblings.flatMap(({ metadata }) => cache.byIndex(Pod, 'controller', metadata.uid));
}

async function writeStatus(state: ReplicaSetState, { client, signal }: ControllerContext): Promise<void> {
  const { replicaSet } = state;
  const status = replicaSetStatus(state);
  if (equalJson(status, replicaSet.status)) return;
  try {
    await client.update(ReplicaSet, { ...replicaSet, status }, { subresource: 'status', signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
