/** Containers and what they are made of: ports, environment, probes, hooks, resources, security. Source: core/v1. */
import {
  bool,
  defineStruct,
  inlined,
  int32,
  int64,
  intOrString,
  list,
  map,
  oneOf,
  quantity,
  struct,
  text,
} from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { LocalObjectReference, ObjectFieldSelector, ResourceFieldSelector } from './volume.ts';

export const ContainerPort = defineStruct('ContainerPort', {
  name: text(1).omitEmpty(),
  hostPort: int32(2).omitEmpty(),
  containerPort: int32(3),
  protocol: oneOf(4, ['SCTP', 'TCP', 'UDP']).default('TCP').omitEmpty(),
  hostIP: text(5).omitEmpty(),
});
export type ContainerPort = TypeOf<typeof ContainerPort>;

export const ContainerResizePolicy = defineStruct('ContainerResizePolicy', {
  resourceName: text(1),
  restartPolicy: text(2),
});
export type ContainerResizePolicy = TypeOf<typeof ContainerResizePolicy>;

export const ContainerRestartRuleOnExitCodes = defineStruct('ContainerRestartRuleOnExitCodes', {
  operator: text(1),
  values: list(2, int32, { type: 'set' }).optional(),
});
export type ContainerRestartRuleOnExitCodes = TypeOf<typeof ContainerRestartRuleOnExitCodes>;

export const ContainerRestartRule = defineStruct('ContainerRestartRule', {
  action: text(1),
  exitCodes: struct(2, ContainerRestartRuleOnExitCodes).optional(),
});
export type ContainerRestartRule = TypeOf<typeof ContainerRestartRule>;

export const ConfigMapEnvSource = defineStruct('ConfigMapEnvSource', {
  ...inlined(1, LocalObjectReference),
  optional: bool(2).optional(),
});
export type ConfigMapEnvSource = TypeOf<typeof ConfigMapEnvSource>;

export const SecretEnvSource = defineStruct('SecretEnvSource', {
  ...inlined(1, LocalObjectReference),
  optional: bool(2).optional(),
});
export type SecretEnvSource = TypeOf<typeof SecretEnvSource>;

export const EnvFromSource = defineStruct('EnvFromSource', {
  prefix: text(1).omitEmpty(),
  configMapRef: struct(2, ConfigMapEnvSource).optional(),
  secretRef: struct(3, SecretEnvSource).optional(),
});
export type EnvFromSource = TypeOf<typeof EnvFromSource>;

export const ConfigMapKeySelector = defineStruct(
  'ConfigMapKeySelector',
  {
    ...inlined(1, LocalObjectReference),
    key: text(2),
    optional: bool(3).optional(),
  },
  { atomic: true },
);
export type ConfigMapKeySelector = TypeOf<typeof ConfigMapKeySelector>;

export const FileKeySelector = defineStruct(
  'FileKeySelector',
  {
    volumeName: text(1),
    path: text(2),
    key: text(3),
    optional: bool(4).optional(),
  },
  { atomic: true },
);
export type FileKeySelector = TypeOf<typeof FileKeySelector>;

export const SecretKeySelector = defineStruct(
  'SecretKeySelector',
  {
    ...inlined(1, LocalObjectReference),
    key: text(2),
    optional: bool(3).optional(),
  },
  { atomic: true },
);
export type SecretKeySelector = TypeOf<typeof SecretKeySelector>;

export const EnvVarSource = defineStruct('EnvVarSource', {
  fieldRef: struct(1, ObjectFieldSelector).optional(),
  resourceFieldRef: struct(2, ResourceFieldSelector).optional(),
  configMapKeyRef: struct(3, ConfigMapKeySelector).optional(),
  secretKeyRef: struct(4, SecretKeySelector).optional(),
  fileKeyRef: struct(5, FileKeySelector).optional(),
});
export type EnvVarSource = TypeOf<typeof EnvVarSource>;

export const EnvVar = defineStruct('EnvVar', {
  name: text(1),
  value: text(2).omitEmpty(),
  valueFrom: struct(3, EnvVarSource).optional(),
});
export type EnvVar = TypeOf<typeof EnvVar>;

export const ExecAction = defineStruct('ExecAction', {
  command: list(1, text).optional(),
});
export type ExecAction = TypeOf<typeof ExecAction>;

