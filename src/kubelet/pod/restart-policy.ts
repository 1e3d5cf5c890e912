import type { Pod } from '../../api/core/pod.ts';
import type { ObservedContainer } from './observed-pod.ts';
import type { AnyContainer } from './pod-facts.ts';
import { isSidecar } from './pod-facts.ts';

/** Whether a container that is in this state should be started (again). Undefined: it never ran. */
export function shouldStart(pod: Pod, container: AnyContainer, status: ObservedContainer | undefined): boolean {
  if (!status) return true;
  if (status.state === 'Running') return false;
  if (status.state !== 'Exited') return true;
  return restartsAfter(pod, container, status.exitCode);
}

/** Whether a container is started again after it ended with `exitCode`. Its own policy and rules win over the pod's. */
export function restartsAfter(pod: Pod, container: AnyContainer, exitCode: number): boolean {
  if (isSidecar(container)) return true;
  for (const rule of container.restartPolicyRules ?? []) {
    const listed = rule.exitCodes?.values?.includes(exitCode) ?? false;
    const applies = rule.exitCodes?.operator === 'NotIn' ? !listed : listed;
    if (applies && rule.action === 'Restart') return true;
  }
  const policy = container.restartPolicy ?? pod.spec.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}
