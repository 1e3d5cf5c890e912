import type { Pod } from '../../api/core/pod.ts';
import type { Secret } from '../../api/core/secret.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import { formatDuration } from '../../machinery/duration.ts';
import { abortable } from '../abortable.ts';
import type { ContainerRuntime, Image, PodSandboxConfig, RegistryAuth } from '../cri/container-runtime.ts';
import { BackOff, crashLimits } from '../pod/crash-back-off.ts';
import type { AnyContainer } from '../pod/pod-facts.ts';
import { fieldPath } from '../pod/pod-facts.ts';
import { defaultPullPolicy, withDefaultTag } from './image-name.ts';
import { credentialsFor } from './pull-credentials.ts';

/** Why a container waits for its image. */
export type ImageProblem = 'InvalidImageName' | 'ErrImageNeverPull' | 'ErrImagePull' | 'ImagePullBackOff';

/** An image that a container can't have now. `retryIn` is when it is worth trying again, ms. */
export class ImageError extends Error {
  readonly reason: ImageProblem;
  readonly retryIn: number | undefined;

  constructor(
    reason: ImageProblem,
    message: string,
    options: ErrorOptions & { readonly retryIn?: number | undefined } = {},
  ) {
    super(message, options);
    this.name = 'ImageError';
    this.reason = reason;
    this.retryIn = options.retryIn;
  }
}

/** What a pull is for. */
export interface PullRequest {
  readonly pod: Pod;
  readonly container: AnyContainer;
  readonly pullSecrets: readonly Secret[];
  readonly sandboxConfig: PodSandboxConfig;
  readonly signal: AbortSignal;
}

/** Options of `ImagePuller`. */
export interface ImagePullerOptions {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly events: EventRecorder;
}

interface Failure {
  readonly at: number;
  readonly message: string;
}

/** Brings images to the node as pull policies ask, with upstream's events and back-off. */
export class ImagePuller {
  readonly #options: ImagePullerOptions;
  readonly #backOff = new BackOff(crashLimits);
  readonly #failures = new Map<string, Failure>();
  readonly #pulls = new Map<string, Promise<string>>();

  constructor(options: ImagePullerOptions) {
    this.#options = options;
  }

  /** The image of a container, on the node. Throws ImageError. */
  async ensure(request: PullRequest): Promise<Image> {
    const { container, signal } = request;
    const stated = container.image ?? '';
    const name = withDefaultTag(stated);
    if (name === undefined) {
      const message = `Failed to apply default image tag "${stated}": couldn't parse image name "${stated}": invalid reference format`;
      this.#record(request, 'Warning', 'InspectFailed', message);
      throw new ImageError('InvalidImageName', message);
    }
    const present = (await this.#options.runtime.imageStatus({ image: name }, { signal }))?.image;
    const policy = container.imagePullPolicy ?? defaultPullPolicy(stated);
    if (present && policy !== 'Always') {
      this.#record(request, 'Normal', 'Pulled', `Container image "${stated}" already present on machine`);
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image "${stated}" is not present with pull policy of Never`;
      this.#record(request, 'Warning', 'ErrImageNeverPull', message);
      throw new ImageError('ErrImageNeverPull', message);
    }
    return this.#pull(request, name);
  }

  async #pull(request: PullRequest, name: string): Promise<Image> {
    const { clock, runtime } = this.#options;
    const stated = request.container.image ?? '';
    const key = `${request.pod.metadata.uid}_${name}`;
    this.#refuseInBackOff(request, key, stated);
    const started = clock.now();
    this.#record(request, 'Normal', 'Pulling', `Pulling image "${stated}"`);
    try {
      const reference = await abortable(this.#pullOnce(request, name), request.signal);
      const image = (await runtime.imageStatus({ image: reference || name }, { signal: request.signal }))?.image;
      if (!image) throw new Error(`image "${name}" was pulled but the runtime does not have it`);
      const took = formatDuration(clock.now() - started);
      const message = `Successfully pulled image "${stated}" in ${took} (${took} including waiting). Image size: ${image.size} bytes.`;
      this.#record(request, 'Normal', 'Pulled', message);
      this.#failures.delete(key);
      this.#backOff.reset(key);
      return image;
    } catch (error) {
      request.signal.throwIfAborted();
      const message = messageOf(error);
      this.#record(request, 'Warning', 'Failed', `Failed to pull image "${stated}": ${message}`);
      this.#backOff.next(key, clock.now());
      this.#failures.set(key, { at: clock.now(), message });
      const full = `failed to pull image "${stated}": ${message}`;
      throw new ImageError('ErrImagePull', full, { cause: error, retryIn: this.#backOff.delay(key) });
    }
  }

  #refuseInBackOff(request: PullRequest, key: string, stated: string): void {
    const failure = this.#failures.get(key);
    if (!failure) return;
    const retryIn = this.#backOff.remaining(key, failure.at, this.#options.clock.now());
    if (retryIn <= 0) return;
    this.#record(request, 'Normal', 'BackOff', `Back-off pulling image "${stated}"`);
    const message = `Back-off pulling image "${stated}": ErrImagePull: ${failure.message}`;
    throw new ImageError('ImagePullBackOff', message, { retryIn });
  }

  /** Pods that want the same image with the same rights share one pull. */
  #pullOnce(request: PullRequest, name: string): Promise<string> {
    const credentials = credentialsFor(name, request.pullSecrets);
    const key = JSON.stringify([name, credentials]);
    const running = this.#pulls.get(key);
    if (running) return running;
    const pull = this.#tryEach(request, name, credentials).finally(() => this.#pulls.delete(key));
    this.#pulls.set(key, pull);
    return pull;
  }

  async #tryEach(request: PullRequest, name: string, credentials: readonly RegistryAuth[]): Promise<string> {
    const { sandboxConfig } = request;
    const attempts: readonly (RegistryAuth | undefined)[] = credentials.length > 0 ? credentials : [undefined];
    const errors: unknown[] = [];
    for (const auth of attempts) {
      try {
        // Shared with other pods: not cancelled when this one goes away.
        return await this.#options.runtime.pullImage({ image: name }, { auth, sandboxConfig });
      } catch (error) {
        errors.push(error);
      }
    }
    throw errors.at(-1);
  }

  #record({ pod, container }: PullRequest, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#options.events.record(pod, { type, reason, message, fieldPath: fieldPath(pod, container.name) });
  }
}
