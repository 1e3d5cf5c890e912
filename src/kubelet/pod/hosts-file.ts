import type { Pod } from '../../api/core/pod.ts';
import { hostDomainOf, hostnameOf } from './pod-facts.ts';

const loopback = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`;

/** The pod's /etc/hosts. `nodeHosts` is the node's own file, which pods on the node's network inherit. */
export function hostsFile(
  pod: Pod,
  from: { readonly podIPs: readonly string[]; readonly clusterDomain: string; readonly nodeHosts: string },
): string {
  const aliases = aliasLines(pod);
  if (pod.spec.hostNetwork) return `# Kubernetes-managed hosts file (host network).\n${from.nodeHosts}${aliases}`;
  const hostname = hostnameOf(pod);
  const domain = hostDomainOf(pod, from.clusterDomain);
  const names = domain ? `${hostname}.${domain}\t${hostname}` : hostname;
  const own = from.podIPs.map((ip) => `${ip}\t${names}\n`).join('');
  return `# Kubernetes-managed hosts file.\n${loopback}${own}${aliases}`;
}

function aliasLines(pod: Pod): string {
  const aliases = pod.spec.hostAliases ?? [];
  if (aliases.length === 0) return '';
  const lines = aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}
