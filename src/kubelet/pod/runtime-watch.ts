import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ContainerRuntime } from '../cri/container-runtime.ts';
import { hasRuntimeCode } from '../cri/runtime-error.ts';
import type { PodFingerprint, PodObserver } from './pod-observer.ts';

/** Options of `RuntimeWatch`. */
export interface RuntimeWatchOptions {
  readonly observer: PodObserver;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly log: Logger;
  /** Something about the pod has changed in the runtime. Called for each pod after the first look too. */
  readonly changed: (pod: PodFingerprint) => void;
  /** The result of each look, after `changed`. */
  readonly surveyed: (pods: readonly PodFingerprint[]) => void;
  /** The runtime answers again after it did not. */
  readonly recovered: () => void;
}

const fastPeriod = 75;
const idlePeriod = 1_000;

/**
 * Notices when containers and sandboxes change. It looks often while something is expected to change, once a second
 * otherwise; runtimes that send events (containerd since 1.7) make it look at once.
 */
export class RuntimeWatch {
  readonly #options: RuntimeWatchOptions;
  readonly #known = new Map<string, string>();
  #fastUntil = 0;
  #poke = Promise.withResolvers<void>();
  #answering = true;

  constructor(options: RuntimeWatchOptions) {
    this.#options = options;
  }

  /** Looks often for the next `ms`. */
  expectChange(ms: number): void {
    this.#fastUntil = Math.max(this.#fastUntil, this.#options.clock.now() + ms);
    this.#poke.resolve();
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#poll(signal), this.#listen(signal)]);
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#look(signal);
        if (!this.#answering) this.#options.recovered();
        this.#answering = true;
      } catch (error) {
        if (signal.aborted) return;
        if (this.#answering)
          log.error('The container runtime does not answer; its containers go on running', { err: error });
        this.#answering = false;
      }
      const period = clock.now() < this.#fastUntil ? fastPeriod : idlePeriod;
      await this.#pause(period, signal);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { observer, changed, surveyed } = this.#options;
    const pods = await observer.survey(signal);
    const present = new Set(pods.map(({ uid }) => uid));
    for (const pod of pods) {
      if (this.#known.get(pod.uid) === pod.fingerprint) continue;
      this.#known.set(pod.uid, pod.fingerprint);
      changed(pod);
    }
    for (const uid of this.#known.keys()) {
      if (present.has(uid)) continue;
      this.#known.delete(uid);
      changed({ uid, name: '', namespace: '', fingerprint: '', running: 0 });
    }
    surveyed(pods);
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const timer = clock.after(ms, () => this.#poke.resolve());
    const abort = (): void => this.#poke.resolve();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    await this.#poke.promise;
    this.#poke = Promise.withResolvers();
    signal.removeEventListener('abort', abort);
    timer[Symbol.dispose]();
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { runtime, clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        for await (const _ of runtime.events({ signal })) this.#poke.resolve();
      } catch (error) {
        if (signal.aborted) return;
        if (hasRuntimeCode(error, 'Unimplemented'))
          return log.v(2).info('The runtime sends no events: its lists are polled');
      }
      await clock.sleep(idlePeriod, signal).catch(() => undefined);
    }
  }
}
