/** What the author of a pod should know although it is valid. Source: kubernetes' warningsForPodSpecAndMeta. */
import { dns1123LabelErrors } from '../../machinery/formats.ts';
import { milliValue } from '../../machinery/quantity.ts';
import type { Container, ContainerPort, EnvVar, ResourceRequirements } from './container.ts';
import type { NodeSelectorTerm, PodAffinity, PodSpec, PodTemplateSpec } from './pod-spec.ts';
import type { Pod } from './pod.ts';
import type { Volume } from './volume.ts';

const oldNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** Kinds of volumes that are gone, or going. */
const oldVolumes: Partial<Readonly<Record<keyof Volume, string>>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

const noSelector = 'a null labelSelector results in matching no pod';

/** The warnings about a new pod. */
export function podWarnings({ metadata, spec }: Pod): string[] {
  return [...nameWarnings(metadata.name, "the Pod's hostname"), ...specWarnings(spec, 'spec')];
}

/** The warnings about a pod template at `path`. */
export function templateWarnings({ spec }: PodTemplateSpec, path: string): string[] {
  return specWarnings(spec, `${path}.spec`);
}

/** Names of pods come of some names: those had better be such that a pod's name can be its host's. */
export function nameWarnings(name: string, use = 'Pod names and hostnames'): string[] {
  const problems = dns1123LabelErrors(name);
  if (problems.length === 0) return [];
  return [
    `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
  ];
}

function specWarnings(spec: PodSpec, path: string): string[] {
  const { terminationGracePeriodSeconds: grace } = spec;
  const negative = 'must be >= 0; negative values are invalid and will be treated as 1';
  return [
    ...placeWarnings(spec, path),
    ...(spec.volumes ?? []).flatMap((volume, index) => volumeWarnings(volume, `${path}.volumes[${index}]`)),
    ...doubles(spec.hostAliases, (alias) => alias.ip, { path: `${path}.hostAliases`, name: 'ip' }),
    ...doubles(spec.imagePullSecrets, ({ name = '' }) => name, { path: `${path}.imagePullSecrets`, name: 'name' }),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }, index) =>
      name ? [] : [`${path}.imagePullSecrets[${index}].name: invalid empty name ""`],
    ),
    ...bytesWarnings(spec.overhead, `${path}.overhead`),
    ...containersWarnings(spec, path),
    ...(grace < 0 ? [`${path}.terminationGracePeriodSeconds: ${negative}`] : []),
    ...affinityWarnings(spec.affinity?.podAffinity, `${path}.affinity.podAffinity`),
    ...affinityWarnings(spec.affinity?.podAntiAffinity, `${path}.affinity.podAntiAffinity`),
  ];
}

function placeWarnings({ nodeSelector = {}, affinity, topologySpreadConstraints = [] }: PodSpec, path: string) {
  const { requiredDuringSchedulingIgnoredDuringExecution: needed, preferredDuringSchedulingIgnoredDuringExecution } =
    affinity?.nodeAffinity ?? {};
  const own = `${path}.affinity.nodeAffinity`;
  return [
    ...Object.keys(nodeSelector).flatMap((key) => {
      const old = oldNodeLabels[key];
      return old === undefined ? [] : [`${path}.nodeSelector[${key}]: ${old}`];
    }),
    ...(needed?.nodeSelectorTerms ?? []).flatMap((term, index) =>
      termWarnings(term, `${own}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`),
    ),
    ...(preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ preference }, index) =>
      termWarnings(preference, `${own}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`),
    ),
    ...topologySpreadConstraints.flatMap(({ topologyKey, labelSelector }, index) => {
      const at = `${path}.topologySpreadConstraints[${index}]`;
      return [
        ...keyWarnings(topologyKey, `${at}.topologyKey`),
        ...(labelSelector ? [] : [`${at}.labelSelector: ${noSelector}`]),
      ];
    }),
  ];
}

function termWarnings({ matchExpressions = [] }: NodeSelectorTerm, path: string): string[] {
  return matchExpressions.flatMap(({ key }, index) => keyWarnings(key, `${path}.matchExpressions[${index}].key`));
}

function keyWarnings(key: string, path: string): string[] {
  const old = oldNodeLabels[key];
  return old === undefined ? [] : [`${path}: ${key} is ${old}`];
}

function affinityWarnings(affinity: PodAffinity | undefined, path: string): string[] {
  const needed = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...needed.flatMap(({ labelSelector }, index) =>
      labelSelector
        ? []
        : [`${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}].labelSelector: ${noSelector}`],
    ),
    ...preferred.flatMap(({ podAffinityTerm: { labelSelector } }, index) => {
      const own = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm`;
      return labelSelector ? [] : [`${own}.labelSelector: ${noSelector}`];
    }),
  ];
}

