import type { Clock } from '../../base/clock.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { KindCache } from '../cache/kind-cache.ts';
import { everything } from '../cache/selection.ts';
import type { RequestTarget } from '../http/request-target.ts';
import type { ClassifiedRequest } from './classifier.ts';
import type { WorkEstimate } from './ticket.ts';
import { listEstimate, oneSeat, writeEstimate } from './work-estimate.ts';
import type { KindStatistics, ListedPart } from './work-estimate.ts';

/** Where the numbers of objects and watchers come from. */
export type FindCache = (kind: Resource) => KindCache | undefined;

/** How long the average size of a kind's objects is believed, in milliseconds; and how many are looked at. */
const believed = 10_000;
const sampled = 20;

const allOfIt: ListedPart = {
  limit: 0,
  continue: '',
  resourceVersion: '',
  resourceVersionMatch: '',
  sendInitialEvents: false,
  selects: false,
  named: false,
};

const writes: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete']);

/** Estimates the work of requests by what the cache knows of their kinds. */
export class RequestEstimator {
  readonly #find: FindCache;
  readonly #clock: Clock;
  readonly #averages = new WeakMap<KindCache, { readonly until: number; readonly bytes: number }>();

  constructor(find: FindCache, clock: Clock) {
    this.#find = find;
    this.#clock = clock;
  }

  /** `maxSeats`: of the request's priority level; 0 where it sets no bound. */
  estimate(asked: ClassifiedRequest, target: RequestTarget, maxSeats: number): WorkEstimate {
    const { verb, kind } = asked;
    // What another server serves is its work.
    const cache = kind && this.#find(kind);
    if (!cache || verb === 'get') return oneSeat;
    if (writes.has(verb)) return this.#write(asked, cache, maxSeats);
    if (verb !== 'list' && verb !== 'watch') return oneSeat;
    const part = target.isPlain ? allOfIt : listedPart(target.query);
    return listEstimate(part, this.#statisticsOf(cache), { maxSeats, watch: verb === 'watch' });
  }

  #write(
    { resource, subresource, namespace, name }: ClassifiedRequest,
    { watchers }: KindCache,
    maxSeats: number,
  ): WorkEstimate {
    // Tokens change no object.
    if (watchers.size === 0 || (subresource === 'token' && resource === 'serviceaccounts')) return oneSeat;
    return writeEstimate(watchers.countFor(namespace, name), maxSeats);
  }

  #statisticsOf(cache: KindCache): KindStatistics {
    const now = this.#clock.monotonic();
    let average = this.#averages.get(cache);
    if (!average || average.until <= now) {
      average = { until: now + believed, bytes: averageBytes(cache) };
      this.#averages.set(cache, average);
    }
    return { objects: cache.size, averageBytes: average.bytes };
  }
}

function averageBytes(cache: KindCache): number {
  let bytes = 0;
  let count = 0;
  for (const { object } of cache.select(everything)) {
    bytes += object.bytes.length;
    if (++count === sampled) break;
  }
  return count === 0 ? 0 : bytes / count;
}

function listedPart(query: URLSearchParams): ListedPart {
  const fields = query.get('fieldSelector') ?? '';
  return {
    limit: Number(query.get('limit') ?? 0) || 0,
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    sendInitialEvents: query.get('sendInitialEvents') === 'true',
    selects: fields !== '' || (query.get('labelSelector') ?? '') !== '',
    named: /(?:^|,)metadata\.name==?[^,]/.test(fields),
  };
}
