import type { Clock } from '../base/clock.ts';
import type { ClusterEvent } from './plugin.ts';
import { SortedHeap } from './sorted-heap.ts';

/** A pod on its way to a node. */
export interface QueuedPod {
  readonly uid: string;
  readonly priority: number;
  /** When it was first seen, in monotonic ms: older ones of equal priority go first. */
  readonly since: number;
  readonly attempts: number;
}

interface Entry extends QueuedPod {
  /** `ready`: to be tried now; `backoff`: at `due`; `stuck`: when something helps, at the latest at `due`. */
  readonly state: 'ready' | 'backoff' | 'stuck';
  /** Monotonic ms. */
  readonly due: number;
  /** The end of its back-off, also while it is stuck. */
  readonly notBefore: number;
  /** What may help a stuck pod. */
  readonly wakes: ReadonlySet<ClusterEvent>;
}

/** First and longest wait after a failed attempt, in ms. Source: upstream's podInitialBackoffSeconds, podMaxBackoffSeconds. */
const backoff = { first: 1_000, longest: 10_000 };

/** After this long without any event that could help, a pod is tried again anyway. */
const flushAfter = 300_000;

const nothing: ReadonlySet<ClusterEvent> = new Set();

/**
 * Pods to schedule: ready ones by priority and age; those that did not fit wait until something changes that could
 * help, and at least for their back-off. Heaps hold entries that may be outdated; the map tells which still count.
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #ready = new SortedHeap<Entry>(
    (a, b) => a.priority > b.priority || (a.priority === b.priority && a.since < b.since),
  );
  readonly #due = new SortedHeap<Entry>((a, b) => a.due < b.due);
  readonly #sizes = { ready: 0, backoff: 0, stuck: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many pods wait, by where. */
  get sizes(): { readonly active: number; readonly backoff: number; readonly unschedulable: number } {
    const { ready, backoff: waiting, stuck } = this.#sizes;
    return { active: ready, backoff: waiting, unschedulable: stuck };
  }

  /** Adds a pod that is new or has changed in a way that could matter. */
  add(uid: string, priority: number): void {
    const known = this.#entries.get(uid);
    const since = known?.since ?? this.#clock.monotonic();
    this.#makeReady({ uid, priority, since, attempts: known?.attempts ?? 0 });
  }

  /** Whether the pod waits here. */
  has(uid: string): boolean {
    return this.#entries.has(uid);
  }

  /** Forgets a pod. */
  remove(uid: string): void {
    const known = this.#entries.get(uid);
    if (!known) return;
    this.#entries.delete(uid);
    this.#sizes[known.state]--;
  }

  /** Takes the next ready pod. */
  take(): QueuedPod | undefined {
    this.#wakeDue();
    for (let next = this.#ready.pop(); next; next = this.#ready.pop()) {
      if (this.#entries.get(next.uid) !== next) continue;
      this.remove(next.uid);
      return next;
    }
    return undefined;
  }

  /** Takes back a pod that did not fit; `wakes`: what may help. */
  failed(pod: QueuedPod, wakes: ReadonlySet<ClusterEvent>): void {
    const now = this.#clock.monotonic();
    const attempts = pod.attempts + 1;
    this.#put({ ...pod, attempts, state: 'stuck', due: now + flushAfter, notBefore: now + delayOf(attempts), wakes });
  }

  /** Takes back a pod whose attempt went wrong for no reason of its own: it is tried again after its back-off. */
  retry(pod: QueuedPod): void {
    const attempts = pod.attempts + 1;
    const due = this.#clock.monotonic() + delayOf(attempts);
    this.#put({ ...pod, attempts, state: 'backoff', due, notBefore: due, wakes: nothing });
  }

  /** Something changed: pods that it may help are tried again once their back-off has passed. */
  clusterChanged(event: ClusterEvent): void {
    if (this.#sizes.stuck === 0) return;
    const now = this.#clock.monotonic();
    // What is woken moves to the end of the map and is no longer stuck when it is met again.
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'stuck' || !entry.wakes.has(event)) continue;
      if (entry.notBefore <= now) this.#makeReady(entry);
      else this.#put({ ...entry, state: 'backoff', due: entry.notBefore });
    }
  }

  /** Milliseconds until some waiting pod is due; undefined when none waits. */
  get nextDue(): number | undefined {
    this.#dropOutdated();
    const first = this.#due.first;
    return first && Math.max(0, first.due - this.#clock.monotonic());
  }

  #wakeDue(): void {
    const now = this.#clock.monotonic();
    for (this.#dropOutdated(); this.#due.first && this.#due.first.due <= now; this.#dropOutdated()) {
      const entry = this.#due.pop();
      if (entry) this.#makeReady(entry);
    }
  }

  #dropOutdated(): void {
    while (this.#due.first && this.#entries.get(this.#due.first.uid) !== this.#due.first) this.#due.pop();
  }

  #makeReady({ uid, priority, since, attempts }: QueuedPod): void {
    this.#put({ uid, priority, since, attempts, state: 'ready', due: 0, notBefore: 0, wakes: nothing });
  }

  #put(entry: Entry): void {
    this.remove(entry.uid);
    this.#entries.set(entry.uid, entry);
    this.#sizes[entry.state]++;
    (entry.state === 'ready' ? this.#ready : this.#due).push(entry);
  }
}

function delayOf(attempts: number): number {
  return Math.min(backoff.first * 2 ** (attempts - 1), backoff.longest);
}
