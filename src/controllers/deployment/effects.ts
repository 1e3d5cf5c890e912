import { hasReason, messageOf } from '../../base/errors.ts';
import { Deployment } from '../../api/apps/deployment.ts';
import type { DeploymentStatus } from '../../api/apps/deployment.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import type { ControllerContext } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import type { DraftObjectOf } from '../../machinery/resource.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { controllerOf, controllerReference } from '../ownership.ts';
import {
  currentAnnotations,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  nextRevision,
  revisionAnnotation,
} from './revisions.ts';
import type { ReplicaSets } from './revisions.ts';
import { currentSize, maxReplicas } from './sizes.ts';
import type { Resize } from './sizes.ts';
import { hasDeadline, withCondition } from './status.ts';
import type { Raised } from './status.ts';
import { equalTemplates, templateHash, templateHashLabel } from './template-hash.ts';

/** Replica sets of which the one of the current template exists. */
export interface EnsuredSets extends ReplicaSets {
  readonly current: ReplicaSet;
}

/** Makes sure that the current template has its replica set, with the right revision and annotations. */
export function ensureCurrent(
  deployment: Deployment,
  sets: ReplicaSets,
  context: ControllerContext,
): Promise<EnsuredSets> {
  const { current, old } = sets;
  return current ? syncCurrent(deployment, { current, old }, context) : createCurrent(deployment, old, context);
}

/** Brings annotations, revision and minReadySeconds of the existing replica set up to date. */
export async function syncCurrent(
  deployment: Deployment,
  sets: EnsuredSets,
  context: ControllerContext,
): Promise<EnsuredSets> {
  const { current, old } = sets;
  const annotations = currentAnnotations(deployment, current.metadata.annotations, nextRevision(old));
  const { minReadySeconds } = deployment.spec;
  const same =
    equalJson(annotations, current.metadata.annotations ?? {}) &&
    (minReadySeconds ?? 0) === (current.spec.minReadySeconds ?? 0);
  const synced = same
    ? current
    : await context.client.update(
        ReplicaSet,
        { ...current, metadata: { ...current.metadata, annotations }, spec: { ...current.spec, minReadySeconds } },
        { signal: context.signal },
      );
  await noteRevision(deployment, synced, context);
  if (!deployment.status.conditions?.some(({ type }) => type === 'Progressing')) {
    await noteProgress(deployment, foundNew(synced), context);
  }
  return { current: synced, old };
}

const foundNew = ({ metadata }: ReplicaSet): Raised => ({
  type: 'Progressing',
  status: 'True',
  reason: 'FoundNewReplicaSet',
  message: `Found new replica set "${metadata.name}"`,
});

async function createCurrent(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  context: ControllerContext,
): Promise<EnsuredSets> {
  const draft = newReplicaSet(deployment, old);
  const current = await createOrFind(deployment, draft, context);
  if (current.spec.replicas > 0)
    recordScaling(deployment, { replicaSet: current, from: 0, to: current.spec.replicas }, context);
  await noteRevision(deployment, current, context);
  const message = `Created new replica set "${current.metadata.name}"`;
  await noteProgress(
    deployment,
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message },
    context,
  );
  return { current, old };
}

