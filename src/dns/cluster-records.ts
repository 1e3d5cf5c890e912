import type { Question, ResourceRecord } from 'dns-packet';
import type { Service } from '../api/core/service.ts';
import { formatIP, parseIP } from '../machinery/ip-address.ts';
import type { ClusterView } from './cluster-view.ts';
import { serviceNameLabel } from './cluster-view.ts';
import type { DnsAnswer } from './dns-answer.ts';
import { bareAnswer } from './dns-answer.ts';
import type { DnsEndpoint } from './service-endpoints.ts';
import { endpointLabel, readyEndpoints } from './service-endpoints.ts';

/** What decides the records of a cluster. */
export interface ZoneOptions {
  /** Such as `cluster.local`. */
  readonly clusterDomain: string;
  /** Seconds that clients may keep an answer. */
  readonly ttl: number;
  /** Grows with each change of the cluster; only ever compared. */
  readonly serial: () => number;
  /** Orders answers, so that clients which take the first spread over all. */
  readonly shuffle: <T>(items: readonly T[]) => readonly T[];
}

/** An answer; `follow` names the target of an alias that the asker wants resolved too. */
export interface ZoneAnswer extends DnsAnswer {
  readonly follow?: string | undefined;
}

/** The version of the specification that the records follow. */
const schemaVersion = '1.1.0';

/**
 * The answer to a question about the cluster; undefined when the name is not the cluster's. Source: Kubernetes
 * DNS-Based Service Discovery 1.1.
 */
export function clusterAnswer(question: Question, view: ClusterView, zone: ZoneOptions): ZoneAnswer | undefined {
  const name = question.name.toLowerCase().replace(/\.$/, '');
  const reverse = reverseAddress(name);
  if (reverse !== undefined) return pointers(question, reverse, view, zone);
  const domain = zone.clusterDomain;
  if (name !== domain && !name.endsWith(`.${domain}`)) return undefined;
  const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split('.');
  const found = labels.length === 0 ? apex(question, zone) : lookUp(question, labels, { view, zone });
  return found === undefined || found.answers.length === 0
    ? { ...(found ?? bareAnswer('NXDOMAIN')), authorities: [soa(zone)] }
    : found;
}

interface Context {
  readonly view: ClusterView;
  readonly zone: ZoneOptions;
}

/** Undefined: no such name. An answer without records: the name exists, with other types. */
function lookUp(question: Question, labels: readonly string[], context: Context): ZoneAnswer | undefined {
  const [last, namespace, ...rest] = labels.toReversed();
  const { view, zone } = context;
  if (labels.join('.') === 'dns-version') return only(question, 'TXT', schemaVersion, zone);
  if (labels.join('.') === 'ns.dns') return addresses(question, serverAddresses(view), zone);
  if (labels.join('.') === 'dns') return bareAnswer('NOERROR');
  if (last !== 'svc' && last !== 'pod') return undefined;
  if (namespace === undefined) return bareAnswer('NOERROR');
  const [name, ...inner] = rest;
  if (name === undefined) return view.hasNamespace(namespace) ? bareAnswer('NOERROR') : undefined;
  if (last === 'pod') return inner.length === 0 ? podRecords(question, { namespace, name }, context) : undefined;
  const service = view.service(namespace, name);
  return service === undefined ? undefined : serviceRecords(question, service, { inner, ...context });
}

/** `1-2-3-4.<namespace>.pod` stands for the address in its name. */
function podRecords(
  question: Question,
  pod: { namespace: string; name: string },
  { view, zone }: Context,
): ZoneAnswer | undefined {
  const address = [pod.name.replaceAll('-', '.'), pod.name.replaceAll('-', ':')].find(
    (text) => parseIP(text) !== undefined,
  );
  return address === undefined || !view.hasNamespace(pod.namespace) ? undefined : addresses(question, [address], zone);
}