export const HTTPHeader = defineStruct('HTTPHeader', {
  name: text(1),
  value: text(2),
});
export type HTTPHeader = TypeOf<typeof HTTPHeader>;

export const HTTPGetAction = defineStruct('HTTPGetAction', {
  path: text(1).default('/').omitEmpty(),
  port: intOrString(2),
  host: text(3).omitEmpty(),
  scheme: oneOf(4, ['HTTP', 'HTTPS']).default('HTTP').omitEmpty(),
  httpHeaders: list(5, HTTPHeader).optional(),
});
export type HTTPGetAction = TypeOf<typeof HTTPGetAction>;

export const SleepAction = defineStruct('SleepAction', {
  seconds: int64(1),
});
export type SleepAction = TypeOf<typeof SleepAction>;

export const TCPSocketAction = defineStruct('TCPSocketAction', {
  port: intOrString(1),
  host: text(2).omitEmpty(),
});
export type TCPSocketAction = TypeOf<typeof TCPSocketAction>;

export const LifecycleHandler = defineStruct('LifecycleHandler', {
  exec: struct(1, ExecAction).optional(),
  httpGet: struct(2, HTTPGetAction).optional(),
  tcpSocket: struct(3, TCPSocketAction).optional(),
  sleep: struct(4, SleepAction).optional(),
});
export type LifecycleHandler = TypeOf<typeof LifecycleHandler>;

export const Lifecycle = defineStruct('Lifecycle', {
  postStart: struct(1, LifecycleHandler).optional(),
  preStop: struct(2, LifecycleHandler).optional(),
  stopSignal: oneOf(3, [
    'SIGABRT',
    'SIGALRM',
    'SIGBUS',
    'SIGCHLD',
    'SIGCLD',
    'SIGCONT',
    'SIGFPE',
    'SIGHUP',
    'SIGILL',
    'SIGINT',
    'SIGIO',
    'SIGIOT',
    'SIGKILL',
    'SIGPIPE',
    'SIGPOLL',
    'SIGPROF',
    'SIGPWR',
    'SIGQUIT',
    'SIGRTMAX',
    'SIGRTMAX-1',
    'SIGRTMAX-10',
    'SIGRTMAX-11',
    'SIGRTMAX-12',
    'SIGRTMAX-13',
    'SIGRTMAX-14',
    'SIGRTMAX-2',
    'SIGRTMAX-3',
    'SIGRTMAX-4',
    'SIGRTMAX-5',
    'SIGRTMAX-6',
    'SIGRTMAX-7',
    'SIGRTMAX-8',
    'SIGRTMAX-9',
    'SIGRTMIN',
    'SIGRTMIN+1',
    'SIGRTMIN+10',
    'SIGRTMIN+11',
    'SIGRTMIN+12',
    'SIGRTMIN+13',
    'SIGRTMIN+14',
    'SIGRTMIN+15',
    'SIGRTMIN+2',
    'SIGRTMIN+3',
    'SIGRTMIN+4',
    'SIGRTMIN+5',
    'SIGRTMIN+6',
    'SIGRTMIN+7',
    'SIGRTMIN+8',
    'SIGRTMIN+9',
    'SIGSEGV',
    'SIGSTKFLT',
    'SIGSTOP',
    'SIGSYS',
    'SIGTERM',
    'SIGTRAP',
    'SIGTSTP',
    'SIGTTIN',
    'SIGTTOU',
    'SIGURG',
    'SIGUSR1',
    'SIGUSR2',
    'SIGVTALRM',
    'SIGWINCH',
    'SIGXCPU',
    'SIGXFSZ',
  ]).optional(),
});
export type Lifecycle = TypeOf<typeof Lifecycle>;

export const GRPCAction = defineStruct('GRPCAction', {
  port: int32(1),
  service: text(2).optional(),
});
export type GRPCAction = TypeOf<typeof GRPCAction>;

export const ProbeHandler = defineStruct('ProbeHandler', {
  exec: struct(1, ExecAction).optional(),
  httpGet: struct(2, HTTPGetAction).optional(),
  tcpSocket: struct(3, TCPSocketAction).optional(),
  grpc: struct(4, GRPCAction).optional(),
});
export type ProbeHandler = TypeOf<typeof ProbeHandler>;

