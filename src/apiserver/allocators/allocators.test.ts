import { expect, test } from 'vitest';
import { Service } from '../../api/core/service.ts';
import { IPAddress } from '../../api/networking/ip-address.ts';
import { hasReason } from '../../base/errors.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { seededRandom } from '../../base/random.ts';
import { silentLogger } from '../../base/logger.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { StoreError } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { encodeForStore } from '../cache/object-bytes.ts';
import { storageKey } from '../cache/storage-key.ts';
import { testServer } from '../testing/test-server.ts';
import { PortLedger } from './port-ledger.ts';
import { PortSet } from './port-set.ts';
import { createServiceAllocator } from './service-allocator.ts';
import type { ServiceAllocator } from './service-allocator.ts';

const namespace = 'default';

interface SetUp {
  readonly store?: Store;
  readonly serviceCIDRs?: string[];
  readonly nodePorts?: { first: number; last: number };
  /** Makes every write of a Service fail after its admission. */
  readonly refuse?: () => boolean;
}

async function setUp({ store = new MemoryStore(), serviceCIDRs = ['10.96.0.0/24'], ...options }: SetUp = {}) {
  const clock = new FakeClock();
  let allocator: ServiceAllocator | undefined;
  const server = await testServer({
    store,
    clock,
    parts: ({ client, random, signal }) => {
      const { nodePorts = { first: 30000, last: 30009 } } = options;
      const log = silentLogger;
      const made = createServiceAllocator({ serviceCIDRs, nodePorts, store, client, clock, random, log });
      allocator = made;
      let running: Promise<void> | undefined;
      return {
        admission: [
          made.plugin,
          {
            name: 'Refuse',
            validate: ({ resource }) => refuseIf(resource.kind === 'Service' && (options.refuse?.() ?? false)),
          },
        ],
        async start() {
          running = made.run(signal);
          await made.ready(signal);
        },
        stopped: async () => running,
      };
    },
  });
  if (!allocator) throw new Error('the server has no parts');
  const { client } = server;

  /** Creates or replaces a Service. */
  const admit = async (
    name: string,
    spec: object,
    { old, dryRun = false }: { old?: Service; dryRun?: boolean } = {},
  ): Promise<Service> => {
    const metadata = { name, namespace };
    return old
      ? client.update(Service, { metadata, spec }, { dryRun })
      : client.create(Service, { metadata, spec }, { dryRun });
  };
  const addresses = async (): Promise<string[]> =>
    (await client.list(IPAddress)).items.map(({ metadata }) => metadata.name);
  const takenPorts = async (): Promise<number[]> =>
    (await new PortLedger(store, { first: 30000, last: 30009 }).read()).ports();
  return { admit, addresses, takenPorts, client, clock, end: () => server[Symbol.asyncDispose]() };
}

function refuseIf(condition: boolean): void {
  if (condition) throw new Error('refused by the test');
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

test('what a Service has is noted, and free again once it is deleted or changed', async () => {
  const { admit, addresses, takenPorts, client, end } = await setUp();
  const spec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30005 }], clusterIP: '10.96.0.10' };
  const old = await admit('a', spec);
  expect(await addresses()).toEqual(['10.96.0.10']);
  expect((await client.get(IPAddress, { name: '10.96.0.10' })).spec.parentRef).toEqual({
    resource: 'services',
    namespace,
    name: 'a',
  });
  expect(await takenPorts()).toEqual([30005]);
  await expect(admit('b', { ...http, clusterIP: '10.96.0.10' })).rejects.toThrow('already allocated');
  await admit('a', { ...http, type: 'ExternalName', externalName: 'x.y' }, { old });
  expect([await addresses(), await takenPorts()]).toEqual([[], []]);
  await client.delete(Service, { namespace, name: 'a' });
  await admit('b', spec);
  await client.delete(Service, { namespace, name: 'b' });
  expect([await addresses(), await takenPorts()]).toEqual([[], []]);
  await end();
});

test('a Service that waits for its finalizers keeps what it has until they are gone', async () => {
  const { addresses, client, end } = await setUp();
  const key = { namespace, name: 'a' };
  await client.create(Service, { metadata: { ...key, finalizers: ['x.y/z'] }, spec: http });
  await client.delete(Service, key);
  expect(await addresses()).toHaveLength(1);
  await client.patch(Service, key, { type: 'merge', body: { metadata: { finalizers: null } } });
  expect(await addresses()).toEqual([]);
  await end();
});

