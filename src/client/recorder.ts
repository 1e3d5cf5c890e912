import type { Clock } from '../base/clock.ts';
import { timestamp } from '../base/clock.ts';
import { hasReason } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { Event } from '../api/core/event.ts';
import { keyOf } from '../machinery/resource.ts';
import type { Client } from './client.ts';
import { EventCorrelator, remember } from './event-correlator.ts';
import type { EventRecorder, EventTarget, RecordedEvent } from './event-recorder.ts';

/** What a recorder writes with. */
export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Shown as the event's source, such as `deployment-controller` or `kubelet`. */
  readonly component: string;
  /** The node, for components that run on one. */
  readonly host?: string | undefined;
}

/** Waiting events beyond this are dropped. Source: client-go's broadcaster. */
const maxQueued = 1000;
/** Attempts per event while the server cannot be reached, and the pause between them. Source: client-go. */
const maxAttempts = 12;
const retryPause = 10_000;

/** A recorder that writes core/v1 Events in the background. Dispose to write what waits and stop. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder & AsyncDisposable {
  return new ClientEventRecorder(options);
}

/** Drops every event. */
export const silentRecorder: EventRecorder = { record: () => undefined };

interface Pending {
  readonly about: EventTarget;
  readonly event: RecordedEvent;
  readonly at: number;
}

class ClientEventRecorder implements EventRecorder, AsyncDisposable {
  readonly #options: EventRecorderOptions;
  readonly #correlator = new EventCorrelator();
  readonly #written = new Map<string, Event>();
  readonly #queue: Pending[] = [];
  readonly #stop = new AbortController();
  #writing: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(about: EventTarget, event: RecordedEvent): void {
    if (this.#stop.signal.aborted || this.#queue.length >= maxQueued) return;
    this.#queue.push({ about, event, at: this.#options.clock.now() });
    this.#writing ??= this.#drain().finally(() => (this.#writing = undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the event recorder has stopped'));
    await this.#writing;
  }

  async #drain(): Promise<void> {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const correlated = this.#correlator.correlate(next.about, next.event, next.at);
      if (correlated) await this.#write(next, correlated).catch((error: unknown) => this.#dropped(error));
    }
  }

  async #write(pending: Pending, { key, message }: { readonly key: string; readonly message: string }): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const known = this.#written.get(key);
        const written = known ? await this.#count(known, message, pending.at) : undefined;
        remember(this.#written, key, written ?? (await this.#create(pending, message)));
        return;
      } catch (error) {
        if (hasReason(error, 'AlreadyExists') && attempt < maxAttempts) continue;
        const unreachable = hasReason(error, 'ServiceUnavailable', 'Timeout', 'TooManyRequests');
        if (!unreachable || attempt >= maxAttempts || this.#stop.signal.aborted) throw error;
        await this.#options.clock.sleep(retryPause, this.#stop.signal).catch(() => undefined);
      }
    }
  }

  /** Undefined when the written event has expired. */
  async #count(known: Event, message: string, at: number): Promise<Event | undefined> {
    const body = { count: (known.count ?? 1) + 1, lastTimestamp: timestamp(at), message };
    try {
      return await this.#options.client.patch(Event, keyOf(known), { type: 'strategic', body });
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #create({ about, event, at }: Pending, message: string): Promise<Event> {
    const { component, host } = this.#options;
    const { name, namespace, uid, resourceVersion } = about.metadata;
    const time = timestamp(at);
    return this.#options.client.create(Event, {
      metadata: { name: `${name}.${this.#stamp(at)}`, namespace: namespace ?? 'default' },
      involvedObject: {
        kind: about.kind,
        namespace,
        name,
        uid,
        apiVersion: about.apiVersion,
        resourceVersion,
        fieldPath: event.fieldPath,
      },
      reason: event.reason,
      message,
      source: host === undefined ? { component } : { component, host },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type: event.type,
      reportingComponent: component,
      reportingInstance: host ?? '',
    });
  }

  /** Nanoseconds in hexadecimal, as upstream names events; those below a millisecond are chosen. */
  #stamp(at: number): string {
    const { random } = this.#options;
    return (BigInt(at) * 1_000_000n + BigInt(Math.floor(random.next() * 1_000_000))).toString(16);
  }

  #dropped(error: unknown): void {
    // A namespace that is going away takes no events; that is nothing to report.
    const expected = hasReason(error, 'Forbidden', 'NotFound', 'Conflict');
    if (!expected) this.#options.log.warning('Dropped an event', { err: error });
  }
}
