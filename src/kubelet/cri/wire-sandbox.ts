import type {
  DNSConfig,
  LinuxSandboxConfig,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxMetadata,
  PodSandboxState,
  PodSandboxStatus,
  PortMapping,
  SandboxNetworkStatus,
  SandboxSecurityContext,
} from './sandbox-types.ts';
import {
  bool,
  boxed,
  embedded,
  field,
  int32,
  int64,
  list,
  message,
  oneOf,
  optional,
  string,
  stringMap,
  time,
  uint32,
} from '../../machinery/protobuf/wire-codec.ts';
import {
  int64Value,
  linuxResources,
  namespaceOptions,
  securityProfile,
  selinuxOptions,
  supplementalGroupsPolicy,
} from './wire-shared.ts';

/** CRI v1 `PodSandboxMetadata`. */
export const podSandboxMetadata = message<PodSandboxMetadata>({
  name: field(1, string),
  uid: field(2, string),
  namespace: field(3, string),
  attempt: field(4, uint32),
});

const dnsConfig = message<DNSConfig>({ servers: list(1, string), searches: list(2, string), options: list(3, string) });

const portMapping = message<PortMapping>({
  protocol: field(1, oneOf(['TCP', 'UDP', 'SCTP'])),
  containerPort: field(2, int32),
  hostPort: field(3, int32),
  hostIP: optional(field(4, string)),
});

const sandboxSecurityContext = message<SandboxSecurityContext>({
  namespaceOptions: optional(field(1, embedded(namespaceOptions))),
  selinuxOptions: optional(field(2, embedded(selinuxOptions))),
  runAsUser: optional(field(3, int64Value)),
  readonlyRootfs: optional(field(4, bool)),
  supplementalGroups: optional(list(5, int64)),
  privileged: optional(field(6, bool)),
  runAsGroup: optional(field(8, int64Value)),
  seccomp: optional(field(9, embedded(securityProfile))),
  apparmor: optional(field(10, embedded(securityProfile))),
  supplementalGroupsPolicy: optional(field(11, supplementalGroupsPolicy)),
});

const linuxSandboxConfig = message<LinuxSandboxConfig>({
  cgroupParent: optional(field(1, string)),
  securityContext: optional(field(2, embedded(sandboxSecurityContext))),
  sysctls: optional(stringMap(3)),
  overhead: optional(field(4, embedded(linuxResources))),
  resources: optional(field(5, embedded(linuxResources))),
});

/** CRI v1 `PodSandboxConfig`. */
export const podSandboxConfig = message<PodSandboxConfig>({
  metadata: field(1, embedded(podSandboxMetadata)),
  hostname: optional(field(2, string)),
  logDirectory: optional(field(3, string)),
  dnsConfig: optional(field(4, embedded(dnsConfig))),
  portMappings: optional(list(5, embedded(portMapping))),
  labels: optional(stringMap(6)),
  annotations: optional(stringMap(7)),
  linux: optional(field(8, embedded(linuxSandboxConfig))),
});

const podSandboxState = oneOf<PodSandboxState>(['Ready', 'NotReady'], 'NotReady');

/** CRI v1 `PodSandboxFilter`. */
export const podSandboxFilter = message<PodSandboxFilter>({
  id: optional(field(1, string)),
  state: optional(field(2, boxed(podSandboxState))),
  labelSelector: optional(stringMap(3)),
});

/** CRI v1 `PodSandbox`. */
export const podSandbox = message<PodSandbox>({
  id: field(1, string),
  metadata: field(2, embedded(podSandboxMetadata)),
  state: field(3, podSandboxState),
  createdAt: field(4, time),
  labels: stringMap(5),
  annotations: stringMap(6),
  runtimeHandler: field(7, string),
});

const networkStatus = message<SandboxNetworkStatus>({
  ip: field(1, string),
  additionalIPs: list(2, boxed(string)),
});

/** CRI v1 `PodSandboxStatus`; its namespaces lie under `linux.namespaces.options`. */
export const podSandboxStatus = message<Omit<PodSandboxStatus, 'containers' | 'timestamp' | 'info'>>({
  id: field(1, string),
  metadata: field(2, embedded(podSandboxMetadata)),
  state: field(3, podSandboxState),
  createdAt: field(4, time),
  network: optional(field(5, embedded(networkStatus))),
  namespaceOptions: optional(field(6, boxed(boxed(embedded(namespaceOptions), 2)))),
  labels: stringMap(7),
  annotations: stringMap(8),
  runtimeHandler: field(9, string),
});