function serviceRecords(
  question: Question,
  service: Service,
  context: Context & {
    /** The labels before the Service's name, the nearest first. */ readonly inner: readonly string[];
  },
): ZoneAnswer | undefined {
  const { inner, view, zone } = context;
  const { namespace = '', name } = service.metadata;
  if (service.spec.type === 'ExternalName') return inner.length === 0 ? alias(question, service, zone) : undefined;
  const endpoints = readyEndpoints(view.slices(namespace, name));
  const headless = isHeadless(service);
  const [first = '', second] = inner;
  if (inner.length === 2 && first.startsWith('_') && second?.startsWith('_')) {
    return serviceLocations(question, service, { endpoints, zone, protocol: first.slice(1), port: second.slice(1) });
  }
  if (inner.length > 1) return undefined;
  // The parent of the names above exists where they do.
  if (first.startsWith('_')) return hasProtocol(service, first.slice(1)) ? bareAnswer('NOERROR') : undefined;
  if (first !== '') {
    const named = endpoints.filter((endpoint) => endpointLabel(endpoint) === first);
    return named.length === 0
      ? undefined
      : addresses(
          question,
          named.map((endpoint) => endpoint.address),
          zone,
        );
  }
  if (headless && endpoints.length === 0) return undefined;
  if (question.type === 'SRV') return serviceLocations(question, service, { endpoints, zone });
  return addresses(question, headless ? endpoints.map((endpoint) => endpoint.address) : clusterIPs(service), zone);
}

function alias(question: Question, service: Service, zone: ZoneOptions): ZoneAnswer {
  const target = service.spec.externalName?.replace(/\.$/, '') ?? '';
  if (target === '') return bareAnswer('NOERROR');
  // An external name may be an address, for which an alias would be no answer to anything.
  if (parseIP(target) !== undefined) return addresses(question, [target], zone);
  const answers = [{ ...owned(question, zone), type: 'CNAME', data: target } as const];
  const follow = question.type === 'A' || question.type === 'AAAA' ? target : undefined;
  return { ...bareAnswer('NOERROR'), answers, follow };
}

/** SRV records: of a ClusterIP Service one a port, of a headless one a port and endpoint. */
function serviceLocations(
  question: Question,
  service: Service,
  found: { endpoints: readonly DnsEndpoint[]; zone: ZoneOptions; port?: string; protocol?: string },
): ZoneAnswer | undefined {
  const { zone } = found;
  const isAsked = (port: { readonly name?: string | undefined; readonly protocol?: string | undefined }): boolean =>
    (found.port === undefined || found.port === port.name?.toLowerCase()) &&
    (found.protocol === undefined || found.protocol === (port.protocol ?? 'TCP').toLowerCase());
  const base = `${service.metadata.name}.${service.metadata.namespace}.svc.${zone.clusterDomain}`;
  const locations = isHeadless(service)
    ? found.endpoints.flatMap((endpoint) => {
        const target = `${endpointLabel(endpoint)}.${base}`;
        return endpoint.ports.filter(isAsked).map(({ port }) => ({ port, target, addresses: [endpoint.address] }));
      })
    : (service.spec.ports ?? [])
        .filter(isAsked)
        .map(({ port }) => ({ port, target: base, addresses: clusterIPs(service) }));
  if (locations.length === 0) return undefined;
  if (question.type !== 'SRV') return bareAnswer('NOERROR');
  const weight = Math.max(1, Math.floor(100 / locations.length));
  const answers = locations.map(
    ({ port, target }) =>
      ({ ...owned(question, zone), type: 'SRV', data: { priority: 0, weight, port, target } }) as const,
  );
  const targets = new Map(locations.map((location) => [location.target, location.addresses]));
  const additionals = [...targets].flatMap(([target, list]) =>
    list.map((address) => addressRecord(target, address, zone)),
  );
  return { ...bareAnswer('NOERROR'), answers: zone.shuffle(answers), additionals };
}

function addresses(question: Question, list: readonly string[], zone: ZoneOptions): ZoneAnswer {
  const ofType = list.filter((address) => (address.includes(':') ? 'AAAA' : 'A') === question.type);
  const answers = zone.shuffle(ofType.map((address) => addressRecord(question.name, address, zone)));
  return { ...bareAnswer('NOERROR'), answers };
}

