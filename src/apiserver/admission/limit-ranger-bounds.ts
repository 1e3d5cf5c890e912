/** Which bounds of a LimitRange something breaks, in upstream's words. Source: kubernetes' admission/limitranger. */
import type { LimitRangeItem } from '../../api/core/limit-range.ts';
import { containersTotal, exactly } from '../../api/core/pod-resources.ts';
import type { Quantities } from '../../api/core/pod-resources.ts';
import type { PodSpec } from '../../api/core/pod-spec.ts';
import type { PersistentVolumeClaimSpec } from '../../api/core/volume.ts';
import { approximateValue, canonicalQuantity, compareQuantities, parseQuantity } from '../../machinery/quantity.ts';

/** What something asks for and may use. */
interface Usage {
  readonly requests?: Quantities | undefined;
  readonly limits?: Quantities | undefined;
}

/** The bounds that a pod breaks: each of its containers, and all of it. */
export function podBreaches(limits: readonly LimitRangeItem[], spec: PodSpec): readonly string[] {
  return limits.flatMap((limit) => {
    if (limit.type === 'Pod') return breachesOf(limit, podUsage(spec));
    if (limit.type !== 'Container') return [];
    return [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
      breachesOf(limit, resources),
    );
  });
}

/** The bounds that a claim breaks. Only what it requests counts. */
export function claimBreaches(
  limits: readonly LimitRangeItem[],
  { resources: { requests } }: PersistentVolumeClaimSpec,
): readonly string[] {
  return limits.flatMap((limit) => {
    if (limit.type !== 'PersistentVolumeClaim') return [];
    return [
      ...each(limit.min, (bound) => minimum(bound, limit, { requests })),
      ...each(limit.max, (bound) => maximumRequest(bound, limit, requests)),
    ];
  });
}

function breachesOf(limit: LimitRangeItem, usage: Usage): readonly string[] {
  return [
    ...each(limit.min, (bound) => minimum(bound, limit, usage)),
    ...each(limit.max, (bound) => maximum(bound, limit, usage)),
    ...each(limit.maxLimitRequestRatio, (bound) => ratio(bound, limit, usage)),
  ];
}

/** Without overhead; what the pod states as a whole counts instead of its containers'. */
function podUsage(spec: PodSpec): Usage {
  const total = (part: 'requests' | 'limits'): Quantities => {
    const { cpu, memory } = spec.resources?.[part] ?? {};
    return {
      ...containersTotal({ spec }, { part, reckoning: exactly }),
      ...(cpu === undefined ? {} : { cpu }),
      ...(memory === undefined ? {} : { memory }),
    };
  };
  return { requests: total('requests'), limits: total('limits') };
}

interface Bound {
  readonly name: string;
  readonly amount: string;
}

function each(bounds: Quantities | undefined, check: (bound: Bound) => string | undefined): readonly string[] {
  if (!bounds) return [];
  return Object.entries(bounds).flatMap(([name, amount]) => check({ name, amount }) ?? []);
}

function minimum({ name, amount }: Bound, { type }: LimitRangeItem, { requests, limits }: Usage): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${canonicalQuantity(amount)}`;
  const [request, limit] = [requests?.[name], limits?.[name]];
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compareQuantities(request, amount) < 0) return `${rule}, but request is ${canonicalQuantity(request)}`;
  if (limit === undefined || compareQuantities(limit, amount) >= 0) return undefined;
  return `${rule}, but limit is ${canonicalQuantity(limit)}`;
}

function maximum({ name, amount }: Bound, { type }: LimitRangeItem, { requests, limits }: Usage): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${canonicalQuantity(amount)}`;
  const [request, limit] = [requests?.[name], limits?.[name]];
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (compareQuantities(limit, amount) > 0) return `${rule}, but limit is ${canonicalQuantity(limit)}`;
  if (request === undefined || compareQuantities(request, amount) <= 0) return undefined;
  return `${rule}, but request is ${canonicalQuantity(request)}`;
}

function maximumRequest(
  { name, amount }: Bound,
  { type }: LimitRangeItem,
  requests: Quantities | undefined,
): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${canonicalQuantity(amount)}`;
  const request = requests?.[name];
  if (request === undefined) return `${rule}.  No request is specified`;
  return compareQuantities(request, amount) > 0 ? `${rule}, but request is ${canonicalQuantity(request)}` : undefined;
}

function ratio({ name, amount }: Bound, { type }: LimitRangeItem, { requests, limits }: Usage): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${canonicalQuantity(amount)}`;
  const [request, limit] = [requests?.[name] ?? '0', limits?.[name] ?? '0'];
  if (isZero(request)) return `${rule}, but no request is specified or request is 0`;
  if (isZero(limit)) return `${rule}, but no limit is specified or limit is 0`;
  // Exactly: a quotient would be rounded.
  const isMore = parseQuantity(limit).nano * 1_000_000_000n > parseQuantity(request).nano * parseQuantity(amount).nano;
  if (!isMore) return undefined;
  return `${rule}, but provided ratio is ${(approximateValue(limit) / approximateValue(request)).toFixed(6)}`;
}

function isZero(quantity: string): boolean {
  return parseQuantity(quantity).nano === 0n;
}
