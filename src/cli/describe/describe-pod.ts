import type { EnvVar } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import { milliValue, quantityValue } from '../../machinery/quantity.ts';
import { humanDuration } from '../../machinery/human-duration.ts';
import { writeContainers, writeResources } from './container-lines.ts';
import type { ShownContainer } from './container-lines.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { controllerText, longTime, writeAnnotations, writeLabels, writeTolerations } from './meta-lines.ts';
import { writeSpread } from './pod-template-lines.ts';
import { writeVolumes } from './volume-lines.ts';
import type { DescribeContext } from './describers.ts';

/** Everything about a pod but its events. */
export async function describePod(pod: Pod, { writer, now }: DescribeContext): Promise<void> {
  const { metadata, spec, status } = pod;
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  if (spec.priority !== undefined) writer.line(0, `Priority:\t${spec.priority}`);
  if (spec.priorityClassName) writer.line(0, `Priority Class Name:\t${spec.priorityClassName}`);
  if (spec.runtimeClassName) writer.line(0, `Runtime Class Name:\t${spec.runtimeClassName}`);
  if (spec.serviceAccountName) writer.line(0, `Service Account:\t${spec.serviceAccountName}`);
  writer.line(0, `Node:\t${spec.nodeName ? `${spec.nodeName}/${status?.hostIP ?? ''}` : '<none>'}`);
  if (status?.startTime) writer.line(0, `Start Time:\t${longTime(status.startTime)}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writeStatus(writer, pod, now);
  const profile = spec.securityContext?.seccompProfile;
  if (profile) writer.line(0, `SeccompProfile:\t${profile.type}`);
  if (profile?.type === 'Localhost') writer.line(0, `LocalhostProfile:\t${profile.localhostProfile ?? ''}`);
  writeAddresses(writer, pod);
  writeAllContainers(writer, pod);
  writeConditions(writer, pod);
  writeVolumes(writer, spec.volumes, '');
  writer.line(0, `QoS Class:\t${status?.qosClass ?? ''}`);
  writeLabels(writer, 'Node-Selectors', spec.nodeSelector);
  writeTolerations(writer, 'Tolerations', spec.tolerations);
  writeSpread(writer, spec.topologySpreadConstraints, '');
}

function writeStatus(writer: DescribeWriter, { metadata, status }: Pod, now: number): void {
  const { phase, reason, message } = status ?? {};
  const ended = phase === 'Failed' || phase === 'Succeeded';
  if (metadata.deletionTimestamp && !ended) {
    writer.line(0, `Status:\tTerminating (lasts ${humanDuration(now - Date.parse(metadata.deletionTimestamp))})`);
    writer.line(0, `Termination Grace Period:\t${metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else writer.line(0, `Status:\t${phase ?? ''}`);
  if (reason) writer.line(0, `Reason:\t${reason}`);
  if (message) writer.line(0, `Message:\t${message}`);
}

function writeAddresses(writer: DescribeWriter, { metadata, status, spec }: Pod): void {
  writer.line(0, `IP:\t${status?.podIP ?? ''}`);
  const addresses = status?.podIPs ?? [];
  writer.line(0, `IPs:${addresses.length === 0 ? '\t<none>' : ''}`);
  for (const { ip } of addresses) writer.line(1, `IP:\t${ip}`);
  const controller = controllerText(metadata.ownerReferences);
  if (controller) writer.line(0, `Controlled By:\t${controller}`);
  if (status?.nominatedNodeName) writer.line(0, `NominatedNodeName:\t${status.nominatedNodeName}`);
  if (spec.resources) {
    writer.line(0, 'Resources:');
    writeResources(writer, 1, spec.resources);
  }
}

function writeAllContainers(writer: DescribeWriter, pod: Pod): void {
  const { spec, status } = pod;
  const resolve = (env: EnvVar, container: ShownContainer): string => variableValue(env, container, pod);
  if (spec.initContainers?.length) {
    writeContainers(writer, {
      title: 'Init Containers',
      containers: spec.initContainers,
      statuses: status?.initContainerStatuses,
      space: '',
      resolve,
    });
  }
  writeContainers(writer, {
    title: 'Containers',
    containers: spec.containers,
    statuses: status?.containerStatuses,
    space: '',
    resolve,
  });
  if (spec.ephemeralContainers?.length) {
    writeContainers(writer, {
      title: 'Ephemeral Containers',
      containers: spec.ephemeralContainers,
      statuses: status?.ephemeralContainerStatuses,
      space: '',
      resolve,
    });
  }
}

function writeConditions(writer: DescribeWriter, { spec, status }: Pod): void {
  const conditions = status?.conditions ?? [];
  if (spec.readinessGates?.length) {
    writer.line(0, 'Readiness Gates:\n  Type\tStatus');
    for (const { conditionType } of spec.readinessGates) {
      const found = conditions.find((condition) => condition.type === conditionType);
      writer.line(1, `${conditionType} \t${found?.status ?? '<none>'} `);
    }
  }
  if (conditions.length === 0) return;
  writer.line(0, 'Conditions:\n  Type\tStatus');
  for (const condition of conditions) writer.line(1, `${condition.type} \t${condition.status} `);
}

function variableValue({ valueFrom }: EnvVar, container: ShownContainer, { metadata }: Pod): string {
  if (valueFrom?.resourceFieldRef) return resourceValue(valueFrom.resourceFieldRef, container);
  const path = valueFrom?.fieldRef?.fieldPath ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid;
    default:
      // The rest is known to the node only.
      return '';
  }
}

function resourceValue(
  { resource, divisor }: { readonly resource: string; readonly divisor?: string | number | undefined },
  { resources }: ShownContainer,
): string {
  const [side = '', name = ''] = resource.split('.');
  const amount = (side === 'limits' ? resources?.limits : resources?.requests)?.[name] ?? '0';
  const unit = divisor === undefined || String(divisor) === '0' ? '1' : String(divisor);
  const value =
    name === 'cpu'
      ? Math.ceil(milliValue(amount) / milliValue(unit))
      : Math.ceil(quantityValue(amount) / quantityValue(unit));
  const unset = value === 0 && side === 'limits' && (name === 'cpu' || name === 'memory');
  return unset ? 'node allocatable' : String(value);
}
