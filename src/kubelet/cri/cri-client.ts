import type * as cri from './container-runtime.ts';
import { criMethods } from './cri-methods.ts';
import { GrpcChannel } from './grpc-channel.ts';
import { hasRuntimeCode } from './runtime-error.ts';

/** Options of `createCriClient`. */
export interface CriClientOptions {
  /** After how many milliseconds a call is given up, pulls and waits excepted. Upstream's default: two minutes. */
  readonly requestTimeoutMs?: number | undefined;
}

/** A runtime over a connection, which disposing closes. */
export type CriClient = cri.ContainerRuntime & Disposable;

const defaultRequestTimeoutMs = 120_000;

/** The container runtime behind a CRI v1 socket; `address` is `unix:///absolute/path`. Dials at the first call. */
export function createCriClient(address: string, options: CriClientOptions = {}): CriClient {
  const channel = new GrpcChannel(address);
  const { requestTimeoutMs: timeoutMs = defaultRequestTimeoutMs } = options;
  const within = (call: cri.RuntimeCall | undefined, extraMs = 0) => ({
    signal: call?.signal,
    timeoutMs: timeoutMs + extraMs,
  });
  const context: CallContext = { channel, within };
  return {
    [Symbol.dispose]: () => channel[Symbol.dispose](),
    ...nodeMethods(context),
    ...sandboxMethods(context),
    ...containerMethods(context),
    ...commandMethods(context),
    ...statsMethods(context),
    ...imageMethods(context),
  };
}

interface CallContext {
  readonly channel: GrpcChannel;
  /** The limits of a call that may take `extraMs` longer than others. */
  readonly within: (
    call: cri.RuntimeCall | undefined,
    extraMs?: number,
  ) => { signal?: AbortSignal | undefined; timeoutMs: number };
}

type Methods<K extends keyof cri.ContainerRuntime> = Pick<cri.ContainerRuntime, K>;

function nodeMethods({
  channel,
  within,
}: CallContext): Methods<'version' | 'status' | 'updateRuntimeConfig' | 'cgroupDriver'> {
  return {
    version: (call) => channel.call(criMethods.version, { version: '0.1.0' }, within(call)),
    async status(call) {
      const answer = await channel.call(criMethods.status, { verbose: call?.verbose ?? false }, within(call));
      const handlers = answer.handlers.map(({ name, features }) => ({ name, ...features }));
      const { info, supplementalGroupsPolicy } = answer;
      return { conditions: answer.status.conditions, handlers, supplementalGroupsPolicy, info };
    },
    async updateRuntimeConfig({ podCIDR }, call) {
      await channel.call(criMethods.updateRuntimeConfig, { podCIDR }, within(call));
    },
    async cgroupDriver(call) {
      return (await channel.call(criMethods.runtimeConfig, {}, within(call))).cgroupDriver;
    },
  };
}

type SandboxMethod = 'runPodSandbox' | 'stopPodSandbox' | 'removePodSandbox' | 'podSandboxStatus' | 'listPodSandboxes';

function sandboxMethods({ channel, within }: CallContext): Methods<SandboxMethod> {
  return {
    async runPodSandbox(config, call) {
      const request = { config, runtimeHandler: call?.runtimeHandler ?? '' };
      // The network may take long, and the sandbox image may have to be pulled: upstream allows twice the time.
      return (await channel.call(criMethods.runPodSandbox, request, within(call, within(call).timeoutMs))).podSandboxId;
    },
    async stopPodSandbox(podSandboxId, call) {
      await forgivingAbsence(channel.call(criMethods.stopPodSandbox, { podSandboxId }, within(call)));
    },
    async removePodSandbox(podSandboxId, call) {
      await forgivingAbsence(channel.call(criMethods.removePodSandbox, { podSandboxId }, within(call)));
    },
    async podSandboxStatus(podSandboxId, call) {
      const request = { podSandboxId, verbose: call?.verbose ?? false };
      const answer = await channel.call(criMethods.podSandboxStatus, request, within(call));
      const { status, info, timestamp } = answer;
      return {
        ...status,
        containers: answer.containers.map((container) => ({ ...container, info: {} })),
        timestamp,
        info,
      };
    },
    async listPodSandboxes(filter = {}, call) {
      return (await channel.call(criMethods.listPodSandbox, { filter }, within(call))).items;
    },
  };
}

type ContainerMethod =
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'removeContainer'
  | 'listContainers'
  | 'containerStatus'
  | 'updateContainerResources'
  | 'reopenContainerLog'
  | 'events';

