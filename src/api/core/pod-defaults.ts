/** Defaults of pods that depend on other fields. Source: kubernetes' core/v1 defaults and conversions. */
import type { Writable } from '../../machinery/schema.ts';
import type { Container, ContainerPort, EnvVar, ResourceRequirements } from './container.ts';
import { containersTotal, exactly, isPodLevel } from './pod-resources.ts';
import type { PodSpec } from './pod-spec.ts';
import type { Volume } from './volume.ts';

type ContainerLike = Pick<Writable<Container>, 'image' | 'imagePullPolicy' | 'ports' | 'resources' | 'env'>;

/** Defaults of a pod's spec, also inside a template. */
export function defaultPodSpec(spec: Writable<PodSpec>): void {
  // The old name of the field is still written and read; the new one wins.
  spec.serviceAccountName ||= spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  for (const container of allContainers(spec)) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
}

/** Defaults that a pod gets but a template does not. */
export function defaultPod(spec: Writable<PodSpec>): void {
  defaultPodSpec(spec);
  spec.enableServiceLinks ??= true;
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    defaultRequests(container.resources);
    if (spec.hostNetwork) defaultHostPorts(container.ports ?? []);
  }
  if (spec.resources) defaultPodRequests(spec, spec.resources);
}

function allContainers(spec: Writable<PodSpec>): readonly ContainerLike[] {
  return [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
}

function defaultContainer(container: ContainerLike): void {
  container.imagePullPolicy ||= isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent';
  for (const variable of container.env ?? []) defaultDivisor(variable);
}

function defaultDivisor({ valueFrom }: Writable<EnvVar>): void {
  if (valueFrom?.resourceFieldRef) valueFrom.resourceFieldRef.divisor ??= '0';
}

/** Whether an image reference names the tag `latest`, or neither tag nor digest. */
export function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

function defaultRequests(resources: Writable<ResourceRequirements>): void {
  const { limits } = resources;
  if (!limits || Object.keys(limits).length === 0) return;
  resources.requests = { ...limits, ...resources.requests };
}

/** What containers ask for together, else the limit. Source: core/v1 defaultPodRequests. */
function defaultPodRequests(spec: PodSpec, resources: Writable<ResourceRequirements>): void {
  const { limits = {} } = resources;
  if (Object.keys(limits).length === 0) return;
  const asked = Object.entries(containersTotal({ spec }, { part: 'requests', reckoning: exactly }));
  const shared = asked.filter(([name]) => isPodLevel(name) && !name.startsWith('hugepages-'));
  resources.requests = { ...limits, ...Object.fromEntries(shared), ...resources.requests };
}

function defaultHostPorts(ports: Writable<ContainerPort>[]): void {
  for (const port of ports) port.hostPort ||= port.containerPort;
}

function defaultVolume(volume: Writable<Volume>): void {
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) volume.emptyDir = {};
  const projected = (volume.projected?.sources ?? []).map(({ downwardAPI }) => downwardAPI);
  for (const source of [volume.downwardAPI, ...projected]) {
    for (const { resourceFieldRef } of source?.items ?? []) if (resourceFieldRef) resourceFieldRef.divisor ??= '0';
  }
}
