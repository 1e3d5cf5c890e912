import type { DeploymentStatus } from '../../api/apps/deployment.ts';
import { Deployment } from '../../api/apps/deployment.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { Pod } from '../../api/core/pod.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { Cache, ControllerContext, Outcome } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import type { ObjectKey } from '../../machinery/resource.ts';
import { labelSelectorMatcher } from '../../machinery/selector.ts';
import { claim, controllerIndex, controllerKey, controllerOf, orphansOf, planClaims } from '../ownership.ts';
import { deleteHistory, ensureCurrent, resize, syncCurrent, writeStatus } from './effects.ts';
import { beyondHistory, sortReplicaSets } from './revisions.ts';
import type { ReplicaSets } from './revisions.ts';
import { currentSize, rescale, shrinkOld, wasScaled } from './sizes.ts';
import { countedStatus, hasDeadline, isComplete, rolloutStatus, untilDeadline, withCondition } from './status.ts';

/** Rolls out the pod template of a Deployment through its ReplicaSets. */
export const deploymentController = defineController({
  name: 'deployment-controller',
  for: Deployment,
  rbac: {
    'deployments.apps': ['get', 'list', 'watch', 'update', 'patch'],
    'deployments.apps/status': ['update'],
    'deployments.apps/finalizers': ['update'],
    'replicasets.apps': ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    pods: ['get', 'list', 'update', 'watch'],
    events: ['create', 'patch', 'update'],
  },
  watches: [
    watched(ReplicaSet, (replicaSet, { cache }) => deploymentsOf(replicaSet, cache)),
    watched(Pod, (pod, { cache }) => recreatedBy(pod, cache)),
  ],
  indexes: [controllerIndex(ReplicaSet), controllerIndex(Pod)],
  async reconcile(key, context) {
    const deployment = context.cache.get(Deployment, key);
    if (!deployment) return done;
    if (selectsEverything(deployment)) return refuse(deployment, context);
    const all = await claimedReplicaSets(deployment, context);
    const sets = sortReplicaSets(deployment, all);
    if (deployment.metadata.deletionTimestamp !== undefined) return writeCounted(deployment, sets, context);
    const noted = await notePaused(deployment, context);
    if (noted.spec.paused === true) return scaleOnly(noted, sets, context);
    if (noted.spec.strategy.type === 'Recreate') return recreate(noted, sets, context);
    return wasScaled(noted, all) ? scaleOnly(noted, sets, context) : roll(noted, sets, context);
  },
});

function deploymentsOf(replicaSet: ReplicaSet, cache: Cache): readonly ObjectKey[] {
  if (controllerOf(replicaSet)) return controllerKey(replicaSet, Deployment);
  return cache
    .list(Deployment, { namespace: replicaSet.metadata.namespace })
    .filter(({ spec }) => labelSelectorMatcher(spec.selector)(replicaSet.metadata.labels))
    .map(keyOf);
}

/** A Recreate deployment waits for its last old pod to be gone. */
function recreatedBy(pod: Pod, cache: Cache): readonly ObjectKey[] {
  return controllerKey(pod, ReplicaSet)
    .map((key) => cache.get(ReplicaSet, key))
    .flatMap((replicaSet) => (replicaSet ? controllerKey(replicaSet, Deployment) : []))
    .filter((key) => cache.get(Deployment, key)?.spec.strategy.type === 'Recreate');
}

function selectsEverything({ spec }: Deployment): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec.selector;
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

async function refuse(deployment: Deployment, context: ControllerContext): Promise<Outcome> {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  context.events.record(deployment, { type: 'Warning', reason: 'SelectingAll', message });
  const status = { ...deployment.status, observedGeneration: deployment.metadata.generation };
  await writeStatus(deployment, status, context);
  return done;
}

function claimedReplicaSets(deployment: Deployment, context: ControllerContext): Promise<readonly ReplicaSet[]> {
  const { cache, client, signal } = context;
  const { uid, namespace } = deployment.metadata;
  const candidates = [uid, orphansOf(namespace)].flatMap((value) => cache.byIndex(ReplicaSet, 'controller', value));
  const matches = labelSelectorMatcher(deployment.spec.selector);
  const claims = planClaims(deployment, candidates, ({ metadata }) => matches(metadata.labels));
  return claim(claims, { client, signal, owner: { resource: Deployment, object: deployment }, dependents: ReplicaSet });
}

