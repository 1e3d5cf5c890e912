/** Quotas are exact, whoever races for their last units: clients of two servers on one store, with what frees and fails. */
import { expect, test } from 'vitest';
import { createResourceQuota } from '../../apiserver/admission/resource-quota.ts';
import { apiServerUser } from '../../apiserver/authentication/users.ts';
import type { AdmissionPlugin } from '../../apiserver/ports.ts';
import { testServer } from '../../apiserver/testing/test-server.ts';
import { chargesOf } from '../../api/core/quota-charges.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Pod } from '../../api/core/pod.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { StatusError } from '../../base/errors.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { collectedKinds } from '../../controllers/registry.ts';
import { resourceQuotaController } from '../../controllers/resourcequota/resource-quota.ts';
import { runControllers } from '../../controllers/run-controllers.ts';
import { MemoryStore } from '../../store/memory-store.ts';

const namespace = 'default';
const racers = 64;

/** Comes last, as a store does: what it refuses has been charged already. */
const refusesUnlucky: AdmissionPlugin = {
  name: 'Unlucky',
  validate({ object }) {
    const metadata = object?.['metadata'] as { labels?: Record<string, string> } | undefined;
    if (metadata?.labels?.['unlucky']) throw new StatusError('Forbidden', 'unlucky');
  },
};

interface Cluster extends AsyncDisposable {
  /** Of two servers. */
  readonly clients: readonly Client[];
  readonly clock: FakeClock;
  usedOf(name: string): Promise<unknown>;
}

async function twoServers(quotas: Readonly<Record<string, object>>): Promise<Cluster> {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock });
  const start = (seed: number) => {
    const random = seededRandom(seed);
    return testServer({
      store,
      clock,
      random,
      parts: () => ({ admission: [createResourceQuota(random), refusesUnlucky] }),
    });
  };
  const first = await start(1);
  const second = await start(2);
  const clients = [first, second].map(({ server }) => server.client(apiServerUser));
  const [client] = clients as [Client];
  const manager = runControllers({
    controllers: [resourceQuotaController(collectedKinds)],
    client: () => client,
    clock,
    random: seededRandom(3),
    log: silentLogger,
  });
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  for (const [name, spec] of Object.entries(quotas)) {
    await client.create(ResourceQuota, { metadata: { name, namespace }, spec });
    for (const each of clients) {
      await expect.poll(async () => (await each.get(ResourceQuota, { namespace, name })).status.used).toBeDefined();
    }
  }
  return {
    clients,
    clock,
    /** Once nothing is on its way any more, and the controller has counted. */
    async usedOf(name) {
      const settled = async (): Promise<object> => {
        await clock.advance(200);
        return chargesOf(await client.get(ResourceQuota, { namespace, name }));
      };
      await expect.poll(settled).toEqual({});
      await clock.advance(1000);
      return (await client.get(ResourceQuota, { namespace, name })).status.used;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}

const map = (name: string, more: object = {}) => ({ metadata: { name, namespace, ...more } });
const fulfilled = (outcomes: readonly PromiseSettledResult<unknown>[]): number =>
  outcomes.filter(({ status }) => status === 'fulfilled').length;

/** Shuffled in a way that is the same in every run. */
function order(random: Random, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => ({ index, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ index }) => index);
}

test('64 clients of two servers race for the last units, round after round: never more, and no unit is lost', async () => {
  await using cluster = await twoServers({ maps: { hard: { configmaps: '12' } } });
  const { clients } = cluster;
  const random = seededRandom(7);
  const clientOf = (index: number): Client => clients[index % 2]!;
  let held: string[] = [];
  for (let round = 0; round < 6; round++) {
    // A few free units by deletes while all race; some fail after they were charged, some name what exists.
    const removals = held.splice(0, round);
    const outcomes = await Promise.allSettled([
      ...removals.map((name, index) => clientOf(index).delete(ConfigMap, { namespace, name })),
      ...order(random, racers).map((index) => {
        const name = index % 16 === 1 && held[0] ? held[0] : `r${round}-${index}`;
        const labels = index % 8 === 3 ? { unlucky: 'yes' } : {};
        return clientOf(index).create(ConfigMap, map(name, { labels }));
      }),
    ]);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(['Forbidden', 'AlreadyExists']).toContain(outcome.reason.reason);
    }
    const { items } = await clients[0]!.list(ConfigMap, { namespace });
    held = items.map(({ metadata }) => metadata.name);
    expect(held.length).toBeLessThanOrEqual(12);
    expect(await cluster.usedOf('maps')).toEqual({ configmaps: String(held.length) });
    // What no delete freed too late is taken: nobody was refused while there was room.
    const late = await Promise.allSettled(
      order(random, racers).map((index) => clientOf(index).create(ConfigMap, map(`late${round}-${index}`))),
    );
    expect(fulfilled(late)).toBe(12 - held.length);
    held = (await clients[0]!.list(ConfigMap, { namespace })).items.map(({ metadata }) => metadata.name);
    expect(held).toHaveLength(12);
    expect(await cluster.usedOf('maps')).toEqual({ configmaps: '12' });
  }
});

