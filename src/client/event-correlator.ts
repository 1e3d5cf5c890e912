import type { EventTarget, RecordedEvent } from './event-recorder.ts';

/** Upstream's limits. Source: client-go tools/record events_cache.go. */
const maxDistinct = 10;
const aggregateWindow = 600_000;
const spamBurst = 25;
const spamRefill = 300_000;
const maxEntries = 4096;

/** What is to be written for an event: a new object, or one more count of a written one. */
export interface Correlated {
  readonly message: string;
  /** Names what is counted together; remember the written object under it. */
  readonly key: string;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Decides how events are written: identical ones are counted, many similar ones (same object and reason, ten or
 * more messages in ten minutes) are combined, and one object's floods are dropped (25 at once, then one in 5 minutes).
 */
export class EventCorrelator {
  readonly #similar = new Map<string, { readonly messages: Set<string>; at: number }>();
  readonly #buckets = new Map<string, Bucket>();

  /** Undefined when the event is to be dropped. `now` in milliseconds. */
  correlate(about: EventTarget, event: RecordedEvent, now: number): Correlated | undefined {
    const object = [about.kind, about.metadata.namespace, about.metadata.name, about.metadata.uid, about.apiVersion];
    const aggregate = [...object, event.fieldPath, event.type, event.reason].join('\n');
    const combined = this.#isFlooded(aggregate, event.message, now);
    const message = combined ? `(combined from similar events): ${event.message}` : event.message;
    if (!this.#takeToken(object.join('\n'), now)) return undefined;
    return { message, key: combined ? aggregate : `${aggregate}\n${event.message}` };
  }

  #isFlooded(key: string, message: string, now: number): boolean {
    const known = this.#similar.get(key);
    const entry = known && now - known.at <= aggregateWindow ? known : { messages: new Set<string>(), at: now };
    entry.at = now;
    entry.messages.add(message);
    remember(this.#similar, key, entry);
    if (entry.messages.size < maxDistinct) return false;
    // One short of the limit again, so that it never grows with the flood.
    for (const oldest of entry.messages) {
      entry.messages.delete(oldest);
      break;
    }
    return true;
  }

  #takeToken(key: string, now: number): boolean {
    const bucket = this.#buckets.get(key) ?? { tokens: spamBurst, at: now };
    bucket.tokens = Math.min(spamBurst, bucket.tokens + (now - bucket.at) / spamRefill);
    bucket.at = now;
    remember(this.#buckets, key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}

/** Sets an entry of a map that forgets what was used longest ago. */
export function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= maxEntries) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
