import type { Pod } from '../../api/core/pod.ts';
import type { KubeletServices } from './kubelet-services.ts';
import { PodWorker } from './pod-worker.ts';

/** One worker per pod, by uid. */
export class PodWorkers {
  readonly #services: KubeletServices;
  readonly #signal: AbortSignal;
  readonly #workers = new Map<string, { readonly worker: PodWorker; readonly done: Promise<void> }>();

  /** `signal` stops all workers and leaves containers running. */
  constructor(services: KubeletServices, signal: AbortSignal) {
    this.#services = services;
    this.#signal = signal;
  }

  /** Takes the newest version of a pod. */
  update(pod: Pod): void {
    this.#workerOf(pod.metadata.uid).update(pod);
  }

  /** The pod's source no longer has it; or it is only in the runtime, or only has leftovers on this node. */
  remove(uid: string): void {
    this.#workerOf(uid).remove();
  }

  /** The runtime shows something new of the pod. */
  wake(uid: string): void {
    this.#workers.get(uid)?.worker.wake();
  }

  /** The runtime has come back, or the like. */
  wakeAll(): void {
    for (const { worker } of this.#workers.values()) worker.wake();
  }

  /** Config maps or secrets that the pod shows have changed. */
  invalidateVolumes(uid: string): void {
    this.#workers.get(uid)?.worker.invalidateVolumes();
  }

  /** Whether the pod has a worker. */
  has(uid: string): boolean {
    return this.#workers.has(uid);
  }

  /** Pods that have workers, as their sources last had them. */
  pods(): readonly Pod[] {
    return [...this.#workers.values()].flatMap(({ worker }) => (worker.pod ? [worker.pod] : []));
  }

  /** Resolves when all workers have ended, after the signal. */
  async settle(): Promise<void> {
    await Promise.all([...this.#workers.values()].map(({ done }) => done));
  }

  #workerOf(uid: string): PodWorker {
    const known = this.#workers.get(uid);
    if (known) return known.worker;
    const worker = new PodWorker(this.#services, uid);
    const done = worker
      .run(this.#signal)
      .catch((error: unknown) => this.#services.log.error('A pod worker has failed', { pod: uid, err: error }))
      .finally(() => this.#workers.delete(uid));
    this.#workers.set(uid, { worker, done });
    return worker;
  }
}
