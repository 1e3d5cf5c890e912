import { mkdir, writeFile } from 'node:fs/promises';
import type { Pod } from '../../api/core/pod.ts';
import type { Secret } from '../../api/core/secret.ts';
import { messageOf } from '../../base/errors.ts';
import { randomSuffix } from '../../base/random.ts';
import { formatDuration } from '../../machinery/duration.ts';
import type { Image, Mount } from '../cri/container-runtime.ts';
import { RuntimeError } from '../cri/runtime-error.ts';
import { ContainerConfigError, containerEnvironment } from '../env/container-environment.ts';
import { terminationMessageMount } from '../files/termination-message.ts';
import { ImageError } from '../image/image-puller.ts';
import { oomScoreAdj } from '../resources/oom-score.ts';
import type { MountedVolume } from '../volume/volume-plugin.ts';
import { containerConfig } from './container-config.ts';
import { containerHash } from './container-hash.ts';
import { containerMounts } from './container-mounts.ts';
import { BackOff, crashLimits } from './crash-back-off.ts';
import { hostsFile } from './hosts-file.ts';
import type { KubeletServices } from './kubelet-services.ts';
import { namespaceOptions } from './namespace-options.ts';
import type { ObservedPod, ObservedSandbox } from './observed-pod.ts';
import { newestContainer, podIPsOf } from './observed-pod.ts';
import { podDirectories } from './pod-directories.ts';
import type { AnyContainer } from './pod-facts.ts';
import { allContainers, fieldPath, formatPod, isStaticPod } from './pod-facts.ts';
import { sandboxConfigOf, seccompRoot } from './sandbox-starter.ts';
import { checkNonRoot } from './security-context.ts';

/** A container that could not be started now: its waiting reason, and when to try again. */
export class StartProblem extends Error {
  readonly reason: string;
  /** Milliseconds from now; undefined leaves it to the caller. */
  readonly retryIn: number | undefined;

  constructor(reason: string, message: string, options: ErrorOptions & { readonly retryIn?: number | undefined } = {}) {
    super(message, options);
    this.name = 'StartProblem';
    this.reason = reason;
    this.retryIn = options.retryIn;
  }
}

/** What a start needs to know. */
export interface StartRequest {
  readonly pod: Pod;
  readonly container: AnyContainer;
  readonly observed: ObservedPod;
  readonly sandbox: ObservedSandbox;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly signal: AbortSignal;
}

/** Starts the containers of one pod, with back-off between crashes. */
export class ContainerStarter {
  readonly #services: KubeletServices;
  readonly #backOff = new BackOff(crashLimits);

  constructor(services: KubeletServices) {
    this.#services = services;
  }