/** The replica set of a deployment's current template, as it is created. */
export function newReplicaSet(
  deployment: Deployment,
  old: readonly ReplicaSet[],
): DraftObjectOf<typeof ReplicaSet> & { readonly metadata: { readonly name: string } } {
  const { spec, status, metadata } = deployment;
  const hash = templateHash(spec.template, status.collisionCount);
  const labels = { ...spec.template.metadata.labels, [templateHashLabel]: hash };
  return {
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      labels,
      annotations: { ...currentAnnotations(deployment, undefined, nextRevision(old)), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: currentSize(deployment, 0, old),
      minReadySeconds: spec.minReadySeconds,
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [templateHashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

async function createOrFind(
  deployment: Deployment,
  draft: ReturnType<typeof newReplicaSet>,
  context: ControllerContext,
): Promise<ReplicaSet> {
  const { client, signal } = context;
  try {
    return await client.create(ReplicaSet, draft, { signal });
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) {
      await noteCreateError(deployment, { name: draft.metadata.name, error }, context);
      throw error;
    }
    const { namespace } = deployment.metadata;
    const taken = await client.get(ReplicaSet, { namespace, name: draft.metadata.name }, { signal });
    const ours = controllerOf(taken)?.uid === deployment.metadata.uid;
    if (ours && equalTemplates(taken.spec.template, deployment.spec.template)) return taken;
    // The name belongs to something else: the next round takes another one.
    const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
    await writeStatus(deployment, { ...deployment.status, collisionCount }, context);
    throw error;
  }
}

async function noteCreateError(
  deployment: Deployment,
  failed: { readonly name: string; readonly error: unknown },
  context: ControllerContext,
): Promise<void> {
  const message = `Failed to create new replica set "${failed.name}": ${messageOf(failed.error)}`;
  context.events.record(deployment, { type: 'Warning', reason: 'ReplicaSetCreateError', message });
  await noteProgress(
    deployment,
    { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message },
    context,
  );
}

async function noteProgress(deployment: Deployment, raised: Raised, context: ControllerContext): Promise<void> {
  if (!hasDeadline(deployment)) return;
  const fresh = context.cache.get(Deployment, keyOf(deployment)) ?? deployment;
  const conditions = withCondition(fresh.status.conditions, raised, context.clock.now());
  await writeStatus(fresh, { ...fresh.status, conditions }, context);
}

/** Shows the revision of the current replica set on the deployment. */
async function noteRevision(deployment: Deployment, current: ReplicaSet, context: ControllerContext): Promise<void> {
  const revision = current.metadata.annotations?.[revisionAnnotation];
  if (revision === undefined || deployment.metadata.annotations?.[revisionAnnotation] === revision) return;
  const body = { metadata: { annotations: { [revisionAnnotation]: revision }, uid: deployment.metadata.uid } };
  await context.client.patch(Deployment, keyOf(deployment), { type: 'merge', body }, { signal: context.signal });
}

/** What `resize` did: how many replica sets changed, and the same sets with their new versions. */
export interface Resized {
  readonly count: number;
  apply<S extends ReplicaSets>(sets: S): S;
}

/** Gives replica sets their sizes and notes the deployment's size on them; records each change. */
export async function resize(
  deployment: Deployment,
  resizes: readonly Resize[],
  context: ControllerContext,
): Promise<Resized> {
  const updated = new Map<ReplicaSet, ReplicaSet>();
  let count = 0;
  for (const { replicaSet, replicas } of resizes) {
    const noted = { ...replicaSet.metadata.annotations, ...sizeAnnotations(deployment) };
    const from = replicaSet.spec.replicas;
    if (from === replicas && equalJson(noted, replicaSet.metadata.annotations ?? {})) continue;
    const sized = {
      ...replicaSet,
      metadata: { ...replicaSet.metadata, annotations: noted },
      spec: { ...replicaSet.spec, replicas },
    };
    updated.set(replicaSet, await context.client.update(ReplicaSet, sized, { signal: context.signal }));
    if (from === replicas) continue;
    count++;
    recordScaling(deployment, { replicaSet, from, to: replicas }, context);
  }
  const latest = (replicaSet: ReplicaSet): ReplicaSet => updated.get(replicaSet) ?? replicaSet;
  return {
    count,
    apply: (sets) => ({ ...sets, current: sets.current && latest(sets.current), old: sets.old.map(latest) }),
  };
}

function sizeAnnotations(deployment: Deployment): Record<string, string> {
  return {
    [desiredReplicasAnnotation]: String(deployment.spec.replicas),
    [maxReplicasAnnotation]: String(maxReplicas(deployment)),
  };
}

function recordScaling(
  deployment: Deployment,
  { replicaSet, from, to }: { readonly replicaSet: ReplicaSet; readonly from: number; readonly to: number },
  context: ControllerContext,
): void {
  const direction = to > from ? 'up' : 'down';
  const message = `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${from} to ${to}`;
  context.events.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
}

/** Deletes replica sets that the history has no room for. */
export async function deleteHistory(
  doomed: readonly ReplicaSet[],
  { client, signal }: ControllerContext,
): Promise<void> {
  for (const replicaSet of doomed) {
    const { uid, resourceVersion } = replicaSet.metadata;
    try {
      await client.delete(ReplicaSet, keyOf(replicaSet), {
        preconditions: { uid, resourceVersion },
        propagation: 'Background',
        signal,
      });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}

/** Writes a status if it changed; returns the deployment as it then is. */
export async function writeStatus(
  deployment: Deployment,
  status: DeploymentStatus,
  context: ControllerContext,
): Promise<Deployment> {
  if (equalJson(status, deployment.status)) return deployment;
  const { client, signal } = context;
  return client.update(Deployment, { ...deployment, status }, { subresource: 'status', signal });
}
