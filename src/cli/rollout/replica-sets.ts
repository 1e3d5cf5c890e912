import { isDeepStrictEqual } from 'node:util';
import type { Deployment } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import type { ClusterReader } from '../resource/cluster-reader.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';

/** Where the deployment controller keeps the number of a revision. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** The replica sets of a deployment. */
export interface DeploymentReplicaSets {
  /** All of them, the oldest first. */
  readonly all: readonly ReplicaSet[];
  /** The one of the current template. */
  readonly newest: ReplicaSet | undefined;
  readonly older: readonly ReplicaSet[];
}

/** Reads the replica sets that a deployment controls. */
export async function readReplicaSets(
  read: ClusterReader,
  { metadata, spec }: Deployment,
): Promise<DeploymentReplicaSets> {
  const found = await read.list(knownResources.ReplicaSet, {
    namespace: metadata.namespace ?? '',
    labelSelector: formatLabelSelector(spec.selector),
  });
  const all = (found ?? [])
    .map((one) => asKind<ReplicaSet>(one))
    .filter((one) => one.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === metadata.uid))
    .toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
  const newest = all.find((one) =>
    isDeepStrictEqual(templateWithoutHash(one.spec.template), templateWithoutHash(spec.template)),
  );
  return { all, newest, older: all.filter((one) => one !== newest) };
}

/** The number of a replica set's or deployment's revision; 0 when it has none yet. */
export function revisionOf({
  metadata,
}: {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> | undefined };
}): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0);
}

/** A pod template without the label that tells replica sets apart. */
export function templateWithoutHash(template: ReplicaSet['spec']['template']): Readonly<Record<string, unknown>> {
  const { 'pod-template-hash': _hash, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}
