/** Which legacy tokens nobody needs. Source: kubernetes' pkg/controller/serviceaccount, legacy_serviceaccount_token_cleaner.go. */
import { dayOf, invalidSinceLabel, isDay, lastUsedLabel } from '../../api/core/legacy-token.ts';
import type { Secret } from '../../api/core/secret.ts';

const dayMs = 24 * 3_600_000;

/** When a token counts as unused. */
export interface UnusedRule {
  /** Wall-clock milliseconds. */
  readonly now: number;
  /** Milliseconds without a use. */
  readonly period: number;
}

/** Whether uses have been noted for so long that one which was not noted did not happen; `since` is a day. */
export function isTrackedLongEnough(since: string, { now, period }: UnusedRule): boolean {
  // Of the first day only a part was tracked.
  return now >= Date.parse(since) + dayMs + period;
}

/** Whether a token was made, and last used as far as that is known, longer ago than the rule says. */
export function isUnused({ metadata }: Secret, { now, period }: UnusedRule): boolean {
  if (Date.parse(metadata.creationTimestamp) >= now - period) return false;
  const lastUsed = metadata.labels?.[lastUsedLabel];
  return lastUsed === undefined || (isDay(lastUsed) && lastUsed < dayOf(now - period));
}

/** What becomes of a token that is unused: at first it is only believed no more, so that whoever misses it can say so. */
export function endOf({ metadata }: Secret, { now, period }: UnusedRule): 'invalidate' | 'wait' | 'delete' {
  const invalidSince = metadata.labels?.[invalidSinceLabel];
  if (!isDay(invalidSince)) return 'invalidate';
  return invalidSince >= dayOf(now - period) ? 'wait' : 'delete';
}
