import type { CgroupDriver, ContainerEventType, RuntimeCondition, RuntimeVersion } from './runtime-types.ts';
import {
  bool,
  boxed,
  bytes,
  type Codec,
  embedded,
  field,
  int32,
  int64,
  list,
  message,
  type MessageFields,
  nonZero,
  oneOf,
  optional,
  string,
  stringMap,
  time,
} from '../../machinery/protobuf/wire-codec.ts';
import { container, containerConfig, containerFilter, containerStatus } from './wire-container.ts';
import { image, imageFsInfo, imageSpec, registryAuth } from './wire-image.ts';
import { podSandbox, podSandboxConfig, podSandboxFilter, podSandboxStatus } from './wire-sandbox.ts';
import { linuxResources } from './wire-shared.ts';
import { containerStats, containerStatsFilter, podSandboxStats, podSandboxStatsFilter } from './wire-stats.ts';

/** A method of a gRPC service. */
export interface Method<Request, Response> {
  readonly name: string;
  readonly path: string;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

function on(service: string) {
  return <Q, R>(name: string, request: MessageFields<Q>, response: MessageFields<R>): Method<Q, R> => ({
    name,
    path: `/runtime.v1.${service}/${name}`,
    request: message(request),
    response: message(response),
  });
}

const runtime = on('RuntimeService');
const images = on('ImageService');

const nothing = {};
const sandboxId = { podSandboxId: field(1, string) };
const containerId = { containerId: field(1, string) };
const url = { url: field(1, string) };
const verbose = field(2, bool);
const info = stringMap(2);
const imageArgument = { image: optional(field(1, embedded(imageSpec))) };

const runtimeVersion: MessageFields<RuntimeVersion> = {
  version: field(1, string),
  runtimeName: field(2, string),
  runtimeVersion: field(3, string),
  runtimeApiVersion: field(4, string),
};

const condition = message<RuntimeCondition>({
  type: field(1, string),
  status: field(2, bool),
  reason: field(3, string),
  message: field(4, string),
});

const runtimeStatus = message<{ conditions: readonly RuntimeCondition[] }>({
  conditions: list(1, embedded(condition)),
});

const handlerFeatures = message<{ recursiveReadOnlyMounts: boolean; userNamespaces: boolean }>({
  recursiveReadOnlyMounts: field(1, bool),
  userNamespaces: field(2, bool),
});

const handler = message<{ name: string; features: { recursiveReadOnlyMounts: boolean; userNamespaces: boolean } }>({
  name: field(1, string),
  features: field(2, embedded(handlerFeatures)),
});

const cgroupDriver = oneOf<CgroupDriver>(['systemd', 'cgroupfs']);
const eventType = oneOf<ContainerEventType>(['Created', 'Started', 'Stopped', 'Deleted']);

/** Every method of CRI v1 that kubets calls: names, fields and numbers as facts of the protocol. Source: CRI v1. */
export const criMethods = {
  version: runtime('Version', { version: field(1, string) }, runtimeVersion),
  status: runtime(
    'Status',
    { verbose: field(1, bool) },
    {
      status: field(1, embedded(runtimeStatus)),
      info,
      handlers: list(3, embedded(handler)),
      supplementalGroupsPolicy: field(4, boxed(bool)),
    },
  ),
  updateRuntimeConfig: runtime('UpdateRuntimeConfig', { podCIDR: field(1, boxed(boxed(string))) }, nothing),
  runtimeConfig: runtime('RuntimeConfig', nothing, { cgroupDriver: field(1, boxed(cgroupDriver)) }),

  runPodSandbox: runtime(
    'RunPodSandbox',
    { config: field(1, embedded(podSandboxConfig)), runtimeHandler: field(2, string) },
    sandboxId,
  ),
  stopPodSandbox: runtime('StopPodSandbox', sandboxId, nothing),
  removePodSandbox: runtime('RemovePodSandbox', sandboxId, nothing),
  podSandboxStatus: runtime(
    'PodSandboxStatus',
    { ...sandboxId, verbose },
    {
      status: field(1, embedded(podSandboxStatus)),
      info,
      containers: list(3, embedded(containerStatus)),
      timestamp: nonZero(field(4, time)),
    },
  ),
  listPodSandbox: runtime(
    'ListPodSandbox',
    { filter: field(1, embedded(podSandboxFilter)) },
    { items: list(1, embedded(podSandbox)) },
  ),

  createContainer: runtime(
    'CreateContainer',
    {
      ...sandboxId,
      config: field(2, embedded(containerConfig)),
      sandboxConfig: field(3, embedded(podSandboxConfig)),
    },
    containerId,
  ),
  startContainer: runtime('StartContainer', containerId, nothing),
  stopContainer: runtime('StopContainer', { ...containerId, timeout: field(2, int64) }, nothing),
  removeContainer: runtime('RemoveContainer', containerId, nothing),
  listContainers: runtime(
    'ListContainers',
    { filter: field(1, embedded(containerFilter)) },
    { containers: list(1, embedded(container)) },
  ),
  containerStatus: runtime(
    'ContainerStatus',
    { ...containerId, verbose },
    { status: field(1, embedded(containerStatus)), info },
  ),
  updateContainerResources: runtime(
    'UpdateContainerResources',
    { ...containerId, linux: field(2, embedded(linuxResources)) },
    nothing,
  ),
  reopenContainerLog: runtime('ReopenContainerLog', containerId, nothing),

  execSync: runtime(
    'ExecSync',
    { ...containerId, command: list(2, string), timeout: field(3, int64) },
    { stdout: field(1, bytes), stderr: field(2, bytes), exitCode: field(3, int32) },
  ),
  exec: runtime(
    'Exec',
    {
      ...containerId,
      command: list(2, string),
      tty: field(3, bool),
      stdin: field(4, bool),
      stdout: field(5, bool),
      stderr: field(6, bool),
    },
    url,
  ),
  attach: runtime(
    'Attach',
    { ...containerId, stdin: field(2, bool), tty: field(3, bool), stdout: field(4, bool), stderr: field(5, bool) },
    url,
  ),
  portForward: runtime('PortForward', { ...sandboxId, ports: list(2, int32) }, url),

  containerStats: runtime('ContainerStats', containerId, { stats: field(1, embedded(containerStats)) }),
  listContainerStats: runtime(
    'ListContainerStats',
    { filter: field(1, embedded(containerStatsFilter)) },
    { stats: list(1, embedded(containerStats)) },
  ),
  podSandboxStats: runtime('PodSandboxStats', sandboxId, { stats: field(1, embedded(podSandboxStats)) }),
  listPodSandboxStats: runtime(
    'ListPodSandboxStats',
    { filter: field(1, embedded(podSandboxStatsFilter)) },
    { stats: list(1, embedded(podSandboxStats)) },
  ),
  getContainerEvents: runtime('GetContainerEvents', nothing, {
    containerId: field(1, string),
    type: field(2, eventType),
    createdAt: field(3, time),
    sandbox: optional(field(4, embedded(podSandboxStatus))),
    containers: list(5, embedded(containerStatus)),
  }),

  listImages: images(
    'ListImages',
    { filter: optional(field(1, embedded(message(imageArgument)))) },
    { images: list(1, embedded(image)) },
  ),
  imageStatus: images(
    'ImageStatus',
    { ...imageArgument, verbose },
    { image: optional(field(1, embedded(image))), info },
  ),
  pullImage: images(
    'PullImage',
    {
      ...imageArgument,
      auth: optional(field(2, embedded(registryAuth))),
      sandboxConfig: optional(field(3, embedded(podSandboxConfig))),
    },
    { imageRef: field(1, string) },
  ),
  removeImage: images('RemoveImage', imageArgument, nothing),
  imageFsInfo: images('ImageFsInfo', nothing, imageFsInfo.fields),
};
