import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { seededRandom } from '../../base/random.ts';
import { Service } from '../../api/core/service.ts';
import { decodeObject } from '../../machinery/decode.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { resourceAttributes } from '../authorization/attributes.ts';
import { admissionContext } from '../testing/admission-context.ts';
import { fakeClient } from '../testing/fake-client.ts';
import { silentLogger } from '../../base/logger.ts';
import { NumberPool } from './number-pool.ts';
import { createServiceAllocator } from './service-allocator.ts';

async function setUp({
  serviceCIDRs = ['10.96.0.0/24'],
  nodePorts = { first: 30000, last: 30009 },
  existing = [],
}: { serviceCIDRs?: string[]; nodePorts?: { first: number; last: number }; existing?: object[] } = {}) {
  const clock = new FakeClock();
  const client = fakeClient();
  for (const service of existing) client.put(Service, decodeObject(Service, service).object);
  const random = seededRandom();
  const allocator = createServiceAllocator({ serviceCIDRs, nodePorts, client, clock, random, log: silentLogger });
  const stop = new AbortController();
  const running = allocator.run(stop.signal);
  await allocator.ready(stop.signal);

  /** Admits a Service and, unless told otherwise, stores it. */
  const admit = async (
    name: string,
    spec: object,
    { old, dryRun = false, store = true }: { old?: Service; dryRun?: boolean; store?: boolean } = {},
  ) => {
    const object = decodeObject(Service, { metadata: { name, namespace: 'ns' }, spec }).object;
    const attributes = resourceAttributes(
      { name: 'x', groups: [] },
      { verb: 'x', resource: 'services', namespace: 'ns' },
    );
    const operation = old ? ('UPDATE' as const) : ('CREATE' as const);
    const resource = Service as unknown as Resource;
    const request = {
      attributes,
      operation,
      resource,
      object: object as unknown as Record<string, unknown>,
      old: old as ApiObject | undefined,
      dryRun,
    };
    await allocator.plugin.admit?.(
      request,
      admissionContext(client, () => clock.now()),
    );
    if (store && !dryRun) client.put(Service, object);
    return object as Service;
  };
  const end = async () => {
    stop.abort();
    await running;
  };
  return { admit, client, clock, allocator, end };
}

const http = { ports: [{ port: 80 }] };

