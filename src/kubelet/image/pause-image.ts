import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { ContainerRuntime } from '../cri/container-runtime.ts';
import { parseImageName } from './image-name.ts';
import { registryTrouble } from './unreachable-registry.ts';

/** The flag that names the image; messages point to it. */
export const pauseImageFlag = '--pod-infra-container-image';

/** The image of the process that holds a pod's namespaces is not on the node and cannot be pulled. */
export class PauseImageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PauseImageError';
  }
}

/**
 * Sees to it that the pause image is on the node before a sandbox is made. The runtime would otherwise pull it in the
 * middle of RunPodSandbox, and its error names neither the setting nor what to do.
 */
export class PauseImage {
  readonly #image: string;
  readonly #runtime: ContainerRuntime;
  readonly #log: Logger;

  constructor(options: { readonly image: string; readonly runtime: ContainerRuntime; readonly log: Logger }) {
    this.#image = options.image;
    this.#runtime = options.runtime;
    this.#log = options.log;
  }

  /** Resolves when the image is on the node; throws PauseImageError when it can't be brought there. */
  async ensure(signal: AbortSignal): Promise<void> {
    const image = { image: this.#image };
    if (await this.#runtime.imageStatus(image, { signal })) return;
    if (!parseImageName(this.#image)) {
      throw new PauseImageError(
        `the pause image "${this.#image}" (set by the kubelet's ${pauseImageFlag}) is no image name: correct the flag and restart the kubelet`,
      );
    }
    try {
      await this.#runtime.pullImage(image, { signal });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new PauseImageError(pauseImageMessage(this.#image, messageOf(error)), { cause: error });
    }
  }

  /** Warns when the runtime is configured to use another image than the one this kubelet looks after. */
  async compareWithRuntime(signal: AbortSignal): Promise<void> {
    const { info } = await this.#runtime.status({ verbose: true, signal });
    const used = sandboxImageOf(info['config']);
    if (used === undefined || used === this.#image) return;
    this.#log.warning('The container runtime uses another pause image than the kubelet: give both the same name', {
      kubelet: this.#image,
      flag: pauseImageFlag,
      runtime: used,
      setting: 'sandbox_image',
    });
  }
}

/** What `describe pod` and the log say when the pause image is missing. */
export function pauseImageMessage(image: string, error: string): string {
  const registry = parseImageName(image)?.registry ?? image;
  const { address, what } = registryTrouble(registry, error);
  return (
    `the pause image "${image}" (set by the kubelet's ${pauseImageFlag}) can't be pulled: ${address} ${what}; ` +
    `set ${pauseImageFlag} to an image that the node has or can pull and restart the kubelet, ` +
    `or make ${registry} reachable from the node; the pod then starts by itself`
  );
}

function sandboxImageOf(config: string | undefined): string | undefined {
  if (config === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(config);
    const value =
      typeof parsed === 'object' && parsed !== null && 'sandboxImage' in parsed ? parsed.sandboxImage : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
