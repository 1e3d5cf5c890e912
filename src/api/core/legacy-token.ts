/**
 * How tokens that live as long as their Secret are followed: labels of the Secret, and the ConfigMap that says since when.
 * Source: kubernetes' serviceaccount/legacy, controller/legacytokentracking.
 */

/** The day of a token's last use. */
export const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
/** The day since which a token is not believed any more. */
export const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';
/** The ConfigMap whose `since` is the day since which uses are noted. */
export const trackingKey = {
  namespace: 'kube-system',
  name: 'kube-apiserver-legacy-service-account-token-tracking',
} as const;

/** The day of a time, in UTC: `2026-01-31`. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** Whether a text is a day as `dayOf` writes it. */
export function isDay(text: string | undefined): text is string {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}
