/** The lines that descriptions of several workloads share. Source: kubectl's describe. */
import type { Pod } from '../../api/core/pod.ts';
import type { LabelSelector } from '../../machinery/meta.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { writeAnnotations, writeLabels } from './meta-lines.ts';

interface WorkloadCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
}

/** Name and namespace. */
export function writeName(writer: DescribeWriter, { metadata }: ApiObject): void {
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
}

/** Labels and annotations. */
export function writeMarks(writer: DescribeWriter, { metadata }: ApiObject): void {
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
}

/** A selector; nothing where it is empty. */
export function selectorText(selector: LabelSelector | undefined): string {
  return formatLabelSelector(selector ?? {});
}

/** Labels as one text. */
export function labelsText(labels: Readonly<Record<string, string>> = {}): string {
  const keys = Object.keys(labels).toSorted();
  return keys.map((key) => `${key}=${labels[key]}`).join(',') || '<none>';
}

/** How many of the pods of a workload are how far. */
export async function writePodsStatus(
  { writer, read }: DescribeContext,
  { metadata }: ApiObject,
  labelSelector: string,
): Promise<void> {
  const found = await read.list(knownResources.Pod, { namespace: metadata.namespace ?? '', labelSelector });
  const pods = (found ?? []).map((pod) => asKind<Pod>(pod)).filter((pod) => isControlledBy(pod, metadata.uid));
  const count = (phase: string): number => pods.filter((pod) => pod.status?.phase === phase).length;
  writer.line(
    0,
    `Pods Status:\t${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`,
  );
}

function isControlledBy({ metadata }: Pod, uid: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid) ?? false;
}

/** The conditions of a workload; nothing where there are none. */
export function writeConditions(writer: DescribeWriter, conditions: readonly WorkloadCondition[] | undefined): void {
  if (!conditions?.length) return;
  writer.line(0, 'Conditions:\n  Type\tStatus\tReason');
  writer.line(1, '----\t------\t------');
  for (const { type, status, reason } of conditions) writer.line(1, `${type} \t${status}\t${reason ?? ''}`);
}