test('what stored Services have is noted at start, and what none has is given up after a while', async () => {
  const store = new MemoryStore();
  const stored = {
    metadata: { name: 'old', namespace, uid: 'u', creationTimestamp: '2020-01-01T00:00:00Z' },
    spec: {
      clusterIP: '10.96.0.20',
      clusterIPs: ['10.96.0.20'],
      type: 'NodePort',
      ports: [{ port: 1, nodePort: 30001 }],
    },
  };
  await store.create(storageKey(Service, { namespace, name: 'old' }), encodeForStore(Service, stored));
  const { admit, addresses, takenPorts, client, clock, end } = await setUp({ store });
  await expect(admit('b', { ...http, clusterIP: '10.96.0.20' })).rejects.toThrow('already allocated');
  await expect(admit('c', { type: 'NodePort', ports: [{ port: 1, nodePort: 30001 }] })).rejects.toThrow(
    'Service "c" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
  );
  // As if the server had ended between the note and the Service, or the Service and the note.
  const { revision } = (await store.get(storageKey(Service, { namespace, name: 'old' }))) ?? { revision: 0 };
  await store.delete(storageKey(Service, { namespace, name: 'old' }), revision);
  const foreign = { metadata: { name: '10.96.0.77' }, spec: { parentRef: { resource: 'gateways', name: 'g' } } };
  await client.create(IPAddress, foreign);
  for (let round = 1; round <= 3; round++) {
    expect(await takenPorts()).toEqual([30001]);
    await clock.advance(180_000);
    await expect.poll(addresses).toEqual(['10.96.0.77']);
  }
  await expect.poll(takenPorts).toEqual([]);
  await end();
});

test('a request that fails gives back what it had taken', async () => {
  let refuse = true;
  const { admit, addresses, takenPorts, end } = await setUp({
    serviceCIDRs: ['10.96.0.0/30'],
    refuse: () => refuse,
  });
  await expect(admit('a', { ...http, type: 'NodePort' })).rejects.toThrow('refused');
  expect([await addresses(), await takenPorts()]).toEqual([[], []]);
  refuse = false;
  expect((await admit('a', http)).spec.clusterIP).toBe('10.96.0.2');
  // A name that is taken is found out by the store only.
  await expect(admit('a', { ...http, clusterIP: 'None' })).rejects.toThrow('already exists');
  await expect(admit('b', http)).rejects.toThrow('range is full');
  await end();
});

test('a write of which nobody knows whether it was applied keeps what it took, and is not sent again', async () => {
  const writes: string[] = [];
  class DoubtfulStore extends MemoryStore {
    override async create(key: string, value: Uint8Array): Promise<number> {
      const revision = await super.create(key, value);
      if (key.includes('/services/specs/')) {
        writes.push(key);
        throw new StoreError('uncertain', 'the connection was lost');
      }
      return revision;
    }
  }
  const { admit, addresses, end } = await setUp({ store: new DoubtfulStore() });
  await expect(admit('a', http)).rejects.toSatisfy(
    (error) => hasReason(error, '') && error.message.startsWith('etcdserver: request timed out'),
  );
  expect(writes).toHaveLength(1);
  expect(await addresses()).toHaveLength(1);
  await end();
});

test('servers on one store never give out the same', async () => {
  const store = new MemoryStore();
  const nodePorts = { first: 30000, last: 30063 };
  const servers = [await setUp({ store, nodePorts }), await setUp({ store, nodePorts })];
  const made = await Promise.all(
    Array.from({ length: 64 }, (_, index) => servers[index % 2]!.admit(`s${index}`, { ...http, type: 'NodePort' })),
  );
  expect(new Set(made.map(({ spec }) => spec.clusterIP)).size).toBe(64);
  expect(new Set(made.map(({ spec }) => spec.ports?.[0]?.nodePort)).size).toBe(64);
  for (const server of servers)
    await expect(server.admit('late', { ...http, type: 'NodePort' })).rejects.toThrow('failed to allocate a nodePort');
  expect(await servers[0]!.addresses()).toHaveLength(64);
  await Promise.all(servers.map(({ end }) => end()));
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

test('people may pick ports from the lower band, which is given out last', () => {
  const taken = new PortSet({ first: 100, last: 163 });
  const random = seededRandom();
  const next = (): number => {
    const port = taken.free(random) ?? -1;
    taken.add(port);
    return port;
  };
  expect(Math.min(...Array.from({ length: 48 }, next))).toBe(116);
  expect(next()).toBeLessThan(116);
});

test('the set of node ports has the form in which upstream keeps it, also of a range that changed', () => {
  const taken = new PortSet({ first: 30000, last: 32767 });
  for (const port of [30000, 30009, 32767]) taken.add(port);
  expect(taken.bytes.at(-1)).toBe(0b1);
  expect(taken.bytes.at(-2)).toBe(0b10);
  expect(taken.bytes).toHaveLength(346);
  const moved = PortSet.fromBytes({ first: 30009, last: 40000 }, { first: 30000, data: taken.bytes });
  expect(moved.ports()).toEqual([30009, 32767]);
  expect(PortSet.fromBytes({ first: 30000, last: 32767 }, { first: 30009, data: moved.bytes }).ports()).toEqual([
    30009, 32767,
  ]);
});