/** Says in the Progressing condition that a rollout stands still because of `spec.paused`, or goes on again. */
async function notePaused(deployment: Deployment, context: ControllerContext): Promise<Deployment> {
  const known = deployment.status.conditions?.find(({ type }) => type === 'Progressing');
  if (!hasDeadline(deployment) || known?.reason === 'ProgressDeadlineExceeded') return deployment;
  const paused = deployment.spec.paused === true;
  if (paused === (known?.reason === 'DeploymentPaused')) return deployment;
  const raised = paused
    ? { reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { reason: 'DeploymentResumed', message: 'Deployment is resumed' };
  const condition = { type: 'Progressing', status: 'Unknown', ...raised };
  const conditions = withCondition(deployment.status.conditions, condition, context.clock.now());
  return writeStatus(deployment, { ...deployment.status, conditions }, context);
}

async function scaleOnly(deployment: Deployment, sets: ReplicaSets, context: ControllerContext): Promise<Outcome> {
  const synced = sets.current ? await syncCurrent(deployment, { current: sets.current, old: sets.old }, context) : sets;
  const resized = await resize(deployment, rescale(deployment, synced), context);
  const result = resized.apply(synced);
  if (deployment.spec.paused === true) await deleteHistory(beyondHistory(deployment, result.old), context);
  return writeCounted(deployment, result, context);
}

async function roll(deployment: Deployment, sets: ReplicaSets, context: ControllerContext): Promise<Outcome> {
  const ensured = await ensureCurrent(deployment, sets, context);
  const size = currentSize(deployment, ensured.current.spec.replicas, ensured.old);
  const grown = await resize(deployment, [{ replicaSet: ensured.current, replicas: size }], context);
  let result = grown.apply(ensured);
  // One step at a time: what the growth makes possible shows in the next round.
  if (grown.count === 0) result = (await resize(deployment, shrinkOld(deployment, result), context)).apply(result);
  return finish(deployment, result, context);
}

async function recreate(deployment: Deployment, sets: ReplicaSets, context: ControllerContext): Promise<Outcome> {
  const active = sets.old.filter(({ spec }) => spec.replicas > 0);
  const emptied = await resize(
    deployment,
    active.map((replicaSet) => ({ replicaSet, replicas: 0 })),
    context,
  );
  if (emptied.count > 0 || hasRunningPods(sets.old, context.cache))
    return finish(deployment, emptied.apply(sets), context);
  const ensured = await ensureCurrent(deployment, sets, context);
  const grown = await resize(
    deployment,
    [{ replicaSet: ensured.current, replicas: deployment.spec.replicas }],
    context,
  );
  return finish(deployment, grown.apply(ensured), context);
}

function hasRunningPods(old: readonly ReplicaSet[], cache: Cache): boolean {
  return old
    .flatMap(({ metadata }) => cache.byIndex(Pod, 'controller', metadata.uid))
    .some(({ status }) => status.phase !== 'Succeeded' && status.phase !== 'Failed');
}

async function finish(deployment: Deployment, sets: ReplicaSets, context: ControllerContext): Promise<Outcome> {
  if (isComplete(deployment, deployment.status)) await deleteHistory(beyondHistory(deployment, sets.old), context);
  // Conditions may have been written in this round; the cache has them.
  const fresh = context.cache.get(Deployment, keyOf(deployment)) ?? deployment;
  const status = rolloutStatus(fresh, sets, context.clock.now());
  await writeStatus(fresh, status, context);
  return afterwards(fresh, status, context);
}

async function writeCounted(deployment: Deployment, sets: ReplicaSets, context: ControllerContext): Promise<Outcome> {
  const fresh = context.cache.get(Deployment, keyOf(deployment)) ?? deployment;
  const status = countedStatus(fresh, sets, context.clock.now());
  await writeStatus(fresh, status, context);
  return afterwards(fresh, status, context);
}

function afterwards(deployment: Deployment, status: DeploymentStatus, { clock }: ControllerContext): Outcome {
  const wait = untilDeadline(deployment, status, clock.now());
  return wait === undefined ? done : again(wait);
}
