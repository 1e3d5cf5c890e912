/**
 * Three members of etcd and two API servers, each on a machine of its own, while members die, halt and are cut off. Clients of
 * both servers, and some of etcd itself, write, read and watch all the time; what they are told is checked after each fault.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { messageOf } from '../../src/base/errors.ts';
import { FakeClock } from '../../src/base/fake-clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createHttpClient } from '../../src/client/http-client.ts';
import type { EtcdMember } from '../../src/store/etcd/testing/etcd-member.ts';
import { startFaultCluster } from './fault-cluster.ts';
import type { FaultCluster } from './fault-cluster.ts';
import { FaultObserver } from './fault-observer.ts';
import type { ServerWay, Way } from './fault-observer.ts';
import { slowDisk } from './slow-disk.ts';

/** A sequence of faults can be had again by its seed. */
const seed = Number(process.env.FAULTS_SEED ?? randomInt(1e9));
const random = seededRandom(seed);
/** Within so many milliseconds of there being a majority, writing goes on. */
const resumeLimit = 5_000;
/** How long a server takes to say that it reaches no majority: the store's patience, or what the client asks for. */
const patience = 10_000;
const impatience = 3_000;
const leeway = 2_000;

const cleanup = new AsyncDisposableStack();
const observer = new FaultObserver(random);
let cluster: FaultCluster;
const resumed: Record<string, number> = {};

const scenarios = [
  'follower-killed',
  'leader-killed',
  'leader-halted',
  'leader-cut-off',
  'leader-deaf',
  'follower-deaf',
  'server-cut-from-some',
  'server-cut-from-all',
  'clients-cut-off',
  'majority-killed',
  'slow-disk',
  'at-random',
] as const;

beforeAll(async () => {
  cluster = cleanup.use(await startFaultCluster());
  cleanup.use(observer);
  await observer.begin(cluster, scenarios);
});

afterAll(async () => {
  const times = Object.entries(resumed).map(([what, ms]) => `${ms} ${what}`);
  console.log(`Seed ${seed}; milliseconds until writing went on:\n${times.join('\n')}\n${observer.summary()}`);
  await cleanup.disposeAsync();
});

/** One fault, from which everything has recovered at the end. */
function scenario(name: (typeof scenarios)[number], sentence: string, fault: () => Promise<void>): void {
  test(sentence, { timeout: 60_000 }, async () => {
    await observer.during(name, async () => {
      try {
        await goesOn(`before ${name}`);
        await fault();
      } catch (error) {
        throw new Error(`${messageOf(error)}\n${serverLogs()}`, { cause: error });
      } finally {
        await recover();
      }
    });
  });
}

/** What the API servers said last. */
function serverLogs(): string {
  return cluster.servers.map(({ name, process }) => `${name}: ${process.output.slice(-4_000)}`).join('\n');
}

async function recover(): Promise<void> {
  const { network, etcd } = cluster;
  await network.heal();
  for (const member of etcd.members) {
    member.thaw();
    if (!member.running) member.start();
  }
  await etcd.healthy();
}

/** Notes and asserts how long it takes until writing goes on, on each way or on those given. */
async function goesOn(what: string, ways?: readonly ServerWay[]): Promise<void> {
  const ms = await observer.resumed(ways);
  resumed[what] = Math.round(ms);
  expect(ms, `${what}, seed ${seed}`).toBeLessThan(resumeLimit);
}

async function leaderAndFollowers(): Promise<readonly [EtcdMember, EtcdMember, EtcdMember]> {
  const leader = await cluster.etcd.leader();
  const [first, second] = cluster.etcd.members.filter((member) => member !== leader);
  return [leader, first!, second!];
}

/** A server without a majority refuses to write and to say how things are now, in time, and serves what it knows of the past. */
async function refuses(
  server: ServerWay,
  { way, within }: { readonly way: Way; readonly within: number },
): Promise<void> {
  const known = observer.knownKey(way);
  const began = performance.now();
  const asked = [
    observer.ask(way, { type: 'create', key: observer.freeKey(way), value: `refused:${way.name}:${began}` }),
    observer.ask(way, { type: 'get', key: known }),
    observer.ask(way, { type: 'list', prefix: known.replace(/[^/]+$/, '') }),
  ];
  expect(await server.store.anyVersion(known)).toEqual([200, 200]);
  expect(performance.now() - began, 'time to serve any version').toBeLessThan(1_000);
  for (const { outcome, ms } of await Promise.all(asked)) {
    expect(outcome.type).toMatch(/^(failed|unknown)$/);
    expect(ms, `time until ${JSON.stringify(outcome)}`).toBeLessThan(within);
  }
}

scenario('follower-killed', 'a follower is killed and comes back', async () => {
  const [, follower] = await leaderAndFollowers();
  await follower.kill();
  await goesOn('follower killed');
  follower.start();
  await cluster.etcd.healthy();
  await goesOn('follower back');
});

scenario('leader-killed', 'the leader is killed and comes back', async () => {
  const [leader] = await leaderAndFollowers();
  await leader.kill();
  await goesOn('leader killed');
  leader.start();
  await cluster.etcd.healthy();
  await goesOn('old leader back');
});

scenario('leader-halted', 'the leader halts, is replaced, and wakes up', async () => {
  const [leader] = await leaderAndFollowers();
  await leader.freeze();
  await goesOn('leader halted');
  leader.thaw();
  await goesOn('leader awake');
});