function addressRecord(name: string, address: string, zone: ZoneOptions): ResourceRecord {
  return { name, ttl: zone.ttl, class: 'IN', type: address.includes(':') ? 'AAAA' : 'A', data: address };
}

function only(question: Question, type: 'TXT', data: string, zone: ZoneOptions): ZoneAnswer {
  const answers = question.type === type ? [{ ...owned(question, zone), type, data } as const] : [];
  return { ...bareAnswer('NOERROR'), answers };
}

function apex(question: Question, zone: ZoneOptions): ZoneAnswer {
  const own = owned(question, zone);
  if (question.type === 'SOA') return { ...bareAnswer('NOERROR'), answers: [soa(zone)] };
  if (question.type !== 'NS') return bareAnswer('NOERROR');
  return { ...bareAnswer('NOERROR'), answers: [{ ...own, type: 'NS', data: `ns.dns.${zone.clusterDomain}` }] };
}

function soa(zone: ZoneOptions): ResourceRecord {
  const domain = zone.clusterDomain;
  const times = { refresh: 7200, retry: 1800, expire: 86_400, minimum: zone.ttl };
  const data = { mname: `ns.dns.${domain}`, rname: `hostmaster.${domain}`, serial: zone.serial(), ...times };
  return { name: domain, ttl: zone.ttl, class: 'IN', type: 'SOA', data };
}

/** PTR records; undefined when the address is not the cluster's, which somebody else may then know. */
function pointers(question: Question, address: string, view: ClusterView, zone: ZoneOptions): ZoneAnswer | undefined {
  const suffix = (namespace: string | undefined, name: string): string =>
    `${name}.${namespace}.svc.${zone.clusterDomain}`;
  const services = view.servicesAt(address).map(({ metadata }) => suffix(metadata.namespace, metadata.name));
  const names =
    services.length > 0
      ? services
      : view.slicesAt(address).flatMap((slice) => {
          const service = slice.metadata.labels?.[serviceNameLabel];
          if (service === undefined) return [];
          const found = readyEndpoints([slice]).filter((endpoint) => endpoint.address === address);
          return found.map((endpoint) => `${endpointLabel(endpoint)}.${suffix(slice.metadata.namespace, service)}`);
        });
  if (names.length === 0) return undefined;
  if (question.type !== 'PTR') return { ...bareAnswer('NOERROR'), authorities: [soa(zone)] };
  const answers = [...new Set(names)].map((data) => ({ ...owned(question, zone), type: 'PTR', data }) as const);
  return { ...bareAnswer('NOERROR'), answers };
}

/** The address that a name below in-addr.arpa or ip6.arpa stands for. */
function reverseAddress(name: string): string | undefined {
  const v4 = /^(\d{1,3}(?:\.\d{1,3}){3})\.in-addr\.arpa$/.exec(name)?.[1];
  const text = v4?.split('.').reverse().join('.') ?? reverseNibbles(name);
  const address = text === undefined ? undefined : parseIP(text);
  return address && formatIP(address);
}

function reverseNibbles(name: string): string | undefined {
  const nibbles = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)?.[1];
  return nibbles
    ?.replaceAll('.', '')
    .split('')
    .reverse()
    .join('')
    .replace(/(.{4})(?=.)/g, '$1:');
}

function owned(
  question: Question,
  zone: ZoneOptions,
): { readonly name: string; readonly ttl: number; readonly class: string } {
  return { name: question.name, ttl: zone.ttl, class: 'IN' };
}

function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None' || spec.clusterIP === undefined || spec.clusterIP === '';
}

function clusterIPs({ spec }: Service): readonly string[] {
  return spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? ''];
}

function hasProtocol(service: Service, protocol: string): boolean {
  return (service.spec.ports ?? []).some((port) => port.protocol.toLowerCase() === protocol);
}

/** The addresses of the cluster's DNS itself. */
function serverAddresses(view: ClusterView): readonly string[] {
  const service = view.service('kube-system', 'kube-dns');
  return service === undefined || isHeadless(service) ? [] : clusterIPs(service);
}