export const Probe = defineStruct('Probe', {
  ...inlined(1, ProbeHandler),
  initialDelaySeconds: int32(2).omitEmpty(),
  timeoutSeconds: int32(3).default(1).omitEmpty(),
  periodSeconds: int32(4).default(10).omitEmpty(),
  successThreshold: int32(5).default(1).omitEmpty(),
  failureThreshold: int32(6).default(3).omitEmpty(),
  terminationGracePeriodSeconds: int64(7).optional(),
});
export type Probe = TypeOf<typeof Probe>;

export const ResourceClaim = defineStruct('ResourceClaim', {
  name: text(1),
  request: text(2).omitEmpty(),
});
export type ResourceClaim = TypeOf<typeof ResourceClaim>;

export const ResourceRequirements = defineStruct('ResourceRequirements', {
  limits: map(1, quantity).optional(),
  requests: map(2, quantity).optional(),
  claims: list(3, ResourceClaim, { type: 'map', keys: ['name'] }).optional(),
});
export type ResourceRequirements = TypeOf<typeof ResourceRequirements>;

export const AppArmorProfile = defineStruct('AppArmorProfile', {
  type: oneOf(1, ['Localhost', 'RuntimeDefault', 'Unconfined']),
  localhostProfile: text(2).optional(),
});
export type AppArmorProfile = TypeOf<typeof AppArmorProfile>;

export const Capabilities = defineStruct('Capabilities', {
  add: list(1, text).optional(),
  drop: list(2, text).optional(),
});
export type Capabilities = TypeOf<typeof Capabilities>;

export const SELinuxOptions = defineStruct('SELinuxOptions', {
  user: text(1).omitEmpty(),
  role: text(2).omitEmpty(),
  type: text(3).omitEmpty(),
  level: text(4).omitEmpty(),
});
export type SELinuxOptions = TypeOf<typeof SELinuxOptions>;

export const SeccompProfile = defineStruct('SeccompProfile', {
  type: oneOf(1, ['Localhost', 'RuntimeDefault', 'Unconfined']),
  localhostProfile: text(2).optional(),
});
export type SeccompProfile = TypeOf<typeof SeccompProfile>;

export const WindowsSecurityContextOptions = defineStruct('WindowsSecurityContextOptions', {
  gmsaCredentialSpecName: text(1).optional(),
  gmsaCredentialSpec: text(2).optional(),
  runAsUserName: text(3).optional(),
  hostProcess: bool(4).optional(),
});
export type WindowsSecurityContextOptions = TypeOf<typeof WindowsSecurityContextOptions>;

export const SecurityContext = defineStruct('SecurityContext', {
  capabilities: struct(1, Capabilities).optional(),
  privileged: bool(2).optional(),
  seLinuxOptions: struct(3, SELinuxOptions).optional(),
  runAsUser: int64(4).optional(),
  runAsNonRoot: bool(5).optional(),
  readOnlyRootFilesystem: bool(6).optional(),
  allowPrivilegeEscalation: bool(7).optional(),
  runAsGroup: int64(8).optional(),
  procMount: oneOf(9, ['Default', 'Unmasked']).optional(),
  windowsOptions: struct(10, WindowsSecurityContextOptions).optional(),
  seccompProfile: struct(11, SeccompProfile).optional(),
  appArmorProfile: struct(12, AppArmorProfile).optional(),
});
export type SecurityContext = TypeOf<typeof SecurityContext>;

export const VolumeDevice = defineStruct('VolumeDevice', {
  name: text(1),
  devicePath: text(2),
});
export type VolumeDevice = TypeOf<typeof VolumeDevice>;

export const VolumeMount = defineStruct('VolumeMount', {
  name: text(1),
  readOnly: bool(2).omitEmpty(),
  mountPath: text(3),
  subPath: text(4).omitEmpty(),
  mountPropagation: oneOf(5, ['Bidirectional', 'HostToContainer', 'None']).optional(),
  subPathExpr: text(6).omitEmpty(),
  recursiveReadOnly: text(7).optional(),
});
export type VolumeMount = TypeOf<typeof VolumeMount>;

