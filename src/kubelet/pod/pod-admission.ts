import type { Pod } from '../../api/core/pod.ts';
import type { PodFailure } from '../status/pod-status.ts';

/** Kernel parameters that a pod may set: they reach no further than the pod. Source: pkg/kubelet/sysctl/safe_sysctls.go. */
const safeSysctls: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

/** Why this kubelet does not run the pod at all, with upstream's reasons and words; undefined when it does. */
export function admissionRefusal(pod: Pod): PodFailure | undefined {
  for (const { name } of pod.spec.securityContext?.sysctls ?? []) {
    const sysctl = name.replaceAll('/', '.');
    if (!safeSysctls.has(sysctl)) return forbidden(sysctl, 'not allowlisted');
    if (pod.spec.hostNetwork && sysctl.startsWith('net.'))
      return forbidden(sysctl, 'not allowed with host net enabled');
    if (pod.spec.hostIPC && !sysctl.startsWith('net.')) return forbidden(sysctl, 'not allowed with host ipc enabled');
  }
  return undefined;
}

function forbidden(sysctl: string, why: string): PodFailure {
  return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${JSON.stringify(sysctl)} ${why}` };
}
