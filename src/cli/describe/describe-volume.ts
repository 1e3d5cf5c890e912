/** Descriptions of volumes and of the claims on them. Source: kubectl's describe. */
import type { NodeSelectorRequirement } from '../../api/core/pod-spec.ts';
import type { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import type { PersistentVolume } from '../../api/core/persistent-volume.ts';
import type { Pod } from '../../api/core/pod.ts';
import { accessModesText, storageClassOf } from '../../api/core/volume-columns.ts';
import { ageOf } from '../../machinery/human-duration.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { longTime } from './meta-lines.ts';
import { volumeLines } from './volume-lines.ts';
import { writeMarks, writeName } from './workload-lines.ts';

/** Everything about a volume but its events. */
export async function describePersistentVolume(volume: PersistentVolume, context: DescribeContext): Promise<void> {
  const { writer } = context;
  const { metadata, spec, status } = volume;
  const { claimRef } = spec;
  writer.line(0, `Name:\t${metadata.name}`);
  writeMarks(writer, volume);
  writer.line(0, `Finalizers:\t[${(metadata.finalizers ?? []).join(' ')}]`);
  writer.line(0, `StorageClass:\t${storageClassOf(volume, spec)}`);
  writer.line(0, `Status:\t${phaseText(volume, context)}`);
  writer.line(0, `Claim:\t${claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : ''}`);
  writer.line(0, `Reclaim Policy:\t${spec.persistentVolumeReclaimPolicy}`);
  writer.line(0, `Access Modes:\t${accessModesText(spec.accessModes)}`);
  writer.line(0, `VolumeMode:\t${spec.volumeMode}`);
  writer.line(0, `Capacity:\t${spec.capacity?.['storage'] ?? '0'}`);
  writeNodeAffinity(writer, volume);
  writer.line(0, `Message:\t${status.message ?? ''}`);
  writer.line(0, 'Source:');
  const lines = sourceLines(spec);
  if (lines) for (const line of lines) writer.line(2, line);
  else writer.line(1, '<unknown>');
}

function phaseText({ metadata, status }: PersistentVolume | PersistentVolumeClaim, { now }: DescribeContext): string {
  return metadata.deletionTimestamp ? `Terminating (lasts ${ageOf(metadata.deletionTimestamp, now)})` : status.phase;
}

function writeNodeAffinity(writer: DescribeWriter, { spec }: PersistentVolume): void {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  if (!terms) return writer.line(0, 'Node Affinity:\t<none>');
  writer.line(0, 'Node Affinity:\t');
  writer.line(1, `Required Terms:\t${terms.length === 0 ? '<none>' : ''}`);
  terms.forEach(({ matchExpressions = [] }, index) => {
    if (matchExpressions.length === 0) writer.line(2, `Term ${index}:\t<none>`);
    matchExpressions.forEach((expression, at) => {
      writer.line(2, `${at === 0 ? `Term ${index}:` : ''}\t${expressionText(expression)}`);
    });
  });
}

function expressionText({ key, operator, values = [] }: NodeSelectorRequirement): string {
  return `${key} ${operator.toLowerCase()}${values.length > 0 ? ` [${values.join(', ')}]` : ''}`;
}

function sourceLines(spec: PersistentVolume['spec']): readonly string[] | undefined {
  const { local, csi, hostPath, nfs } = spec;
  if (local) {
    return ['Type:\tLocalVolume (a persistent volume backed by local storage on a node)', `Path:\t${local.path}`];
  }
  if (csi) {
    const attributes = Object.entries(csi.volumeAttributes ?? {})
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${value}`);
    return [
      'Type:\tCSI (a Container Storage Interface (CSI) volume source)',
      `Driver:\t${csi.driver}`,
      `FSType:\t${csi.fsType ?? ''}`,
      `VolumeHandle:\t${csi.volumeHandle}`,
      `ReadOnly:\t${csi.readOnly ?? false}`,
      // Upstream indents each attribute once more, within its cell.
      attributes.length === 0 ? 'VolumeAttributes:\t<none>' : `VolumeAttributes:\t    ${attributes[0]}`,
      ...attributes.slice(1).map((attribute) => `\t    ${attribute}`),
    ];
  }
  return volumeLines({ name: '', hostPath, nfs });
}

/** Everything about a claim but its events. */
export async function describePersistentVolumeClaim(
  claim: PersistentVolumeClaim,
  context: DescribeContext,
): Promise<void> {
  const { writer } = context;
  const { metadata, spec, status } = claim;
  const isBound = Boolean(spec.volumeName);
  writeName(writer, claim);
  writer.line(0, `StorageClass:\t${storageClassOf(claim, spec)}`);
  writer.line(0, `Status:\t${phaseText(claim, context)}`);
  writer.line(0, `Volume:\t${spec.volumeName ?? ''}`);
  writeMarks(writer, claim);
  writer.line(0, `Finalizers:\t[${(metadata.finalizers ?? []).join(' ')}]`);
  writer.line(0, `Capacity:\t${isBound ? (status.capacity?.['storage'] ?? '0') : ''}`);
  writer.line(0, `Access Modes:\t${isBound ? accessModesText(status.accessModes) : ''}`);
  if (spec.volumeMode) writer.line(0, `VolumeMode:\t${spec.volumeMode}`);
  if (spec.dataSource) {
    const { apiGroup, kind, name } = spec.dataSource;
    writer.line(0, 'DataSource:');
    if (apiGroup !== undefined) writer.line(1, `APIGroup:\t${apiGroup}`);
    writer.line(1, `Kind:\t${kind}`);
    writer.line(1, `Name:\t${name}`);
  }
  const users = await usersOf(claim, context);
  if (users.length === 0) writer.line(0, 'Used By:\t<none>');
  users.forEach((name, at) => writer.line(0, `${at === 0 ? 'Used By:' : ''}\t${name}`));
  writeConditions(writer, status.conditions);
}

async function usersOf({ metadata }: PersistentVolumeClaim, { read }: DescribeContext): Promise<readonly string[]> {
  const found = (await read.list(knownResources.Pod, { namespace: metadata.namespace ?? '' })) ?? [];
  const owners = new Set((metadata.ownerReferences ?? []).filter(({ kind }) => kind === 'Pod').map(({ uid }) => uid));
  return found
    .map((pod) => asKind<Pod>(pod))
    .filter(
      (pod) =>
        owners.has(pod.metadata.uid) ||
        pod.spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === metadata.name),
    )
    .map((pod) => pod.metadata.name)
    .toSorted();
}

function writeConditions(writer: DescribeWriter, conditions: PersistentVolumeClaim['status']['conditions']): void {
  if (!conditions?.length) return;
  writer.line(0, 'Conditions:');
  writer.line(1, 'Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage');
  writer.line(1, '----\t------\t-----------------\t------------------\t------\t-------');
  for (const { type, status, lastProbeTime, lastTransitionTime, reason = '', message = '' } of conditions) {
    const times = `${longTime(lastProbeTime)} \t${longTime(lastTransitionTime)}`;
    writer.line(1, `${type} \t${status} \t${times} \t${reason} \t${message}`);
  }
}