  /** Starts a container and runs its postStart hook; resolves with its id. Throws StartProblem. */
  async start(request: StartRequest): Promise<string> {
    this.#refuseInBackOff(request);
    const sandboxConfig = await sandboxConfigOf(this.#services, request.pod, request.sandbox.metadata.attempt);
    const image = await this.#image(request, sandboxConfig);
    const id = await this.#create(request, image, sandboxConfig);
    this.#event(request, 'Normal', 'Created', 'Container created');
    try {
      await this.#services.runtime.startContainer(id, { signal: request.signal });
    } catch (error) {
      request.signal.throwIfAborted();
      const message = error instanceof RuntimeError ? error.detail : messageOf(error);
      this.#event(request, 'Warning', 'Failed', `Error: ${message}`);
      throw new StartProblem('RunContainerError', message, { cause: error });
    }
    this.#event(request, 'Normal', 'Started', 'Container started');
    await this.#postStart(request, id);
    return id;
  }

  #refuseInBackOff({ pod, container, observed }: StartRequest): void {
    const last = newestContainer(observed, container.name);
    if (last?.state !== 'Exited') return;
    const { clock, events } = this.#services;
    // A changed container has not failed yet.
    const key = `${container.name}/${containerHash(container)}`;
    const now = clock.now();
    const since = last.finishedAt ?? last.createdAt;
    const retryIn = this.#backOff.remaining(key, since, now);
    if (retryIn > 0) {
      const delay = formatDuration(this.#backOff.delay(key));
      const message = `Back-off restarting failed container ${container.name} in pod ${formatPod(pod)}`;
      events.record(pod, { type: 'Warning', reason: 'BackOff', message, fieldPath: fieldPath(pod, container.name) });
      throw new StartProblem(
        'CrashLoopBackOff',
        `back-off ${delay} restarting failed container=${container.name} pod=${formatPod(pod)}`,
        { retryIn },
      );
    }
    this.#backOff.next(key, now);
  }

  async #image(request: StartRequest, sandboxConfig: Awaited<ReturnType<typeof sandboxConfigOf>>): Promise<Image> {
    const { pod, container, signal } = request;
    const names = pod.spec.imagePullSecrets ?? [];
    const secrets = await Promise.all(
      names.map(({ name = '' }) => this.#services.objects.secret(pod.metadata.namespace ?? '', name)),
    );
    const pullSecrets = secrets.filter((secret): secret is Secret => secret !== undefined);
    try {
      return await this.#services.puller.ensure({ pod, container, pullSecrets, sandboxConfig, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ImageError))
        throw new StartProblem('ImageInspectError', messageOf(error), { cause: error });
      this.#event(request, 'Warning', 'Failed', `Error: ${error.reason}`);
      throw new StartProblem(error.reason, error.message, { cause: error, retryIn: error.retryIn });
    }
  }

  async #create(
    request: StartRequest,
    image: Image,
    sandboxConfig: Awaited<ReturnType<typeof sandboxConfigOf>>,
  ): Promise<string> {
    const { container, sandbox, signal, observed } = request;
    const { runtime } = this.#services;
    const config = await this.#config(request, image).catch((error: unknown) => {
      signal.throwIfAborted();
      this.#event(request, 'Warning', 'Failed', `Error: ${messageOf(error)}`);
      throw new StartProblem('CreateContainerConfigError', messageOf(error), { cause: error });
    });
    // A container that was made but never started holds the name.
    const unused = observed.containers.filter(({ name, state }) => name === container.name && state === 'Created');
    for (const { id } of unused) await runtime.removeContainer(id, { signal });
    try {
      return await runtime.createContainer(sandbox.id, config, { sandboxConfig, signal });
    } catch (error) {
      signal.throwIfAborted();
      const message = error instanceof RuntimeError ? error.detail : messageOf(error);
      this.#event(request, 'Warning', 'Failed', `Error: ${message}`);
      throw new StartProblem('CreateContainerError', message, { cause: error });
    }
  }

  async #config(request: StartRequest, image: Image): Promise<ReturnType<typeof containerConfig>> {
    const { pod, container, observed, signal } = request;
    const { config, directories, objects, memoryCapacity, mayLowerOomScore } = this.#services;
    const imageUser = { uid: image.uid, username: image.username };
    checkNonRoot(pod, container, imageUser);
    const hostIPs = [config.nodeIP];
    const { variables } = await containerEnvironment({
      pod,
      container,
      objects,
      // A static pod may be what the API server itself runs in.
      services: await this.#services.services({ wait: !isStaticPod(pod), signal }),
      addresses: { podIPs: podIPsOf(observed, hostIPs), hostIPs, nodeName: config.nodeName },
      allocatable: this.#services.allocatable(),
    });
    const restartCount = nextRestartCount(pod, container, observed);
    return containerConfig({
      pod,
      container,
      restartCount,
      image: { image: image.id, userSpecifiedImage: container.image ?? '', annotations: {} },
      imageUser,
      variables,
      mounts: await this.#mounts(request, variables),
      namespaces: namespaceOptions(pod, targetOf(pod, container, observed)),
      oomScoreAdj: oomScoreAdj(pod, container, { memoryCapacity: memoryCapacity(), mayLower: mayLowerOomScore }),
      seccompRoot: seccompRoot(directories.root),
    });
  }

  async #mounts(request: StartRequest, variables: ReadonlyMap<string, string>): Promise<readonly Mount[]> {
    const { pod, container, volumes, observed } = request;
    const { config, directories, mounter, random } = this.#services;
    const folders = podDirectories(directories.root, pod.metadata.uid);
    await mkdir(folders.root, { recursive: true, mode: 0o750 });
    const podIPs = podIPsOf(observed, [config.nodeIP]);
    const text = hostsFile(pod, {
      podIPs,
      clusterDomain: config.clusterDomain,
      nodeHosts: await this.#services.nodeHosts(),
    });
    await writeFile(folders.etcHosts, text, { mode: 0o644 });
    const { subpaths, etcHosts } = folders;
    const mounts = await containerMounts({ pod, container, volumes, variables, etcHosts, subpaths, mounter });
    const path = container.terminationMessagePath ?? '/dev/termination-log';
    if (path === '') return mounts;
    const message = await terminationMessageMount(folders.container(container.name), {
      name: randomSuffix(random, 8),
      path,
    });
    return [...mounts, message];
  }

  async #postStart(request: StartRequest, id: string): Promise<void> {
    const { pod, container, observed, signal } = request;
    const handler = container.lifecycle?.postStart;
    if (!handler) return;
    const podIP = podIPsOf(observed, [this.#services.config.nodeIP])[0] ?? '';
    try {
      await this.#services.hooks.run(handler, { containerId: id, container, podIP }, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { log, runtime } = this.#services;
      log.error('Failed to execute PostStartHook', { pod: formatPod(pod), container: container.name, err: error });
      this.#event(request, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
      this.#event(request, 'Normal', 'Killing', 'FailedPostStartHook');
      await runtime.stopContainer(id, pod.spec.terminationGracePeriodSeconds, { signal });
      throw new StartProblem('PostStartHookError', `PostStartHook failed: ${messageOf(error)}`, { cause: error });
    }
  }

  #event({ pod, container }: StartRequest, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#services.events.record(pod, { type, reason, message, fieldPath: fieldPath(pod, container.name) });
  }
}

/** How often the container has been started before: by the runtime's labels, or else by what the API shows. */
function nextRestartCount(pod: Pod, container: AnyContainer, observed: ObservedPod): number {
  const last = newestContainer(observed, container.name);
  if (last) return last.state === 'Created' ? last.restartCount : last.restartCount + 1;
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
  const known = [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container.name);
  if (!known) return 0;
  return known.containerID || known.lastState.terminated ? known.restartCount + 1 : known.restartCount;
}

function targetOf(pod: Pod, container: AnyContainer, observed: ObservedPod): string | undefined {
  const name = 'targetContainerName' in container ? container.targetContainerName : undefined;
  if (!name) return undefined;
  const target = newestContainer(observed, name);
  if (target?.state === 'Running') return target.id;
  const known = allContainers(pod).some((entry) => entry.container.name === name);
  throw new ContainerConfigError(
    known ? `target container "${name}" is not running` : `unable to find target container ${name}`,
  );
}
