import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import packet from 'dns-packet';
import { expect, test } from 'vitest';
import { Namespace } from '../api/core/namespace.ts';
import { Service } from '../api/core/service.ts';
import { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import { silentLogger } from '../base/logger.ts';
import { systemClock } from '../base/system-clock.ts';
import type { Client } from '../client/client.ts';
import { MemoryClient } from '../client/test/memory-client.ts';
import type { DnsServerOptions } from './create-dns-server.ts';
import { createDnsServer } from './create-dns-server.ts';
import type { Responder } from './dns-listener.ts';
import { listenDns } from './dns-listener.ts';
import type { Ask } from './test/dns-client.ts';
import { ask } from './test/dns-client.ts';
import { testNamespace, testService, testSlice } from './test/cluster-objects.ts';

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await systemClock.sleep(5);
  }
}

/** A DNS server over a cluster in memory, on loopback. */
async function testDns(options: Partial<DnsServerOptions> = {}, client?: (cluster: MemoryClient) => Client) {
  const cluster = new MemoryClient();
  cluster.put(Namespace, testNamespace('default'));
  cluster.put(Service, testService('web', { clusterIP: '10.96.0.10' }));
  const abort = new AbortController();
  const listening = Promise.withResolvers<{ dns: number; health: number; metrics: number }>();
  const server = createDnsServer({
    client: client?.(cluster) ?? cluster.asClient(),
    listen: { address: '127.0.0.1', port: 0 },
    healthAddress: '127.0.0.1:0',
    metricsAddress: '127.0.0.1:0',
    upstreams: [],
    log: silentLogger,
    onListening: listening.resolve,
    ...options,
  });
  const running = server.run(abort.signal);
  const ports = await listening.promise;
  const status = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${ports.health}${path}`)).status;
  return {
    cluster,
    ports,
    status,
    ask: (question: Ask | string) => ask(ports.dns, typeof question === 'string' ? { name: question } : question),
    ready: () => until('ready', async () => (await status('/ready')) === 200),
    async [Symbol.asyncDispose]() {
      abort.abort();
      await running;
    },
  };
}

/** An upstream server on loopback that answers each name with the given addresses, and counts. */
async function testUpstream(records: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = [];
  const respond: Responder = async (message, transport) => {
    const query = packet.decode(message);
    const [question] = query.questions;
    if (question === undefined) return undefined;
    asked.push(`${transport} ${question.name}`);
    const data = records[question.name.toLowerCase()];
    const answers = (data ?? []).map(
      (address) => ({ name: question.name, type: 'A', ttl: 300, data: address }) as const,
    );
    const response = packet.encode({
      id: query.id,
      type: 'response',
      flags: data === undefined ? 3 : 0,
      questions: query.questions,
      answers,
    });
    if (transport === 'tcp' || response.length <= 512) return response;
    const cut = packet.encode({ id: query.id, type: 'response', flags: 0x200, questions: query.questions });
    return cut;
  };
  const listener = await listenDns('127.0.0.1', 0, respond);
  return {
    asked,
    upstream: { address: '127.0.0.1', port: listener.port },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

test('a Service is found over UDP and TCP, and a new one as soon as it is known', async () => {
  await using dns = await testDns();
  await dns.ready();
  for (const transport of ['udp', 'tcp'] as const) {
    const answer = await dns.ask({ name: 'web.default.svc.cluster.local', transport });
    expect(answer).toMatchObject({
      rcode: 'NOERROR',
      authoritative: true,
      answers: [{ type: 'A', data: '10.96.0.10', ttl: 5 }],
    });
  }
  expect((await dns.ask('late.default.svc.cluster.local')).rcode).toBe('NXDOMAIN');
  dns.cluster.put(Service, testService('late', { clusterIP: '10.96.0.11' }));
  await until('known', async () => (await dns.ask('late.default.svc.cluster.local')).answers.length === 1);
  dns.cluster.remove(Service, { namespace: 'default', name: 'late' });
  await until('forgotten', async () => (await dns.ask('late.default.svc.cluster.local')).rcode === 'NXDOMAIN');
});

test('it is healthy at once but ready only when it knows the cluster, and until then denies nothing', async () => {
  const gate = Promise.withResolvers<void>();
  await using dns = await testDns({}, (cluster) => {
    const client = cluster.asClient();
    return { ...client, list: async (...args) => gate.promise.then(() => client.list(...args)) };
  });
  expect(await dns.status('/health')).toBe(200);
  expect(await dns.status('/ready')).toBe(503);
  expect((await dns.ask('web.default.svc.cluster.local')).rcode).toBe('SERVFAIL');
  gate.resolve();
  await dns.ready();
  expect((await dns.ask('web.default.svc.cluster.local')).rcode).toBe('NOERROR');
});

test('the spelling of a name does not matter and is given back as it came', async () => {
  await using dns = await testDns();
  await dns.ready();
  const answer = await dns.ask('WeB.DEFAULT.svc.Cluster.Local');
  expect(answer.answers).toMatchObject([{ name: 'WeB.DEFAULT.svc.Cluster.Local', data: '10.96.0.10' }]);
});

test('an answer that is too large for UDP is cut, fits with EDNS, and comes whole over TCP', async () => {
  await using dns = await testDns();
  const addresses = Array.from({ length: 60 }, (_, i) => `10.1.0.${i}`);
  dns.cluster.put(Service, testService('many', { clusterIP: 'None' }));
  dns.cluster.put(EndpointSlice, testSlice('many', addresses));
  await dns.ready();
  const name = 'many.default.svc.cluster.local';
  const plain = await dns.ask(name);
  expect(plain).toMatchObject({ truncated: true, answers: [] });
  expect(plain.bytes).toBeLessThanOrEqual(512);
  const large = await dns.ask({ name, udpPayloadSize: 1232 });
  expect(large).toMatchObject({ truncated: false });
  expect(large.bytes).toBeLessThanOrEqual(1232);
  expect(large.answers).toHaveLength(60);
  expect(large.additionals).toMatchObject([{ type: 'OPT' }]);
  const whole = await dns.ask({ name, transport: 'tcp' });
  const received = whole.answers.map((record) => ('data' in record ? record.data : ''));
  expect(new Set(received)).toEqual(new Set(addresses));
});

test('what does not fit is left out without complaint where it is only additional', async () => {
  await using dns = await testDns();
  dns.cluster.put(Service, testService('locations', { clusterIP: 'None' }));
  dns.cluster.put(EndpointSlice, testSlice('locations', ['10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.4']));
  await dns.ready();
  const name = '_http._tcp.locations.default.svc.cluster.local';
  expect(await dns.ask({ name, type: 'SRV' })).toMatchObject({ truncated: false, additionals: [] });
  const whole = await dns.ask({ name, type: 'SRV', udpPayloadSize: 4096 });
  expect(whole.answers).toHaveLength(4);
  expect(whole.additionals.filter((record) => record.type === 'A')).toHaveLength(4);
});

test('malformed, foreign and unsupported messages get the code that says so', async () => {
  await using dns = await testDns();
  await dns.ready();
  const header = (flags: number, questions: number): Buffer =>
    Buffer.from([0, 7, flags, 0, 0, questions, 0, 0, 0, 0, 0, 0]);
  expect((await dns.ask({ name: '', raw: Buffer.concat([header(1, 1), Buffer.from([63, 1])]) })).rcode).toBe('FORMERR');
  expect((await dns.ask({ name: '', raw: header(1, 0) })).rcode).toBe('FORMERR');
  expect((await dns.ask({ name: '', raw: header(0x28, 1) })).rcode).toBe('NOTIMP');
  expect((await dns.ask({ name: 'version.bind', type: 'TXT', class: 'CH' })).rcode).toBe('REFUSED');
  const version1 = packet.encode({
    type: 'query',
    id: 1,
    questions: [{ name: 'a.b', type: 'A', class: 'IN' }],
    additionals: [
      { type: 'OPT', name: '.', udpPayloadSize: 512, extendedRcode: 0, ednsVersion: 1, flags: 0, options: [] },
    ],
  });
  expect((await dns.ask({ name: '', raw: version1 })).additionals).toMatchObject([{ extendedRcode: 1 }]);
  expect((await dns.ask('web.default.svc.cluster.local')).rcode).toBe('NOERROR');
});

test('other names are asked upstream once and then remembered', async () => {
  await using upstream = await testUpstream({ 'example.org': ['192.0.2.7'] });
  await using dns = await testDns({ upstreams: [upstream.upstream] });
  await dns.ready();
  const answers = await Promise.all([dns.ask('example.org'), dns.ask('EXAMPLE.org'), dns.ask('example.org')]);
  for (const answer of answers) expect(answer.answers).toMatchObject([{ data: '192.0.2.7' }]);
  expect(answers[1].questions[0]!.name).toBe('EXAMPLE.org');
  await dns.ask('example.org');
  expect(upstream.asked.filter((entry) => /example/i.test(entry))).toHaveLength(1);
  expect((await dns.ask('missing.example.org')).rcode).toBe('NXDOMAIN');
});

test('an upstream answer that was cut is whole when the client comes again over TCP', async () => {
  const addresses = Array.from({ length: 60 }, (_, i) => `192.0.2.${i}`);
  await using upstream = await testUpstream({ 'large.example.org': addresses });
  await using dns = await testDns({ upstreams: [upstream.upstream] });
  expect(await dns.ask('large.example.org')).toMatchObject({ truncated: true });
  expect((await dns.ask({ name: 'large.example.org', transport: 'tcp' })).answers).toHaveLength(60);
});

test('an upstream that is dead is passed over, and without any the client is told', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const port = (closed.address() as { port: number }).port;
  await new Promise((resolve) => closed.close(resolve));
  await using upstream = await testUpstream({ 'example.org': ['192.0.2.7'] });
  await using dns = await testDns({ upstreams: [{ address: '127.0.0.1', port }, upstream.upstream] });
  expect((await dns.ask('example.org')).answers).toHaveLength(1);
  await using alone = await testDns();
  expect((await alone.ask('example.org')).rcode).toBe('SERVFAIL');
});

test('an upstream that leads back here is noticed and no longer asked', async () => {
  const errors: string[] = [];
  const log = { ...silentLogger, error: (message: string) => void errors.push(message) };
  const relay = createSocket('udp4');
  await new Promise<void>((resolve) => relay.bind(0, '127.0.0.1', resolve));
  await using dns = await testDns({ upstreams: [{ address: '127.0.0.1', port: relay.address().port }], log });
  const clients = new Map<number, { port: number; address: string }>();
  relay.on('message', (message, from) => {
    const id = message.readUInt16BE(0);
    if (from.port === dns.ports.dns) relay.send(message, clients.get(id)?.port ?? 1, '127.0.0.1');
    else {
      clients.set(id, from);
      relay.send(message, dns.ports.dns, '127.0.0.1');
    }
  });
  // The first probe may have come before the relay was there: it is repeated like any question.
  await until('noticed', async () => errors.length === 1);
  expect(errors[0]).toMatch(/leads back here/);
  expect((await dns.ask('example.org')).rcode).toBe('SERVFAIL');
  relay.close();
});

test('an ExternalName leads to what its target has, inside and outside the cluster', async () => {
  await using upstream = await testUpstream({ 'example.org': ['192.0.2.7'] });
  await using dns = await testDns({ upstreams: [upstream.upstream] });
  dns.cluster.put(Service, testService('outside', { type: 'ExternalName', externalName: 'example.org' }));
  dns.cluster.put(
    Service,
    testService('inside', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
  );
  dns.cluster.put(
    Service,
    testService('circle', { type: 'ExternalName', externalName: 'circle.default.svc.cluster.local' }),
  );
  await dns.ready();
  expect((await dns.ask('outside.default.svc.cluster.local')).answers).toMatchObject([
    { type: 'CNAME', data: 'example.org' },
    { type: 'A', name: 'example.org', data: '192.0.2.7' },
  ]);
  expect((await dns.ask('inside.default.svc.cluster.local')).answers).toMatchObject([
    { type: 'CNAME' },
    { type: 'A', data: '10.96.0.10' },
  ]);
  expect((await dns.ask('circle.default.svc.cluster.local')).answers.length).toBeLessThan(20);
});

test('it counts what it is asked and what it answers', async () => {
  await using dns = await testDns();
  await dns.ready();
  await dns.ask('web.default.svc.cluster.local');
  await dns.ask('nothing.default.svc.cluster.local');
  const text = await (await fetch(`http://127.0.0.1:${dns.ports.metrics}/metrics`)).text();
  expect(text).toContain('coredns_dns_requests_total{proto="udp",type="A"} 2');
  expect(text).toContain('coredns_dns_responses_total{rcode="NXDOMAIN"} 1');
});