export const Container = defineStruct('Container', {
  name: text(1),
  image: text(2).omitEmpty(),
  command: list(3, text).optional(),
  args: list(4, text).optional(),
  workingDir: text(5).omitEmpty(),
  ports: list(6, ContainerPort, {
    type: 'map',
    keys: ['containerPort', 'protocol'],
    mergeKey: 'containerPort',
    patch: 'merge',
  }).optional(),
  env: list(7, EnvVar, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge' }).optional(),
  resources: struct(8, ResourceRequirements).default({}),
  volumeMounts: list(9, VolumeMount, {
    type: 'map',
    keys: ['mountPath'],
    mergeKey: 'mountPath',
    patch: 'merge',
  }).optional(),
  livenessProbe: struct(10, Probe).optional(),
  readinessProbe: struct(11, Probe).optional(),
  lifecycle: struct(12, Lifecycle).optional(),
  terminationMessagePath: text(13).default('/dev/termination-log').omitEmpty(),
  imagePullPolicy: oneOf(14, ['Always', 'IfNotPresent', 'Never']).omitEmpty(),
  securityContext: struct(15, SecurityContext).optional(),
  stdin: bool(16).omitEmpty(),
  stdinOnce: bool(17).omitEmpty(),
  tty: bool(18).omitEmpty(),
  envFrom: list(19, EnvFromSource).optional(),
  terminationMessagePolicy: oneOf(20, ['FallbackToLogsOnError', 'File']).default('File').omitEmpty(),
  volumeDevices: list(21, VolumeDevice, {
    type: 'map',
    keys: ['devicePath'],
    mergeKey: 'devicePath',
    patch: 'merge',
  }).optional(),
  startupProbe: struct(22, Probe).optional(),
  resizePolicy: list(23, ContainerResizePolicy).optional(),
  restartPolicy: text(24).optional(),
  restartPolicyRules: list(25, ContainerRestartRule).optional(),
});
export type Container = TypeOf<typeof Container>;

export const EphemeralContainerCommon = defineStruct('EphemeralContainerCommon', {
  name: text(1),
  image: text(2).omitEmpty(),
  command: list(3, text).optional(),
  args: list(4, text).optional(),
  workingDir: text(5).omitEmpty(),
  ports: list(6, ContainerPort, {
    type: 'map',
    keys: ['containerPort', 'protocol'],
    mergeKey: 'containerPort',
    patch: 'merge',
  }).optional(),
  env: list(7, EnvVar, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge' }).optional(),
  resources: struct(8, ResourceRequirements).default({}),
  volumeMounts: list(9, VolumeMount, {
    type: 'map',
    keys: ['mountPath'],
    mergeKey: 'mountPath',
    patch: 'merge',
  }).optional(),
  livenessProbe: struct(10, Probe).optional(),
  readinessProbe: struct(11, Probe).optional(),
  lifecycle: struct(12, Lifecycle).optional(),
  terminationMessagePath: text(13).default('/dev/termination-log').omitEmpty(),
  imagePullPolicy: oneOf(14, ['Always', 'IfNotPresent', 'Never']).omitEmpty(),
  securityContext: struct(15, SecurityContext).optional(),
  stdin: bool(16).omitEmpty(),
  stdinOnce: bool(17).omitEmpty(),
  tty: bool(18).omitEmpty(),
  envFrom: list(19, EnvFromSource).optional(),
  terminationMessagePolicy: oneOf(20, ['FallbackToLogsOnError', 'File']).default('File').omitEmpty(),
  volumeDevices: list(21, VolumeDevice, {
    type: 'map',
    keys: ['devicePath'],
    mergeKey: 'devicePath',
    patch: 'merge',
  }).optional(),
  startupProbe: struct(22, Probe).optional(),
  resizePolicy: list(23, ContainerResizePolicy).optional(),
  restartPolicy: text(24).optional(),
  restartPolicyRules: list(25, ContainerRestartRule).optional(),
});
export type EphemeralContainerCommon = TypeOf<typeof EphemeralContainerCommon>;

export const EphemeralContainer = defineStruct('EphemeralContainer', {
  ...inlined(1, EphemeralContainerCommon),
  targetContainerName: text(2).omitEmpty(),
});
export type EphemeralContainer = TypeOf<typeof EphemeralContainer>;
