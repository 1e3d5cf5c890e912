import type { Pod } from '../../api/core/pod.ts';
import type { NamespaceOptions } from '../cri/container-runtime.ts';

/** Which namespaces a pod's sandbox and containers use. `targetId` is set for an ephemeral container with a target. */
export function namespaceOptions(pod: Pod, targetId?: string): NamespaceOptions {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  const own = shareProcessNamespace ? 'POD' : 'CONTAINER';
  return {
    network: hostNetwork ? 'NODE' : 'POD',
    ipc: hostIPC ? 'NODE' : 'POD',
    pid: targetId !== undefined && !hostPID ? 'TARGET' : hostPID ? 'NODE' : own,
    ...(targetId !== undefined && !hostPID ? { targetId } : {}),
  };
}
