/** What the level baseline demands. Source: pod-security-admission's policy package, 1.36. */
import type { LifecycleHandler, Probe, SELinuxOptions } from '../../../api/core/container.ts';
import { containersOf, containersThat, distinct, named, plural, quoted, setters } from './check.ts';
import type { AnyContainer, Check, CheckedPod, Violation } from './check.ts';

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const seccompPodAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainerPrefix = 'container.seccomp.security.alpha.kubernetes.io/';

const usualCapabilities: readonly string[] = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

const sysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const sysctlsOf27 = [...sysctls, 'net.ipv4.ip_local_reserved_ports'];
const sysctlsOf29 = [
  ...sysctlsOf27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const sysctlsOf32 = [...sysctlsOf29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const seLinuxTypesOf31 = [...seLinuxTypes, 'container_engine_t'];

/** Profiles that may be chosen, of seccomp and of AppArmor. */
const profiles: readonly string[] = ['RuntimeDefault', 'Localhost'];

/** The checks, in the order in which messages have them. */
export const baselineChecks: readonly Check[] = [
  { id: 'appArmorProfile', versions: [{ since: 0, violation: appArmorProfile }] },
  { id: 'capabilities_baseline', versions: [{ since: 0, violation: addedCapabilities }] },
  { id: 'hostNamespaces', versions: [{ since: 0, violation: hostNamespaces }] },
  { id: 'hostPathVolumes', versions: [{ since: 0, violation: hostPathVolumes }] },
  { id: 'hostPorts', versions: [{ since: 0, violation: hostPorts }] },
  { id: 'hostProbesAndHostLifecycle', versions: [{ since: 34, violation: handlerHosts }] },
  { id: 'privileged', versions: [{ since: 0, violation: privileged }] },
  {
    id: 'procMount',
    versions: [
      { since: 0, violation: procMount },
      { since: 35, violation: (pod) => (hasOwnUsers(pod) ? undefined : procMount(pod)) },
    ],
  },
  {
    id: 'seLinuxOptions',
    versions: [
      { since: 0, violation: (pod) => seLinuxOptions(pod, seLinuxTypes) },
      { since: 31, violation: (pod) => seLinuxOptions(pod, seLinuxTypesOf31) },
    ],
  },
  {
    id: 'seccompProfile_baseline',
    versions: [
      { since: 0, violation: seccompAnnotations },
      { since: 19, violation: seccompProfiles },
    ],
  },
  {
    id: 'sysctls',
    versions: [
      { since: 0, violation: (pod) => otherSysctls(pod, sysctls) },
      { since: 27, violation: (pod) => otherSysctls(pod, sysctlsOf27) },
      { since: 29, violation: (pod) => otherSysctls(pod, sysctlsOf29) },
      { since: 32, violation: (pod) => otherSysctls(pod, sysctlsOf32) },
    ],
  },
  { id: 'windowsHostProcess', versions: [{ since: 0, violation: windowsHostProcess }] },
];

/** Whether a pod is in a user namespace of its own: its root is nobody outside. */
export function hasOwnUsers({ spec }: CheckedPod): boolean {
  return spec.hostUsers === false;
}

function appArmorProfile({ metadata, spec }: CheckedPod): Violation | undefined {
  const isBad = (type: string | undefined): type is string => type !== undefined && !profiles.includes(type);
  const ofPod = spec.securityContext?.appArmorProfile?.type;
  const ofContainer = ({ securityContext }: AnyContainer): string | undefined => securityContext?.appArmorProfile?.type;
  const bad = containersThat(spec, (container) => isBad(ofContainer(container)));
  const annotations = Object.entries(metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith(appArmorPrefix) && !/^(runtime\/default$|localhost\/|$)/.test(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const by = [setters(isBad(ofPod), bad), annotations.length > 0 ? plural('annotation', annotations) : ''].filter(
    (setter) => setter !== '',
  );
  if (by.length === 0) return undefined;
  const types = distinct([ofPod, ...containersOf(spec).map(ofContainer)].filter(isBad));
  const values = [...types, ...annotations.toSorted()];
  return {
    reason: plural('forbidden AppArmor profile', values),
    detail: `${by.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

function addedCapabilities({ spec }: CheckedPod): Violation | undefined {
  const unusual = ({ securityContext }: AnyContainer): readonly string[] =>
    (securityContext?.capabilities?.add ?? []).filter((capability) => !usualCapabilities.includes(capability));
  const bad = containersThat(spec, (container) => unusual(container).length > 0);
  if (bad.length === 0) return undefined;
  const capabilities = quoted(distinct(containersOf(spec).flatMap(unusual)));
  return {
    reason: 'non-default capabilities',
    detail: `${named('container', bad)} must not include ${capabilities} in securityContext.capabilities.add`,
  };
}

function hostNamespaces({ spec }: CheckedPod): Violation | undefined {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((name) => `${name}=true`).join(', ') };
}

function hostPathVolumes({ spec }: CheckedPod): Violation | undefined {
  const bad = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
  return bad.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named('volume', bad) };
}

function hostPorts({ spec }: CheckedPod): Violation | undefined {
  const portsOf = ({ ports = [] }: AnyContainer): readonly string[] =>
    ports.flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)]));
  const bad = containersThat(spec, (container) => portsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const ports = distinct(containersOf(spec).flatMap(portsOf));
  return {
    reason: 'hostPort',
    detail: `${named('container', bad)} ${uses(bad)} ${plural('hostPort', ports)} ${ports.join(', ')}`,
  };
}

/** The verb that goes with those who use something. */
export function uses({ length }: readonly string[]): string {
  return length === 1 ? 'uses' : 'use';
}

function handlerHosts({ spec }: CheckedPod): Violation | undefined {
  const bad = distinct(containersThat(spec, (container) => hostsOf(container).length > 0));
  if (bad.length === 0) return undefined;
  const hosts = distinct(containersOf(spec).flatMap(hostsOf));
  return {
    reason: 'probe or lifecycle host',
    detail: `${named('container', bad)} ${uses(bad)} ${named('probe or lifecycle host', hosts)}`,
  };
}

function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: AnyContainer): readonly string[] {
  const handlers: readonly (Probe | LifecycleHandler | undefined)[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers.flatMap((handler) =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host) => host !== undefined && host !== ''),
  ) as readonly string[];
}

function privileged({ spec }: CheckedPod): Violation | undefined {
  const bad = containersThat(spec, ({ securityContext }) => securityContext?.privileged === true);
  if (bad.length === 0) return undefined;
  return { reason: 'privileged', detail: `${named('container', bad)} must not set securityContext.privileged=true` };
}

/** Whether what is hidden of /proc stays hidden; the level restricted asks the same in its own way. */
export function procMount({ spec }: CheckedPod): Violation | undefined {
  const mountOf = ({ securityContext }: AnyContainer): string => securityContext?.procMount ?? 'Default';
  const bad = containersThat(spec, (container) => mountOf(container) !== 'Default');
  if (bad.length === 0) return undefined;
  const types = distinct(containersOf(spec).map(mountOf)).filter((type) => type !== 'Default');
  return {
    reason: 'procMount',
    detail: `${named('container', bad)} must not set securityContext.procMount to ${quoted(types)}`,
  };
}

function seLinuxOptions({ spec }: CheckedPod, allowed: readonly string[]): Violation | undefined {
  const isBad = ({ type = '', user = '', role = '' }: SELinuxOptions): boolean =>
    !allowed.includes(type) || user !== '' || role !== '';
  const ofPod = spec.securityContext?.seLinuxOptions ?? {};
  const ofContainer = ({ securityContext }: AnyContainer): SELinuxOptions => securityContext?.seLinuxOptions ?? {};
  const by = setters(
    isBad(ofPod),
    containersThat(spec, (container) => isBad(ofContainer(container))),
  );
  if (by === '') return undefined;
  const all = [ofPod, ...containersOf(spec).map(ofContainer)];
  const types = distinct(all.map(({ type = '' }) => type)).filter((type) => !allowed.includes(type));
  const problems = [
    ...(types.length > 0 ? [named('type', types)] : []),
    ...(all.some(({ user = '' }) => user !== '') ? ['user may not be set'] : []),
    ...(all.some(({ role = '' }) => role !== '') ? ['role may not be set'] : []),
  ];
  return {
    reason: 'seLinuxOptions',
    detail: `${by} set forbidden securityContext.seLinuxOptions: ${problems.join('; ')}`,
  };
}

/** Before there were fields for it. */
function seccompAnnotations({ metadata: { annotations = {} }, spec }: CheckedPod): Violation | undefined {
  const keys = [seccompPodAnnotation, ...containersOf(spec).map(({ name }) => seccompContainerPrefix + name)];
  const bad = distinct(
    keys.flatMap((key) => {
      const value = annotations[key];
      const isGood = value === undefined || /^(runtime\/default$|docker\/default$|localhost\/)/.test(value);
      return isGood ? [] : [`${key}=${JSON.stringify(value)}`];
    }),
  );
  if (bad.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', bad)} ${bad.join(', ')}` };
}

/** Whether the seccomp profiles that are chosen are good ones. */
export function seccompProfiles({ spec }: CheckedPod): Violation | undefined {
  const isBad = (type: string | undefined): type is string => type !== undefined && !profiles.includes(type);
  const ofPod = spec.securityContext?.seccompProfile?.type;
  const ofContainer = ({ securityContext }: AnyContainer): string | undefined => securityContext?.seccompProfile?.type;
  const by = setters(
    isBad(ofPod),
    containersThat(spec, (container) => isBad(ofContainer(container))),
  );
  if (by === '') return undefined;
  const types = distinct([ofPod, ...containersOf(spec).map(ofContainer)].filter(isBad));
  return {
    reason: 'seccompProfile',
    detail: `${by} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
  };
}

function otherSysctls({ spec }: CheckedPod, allowed: readonly string[]): Violation | undefined {
  const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name));
  return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
}

function windowsHostProcess({ spec }: CheckedPod): Violation | undefined {
  const by = setters(
    spec.securityContext?.windowsOptions?.hostProcess === true,
    containersThat(spec, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true),
  );
  if (by === '') return undefined;
  return { reason: 'hostProcess', detail: `${by} must not set securityContext.windowsOptions.hostProcess=true` };
}
