import type { Clock } from '../../base/clock.ts';
import type { AuditBackend, AuditFailures } from './audit-backend.ts';
import type { AuditEvent } from './audit-event.ts';

/** How events are gathered. Times are in milliseconds. */
export interface BatchSettings {
  /** Events that may wait; what comes then is lost. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  /** How long a batch that is not full may wait. */
  readonly maxBatchWait: number;
  /** Batches a second, and at once after silence; undefined: any number. */
  readonly throttle: { readonly qps: number; readonly burst: number } | undefined;
  /** Batches that may be under way at a time. */
  readonly concurrency: number;
}

/** What a buffered backend is made of. */
export interface BufferedParts {
  readonly clock: Clock;
  readonly failures: AuditFailures;
}

/** How long closing waits for what is under way. */
const closingTime = 5000;

/**
 * Takes events in at once and hands them on in batches, so that no request waits for where they go. Source: apiserver's
 * plugin/pkg/audit/buffered; beyond it the number of batches under way is bounded.
 */
export function bufferedBackend(backend: AuditBackend, settings: BatchSettings, parts: BufferedParts): AuditBackend {
  return new BufferedBackend(backend, settings, parts);
}

class BufferedBackend implements AuditBackend {
  readonly #backend: AuditBackend;
  readonly #settings: BatchSettings;
  readonly #parts: BufferedParts;
  readonly #underWay = new Set<Promise<unknown>>();
  #buffer: AuditEvent[] = [];
  /** Rings when a batch has waited long enough, and when the throttle lets another one go. */
  #waited: Disposable | undefined;
  #throttled: Disposable | undefined;
  #tokens: number;
  #refilled: number;
  /** Whether what is there is to go though the batch is not full. */
  #due = false;
  #pumping = false;
  #closed = false;

  constructor(backend: AuditBackend, settings: BatchSettings, parts: BufferedParts) {
    this.#backend = backend;
    this.#settings = settings;
    this.#parts = parts;
    this.#tokens = settings.throttle?.burst ?? 0;
    this.#refilled = parts.clock.monotonic();
  }

  process(events: readonly AuditEvent[]): boolean {
    const { bufferSize } = this.#settings;
    const room = this.#closed ? 0 : bufferSize - this.#buffer.length;
    this.#buffer.push(...events.slice(0, room));
    if (events.length > room) {
      const why = this.#closed ? 'audit backend shut down' : 'audit buffer queue blocked';
      this.#parts.failures.failed('buffered', new Error(why), events.slice(room));
    }
    this.#wake();
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#due = true;
    this.#pump();
    using timeout = this.#timeout();
    while (this.#underWay.size > 0 && !timeout.passed) await Promise.race([timeout.promise, ...this.#underWay]);
    this.#waited?.[Symbol.dispose]();
    this.#throttled?.[Symbol.dispose]();
    await Promise.race([timeout.promise, this.#backend.close()]);
    const lost = [...this.#buffer];
    if (lost.length > 0) this.#parts.failures.failed('buffered', new Error('audit backend shut down'), lost);
    this.#buffer = [];
  }

  #timeout(): { readonly promise: Promise<void>; passed: boolean } & Disposable {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#parts.clock.after(closingTime, () => {
      timeout.passed = true;
      resolve();
    });
    const timeout = { promise, passed: false, [Symbol.dispose]: () => timer[Symbol.dispose]() };
    return timeout;
  }

  /** Goes to work in a turn of its own: the request that brings an event does not wait for where it goes. */
  #wake(): void {
    if (this.#buffer.length >= this.#settings.maxBatchSize) {
      if (this.#pumping) return;
      this.#pumping = true;
      queueMicrotask(() => {
        this.#pumping = false;
        this.#pump();
      });
    } else if (this.#buffer.length > 0) {
      this.#waited ??= this.#parts.clock.after(this.#settings.maxBatchWait, () => {
        this.#waited = undefined;
        this.#due = true;
        this.#pump();
      });
    }
  }

  #pump(): void {
    const { maxBatchSize, concurrency } = this.#settings;
    while (this.#buffer.length >= maxBatchSize || (this.#due && this.#buffer.length > 0)) {
      if (this.#underWay.size >= concurrency || !this.#passesThrottle()) return;
      this.#send(this.#buffer.splice(0, maxBatchSize));
    }
    this.#due = this.#closed;
    this.#wake();
  }

  #send(batch: readonly AuditEvent[]): void {
    const sending = this.#backend.process(batch);
    if (!(sending instanceof Promise)) return;
    const handled = sending.then(() => {
      this.#underWay.delete(handled);
      this.#pump();
    });
    this.#underWay.add(handled);
  }

  #passesThrottle(): boolean {
    const { throttle } = this.#settings;
    if (!throttle || this.#closed) return true;
    const now = this.#parts.clock.monotonic();
    this.#tokens = Math.min(throttle.burst, this.#tokens + ((now - this.#refilled) / 1000) * throttle.qps);
    this.#refilled = now;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return true;
    }
    const wait = Math.ceil(((1 - this.#tokens) / throttle.qps) * 1000);
    this.#throttled ??= this.#parts.clock.after(wait, () => {
      this.#throttled = undefined;
      this.#pump();
    });
    return false;
  }
}
