import type { Deployment } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import type { Pod } from '../../api/core/pod.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import { readReplicaSets } from '../rollout/replica-sets.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { controllerText, longTime, writeAnnotations, writeLabels } from './meta-lines.ts';
import { writePodTemplate } from './pod-template-lines.ts';

/** Everything about a deployment but its events. */
export async function describeDeployment(deployment: Deployment, { writer, read }: DescribeContext): Promise<void> {
  const { metadata, spec, status } = deployment;
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  writer.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `Selector:\t${formatLabelSelector(spec.selector)}`);
  const counts = [
    `${spec.replicas ?? 1} desired`,
    `${status?.updatedReplicas ?? 0} updated`,
    `${status?.replicas ?? 0} total`,
    `${status?.availableReplicas ?? 0} available`,
    `${status?.unavailableReplicas ?? 0} unavailable`,
  ];
  writer.line(0, `Replicas:\t${counts.join(' | ')}`);
  writer.line(0, `StrategyType:\t${spec.strategy?.type ?? ''}`);
  writer.line(0, `MinReadySeconds:\t${spec.minReadySeconds ?? 0}`);
  const rolling = spec.strategy?.rollingUpdate;
  if (rolling) {
    writer.line(0, `RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`);
  }
  writePodTemplate(writer, spec.template);
  writeConditions(writer, status?.conditions);
  const { all, newest, older } = await readReplicaSets(read, deployment);
  if (all.length === 0) return;
  writer.line(0, `OldReplicaSets:\t${replicaSetsText(older)}`);
  writer.line(0, `NewReplicaSet:\t${replicaSetsText(newest ? [newest] : [])}`);
}

/** Everything about a replica set but its events. */
export async function describeReplicaSet(replicaSet: ReplicaSet, { writer, read }: DescribeContext): Promise<void> {
  const { metadata, spec, status } = replicaSet;
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  writer.line(0, `Selector:\t${formatLabelSelector(spec.selector)}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  const controller = controllerText(metadata.ownerReferences);
  if (controller) writer.line(0, `Controlled By:\t${controller}`);
  writer.line(0, `Replicas:\t${status?.replicas ?? 0} current / ${spec.replicas ?? 1} desired`);
  const found = await read.list(knownResources.Pod, {
    namespace: metadata.namespace ?? '',
    labelSelector: formatLabelSelector(spec.selector),
  });
  const pods = (found ?? []).map((pod) => asKind<Pod>(pod)).filter((pod) => isControlledBy(pod, metadata.uid));
  const count = (phase: string): number => pods.filter((pod) => pod.status?.phase === phase).length;
  writer.line(
    0,
    `Pods Status:\t${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`,
  );
  writePodTemplate(writer, spec.template);
  writeConditions(writer, status?.conditions);
}

function isControlledBy({ metadata }: Pod, uid: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid) ?? false;
}

interface WorkloadCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
}

function writeConditions(writer: DescribeWriter, conditions: readonly WorkloadCondition[] | undefined): void {
  if (!conditions?.length) return;
  writer.line(0, 'Conditions:\n  Type\tStatus\tReason');
  writer.line(1, '----\t------\t------');
  for (const { type, status, reason } of conditions) writer.line(1, `${type} \t${status}\t${reason ?? ''}`);
}

function replicaSetsText(sets: readonly ReplicaSet[]): string {
  const texts = sets.map(
    ({ metadata, spec, status }) =>
      `${metadata.name} (${status?.replicas ?? 0}/${spec.replicas ?? 1} replicas created)`,
  );
  return texts.join(', ') || '<none>';
}