test('a request that one quota grants and another refuses takes nothing of either', async () => {
  await using cluster = await twoServers({
    large: { hard: { 'count/configmaps': '40' } },
    small: { hard: { configmaps: '5' } },
  });
  const { clients } = cluster;
  const outcomes = await Promise.allSettled(
    Array.from({ length: racers }, (_, index) => clients[index % 2]!.create(ConfigMap, map(`m${index}`))),
  );
  expect(fulfilled(outcomes)).toBe(5);
  expect(await cluster.usedOf('large')).toEqual({ 'count/configmaps': '5' });
  expect(await cluster.usedOf('small')).toEqual({ configmaps: '5' });
});

test('pods race for the last of the cpu, and it is given back when they have ended', async () => {
  await using cluster = await twoServers({ cpu: { hard: { 'requests.cpu': '2', pods: '50' } } });
  const { clients, usedOf } = cluster;
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: '300m' } } }];
  const race = (prefix: string) =>
    Promise.allSettled(
      Array.from({ length: racers }, (_, index) =>
        clients[index % 2]!.create(Pod, {
          metadata: { name: `${prefix}${index}`, namespace },
          spec: { containers, serviceAccountName: 'x' },
        }),
      ),
    );
  expect(fulfilled(await race('a'))).toBe(6);
  expect(await usedOf('cpu')).toEqual({ 'requests.cpu': '1800m', pods: '6' });
  const [client] = clients as [Client];
  for (const pod of (await client.list(Pod, { namespace })).items.slice(0, 4)) {
    await client.patch(
      Pod,
      { namespace, name: pod.metadata.name },
      { type: 'merge', body: { status: { phase: 'Failed' } } },
      { subresource: 'status' },
    );
  }
  expect(await usedOf('cpu')).toEqual({ 'requests.cpu': '600m', pods: '2' });
  expect(fulfilled(await race('b'))).toBe(4);
  expect(await usedOf('cpu')).toEqual({ 'requests.cpu': '1800m', pods: '6' });
});

test('a charge whose server is gone is given back after a while, and no sooner', async () => {
  await using cluster = await twoServers({ maps: { hard: { configmaps: '3' } } });
  const { clients, clock } = cluster;
  const [client] = clients as [Client];
  const quota = await client.get(ResourceQuota, { namespace, name: 'maps' });
  const annotations = { 'kubets.io/quota-charges': JSON.stringify({ x: { uid: 'u', amounts: { configmaps: '2' } } }) };
  const status = { ...quota.status, used: { configmaps: '2' } };
  const { metadata } = quota;
  await client.update(
    ResourceQuota,
    { ...quota, metadata: { ...metadata, annotations }, status },
    { subresource: 'status' },
  );
  // Nobody who changes the quota takes charges away that he does not know of.
  await client.patch(
    ResourceQuota,
    { namespace, name: 'maps' },
    { type: 'merge', body: { metadata: { annotations: null } } },
  );
  await clock.advance(60_000);
  await client.create(ConfigMap, map('a'));
  await expect(client.create(ConfigMap, map('b'))).rejects.toThrow(
    'configmaps "b" is forbidden: exceeded quota: maps, requested: configmaps=1, used: configmaps=3, limited: configmaps=3',
  );
  await clock.advance(5 * 60_000);
  expect(await cluster.usedOf('maps')).toEqual({ configmaps: '1' });
});

test('objects of a namespace count alone', async () => {
  await using cluster = await twoServers({ maps: { hard: { configmaps: '1' } } });
  const [client] = cluster.clients as [Client];
  await client.create(Namespace, { metadata: { name: 'other' } });
  await client.create(ConfigMap, map('a'));
  await client.create(ConfigMap, { metadata: { name: 'a', namespace: 'other' } });
  expect(await cluster.usedOf('maps')).toEqual({ configmaps: '1' });
});
