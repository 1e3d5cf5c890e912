import type { Pod } from '../../api/core/pod.ts';
import type { DNSConfig } from '../cri/container-runtime.ts';

/** What a pod's resolv.conf depends on beside the pod. */
export interface DnsSettings {
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  /** The text of the resolv.conf that pods inherit from the node. */
  readonly nodeResolvConf: string;
}

const maxNameservers = 3;
const maxSearches = 32;
const maxSearchCharacters = 2048;

/** The parts of a resolv.conf. */
export function parseResolvConf(text: string): DNSConfig {
  const servers: string[] = [];
  let searches: string[] = [];
  let options: string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...rest] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && rest[0]) servers.push(rest[0]);
    if (keyword === 'search') searches = rest.map((domain) => (domain === '.' ? domain : domain.replace(/\.$/, '')));
    if (keyword === 'options') options = rest;
  }
  return { servers, searches, options };
}

/** The resolv.conf of a pod by its dnsPolicy and dnsConfig. Source: upstream pkg/kubelet/network/dns. */
export function podDns(pod: Pod, settings: DnsSettings): DNSConfig {
  const base = basicDns(pod, settings);
  const extra = pod.spec.dnsConfig;
  const servers = unique([...base.servers, ...(extra?.nameservers ?? [])]);
  const searches = unique([...base.searches, ...(extra?.searches ?? [])]);
  const options = mergeOptions(base.options, extra?.options ?? []);
  return { servers: servers.slice(0, maxNameservers), searches: withinLimits(searches), options };
}

function basicDns(pod: Pod, settings: DnsSettings): DNSConfig {
  const node = parseResolvConf(settings.nodeResolvConf);
  const { dnsPolicy, hostNetwork } = pod.spec;
  if (dnsPolicy === 'None') return { servers: [], searches: [], options: [] };
  const cluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  if (!cluster || settings.clusterDNS.length === 0) return node;
  const domain = settings.clusterDomain;
  const own = [`${pod.metadata.namespace ?? 'default'}.svc.${domain}`, `svc.${domain}`, domain];
  return { servers: settings.clusterDNS, searches: unique([...own, ...node.searches]), options: ['ndots:5'] };
}

function mergeOptions(
  base: readonly string[],
  extra: readonly { readonly name?: string | undefined; readonly value?: string | undefined }[],
): readonly string[] {
  const merged = new Map(base.map((option) => [option.split(':')[0] ?? '', option]));
  for (const { name = '', value } of extra) merged.set(name, value ? `${name}:${value}` : name);
  return [...merged.values()];
}

function withinLimits(searches: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let length = 0;
  for (const search of searches.slice(0, maxSearches)) {
    length += search.length + (kept.length > 0 ? 1 : 0);
    if (length > maxSearchCharacters) break;
    kept.push(search);
  }
  return kept;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
