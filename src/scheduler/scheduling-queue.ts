import type { Clock } from '../base/clock.ts';

/** A pod on its way to a node. */
export interface QueuedPod {
  readonly uid: string;
  readonly priority: number;
  /** When it was first seen, in monotonic ms: older ones of equal priority go first. */
  readonly since: number;
  readonly attempts: number;
}

interface Waiting extends QueuedPod {
  /** Not before this monotonic time. */
  readonly notBefore: number;
}

/** First and longest wait after a failed attempt, in ms. Source: upstream's podInitialBackoffSeconds, podMaxBackoffSeconds. */
const backoff = { first: 1_000, longest: 10_000 };

/** After this long without any event that could help, a pod is tried again anyway. */
const flushAfter = 300_000;

/**
 * Pods to schedule: ready ones by priority and age; those that did not fit wait until something changes that could
 * help, and at least for their back-off.
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #ready = new Map<string, QueuedPod>();
  readonly #backingOff = new Map<string, Waiting>();
  readonly #stuck = new Map<string, Waiting>();
  /** Counts events, so that one that comes during an attempt is not missed. */
  #events = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many pods wait, by where. */
  get sizes(): { readonly active: number; readonly backoff: number; readonly unschedulable: number } {
    return { active: this.#ready.size, backoff: this.#backingOff.size, unschedulable: this.#stuck.size };
  }

  /** The count of events so far; give it back to `failed`. */
  get cycle(): number {
    return this.#events;
  }

  /** Adds a pod that is new or has changed in a way that could matter. */
  add(uid: string, priority: number): void {
    const known = this.#ready.get(uid) ?? this.#backingOff.get(uid) ?? this.#stuck.get(uid);
    this.remove(uid);
    this.#ready.set(uid, {
      uid,
      priority,
      since: known?.since ?? this.#clock.monotonic(),
      attempts: known?.attempts ?? 0,
    });
  }

  /** Whether the pod waits here. */
  has(uid: string): boolean {
    return this.#ready.has(uid) || this.#backingOff.has(uid) || this.#stuck.has(uid);
  }

  /** Forgets a pod. */
  remove(uid: string): void {
    this.#ready.delete(uid);
    this.#backingOff.delete(uid);
    this.#stuck.delete(uid);
  }

  /** Takes the next ready pod. */
  take(): QueuedPod | undefined {
    this.#wakeDue();
    let next: QueuedPod | undefined;
    for (const pod of this.#ready.values()) {
      if (!next || pod.priority > next.priority || (pod.priority === next.priority && pod.since < next.since))
        next = pod;
    }
    if (next) this.#ready.delete(next.uid);
    return next;
  }

  /** Takes back a pod that did not fit. `cycle`: the queue's when the attempt began. */
  failed(pod: QueuedPod, cycle: number): void {
    const attempts = pod.attempts + 1;
    const delay = Math.min(backoff.first * 2 ** (attempts - 1), backoff.longest);
    const waiting = { ...pod, attempts, notBefore: this.#clock.monotonic() + delay };
    if (cycle === this.#events) this.#stuck.set(pod.uid, waiting);
    else this.#backingOff.set(pod.uid, waiting);
  }

  /** Something changed that may help: pods that did not fit are tried again once their back-off has passed. */
  clusterChanged(): void {
    this.#events++;
    for (const pod of this.#stuck.values()) this.#backingOff.set(pod.uid, pod);
    this.#stuck.clear();
  }

  /** Milliseconds until some waiting pod is due; undefined when none waits. */
  get nextDue(): number | undefined {
    const now = this.#clock.monotonic();
    const due = [
      ...[...this.#backingOff.values()].map(({ notBefore }) => notBefore),
      ...[...this.#stuck.values()].map(({ notBefore }) => notBefore + flushAfter),
    ];
    return due.length === 0 ? undefined : Math.max(0, Math.min(...due) - now);
  }

  #wakeDue(): void {
    const now = this.#clock.monotonic();
    for (const pod of [...this.#backingOff.values()].filter(({ notBefore }) => notBefore <= now)) this.#wake(pod);
    for (const pod of [...this.#stuck.values()].filter(({ notBefore }) => notBefore + flushAfter <= now))
      this.#wake(pod);
  }

  #wake({ uid, priority, since, attempts }: Waiting): void {
    this.remove(uid);
    this.#ready.set(uid, { uid, priority, since, attempts });
  }
}
