import type {
  Capabilities,
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerMetadata,
  ContainerSecurityContext,
  ContainerState,
  ContainerStatus,
  ContainerUser,
  Device,
  EnvVar,
  LinuxContainerConfig,
  Mount,
} from './container-types.ts';
import { stopSignals } from './stop-signals.ts';
import {
  bool,
  boxed,
  embedded,
  field,
  int32,
  int64,
  list,
  message,
  nonZero,
  oneOf,
  optional,
  string,
  stringMap,
  time,
  uint32,
} from '../../machinery/protobuf/wire-codec.ts';
import { imageSpec } from './wire-image.ts';
import {
  idMapping,
  int64Value,
  linuxResources,
  namespaceOptions,
  securityProfile,
  selinuxOptions,
  supplementalGroupsPolicy,
} from './wire-shared.ts';

/** CRI v1 `ContainerMetadata`. */
export const containerMetadata = message<ContainerMetadata>({ name: field(1, string), attempt: field(2, uint32) });

const envVar = message<EnvVar>({ key: field(1, string), value: field(2, string) });

/** CRI v1 `Mount`. */
export const mount = message<Mount>({
  containerPath: field(1, string),
  hostPath: field(2, string),
  readonly: optional(field(3, bool)),
  selinuxRelabel: optional(field(4, bool)),
  propagation: optional(field(5, oneOf(['None', 'HostToContainer', 'Bidirectional']))),
  uidMappings: optional(list(6, embedded(idMapping))),
  gidMappings: optional(list(7, embedded(idMapping))),
  recursiveReadOnly: optional(field(8, bool)),
  image: optional(field(9, embedded(imageSpec))),
  imageSubPath: optional(field(10, string)),
});

const device = message<Device>({
  containerPath: field(1, string),
  hostPath: field(2, string),
  permissions: field(3, string),
});

const capabilities = message<Capabilities>({
  add: optional(list(1, string)),
  drop: optional(list(2, string)),
  addAmbient: optional(list(3, string)),
});

const containerSecurityContext = message<ContainerSecurityContext>({
  capabilities: optional(field(1, embedded(capabilities))),
  privileged: optional(field(2, bool)),
  namespaceOptions: optional(field(3, embedded(namespaceOptions))),
  selinuxOptions: optional(field(4, embedded(selinuxOptions))),
  runAsUser: optional(field(5, int64Value)),
  runAsUsername: optional(field(6, string)),
  readonlyRootfs: optional(field(7, bool)),
  supplementalGroups: optional(list(8, int64)),
  noNewPrivs: optional(field(11, bool)),
  runAsGroup: optional(field(12, int64Value)),
  maskedPaths: optional(list(13, string)),
  readonlyPaths: optional(list(14, string)),
  seccomp: optional(field(15, embedded(securityProfile))),
  apparmor: optional(field(16, embedded(securityProfile))),
  supplementalGroupsPolicy: optional(field(17, supplementalGroupsPolicy)),
});

const linuxContainerConfig = message<LinuxContainerConfig>({
  resources: optional(field(1, embedded(linuxResources))),
  securityContext: optional(field(2, embedded(containerSecurityContext))),
});

const stopSignal = oneOf<string>(stopSignals);

/** CRI v1 `ContainerConfig`. */
export const containerConfig = message<ContainerConfig>({
  metadata: field(1, embedded(containerMetadata)),
  image: field(2, embedded(imageSpec)),
  command: optional(list(3, string)),
  args: optional(list(4, string)),
  workingDir: optional(field(5, string)),
  envs: optional(list(6, embedded(envVar))),
  mounts: optional(list(7, embedded(mount))),
  devices: optional(list(8, embedded(device))),
  labels: optional(stringMap(9)),
  annotations: optional(stringMap(10)),
  logPath: optional(field(11, string)),
  stdin: optional(field(12, bool)),
  stdinOnce: optional(field(13, bool)),
  tty: optional(field(14, bool)),
  linux: optional(field(15, embedded(linuxContainerConfig))),
  cdiDevices: optional(list(17, boxed(string))),
  stopSignal: optional(field(18, stopSignal)),
});

const containerState = oneOf<ContainerState>(['Created', 'Running', 'Exited', 'Unknown'], 'Unknown');

/** CRI v1 `ContainerFilter`. */
export const containerFilter = message<ContainerFilter>({
  id: optional(field(1, string)),
  state: optional(field(2, boxed(containerState))),
  podSandboxId: optional(field(3, string)),
  labelSelector: optional(stringMap(4)),
});

/** CRI v1 `Container`. */
export const container = message<Container>({
  id: field(1, string),
  podSandboxId: field(2, string),
  metadata: field(3, embedded(containerMetadata)),
  image: field(4, embedded(imageSpec)),
  imageRef: field(5, string),
  state: field(6, containerState),
  createdAt: field(7, time),
  labels: stringMap(8),
  annotations: stringMap(9),
  imageId: field(10, string),
});

const containerUser = message<ContainerUser>({
  uid: field(1, int64),
  gid: field(2, int64),
  supplementalGroups: list(3, int64),
});

/** CRI v1 `ContainerStatus`. */
export const containerStatus = message<Omit<ContainerStatus, 'info'>>({
  id: field(1, string),
  metadata: field(2, embedded(containerMetadata)),
  state: field(3, containerState),
  createdAt: field(4, time),
  startedAt: nonZero(field(5, time)),
  finishedAt: nonZero(field(6, time)),
  exitCode: field(7, int32),
  image: field(8, embedded(imageSpec)),
  imageRef: field(9, string),
  reason: field(10, string),
  message: field(11, string),
  labels: stringMap(12),
  annotations: stringMap(13),
  mounts: list(14, embedded(mount)),
  logPath: field(15, string),
  resources: optional(field(16, boxed(embedded(linuxResources)))),
  imageId: field(17, string),
  user: optional(field(18, boxed(embedded(containerUser)))),
  stopSignal: optional(field(19, stopSignal)),
});
