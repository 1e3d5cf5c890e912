/** How many seats requests take. Source: apiserver's util/flowcontrol/request, with lists by the size of their objects. */
import type { WorkEstimate } from './ticket.ts';

/** What is known of a kind. */
export interface KindStatistics {
  readonly objects: number;
  readonly averageBytes: number;
}

/** What a list or watch asks for, as far as it tells how much that is; the query's own names. */
export interface ListedPart {
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly sendInitialEvents: boolean;
  /** By labels or fields. */
  readonly selects: boolean;
  /** One object is asked for. */
  readonly named: boolean;
}

const bytesPerSeat = 100_000;
/** Lists from the cache are sent as they are put together. */
const mostBytesFromCache = 1_000_000;
const unknownObjectBytes = 1_500_000;
const mostListSeats = 100;
const mostMutatingSeats = 10;
const watchersPerSeat = 10;
/** How long watchers of a change take up their seats, in milliseconds. */
const watchersTime = 5;

/** What most requests take. */
export const oneSeat: WorkEstimate = { initialSeats: 1, finalSeats: 0, additionalLatency: 0 };

/** Of a write that so many watchers hear of. `maxSeats`: of the priority level; 0 where it sets no bound. */
export function writeEstimate(watchers: number, maxSeats: number): WorkEstimate {
  if (watchers < watchersPerSeat) return oneSeat;
  const wanted = Math.ceil(watchers / watchersPerSeat);
  const finalSeats = Math.min(wanted, boundOf(maxSeats, mostMutatingSeats));
  return { initialSeats: 1, finalSeats, additionalLatency: (wanted * watchersTime) / finalSeats };
}

/** Of a list, or of a watch that begins with what there is. */
export function listEstimate(part: ListedPart, kind: KindStatistics, options: ListEstimateOptions): WorkEstimate {
  const { maxSeats, watch } = options;
  if (watch && !part.sendInitialEvents && part.resourceVersion !== '' && part.resourceVersion !== '0') return oneSeat;
  const fromCache = watch || isFromCache(part);
  const bytes = objectsRead(part, kind, fromCache) * (kind.averageBytes || unknownObjectBytes);
  const seats = Math.ceil((fromCache ? Math.min(bytes, mostBytesFromCache) : bytes) / bytesPerSeat);
  const initialSeats = Math.max(1, Math.min(seats, boundOf(maxSeats, mostListSeats)));
  return initialSeats === 1 ? oneSeat : { initialSeats, finalSeats: 0, additionalLatency: 0 };
}

/** What a list's estimate depends on besides. */
export interface ListEstimateOptions {
  /** Of the priority level; 0 where it sets no bound. */
  readonly maxSeats: number;
  readonly watch: boolean;
}

function objectsRead({ limit, selects, named }: ListedPart, { objects }: KindStatistics, fromCache: boolean): number {
  if (named) return 1;
  const limited = limit > 0 ? Math.min(limit, objects) : objects;
  return selects && !fromCache ? Math.max(limited, Math.floor(objects / 2)) : limited;
}

function isFromCache({ limit, continue: token, resourceVersion, resourceVersionMatch }: ListedPart): boolean {
  if (resourceVersionMatch !== '') return resourceVersionMatch === 'NotOlderThan';
  if (token !== '') return false;
  return !(limit > 0 && resourceVersion !== '' && resourceVersion !== '0');
}

function boundOf(maxSeats: number, most: number): number {
  return maxSeats === 0 ? most : Math.min(maxSeats, most);
}

/** The most seats that one request of a priority level takes. Source: MaxSeatsTracker. */
export function maxSeatsOf(nominalSeats: number, handSize: number): number {
  return Math.max(1, Math.min(Math.ceil(nominalSeats * 0.15), Math.floor(nominalSeats / handSize)));
}