test('a Service gets an address, and no other gets the same', async () => {
  const { admit, end } = await setUp({ serviceCIDRs: ['10.96.0.0/28'] });
  const services = await Promise.all(Array.from({ length: 13 }, (_, i) => admit(`s${i}`, http)));
  const addresses = new Set(services.map(({ spec }) => spec.clusterIP));
  expect(addresses.size).toBe(13);
  // 10.96.0.1 is kept for the Service kubernetes, .0 and .15 are no addresses.
  expect(addresses).not.toContain('10.96.0.1');
  await expect(admit('one-too-many', http)).rejects.toThrow('failed to allocate a serviceIP: range is full');
  expect(services[0]?.spec).toMatchObject({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  expect(services[0]?.spec.clusterIPs).toEqual([services[0]?.spec.clusterIP]);
  await end();
});

test('an address can be asked for, once', async () => {
  const { admit, end } = await setUp();
  await admit('dns', { ...http, clusterIP: '10.96.0.10' });
  await expect(admit('other', { ...http, clusterIP: '10.96.0.10' })).rejects.toThrow(
    'Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
  );
  await expect(admit('far', { ...http, clusterIP: '10.97.0.10' })).rejects.toThrow('is not in the valid range');
  await expect(admit('bad', { ...http, clusterIP: 'x' })).rejects.toThrow(
    "must be empty, 'None', or a valid IP address",
  );
  await end();
});

test('what a deleted Service had is free again', async () => {
  const { admit, client, end } = await setUp();
  await admit('a', { type: 'NodePort', ports: [{ port: 80, nodePort: 30005 }], clusterIP: '10.96.0.10' });
  await expect(admit('b', { ...http, clusterIP: '10.96.0.10' })).rejects.toThrow('already allocated');
  await expect.poll(() => client.objects.size).toBe(1);
  client.remove(Service, { namespace: 'ns', name: 'a' });
  const b = await expect
    .poll(() =>
      admit('b', { type: 'NodePort', ports: [{ port: 80, nodePort: 30005 }], clusterIP: '10.96.0.10' }).catch(
        () => undefined,
      ),
    )
    .toBeDefined();
  expect(b).not.toBeNull();
  await end();
});

test('the addresses of stored Services are known at start', async () => {
  const stored = {
    metadata: { name: 'old', namespace: 'ns' },
    spec: {
      clusterIP: '10.96.0.20',
      clusterIPs: ['10.96.0.20'],
      type: 'NodePort',
      ports: [{ port: 1, nodePort: 30001 }],
    },
  };
  const { admit, end } = await setUp({ existing: [stored] });
  await expect(admit('b', { ...http, clusterIP: '10.96.0.20' })).rejects.toThrow('already allocated');
  await expect(admit('c', { type: 'NodePort', ports: [{ port: 1, nodePort: 30001 }] })).rejects.toThrow(
    'Service "c" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
  );
  await end();
});

test('the claim of a failed request runs out, and is reused by the next of the same name', async () => {
  const { admit, clock, end } = await setUp({ serviceCIDRs: ['10.96.0.0/30'] });
  const first = await admit('a', http, { store: false });
  await expect(admit('b', http)).rejects.toThrow('range is full');
  expect((await admit('a', http, { store: false })).spec.clusterIP).toBe(first.spec.clusterIP);
  await clock.advance(80_000);
  expect((await admit('b', http)).spec.clusterIP).toBe(first.spec.clusterIP);
  await end();
});

test('a dry run takes nothing', async () => {
  const { admit, end } = await setUp({ serviceCIDRs: ['10.96.0.0/30'] });
  expect((await admit('a', http, { dryRun: true })).spec.clusterIP).toBe('10.96.0.2');
  expect((await admit('b', http)).spec.clusterIP).toBe('10.96.0.2');
  await end();
});

test('node ports are given out, shared by the protocols of one port, and kept over updates', async () => {
  const { admit, end } = await setUp();
  const dns = await admit('dns', {
    type: 'NodePort',
    ports: [
      { port: 53, name: 't' },
      { port: 53, protocol: 'UDP', name: 'u' },
    ],
  });
  const [tcp, udp] = dns.spec.ports ?? [];
  expect(tcp?.nodePort).toBeGreaterThanOrEqual(30000);
  expect(udp?.nodePort).toBe(tcp?.nodePort);
  const updated = await admit(
    'dns',
    {
      type: 'NodePort',
      ports: [
        { port: 53, name: 't' },
        { port: 54, name: 'x' },
      ],
    },
    { old: dns },
  );
  expect(updated.spec.ports?.[0]?.nodePort).toBe(tcp?.nodePort);
  expect(updated.spec.ports?.[1]?.nodePort).not.toBe(tcp?.nodePort);
  expect(updated.spec.clusterIP).toBe(dns.spec.clusterIP);
  const narrowed = await admit('dns', { ...updated.spec, type: 'ClusterIP' }, { old: updated });
  expect(narrowed.spec.ports?.every(({ nodePort }) => nodePort === undefined)).toBe(true);
  expect(narrowed.spec.externalTrafficPolicy).toBeUndefined();
  await end();
});

test('a node port outside the range is refused', async () => {
  const { admit, end } = await setUp();
  await expect(admit('a', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })).rejects.toThrow(
    'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-30009',
  );
  await end();
});

test('headless and external Services have no address', async () => {
  const { admit, end } = await setUp();
  const headless = await admit('h', { ...http, clusterIP: 'None', selector: { a: 'b' } });
  expect(headless.spec).toMatchObject({ clusterIPs: ['None'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  const external = await admit('e', { type: 'ExternalName', externalName: 'a.b' });
  expect(external.spec.clusterIP).toBeUndefined();
  const back = await admit('e', { type: 'ClusterIP', ...http }, { old: external });
  expect(back.spec.clusterIP).toMatch(/^10\.96\.0\./);
  const gone = await admit('e', { ...back.spec, type: 'ExternalName', externalName: 'a.b' }, { old: back });
  expect(gone.spec).not.toHaveProperty('clusterIPs');
  await end();
});

test('a dual-stack cluster gives addresses of both families', async () => {
  const { admit, end } = await setUp({ serviceCIDRs: ['10.96.0.0/24', 'fd00::/112'] });
  const { spec } = await admit('a', { ...http, ipFamilyPolicy: 'PreferDualStack' });
  expect(spec.ipFamilies).toEqual(['IPv4', 'IPv6']);
  expect(spec.clusterIPs?.[1]).toMatch(/^fd00::/);
  await end();
  const single = await setUp();
  await expect(single.admit('a', { ...http, ipFamilyPolicy: 'RequireDualStack' })).rejects.toThrow(
    'not configured for dual-stack',
  );
  await single.end();
});

test('people may pick numbers from the lower band, which is given out last', () => {
  const pool = new NumberPool({ size: 64, random: seededRandom(), now: () => 0 });
  const first = Array.from({ length: 48 }, (_, i) => pool.allocate(`o${i}`) ?? -1);
  expect(Math.min(...first)).toBe(16);
  expect(pool.allocate('late')).toBeLessThan(16);
});
