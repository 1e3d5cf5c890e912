import type { Clock } from '../../base/clock.ts';
import { type Random, seededRandom } from '../../base/random.ts';
import type * as cri from '../cri/container-runtime.ts';
import { RuntimeError } from '../cri/runtime-error.ts';
import type { BehaviourRule, ExecRule } from './fake-behaviour.ts';
import { type FakeContainer, FakeContainers, type FakeExit, selects, statusOf } from './fake-containers.ts';
import { FakeEvents } from './fake-events.ts';
import { FakeImages } from './fake-images.ts';
import { type FakeSandbox, FakeSandboxes } from './fake-sandboxes.ts';
import { type FakeUsage, containerStatsOf, podStatsOf } from './fake-stats.ts';

/** Names of the port's methods that can be intercepted. */
export type RuntimeMethod = Exclude<keyof cri.ContainerRuntime, 'events'>;

/** A call the fake received, in order. */
export interface FakeCall {
  readonly method: RuntimeMethod;
  readonly argument: unknown;
}

/** Runs before a method acts; may throw a `RuntimeError`, or wait. */
export type Interceptor = (argument: unknown) => void | Promise<void>;

/** Options of the fake; ids come from `random`. */
export interface FakeRuntimeOptions {
  readonly clock: Clock;
  readonly random?: Random | undefined;
}

/** A container runtime in memory: sandboxes and containers are records, time is the injected clock's. */
export class FakeContainerRuntime implements cri.ContainerRuntime {
  readonly images = new FakeImages();
  readonly containers: FakeContainers;
  readonly sandboxes: FakeSandboxes;
  /** Every call so far. */
  readonly calls: FakeCall[] = [];
  /** Changes what `status` reports. */
  readonly conditions: cri.RuntimeCondition[] = [
    { type: 'RuntimeReady', status: true, reason: '', message: '' },
    { type: 'NetworkReady', status: true, reason: '', message: '' },
  ];
  podCIDR = '';
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #events = new FakeEvents();
  readonly #execRules: ExecRule[] = [];
  readonly #interceptors = new Map<RuntimeMethod, Interceptor[]>();
  readonly #usage = new Map<string, FakeUsage>();

