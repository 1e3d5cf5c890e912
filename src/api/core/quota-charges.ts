/**
 * What was charged to a quota for objects that may not be there yet. A create is charged before its object is stored, so
 * whoever counts objects must know what is on its way: it stands with the quota, in an annotation, and is changed in one
 * write with `status.used`. So a count that is written by compare-and-swap is exact, however many servers there are.
 */
import { isJsonObject } from '../../machinery/schema.ts';
import { sumOf } from './pod-resources.ts';
import type { Quantities } from './pod-resources.ts';
import type { ResourceQuota } from './resource-quota.ts';

const annotation = 'kubets.io/quota-charges';

/** One write that was charged, and is not known to be stored or refused. */
export interface QuotaCharge {
  /** The uid that the object will have; none when it is there already and is only changed. */
  readonly uid?: string;
  readonly amounts: Quantities;
}

/** Charges by an id of their own. */
export type QuotaCharges = Readonly<Record<string, QuotaCharge>>;

/** What a quota was charged for and nobody has settled. */
export function chargesOf({ metadata }: Pick<ResourceQuota, 'metadata'>): QuotaCharges {
  const text = metadata.annotations?.[annotation];
  if (text === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) ? (parsed as unknown as QuotaCharges) : {};
  } catch {
    return {};
  }
}

/** The quota with these charges, and the amounts used. */
export function withCharges(quota: ResourceQuota, charges: QuotaCharges, used: Quantities): ResourceQuota {
  const { [annotation]: _old, ...others } = quota.metadata.annotations ?? {};
  const isEmpty = Object.keys(charges).length === 0;
  const annotations = isEmpty ? others : { ...others, [annotation]: JSON.stringify(charges) };
  return { ...quota, metadata: { ...quota.metadata, annotations }, status: { ...quota.status, used } };
}

/** Keeps the charges of the version that is there, if there is one: those who write a quota do not know of them. */
export function keepCharges(
  draft: { annotations?: Readonly<Record<string, string>> | undefined },
  old: ResourceQuota | undefined,
): void {
  const kept = old?.metadata.annotations?.[annotation];
  if (draft.annotations?.[annotation] === kept) return;
  const { [annotation]: _sent, ...others } = draft.annotations ?? {};
  draft.annotations = kept === undefined ? others : { ...others, [annotation]: kept };
}

/** What the charges come to, but for those whose objects are counted already. */
export function outstanding(charges: QuotaCharges, isCounted: (uid: string) => boolean): Quantities {
  let total: Quantities = {};
  for (const { uid, amounts } of Object.values(charges)) {
    if (uid === undefined || !isCounted(uid)) total = sumOf(total, amounts);
  }
  return total;
}