function volumeWarnings(volume: Volume, path: string): string[] {
  const used = Object.entries(oldVolumes).filter(([name]) => volume[name as keyof Volume] !== undefined);
  // Upstream's path has the name that its own struct has.
  return used.map(([name, detail]) => `${path}.${name === 'storageos' ? 'storageOS' : name}: ${detail}`);
}

function doubles<T>(
  items: readonly T[] | undefined,
  keyOf: (item: T) => string,
  { path, name }: { readonly path: string; readonly name: string },
): string[] {
  const keys = (items ?? []).map(keyOf);
  return keys.flatMap((key, index) =>
    keys.indexOf(key) < index ? [`${path}[${index}].${name}: duplicate ${name} ${JSON.stringify(key)}`] : [],
  );
}

function bytesWarnings(amounts: Readonly<Record<string, string>> = {}, path: string): string[] {
  return ['memory', 'ephemeral-storage'].flatMap((name) => {
    const amount = amounts[name];
    // Only amounts in thousandths or with a point can be other than whole.
    if (amount === undefined || !/[m.]|[nu]$/.test(amount) || milliValue(amount) % 1000 === 0) return [];
    return [`${path}[${name}]: fractional byte value "${amount}" is invalid, must be an integer`];
  });
}

interface PlacedPort extends ContainerPort {
  readonly path: string;
}

function containersWarnings(spec: PodSpec, path: string): string[] {
  const placed = (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index) => ({ container, own: `${path}.${list}[${index}]` })),
  );
  const ports = placed.flatMap(({ container, own }) =>
    (container.ports ?? []).map((port, index): PlacedPort => ({ ...port, path: `${own}.ports[${index}]` })),
  );
  return [...placed.flatMap(({ container, own }) => containerWarnings(container, own)), ...portsWarnings(ports)];
}

function containerWarnings(
  { resources, env }: { readonly resources: ResourceRequirements; readonly env?: Container['env'] },
  path: string,
): string[] {
  return [
    ...bytesWarnings(resources.limits, `${path}.resources.limits`),
    ...bytesWarnings(resources.requests, `${path}.resources.requests`),
    ...envWarnings(env ?? [], `${path}.env`),
  ];
}

/** A variable may be given twice to add to itself, and only so. */
function envWarnings(env: readonly EnvVar[], path: string): string[] {
  const seen = new Set<string>();
  return env.flatMap(({ name, value = '', valueFrom }, index) => {
    const reference = `$(${name})`;
    const isDouble = seen.has(name);
    seen.add(name);
    if (!isDouble || (!valueFrom && value !== reference && value.includes(reference))) return [];
    return [
      `${path}[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
    ];
  });
}

function portsWarnings(ports: readonly PlacedPort[]): string[] {
  return ports.flatMap((port, index) =>
    ports.slice(0, index).flatMap((other) => {
      if (port.containerPort !== other.containerPort || port.protocol !== other.protocol) return [];
      const clash = clashOf(port, other);
      return clash === undefined ? [] : [`${port.path}: ${clash} port definition with ${other.path}`];
    }),
  );
}

function clashOf(port: ContainerPort, other: ContainerPort): string | undefined {
  const [mine, theirs] = [port.hostPort ?? 0, other.hostPort ?? 0];
  const [here, there] = [port.hostIP ?? '', other.hostIP ?? ''];
  if (mine === theirs && here === there) return 'duplicate';
  if (mine === 0 || theirs === 0) return 'overlapping';
  return mine === theirs && (here === '') !== (there === '') ? 'dangerously ambiguous' : undefined;
}
