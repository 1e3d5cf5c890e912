/** Descriptions of the older and the more particular sets of pods. Source: kubectl's describe. */
import type { DaemonSet } from '../../api/apps/daemon-set.ts';
import type { StatefulSet } from '../../api/apps/stateful-set.ts';
import type { ReplicationController } from '../../api/core/replication-controller.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { longTime, writeLabels } from './meta-lines.ts';
import { writePodTemplate } from './pod-template-lines.ts';
import { labelsText, selectorText, writeConditions, writeMarks, writeName, writePodsStatus } from './workload-lines.ts';

/** Everything about a stateful set but its events. */
export async function describeStatefulSet(set: StatefulSet, context: DescribeContext): Promise<void> {
  const { writer } = context;
  const { metadata, spec, status } = set;
  writeName(writer, set);
  writer.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  writer.line(0, `Selector:\t${selectorText(spec.selector)}`);
  writeMarks(writer, set);
  writer.line(0, `Replicas:\t${spec.replicas} desired | ${status.replicas} total`);
  writer.line(0, `Update Strategy:\t${spec.updateStrategy.type ?? ''}`);
  const { partition, maxUnavailable } = spec.updateStrategy.rollingUpdate ?? {};
  if (partition !== undefined) {
    writer.line(1, `Partition:\t${partition}`);
    if (maxUnavailable !== undefined) writer.line(1, `MaxUnavailable:\t${maxUnavailable}`);
  }
  await writePodsStatus(context, set, formatLabelSelector(spec.selector));
  writePodTemplate(writer, spec.template);
  writeClaimTemplates(writer, spec.volumeClaimTemplates);
}

function writeClaimTemplates(writer: DescribeWriter, claims: StatefulSet['spec']['volumeClaimTemplates'] = []): void {
  if (claims.length === 0) return writer.line(0, 'Volume Claims:\t<none>');
  writer.line(0, 'Volume Claims:');
  for (const { metadata, spec } of claims) {
    const oldClass = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
    writer.line(1, `Name:\t${metadata.name ?? ''}`);
    writer.line(1, `StorageClass:\t${oldClass ?? spec.storageClassName ?? ''}`);
    writeLabels(writer, '  Labels', metadata.labels);
    // Upstream shows them as labels are shown.
    writeLabels(writer, '  Annotations', metadata.annotations);
    writer.line(1, `Capacity:\t${spec.resources.requests?.['storage'] ?? '<default>'}`);
    writer.line(1, `Access Modes:\t[${(spec.accessModes ?? []).join(' ')}]`);
  }
}

/** Everything about a daemon set but its events. */
export async function describeDaemonSet(set: DaemonSet, context: DescribeContext): Promise<void> {
  const { writer } = context;
  const { spec, status } = set;
  writeName(writer, set);
  writer.line(0, `Selector:\t${selectorText(spec.selector)}`);
  writer.line(0, `Node-Selector:\t${labelsText(spec.template.spec.nodeSelector)}`);
  writeMarks(writer, set);
  writer.line(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled}`);
  writer.line(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled}`);
  writer.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`);
  writer.line(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`);
  writer.line(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled}`);
  await writePodsStatus(context, set, formatLabelSelector(spec.selector));
  writePodTemplate(writer, spec.template);
}

/** Everything about a replication controller but its events. */
export async function describeReplicationController(
  controller: ReplicationController,
  context: DescribeContext,
): Promise<void> {
  const { writer } = context;
  const { spec, status } = controller;
  const selector = labelsText(spec.selector);
  writeName(writer, controller);
  writer.line(0, `Selector:\t${selector}`);
  writeMarks(writer, controller);
  writer.line(0, `Replicas:\t${status.replicas} current / ${spec.replicas} desired`);
  await writePodsStatus(context, controller, selector);
  if (spec.template) writePodTemplate(writer, spec.template);
  writeConditions(writer, status.conditions);
}
