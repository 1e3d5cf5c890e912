import type { Pod } from '../../api/core/pod.ts';

/** Set by the controller `endpoint-withdrawal` once no node sends new connections to the pod any more. */
export const endpointsWithdrawnCondition = 'kubets.io/EndpointsWithdrawn';

/** Whether every proxy has stopped to send to the pod. */
export function endpointsWithdrawn(pod: Pod): boolean {
  return (pod.status.conditions ?? []).some(
    ({ type, status }) => type === endpointsWithdrawnCondition && status === 'True',
  );
}

/** How long a deleted pod waits for that at most, ms: 0 for pods to which nothing was ever sent. */
export function withdrawalTimeout(
  pod: Pod,
  { timeout, graceMs }: { readonly timeout: number; readonly graceMs: number },
): number {
  const wasReady = (pod.status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
  return wasReady && graceMs > 0 ? Math.min(timeout, graceMs) : 0;
}