function containerMethods({ channel, within }: CallContext): Methods<ContainerMethod> {
  return {
    async createContainer(podSandboxId, config, call) {
      const request = { podSandboxId, config, sandboxConfig: call.sandboxConfig };
      return (await channel.call(criMethods.createContainer, request, within(call))).containerId;
    },
    async startContainer(containerId, call) {
      await channel.call(criMethods.startContainer, { containerId }, within(call));
    },
    async stopContainer(containerId, timeoutSeconds, call) {
      const request = { containerId, timeout: timeoutSeconds };
      await forgivingAbsence(channel.call(criMethods.stopContainer, request, within(call, timeoutSeconds * 1000)));
    },
    async removeContainer(containerId, call) {
      await forgivingAbsence(channel.call(criMethods.removeContainer, { containerId }, within(call)));
    },
    async listContainers(filter = {}, call) {
      return (await channel.call(criMethods.listContainers, { filter }, within(call))).containers;
    },
    async containerStatus(containerId, call) {
      const request = { containerId, verbose: call?.verbose ?? false };
      const { status, info } = await channel.call(criMethods.containerStatus, request, within(call));
      return { ...status, info };
    },
    async updateContainerResources(containerId, linux, call) {
      await channel.call(criMethods.updateContainerResources, { containerId, linux }, within(call));
    },
    async reopenContainerLog(containerId, call) {
      await channel.call(criMethods.reopenContainerLog, { containerId }, within(call));
    },
    async *events(call) {
      const answers = channel.stream(criMethods.getContainerEvents, {}, { signal: call?.signal });
      for await (const { sandbox, containers, ...event } of answers) {
        const statuses = containers.map((container) => ({ ...container, info: {} }));
        const full = sandbox && { ...sandbox, containers: [], timestamp: undefined, info: {} };
        yield { ...event, sandbox: full, containers: statuses };
      }
    },
  };
}

function commandMethods({ channel, within }: CallContext): Methods<'execSync' | 'exec' | 'attach' | 'portForward'> {
  return {
    async execSync(containerId, { command, timeoutSeconds }, call) {
      const request = { containerId, command, timeout: timeoutSeconds ?? 0 };
      const limits = timeoutSeconds ? within(call, timeoutSeconds * 1000) : { signal: call?.signal };
      return channel.call(criMethods.execSync, request, limits);
    },
    async exec(request, call) {
      return (await channel.call(criMethods.exec, request, within(call))).url;
    },
    async attach(request, call) {
      return (await channel.call(criMethods.attach, request, within(call))).url;
    },
    async portForward(request, call) {
      return (await channel.call(criMethods.portForward, request, within(call))).url;
    },
  };
}

type StatsMethod = 'containerStats' | 'listContainerStats' | 'podSandboxStats' | 'listPodSandboxStats';

function statsMethods({ channel, within }: CallContext): Methods<StatsMethod> {
  return {
    async containerStats(containerId, call) {
      return (await channel.call(criMethods.containerStats, { containerId }, within(call))).stats;
    },
    async listContainerStats(filter = {}, call) {
      return (await channel.call(criMethods.listContainerStats, { filter }, within(call))).stats;
    },
    async podSandboxStats(podSandboxId, call) {
      const { stats } = await channel.call(criMethods.podSandboxStats, { podSandboxId }, within(call));
      return { attributes: stats.attributes, ...stats.linux };
    },
    async listPodSandboxStats(filter = {}, call) {
      const { stats } = await channel.call(criMethods.listPodSandboxStats, { filter }, within(call));
      return stats.map(({ attributes, linux }) => ({ attributes, ...linux }));
    },
  };
}

type ImageMethod = 'listImages' | 'imageStatus' | 'pullImage' | 'removeImage' | 'imageFsInfo';

function imageMethods({ channel, within }: CallContext): Methods<ImageMethod> {
  return {
    async listImages(image, call) {
      return (await channel.call(criMethods.listImages, { filter: image && { image } }, within(call))).images;
    },
    async imageStatus(image, call) {
      const request = { image, verbose: call?.verbose ?? false };
      const answer = await channel.call(criMethods.imageStatus, request, within(call));
      return answer.image && { image: answer.image, info: answer.info };
    },
    async pullImage(image, call) {
      const request = { image, auth: call?.auth, sandboxConfig: call?.sandboxConfig };
      return (await channel.call(criMethods.pullImage, request, { signal: call?.signal })).imageRef;
    },
    async removeImage(image, call) {
      await channel.call(criMethods.removeImage, { image }, within(call));
    },
    imageFsInfo: (call) => channel.call(criMethods.imageFsInfo, {}, within(call)),
  };
}

/** Stop and remove are idempotent in CRI, but runtimes differ in whether they say NotFound. */
async function forgivingAbsence(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!hasRuntimeCode(error, 'NotFound')) throw error;
  }
}
