import type { Deployment } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import { readReplicaSets } from '../rollout/replica-sets.ts';
import type { DescribeContext } from './describers.ts';
import { controllerText, longTime, writeAnnotations, writeLabels } from './meta-lines.ts';
import { writePodTemplate } from './pod-template-lines.ts';
import { writeConditions, writePodsStatus } from './workload-lines.ts';

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
export async function describeReplicaSet(replicaSet: ReplicaSet, context: DescribeContext): Promise<void> {
  const { writer } = context;
  const { metadata, spec, status } = replicaSet;
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  writer.line(0, `Selector:\t${formatLabelSelector(spec.selector)}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  const controller = controllerText(metadata.ownerReferences);
  if (controller) writer.line(0, `Controlled By:\t${controller}`);
  writer.line(0, `Replicas:\t${status?.replicas ?? 0} current / ${spec.replicas ?? 1} desired`);
  await writePodsStatus(context, replicaSet, formatLabelSelector(spec.selector));
  writePodTemplate(writer, spec.template);
  writeConditions(writer, status?.conditions);
}

function replicaSetsText(sets: readonly ReplicaSet[]): string {
  const texts = sets.map(
    ({ metadata, spec, status }) =>
      `${metadata.name} (${status?.replicas ?? 0}/${spec.replicas ?? 1} replicas created)`,
  );
  return texts.join(', ') || '<none>';
}
