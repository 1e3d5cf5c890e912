/**
 * Three members of etcd and two API servers, each on a machine of its own, while members die, halt and are cut off. Clients of
 * both servers, and some of etcd itself, write, read and watch all the time; what they are told is checked after each fault.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { EtcdMember } from '../../src/store/etcd/testing/etcd-member.ts';
import { startFaultCluster } from './fault-cluster.ts';
import type { FaultCluster } from './fault-cluster.ts';
import { FaultObserver } from './fault-observer.ts';
import type { ServerWay } from './fault-observer.ts';
import { slowDisk } from './slow-disk.ts';

/** A sequence of faults can be had again by its seed. */
const seed = Number(process.env.FAULTS_SEED ?? randomInt(1e9));
const random = seededRandom(seed);
/** Within so many milliseconds of there being a majority, writing goes on. */
const resumeLimit = 5_000;
/** How long a server may take to say that it can't reach a majority: the store's patience, and some for being noticed. */
const refusalLimit = 12_000;

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
}, 60_000);

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
      } finally {
        await recover();
      }
    });
  });
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

/** A server without a majority refuses to write and to say how things are now, and serves what it knows of the past. */
async function refuses(way: ServerWay): Promise<void> {
  const known = observer.knownKey(way);
  const began = performance.now();
  const asked = [
    observer.ask(way, { type: 'create', key: observer.freeKey(way), value: `refused:${way.name}:${began}` }),
    observer.ask(way, { type: 'get', key: known }),
    observer.ask(way, { type: 'list', prefix: known.replace(/[^/]+$/, '') }),
  ];
  expect(await way.store.anyVersion(known)).toEqual([200, 200]);
  expect(performance.now() - began, 'time to serve any version').toBeLessThan(1_000);
  for (const { outcome, ms } of await Promise.all(asked)) {
    expect(outcome.type).toMatch(/^(failed|unknown)$/);
    expect(ms, `time until ${JSON.stringify(outcome)}`).toBeLessThan(refusalLimit);
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
  leader.freeze();
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

scenario('server-cut-from-some', 'an API server is cut off from one member, then from two', async () => {
  const [a] = observer.servers;
  const { machine } = cluster.servers[0];
  const [leader, follower] = await leaderAndFollowers();
  await cluster.network.cut(machine, cluster.addresses([leader]));
  await goesOn('server cut off from the leader', [a]);
  await cluster.network.cut(machine, cluster.addresses([follower]));
  await goesOn('server cut off from two members', [a]);
  await cluster.network.heal();
  await goesOn('server no longer cut off from two members');
});

scenario(
  'server-cut-from-all',
  'an API server is cut off from all members, and what it missed is compacted',
  async () => {
    const [a, b] = observer.servers;
    await cluster.network.cut(cluster.servers[0].machine, cluster.addresses());
    const refused = refuses(a);
    await goesOn('the other server', [b]);
    await observer.compact();
    await goesOn('the other server after a compaction', [b]);
    await refused;
    const { lists } = a.follower;
    await cluster.network.heal();
    await goesOn('server no longer cut off from all');
    // What was compacted can't be told: the watcher had to list.
    await expect.poll(() => a.follower.lists, { timeout: 10_000 }).toBe(lists + 1);
  },
);

scenario('clients-cut-off', 'clients are cut off from an API server, which goes on', async () => {
  const [, b] = observer.servers;
  const { network, servers } = cluster;
  await network.cut(servers[0].machine, [network.here]);
  await goesOn('the server that clients reach', [b]);
  await sleep(2_000);
  await network.heal();
  await goesOn('clients no longer cut off');
});

scenario('majority-killed', 'two members are killed, and one of them comes back', async () => {
  const [leader, follower] = await leaderAndFollowers();
  await Promise.all([leader.kill(), follower.kill()]);
  await Promise.all(observer.servers.map(refuses));
  leader.start();
  await goesOn('majority back');
});

scenario('slow-disk', 'the disk of the leader is slow, then that of the others', async () => {
  const [leader, ...followers] = await leaderAndFollowers();
  {
    await using _slow = await slowDisk(leader.pid!, 300);
    await goesOn('disk of the leader slow');
  }
  await using cleanup = new AsyncDisposableStack();
  for (const follower of followers) cleanup.use(await slowDisk(follower.pid!, 300));
  await goesOn('disks of the followers slow');
});