scenario(
  'leader-cut-off',
  'the leader is cut off from the other members while servers and clients still reach it',
  async () => {
    const [leader, ...followers] = await leaderAndFollowers();
    await cluster.network.cut(cluster.machineOf(leader), cluster.addresses(followers));
    await goesOn('leader cut off');
    await cluster.network.heal();
    await goesOn('leader no longer cut off');
  },
);

scenario('leader-deaf', 'the leader does not hear the other members, who hear it', async () => {
  const [leader, ...followers] = await leaderAndFollowers();
  await cluster.network.deafen(cluster.machineOf(leader), cluster.addresses(followers));
  await goesOn('leader deaf');
  await cluster.network.heal();
  await goesOn('leader no longer deaf');
});

scenario('follower-deaf', 'a follower does not hear the leader, who hears it', async () => {
  const [leader, follower] = await leaderAndFollowers();
  await cluster.network.deafen(cluster.machineOf(follower), cluster.addresses([leader]));
  await goesOn('follower deaf');
  await sleep(2_000);
  await cluster.network.heal();
  await goesOn('follower no longer deaf');
});

scenario('server-cut-from-some', 'an API server reaches one member only, each in turn', async () => {
  const [a] = observer.servers;
  const { machine } = cluster.servers[0];
  for (const left of cluster.etcd.members) {
    await cluster.network.heal();
    await cluster.network.cut(machine, cluster.addresses(cluster.etcd.members.filter((member) => member !== left)));
    await goesOn(`server reaches ${left.name} only`, [a]);
  }
  await cluster.network.heal();
  await goesOn('server reaches all members again');
});

scenario(
  'server-cut-from-all',
  'an API server is cut off from all members, and what it missed is compacted',
  async () => {
    const [a, b] = observer.servers;
    await cluster.network.cut(cluster.servers[0].machine, cluster.addresses());
    const refused = refuses(a, { way: a, within: patience + leeway });
    await goesOn('the other server', [b]);
    await observer.compact();
    await goesOn('the other server after a compaction', [b]);
    await refused;
    const { lists } = a.follower;
    await cluster.network.heal();
    await goesOn('server no longer cut off from all');
    // What was compacted can't be told: the watcher had to list.
    await expect.poll(() => a.follower.lists, { timeout: 10_000 }).toBeGreaterThan(lists);
  },
);

scenario('clients-cut-off', 'clients are cut off from an API server, which goes on', async () => {
  const [, b] = observer.servers;
  const { network, servers } = cluster;
  await network.cut(servers[0].machine, [network.here]);
  await goesOn('the server that clients reach', [b]);
  // Whoever connects now hears nothing at all, and gives up when its time is over.
  const clock = new FakeClock();
  await using client = createHttpClient(servers[0].connection, { clock });
  const refused = expect(client.text({ path: '/version' })).rejects.toThrow('i/o timeout');
  await clock.advance(10_000);
  await refused;
  await sleep(2_000);
  await network.heal();
  await goesOn('clients no longer cut off');
});

scenario('majority-killed', 'two members are killed, and one of them comes back', async () => {
  const [leader, follower] = await leaderAndFollowers();
  await Promise.all([leader.kill(), follower.kill()]);
  const within = impatience + leeway;
  await Promise.all(observer.servers.map((server) => refuses(server, { way: server.impatient, within })));
  leader.start();
  await goesOn('majority back');
});

scenario('slow-disk', 'the disk of the leader is slow, then that of the others', async () => {
  const [leader, ...followers] = await leaderAndFollowers();
  {
    await using _slow = await slowDisk(leader.pid!, 200);
    await goesOn('disk of the leader slow');
  }
  await using cleanup = new AsyncDisposableStack();
  for (const follower of followers) cleanup.use(await slowDisk(follower.pid!, 100));
  await goesOn('disks of the followers slow');
});

scenario('at-random', 'one random fault after the other', async () => {
  const { network, etcd, servers } = cluster;
  const any = <T>(among: readonly T[]): T => among[Math.floor(random.next() * among.length)]!;
  const machines = [...servers.map(({ machine }) => machine), ...etcd.members.map(cluster.machineOf)];
  const address = (): string => any(network.machines).address;
  const faults: readonly (() => Promise<void> | void)[] = [
    () => any(etcd.members).kill(),
    () => any(etcd.members).freeze(),
    () => network.cut(any(machines), [address()]),
    () => network.deafen(any(machines), [address()]),
    () => network.cut(any(servers).machine, [network.here]),
    () => network.heal(),
    () => etcd.members.forEach((member) => member.thaw()),
    () => etcd.members.filter(({ running }) => !running).forEach((member) => member.start()),
  ];
  for (let step = 0; step < 12; step++) {
    await any(faults)();
    await sleep(random.next() * 1_000);
  }
  await recover();
  await goesOn('after random faults');
});

test('there was something to judge', () => {
  const { operations, watches } = observer.history;
  const count = (type: string): number => operations.filter(({ outcome }) => outcome.type === type).length;
  expect(count('written')).toBeGreaterThan(500);
  expect(count('read')).toBeGreaterThan(200);
  expect(count('listed')).toBeGreaterThan(20);
  expect(count('unknown')).toBeGreaterThan(5);
  expect(watches.length).toBeGreaterThan(3);
  // What was left open may have come about since.
  observer.check();
});