  constructor(options: FakeRuntimeOptions) {
    this.#clock = options.clock;
    this.#random = options.random ?? seededRandom();
    this.containers = new FakeContainers(this.#clock, (event) => this.#events.emit(event));
    this.sandboxes = new FakeSandboxes(this.#clock, (event) => this.#events.emit(event));
  }

  /** Adds a rule for how containers act; later rules win. */
  behave(rule: BehaviourRule): void {
    this.containers.rules.push(rule);
  }

  /** Adds a rule for how commands run in containers answer; later rules win. Without one they succeed silently. */
  onExec(rule: ExecRule): void {
    this.#execRules.push(rule);
  }

  /** Runs `interceptor` before the next `times` calls of `method`. */
  intercept(method: RuntimeMethod, interceptor: Interceptor, times = 1): void {
    const waiting = this.#interceptors.get(method) ?? [];
    this.#interceptors.set(method, [...waiting, ...Array.from({ length: times }, () => interceptor)]);
  }

  /** Makes the next call of `method` fail. */
  failNext(method: RuntimeMethod, detail: string, code: RuntimeError['code'] = 'Unknown'): void {
    this.intercept(method, () => {
      throw new RuntimeError(code, detail, { operation: method });
    });
  }

  /** Ends a running container, as if its process had. */
  exit(containerId: string, exit: FakeExit): void {
    this.containers.exit(this.containers.get(containerId, 'exit'), exit);
  }

  /** The newest container of that name in the newest sandbox of the pod. */
  find(podName: string, containerName: string): FakeContainer | undefined {
    const named = (c: FakeContainer): boolean =>
      c.config.metadata.name === containerName && c.sandboxConfig.metadata.name === podName;
    return [...this.containers.all.values()].findLast(named);
  }

  /** Sets what the statistics of a container say. */
  use(containerId: string, usage: FakeUsage): void {
    this.#usage.set(containerId, usage);
  }

  async version(call?: cri.RuntimeCall): Promise<cri.RuntimeVersion> {
    await this.#enter('version', undefined, call);
    return { version: '0.1.0', runtimeName: 'fake', runtimeVersion: '1.0.0', runtimeApiVersion: 'v1' };
  }

  async status(call?: cri.VerboseCall): Promise<cri.RuntimeStatus> {
    await this.#enter('status', undefined, call);
    return { conditions: [...this.conditions], handlers: [], supplementalGroupsPolicy: false, info: {} };
  }

  async updateRuntimeConfig(config: { readonly podCIDR: string }, call?: cri.RuntimeCall): Promise<void> {
    await this.#enter('updateRuntimeConfig', config, call);
    this.podCIDR = config.podCIDR;
  }

  async cgroupDriver(call?: cri.RuntimeCall): Promise<cri.CgroupDriver> {
    await this.#enter('cgroupDriver', undefined, call);
    return 'cgroupfs';
  }

  async runPodSandbox(config: cri.PodSandboxConfig, call?: cri.RunPodSandboxCall): Promise<string> {
    await this.#enter('runPodSandbox', config, call);
    return this.sandboxes.run(this.#id(), config, call?.runtimeHandler ?? '').id;
  }

  async stopPodSandbox(podSandboxId: string, call?: cri.RuntimeCall): Promise<void> {
    await this.#enter('stopPodSandbox', podSandboxId, call);
    for (const container of this.#of(podSandboxId)) this.containers.exit(container, { exitCode: 137 });
    this.sandboxes.stop(podSandboxId);
  }

  async removePodSandbox(podSandboxId: string, call?: cri.RuntimeCall): Promise<void> {
    await this.#enter('removePodSandbox', podSandboxId, call);
    for (const container of this.#of(podSandboxId)) this.containers.remove(container);
    this.sandboxes.remove(podSandboxId);
  }

  async podSandboxStatus(podSandboxId: string, call?: cri.VerboseCall): Promise<cri.PodSandboxStatus> {
    await this.#enter('podSandboxStatus', podSandboxId, call);
    return this.sandboxes.status(podSandboxId);
  }

  async listPodSandboxes(filter: cri.PodSandboxFilter = {}, call?: cri.RuntimeCall): Promise<cri.PodSandbox[]> {
    await this.#enter('listPodSandboxes', filter, call);
    return this.sandboxes.list(filter);
  }

  async createContainer(sandbox: string, config: cri.ContainerConfig, call: cri.CreateContainerCall): Promise<string> {
    await this.#enter('createContainer', config, call);
    const { id: podSandboxId } = this.sandboxes.require(sandbox, 'CreateContainer');
    const image = this.images.find(config.image);
    const missing = `failed to get image "${config.image.image}": not found`;
    if (!image) throw new RuntimeError('Unknown', missing, { operation: 'CreateContainer' });
    const id = this.#id();
    const { sandboxConfig } = call;
    const resources = config.linux?.resources;
    this.containers.add({ id, podSandboxId, config, sandboxConfig, imageRef: image.id, resources });
    return id;
  }

  async startContainer(containerId: string, call?: cri.RuntimeCall): Promise<void> {
    await this.#enter('startContainer', containerId, call);
    this.containers.start(this.containers.get(containerId, 'StartContainer'));
  }

  async stopContainer(containerId: string, timeoutSeconds: number, call?: cri.RuntimeCall): Promise<void> {
    await this.#enter('stopContainer', containerId, call);
    const container = this.containers.all.get(containerId);
    if (container) await this.containers.stop(container, timeoutSeconds, call?.signal);
  }

  async removeContainer(containerId: string, call?: cri.RuntimeCall): Promise<void> {
    await this.#enter('removeContainer', containerId, call);
    const container = this.containers.all.get(containerId);
    if (container) this.containers.remove(container);
  }

  async listContainers(filter: cri.ContainerFilter = {}, call?: cri.RuntimeCall): Promise<cri.Container[]> {
    await this.#enter('listContainers', filter, call);
    return this.containers.list(filter);
  }

  async containerStatus(containerId: string, call?: cri.VerboseCall): Promise<cri.ContainerStatus> {
    await this.#enter('containerStatus', containerId, call);
    return statusOf(this.containers.get(containerId, 'ContainerStatus'));
  }

  async updateContainerResources(id: string, resources: cri.LinuxResources, call?: cri.RuntimeCall): Promise<void> {
    await this.#enter('updateContainerResources', id, call);
    const container = this.containers.get(id, 'UpdateContainerResources');
    container.resources = { ...container.resources, ...resources };
  }

  async reopenContainerLog(containerId: string, call?: cri.RuntimeCall): Promise<void> {
    await this.#enter('reopenContainerLog', containerId, call);
    this.#running(containerId, 'ReopenContainerLog').logReopened++;
  }

  async execSync(id: string, request: cri.ExecSyncRequest, call?: cri.RuntimeCall): Promise<cri.ExecSyncResult> {
    await this.#enter('execSync', request, call);
    const container = this.#running(id, 'ExecSync');
    const result = this.#answer(request, container);
    const limit = request.timeoutSeconds ? request.timeoutSeconds * 1000 : Infinity;
    const wait = Math.min(result.afterMs ?? 0, limit);
    if (wait > 0) await this.#clock.sleep(wait, call?.signal);
    if ((result.afterMs ?? 0) > limit) {
      const detail = `failed to exec in container: timeout ${request.timeoutSeconds}s exceeded: context deadline exceeded`;
      throw new RuntimeError('DeadlineExceeded', detail, { operation: 'ExecSync' });
    }
    const bytes = (text = ''): Uint8Array => new TextEncoder().encode(text);
    return { stdout: bytes(result.stdout), stderr: bytes(result.stderr), exitCode: result.exitCode ?? 0 };
  }

  async exec(request: cri.ExecRequest, call?: cri.RuntimeCall): Promise<string> {
    await this.#enter('exec', request, call);
    this.#running(request.containerId, 'Exec');
    return `http://127.0.0.1/exec/${this.#token()}`;
  }

  async attach(request: cri.AttachRequest, call?: cri.RuntimeCall): Promise<string> {
    await this.#enter('attach', request, call);
    this.#running(request.containerId, 'Attach');
    return `http://127.0.0.1/attach/${this.#token()}`;
  }

  async portForward(request: cri.PortForwardRequest, call?: cri.RuntimeCall): Promise<string> {
    await this.#enter('portForward', request, call);
    this.sandboxes.require(request.podSandboxId, 'PortForward');
    return `http://127.0.0.1/portforward/${this.#token()}`;
  }

  async containerStats(containerId: string, call?: cri.RuntimeCall): Promise<cri.ContainerStats> {
    await this.#enter('containerStats', containerId, call);
    return this.#statsOf(this.containers.get(containerId, 'ContainerStats'));
  }

  async listContainerStats(
    filter: cri.ContainerStatsFilter = {},
    call?: cri.RuntimeCall,
  ): Promise<cri.ContainerStats[]> {
    await this.#enter('listContainerStats', filter, call);
    const chosen = new Set(this.containers.list({ ...filter, state: 'Running' }).map((c) => c.id));
    return [...this.containers.all.values()].filter((c) => chosen.has(c.id)).map((c) => this.#statsOf(c));
  }

  async podSandboxStats(podSandboxId: string, call?: cri.RuntimeCall): Promise<cri.PodSandboxStats> {
    await this.#enter('podSandboxStats', podSandboxId, call);
    return this.#podStats(this.sandboxes.require(podSandboxId, 'PodSandboxStats'));
  }

  async listPodSandboxStats(
    filter: cri.PodSandboxStatsFilter = {},
    call?: cri.RuntimeCall,
  ): Promise<cri.PodSandboxStats[]> {
    await this.#enter('listPodSandboxStats', filter, call);
    const all = [...this.sandboxes.all.values()].filter(
      (s) => s.state === 'Ready' && (!filter.id || s.id === filter.id),
    );
    return all.filter((s) => selects(filter.labelSelector, s.config.labels)).map((s) => this.#podStats(s));
  }

  events(call?: cri.RuntimeCall): AsyncIterable<cri.ContainerEvent> {
    return this.#events.subscribe(call?.signal);
  }

  async listImages(filter?: cri.ImageSpec, call?: cri.RuntimeCall): Promise<cri.Image[]> {
    await this.#enter('listImages', filter, call);
    if (!filter?.image) return this.images.list();
    const image = this.images.find(filter);
    return image ? [image] : [];
  }

  async imageStatus(image: cri.ImageSpec, call?: cri.VerboseCall): Promise<cri.ImageStatus | undefined> {
    await this.#enter('imageStatus', image, call);
    const found = this.images.find(image);
    return found && { image: found, info: {} };
  }

  async pullImage(image: cri.ImageSpec, call?: cri.PullImageCall): Promise<string> {
    await this.#enter('pullImage', image, call);
    return this.images.pull(image, call?.auth);
  }

  async removeImage(image: cri.ImageSpec, call?: cri.RuntimeCall): Promise<void> {
    await this.#enter('removeImage', image, call);
    this.images.remove(image);
  }

  async imageFsInfo(call?: cri.RuntimeCall): Promise<cri.ImageFsInfo> {
    await this.#enter('imageFsInfo', undefined, call);
    const usedBytes = this.images.list().reduce((sum, image) => sum + image.size, 0);
    const usage = { timestamp: this.#clock.now(), mountpoint: '/var/lib/fake', usedBytes, inodesUsed: 1 };
    return { imageFilesystems: [usage], containerFilesystems: [] };
  }

  async #enter(method: RuntimeMethod, argument: unknown, call: cri.RuntimeCall | undefined): Promise<void> {
    call?.signal?.throwIfAborted();
    this.calls.push({ method, argument });
    const interceptor = this.#interceptors.get(method)?.shift();
    if (interceptor) await interceptor(argument);
    call?.signal?.throwIfAborted();
  }

  #running(id: string, operation: string): FakeContainer {
    const container = this.containers.get(id, operation);
    if (container.state === 'Running') return container;
    const detail = `container is in CONTAINER_${container.state.toUpperCase()} state`;
    throw new RuntimeError('Unknown', detail, { operation });
  }

  #answer(request: cri.ExecSyncRequest, container: FakeContainer): NonNullable<ReturnType<ExecRule>> {
    for (const rule of this.#execRules.toReversed()) {
      const result = rule(request, container);
      if (result) return result;
    }
    return {};
  }

  #of(podSandboxId: string): FakeContainer[] {
    return [...this.containers.all.values()].filter((container) => container.podSandboxId === podSandboxId);
  }

  #statsOf(container: FakeContainer): cri.ContainerStats {
    return containerStatsOf(container, this.#usage.get(container.id), this.#clock.now());
  }

  #podStats(sandbox: FakeSandbox): cri.PodSandboxStats {
    const running = this.#of(sandbox.id).filter((container) => container.state === 'Running');
    return podStatsOf(
      sandbox,
      running.map((container) => this.#statsOf(container)),
      this.#clock.now(),
    );
  }

  #id(): string {
    return `${this.#random.uuid()}${this.#random.uuid()}`.replaceAll('-', '');
  }

  #token(): string {
    return this.#random.uuid().slice(0, 8);
  }
}
