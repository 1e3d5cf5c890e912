/** Keeps a flood of events from filling the store. Source: plugin/pkg/admission/eventratelimit. */
import { StatusError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { Event } from '../../api/core/event.ts';
import { invalid, notSupported } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { defineStruct, int32, list, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../ports.ts';

const Limit = defineStruct('Limit', {
  type: text(1),
  qps: int32(2),
  burst: int32(3),
  cacheSize: int32(4).optional(),
});

/** Source: eventratelimit.admission.k8s.io/v1alpha1 Configuration. */
export const EventRateLimitConfiguration = defineStruct('Configuration', {
  apiVersion: text(1).omitEmpty(),
  kind: text(2).omitEmpty(),
  limits: list(3, Limit),
});
export type EventRateLimitConfiguration = TypeOf<typeof EventRateLimitConfiguration>;

const keys: Readonly<Record<string, (request: AdmissionRequest) => string>> = {
  Server: () => '',
  Namespace: ({ attributes }) => attributes.namespace,
  User: ({ attributes }) => attributes.user.name,
  SourceAndObject: (request) => sourceAndObject(request.object as unknown as Event),
};
const defaultCacheSize = 4096;

/** What is wrong with a configuration, in upstream's words. */
export function eventRateLimitErrors({ limits }: EventRateLimitConfiguration): readonly FieldError[] {
  if (limits.length === 0) return [invalid('limits', limits, 'must not be empty')];
  return limits.flatMap(({ type, qps, burst, cacheSize = 0 }, index) => {
    const path = `limits[${index}]`;
    return [
      ...(type in keys ? [] : [notSupported(`${path}.type`, type, Object.keys(keys).sort())]),
      ...(burst > 0 ? [] : [invalid(`${path}.burst`, burst, 'must be positive')]),
      ...(qps > 0 ? [] : [invalid(`${path}.qps`, qps, 'must be positive')]),
      ...(cacheSize >= 0 ? [] : [invalid(`${path}.cacheSize`, cacheSize, 'must not be negative')]),
    ];
  });
}

/** Upstream's EventRateLimit. */
export function createEventRateLimit({ limits }: EventRateLimitConfiguration, clock: Clock): AdmissionPlugin {
  const buckets = limits.map((limit) => new Buckets(limit, clock));
  return {
    name: 'EventRateLimit',
    concerns: ['events', 'events.events.k8s.io'],
    validate(request) {
      if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
      // All of them count the event, also when one of them has refused it.
      const refused = buckets.map((bucket) => bucket.refusal(request)).findLast((message) => message !== undefined);
      if (refused !== undefined) throw new StatusError('TooManyRequests', `Too many requests: ${refused}`);
    },
  };
}

interface Bucket {
  tokens: number;
  /** When the tokens were counted, in ms. */
  at: number;
}

/** The tokens of one limit, for each of those that it tells apart; those not seen for long are forgotten. */
class Buckets {
  readonly #limit: EventRateLimitConfiguration['limits'][number];
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: EventRateLimitConfiguration['limits'][number], clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Takes a token, or says why there is none. */
  refusal(request: AdmissionRequest): string | undefined {
    const { type, qps, burst, cacheSize } = this.#limit;
    const key = keys[type]?.(request) ?? '';
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * qps);
    bucket.at = now;
    this.#keep(key, bucket, cacheSize || defaultCacheSize);
    if (bucket.tokens < 1) return `limit reached on type ${type} for key ${key}`;
    bucket.tokens--;
    return undefined;
  }

  #keep(key: string, bucket: Bucket, size: number): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= size) return;
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      return;
    }
  }
}

function sourceAndObject({ source, involvedObject: object }: Event): string {
  const about = [object?.kind, object?.namespace, object?.name, object?.uid, object?.apiVersion];
  return [source?.component, source?.host, ...about].map((part) => part ?? '').join('');
}
