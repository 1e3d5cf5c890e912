import { expect, test } from 'vitest';
import type { Service } from '../api/core/service.ts';
import type { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import { ObjectCache } from '../client/object-cache.ts';
import { clusterAnswer } from './cluster-records.ts';
import { informerView } from './informer-view.ts';
import { testNamespace, testService, testSlice } from './test/cluster-objects.ts';

function clusterOf(services: readonly Service[], slices: readonly EndpointSlice[] = []) {
  const caches = {
    namespaces: new ObjectCache(),
    services: new ObjectCache<Service>(),
    slices: new ObjectCache<EndpointSlice>(),
  };
  caches.namespaces.replace([testNamespace('default'), testNamespace('empty')], '1');
  caches.services.replace(services, '1');
  caches.slices.replace(slices, '1');
  const view = informerView(caches as never);
  const zone = { clusterDomain: 'cluster.local', ttl: 5, serial: () => 1, shuffle: <T>(items: readonly T[]) => items };
  return (name: string, type = 'A') => clusterAnswer({ name, type, class: 'IN' }, view, zone);
}

const data = (answer: ReturnType<ReturnType<typeof clusterOf>>): unknown[] =>
  (answer?.answers ?? []).map((record) => record.data);

/** Neither records nor a denial of the name: it exists, with other types. */
const noData = { rcode: 'NOERROR', answers: [], authorities: [{ type: 'SOA', name: 'cluster.local', ttl: 5 }] };
const nxDomain = { rcode: 'NXDOMAIN', answers: [], authorities: [{ type: 'SOA', name: 'cluster.local' }] };

test('a Service with a ClusterIP has its addresses by family', () => {
  const ask = clusterOf([
    testService('web', { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10', 'fd00::a'] }),
    testService('v4', { clusterIP: '10.96.0.11' }),
  ]);
  expect(data(ask('web.default.svc.cluster.local'))).toEqual(['10.96.0.10']);
  expect(data(ask('web.default.svc.cluster.local', 'AAAA'))).toEqual(['fd00::a']);
  expect(ask('v4.default.svc.cluster.local', 'AAAA')).toMatchObject(noData);
  expect(ask('v4.default.svc.cluster.local', 'MX')).toMatchObject(noData);
});

test('each named port has a location', () => {
  const ports = [
    { name: 'http', protocol: 'TCP', port: 80 },
    { name: 'dns', protocol: 'UDP', port: 53 },
  ] as const;
  const ask = clusterOf([testService('web', { clusterIP: '10.96.0.10', ports })]);
  const answer = ask('_dns._udp.web.default.svc.cluster.local', 'SRV');
  expect(data(answer)).toEqual([{ priority: 0, weight: 100, port: 53, target: 'web.default.svc.cluster.local' }]);
  expect(answer?.additionals).toMatchObject([{ name: 'web.default.svc.cluster.local', type: 'A', data: '10.96.0.10' }]);
  expect(ask('_dns._udp.web.default.svc.cluster.local', 'A')).toMatchObject(noData);
  expect(ask('_udp.web.default.svc.cluster.local', 'A')).toMatchObject(noData);
  expect(ask('_sctp.web.default.svc.cluster.local', 'A')).toMatchObject(nxDomain);
  expect(ask('_dns._tcp.web.default.svc.cluster.local', 'SRV')).toMatchObject(nxDomain);
  expect(data(ask('web.default.svc.cluster.local', 'SRV'))).toHaveLength(2);
});

test('a headless Service has the addresses of its ready endpoints, each also under a name of its own', () => {
  const endpoints = [
    { addresses: ['10.1.0.1'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.1.0.2'], conditions: { ready: true } },
    { addresses: ['10.1.0.3'], hostname: 'db-2', conditions: { ready: false, serving: true, terminating: true } },
  ];
  const ask = clusterOf(
    [testService('db', { clusterIP: 'None' })],
    [testSlice('db', endpoints), testSlice('db', ['fd01::1'], 'IPv6')],
  );
  expect(data(ask('db.default.svc.cluster.local'))).toEqual(['10.1.0.1', '10.1.0.2']);
  expect(data(ask('db.default.svc.cluster.local', 'AAAA'))).toEqual(['fd01::1']);
  expect(data(ask('db-0.db.default.svc.cluster.local'))).toEqual(['10.1.0.1']);
  expect(data(ask('10-1-0-2.db.default.svc.cluster.local'))).toEqual(['10.1.0.2']);
  expect(ask('db-2.db.default.svc.cluster.local')).toMatchObject(nxDomain);
  const locations = ask('_http._tcp.db.default.svc.cluster.local', 'SRV');
  expect(data(locations)).toMatchObject([
    { port: 8080, target: 'db-0.db.default.svc.cluster.local', weight: 33 },
    { port: 8080, target: '10-1-0-2.db.default.svc.cluster.local' },
    { port: 8080, target: 'fd01--1.db.default.svc.cluster.local' },
  ]);
  expect(locations?.additionals.map((record) => record.data)).toEqual(['10.1.0.1', '10.1.0.2', 'fd01::1']);
});

test('a headless Service without ready endpoints does not exist in DNS', () => {
  const ask = clusterOf(
    [testService('db', { clusterIP: 'None' })],
    [testSlice('db', [{ addresses: ['10.1.0.1'], conditions: { ready: false } }])],
  );
  expect(ask('db.default.svc.cluster.local')).toMatchObject(nxDomain);
});

test('an ExternalName is an alias, for any type of question', () => {
  const ask = clusterOf([testService('out', { type: 'ExternalName', externalName: 'Example.org.' })]);
  expect(ask('out.default.svc.cluster.local')).toMatchObject({
    answers: [{ type: 'CNAME', data: 'Example.org' }],
    follow: 'Example.org',
  });
  expect(ask('out.default.svc.cluster.local', 'CNAME')).toMatchObject({ answers: [{ type: 'CNAME' }] });
  expect(ask('_http._tcp.out.default.svc.cluster.local', 'SRV')).toMatchObject(nxDomain);
});

test('a pod has a name made of its address, in a namespace that exists', () => {
  const ask = clusterOf([]);
  expect(data(ask('10-1-0-2.default.pod.cluster.local'))).toEqual(['10.1.0.2']);
  expect(data(ask('fd01--2.default.pod.cluster.local', 'AAAA'))).toEqual(['fd01::2']);
  expect(ask('10-1-0-2.default.pod.cluster.local', 'AAAA')).toMatchObject(noData);
  for (const name of ['10-1-0-2.missing.pod', '10-1-0.default.pod', 'x.default.pod', 'a.10-1-0-2.default.pod']) {
    expect(ask(`${name}.cluster.local`)).toMatchObject(nxDomain);
  }
});

test('addresses lead back to names, and foreign addresses are left to others', () => {
  const endpoints = [{ addresses: ['10.1.0.1'], hostname: 'db-0', conditions: { ready: true } }, '10.1.0.2'];
  const services = [
    testService('web', { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10', 'fd00::a'] }),
    testService('db', { clusterIP: 'None' }),
  ];
  const ask = clusterOf(services, [testSlice('db', endpoints)]);
  expect(data(ask('10.0.96.10.in-addr.arpa', 'PTR'))).toEqual(['web.default.svc.cluster.local']);
  expect(data(ask(`a.${'0.'.repeat(27)}0.0.d.f.ip6.arpa`, 'PTR'))).toEqual(['web.default.svc.cluster.local']);
  expect(data(ask('1.0.1.10.in-addr.arpa', 'PTR'))).toEqual(['db-0.db.default.svc.cluster.local']);
  expect(data(ask('2.0.1.10.in-addr.arpa', 'PTR'))).toEqual(['10-1-0-2.db.default.svc.cluster.local']);
  expect(ask('10.0.96.10.in-addr.arpa', 'A')).toMatchObject(noData);
  expect(ask('8.8.8.8.in-addr.arpa', 'PTR')).toBeUndefined();
});

test('names that only have others below them exist without data, and all else does not exist', () => {
  const ask = clusterOf([testService('web', { clusterIP: '10.96.0.10' })]);
  for (const name of [
    'cluster.local',
    'svc.cluster.local',
    'pod.cluster.local',
    'default.svc.cluster.local',
    'empty.svc.cluster.local',
    'dns.cluster.local',
  ]) {
    expect(ask(name)).toMatchObject(noData);
  }
  for (const name of [
    'web.empty.svc',
    'missing.svc',
    'web.missing.svc',
    'a.b.c.web.default.svc',
    'x.web.default.svc',
    'svc.default',
    'www',
  ]) {
    expect(ask(`${name}.cluster.local`)).toMatchObject(nxDomain);
  }
  expect(ask('google.com.default.svc.cluster.local')).toMatchObject(nxDomain);
  expect(ask('example.org')).toBeUndefined();
  expect(ask('notcluster.local')).toBeUndefined();
});

test('the zone tells its version, its authority and its server', () => {
  const ask = clusterOf([testService('kube-dns', { clusterIP: '10.96.0.53' }, 'kube-system')]);
  expect(data(ask('dns-version.cluster.local', 'TXT'))).toEqual(['1.1.0']);
  expect(ask('dns-version.cluster.local')).toMatchObject(noData);
  expect(ask('cluster.local', 'SOA')?.answers).toMatchObject([
    { type: 'SOA', data: { mname: 'ns.dns.cluster.local', minimum: 5 } },
  ]);
  expect(data(ask('cluster.local', 'NS'))).toEqual(['ns.dns.cluster.local']);
  expect(data(ask('ns.dns.cluster.local'))).toEqual(['10.96.0.53']);
});
