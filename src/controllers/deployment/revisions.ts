import type { Deployment } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { equalTemplates } from './template-hash.ts';

/** The revision of a replica set or deployment: `kubectl rollout history` shows it. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
/** Earlier revisions of a replica set that came back by a rollback, separated by commas. */
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history';
/** The deployment's replicas when its replica set was last sized. */
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas';
/** Replicas plus surge at that time. */
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas';

const maxHistoryLength = 2000;

/** Annotations of a deployment that its replica sets do not take over. */
const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
]);

/** A deployment's replica sets: the one of its current template, and all others, oldest first. */
export interface ReplicaSets {
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** Tells the replica set of the current template from the others; of several equal ones the oldest counts. */
export function sortReplicaSets(deployment: Deployment, all: readonly ReplicaSet[]): ReplicaSets {
  const sorted = all.toSorted(byCreation);
  const current = sorted.find((replicaSet) => equalTemplates(replicaSet.spec.template, deployment.spec.template));
  return { current, old: sorted.filter((replicaSet) => replicaSet !== current) };
}

/** Orders by age, oldest first. */
export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const [x, y] = [a.metadata, b.metadata];
  if (x.creationTimestamp !== y.creationTimestamp) return x.creationTimestamp < y.creationTimestamp ? -1 : 1;
  return x.name < y.name ? -1 : 1;
}

/** The revision of a replica set; 0 when it has none. */
export function revisionOf(replicaSet: ReplicaSet): number {
  const revision = Number(replicaSet.metadata.annotations?.[revisionAnnotation] ?? 0);
  return Number.isInteger(revision) ? revision : 0;
}

/** The revision that the current replica set gets: one more than any other has. */
export function nextRevision(old: readonly ReplicaSet[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

/** The annotations that the current replica set should have, given those it has. */
export function currentAnnotations(
  deployment: Deployment,
  existing: Readonly<Record<string, string>> | undefined,
  revision: number,
): Record<string, string> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !notCopied.has(key));
  const annotations = { ...existing, ...Object.fromEntries(copied) };
  const before = Number(existing?.[revisionAnnotation] ?? 0);
  if (before >= revision) return annotations;
  annotations[revisionAnnotation] = String(revision);
  if (before === 0) return annotations;
  const earlier = (existing?.[revisionHistoryAnnotation] ?? '').split(',').filter((text) => text !== '');
  earlier.push(String(before));
  while (earlier.join(',').length > maxHistoryLength) earlier.shift();
  return { ...annotations, [revisionHistoryAnnotation]: earlier.join(',') };
}

/** Old replica sets beyond the history limit, lowest revisions first; only those that are scaled down and settled. */
export function beyondHistory(deployment: Deployment, old: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const excess = alive.length - deployment.spec.revisionHistoryLimit;
  if (excess <= 0) return [];
  return alive
    .toSorted((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, excess)
    .filter(isSettledAtZero);
}

function isSettledAtZero({ metadata, spec, status }: ReplicaSet): boolean {
  const observed = (metadata.generation ?? 0) <= (status.observedGeneration ?? 0);
  return spec.replicas === 0 && status.replicas === 0 && observed;
}
