import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { type Store, StoreError, type StoreEvent } from '../store.ts';
import { openEtcdStore } from './etcd-store.ts';
import type { EtcdMember } from './testing/etcd-member.ts';
import { type EtcdCluster, type EtcdVersion, startEtcd } from './testing/etcd-process.ts';

const value = (text: string): Uint8Array => new TextEncoder().encode(text);
const timeout = 60_000;

describe.each<EtcdVersion>(['3.4', '3.5'])('three members of etcd %s', (version) => {
  let etcd: EtcdCluster;
  let prefixes = 0;

  beforeAll(async () => {
    etcd = await startEtcd({ version, members: 3 });
  }, timeout);
  beforeEach(async () => {
    for (const member of etcd.members) if (!member.running) member.start();
    await etcd.healthy();
  }, timeout);
  afterAll(() => etcd[Symbol.asyncDispose]());

  /** A store that speaks to `first` while it can. */
  const open = (first: EtcdMember, requestTimeout?: number, log = silentLogger): Store =>
    openEtcdStore({
      endpoints: [first.endpoint, ...etcd.endpoints.filter((url) => url !== first.endpoint)],
      prefix: `/test-${++prefixes}`,
      clock: systemClock,
      log,
      requestTimeout,
    });

  /** A store that speaks to `member`, which may have to settle with the others first. */
  const openAt = async (member: EtcdMember): Promise<Store> => {
    for (;;) {
      let left = false;
      const store = open(member, undefined, { ...silentLogger, warning: () => (left = true) });
      await store.revision();
      if (!left) return store;
      await store[Symbol.asyncDispose]();
    }
  };

  test(
    'when the leader dies writes resume within 5 s, and nothing acknowledged is lost or told twice',
    { timeout },
    async () => {
      const leader = await etcd.leader();
      await using store = open(leader);
      using writers = new Writers(store);
      await expect.poll(() => writers.acknowledged.size).toBeGreaterThan(50);
      const killed = performance.now();
      await leader.kill();
      await expect.poll(() => writers.lastStart, { timeout: 5_000, interval: 20 }).toBeGreaterThan(killed);
      const before = writers.acknowledged.size;
      leader.start();
      await expect.poll(() => writers.acknowledged.size).toBeGreaterThan(before + 50);
      await writers.stop();

      const { items } = await store.list('/registry/');
      const stored = new Map(items.map(({ key, revision }) => [key, revision]));
      for (const [key, revision] of writers.acknowledged) expect(stored.get(key)).toBe(revision);
      const others = [...stored.keys()].filter((key) => !writers.acknowledged.has(key));
      for (const key of others) expect(writers.uncertain).toContain(key);
      const expected = items.map(({ revision }) => revision).sort((one, other) => one - other);
      await expect.poll(() => writers.heard.length).toBe(expected.length);
      expect(writers.heard.map(({ revision }) => revision)).toEqual(expected);
    },
  );

  test('a member that falls silent is left, and its caller may give up', { timeout }, async () => {
    const silent = etcd.members[0];
    if (!silent) return;
    await using store = await openAt(silent);
    const first = await store.create('/registry/a', value('1'));
    const heard: StoreEvent[] = [];
    using _watch = store.watch(
      { prefix: '/registry/', after: first },
      { events: (batch) => heard.push(...batch), failed: (error) => expect.fail(error.message) },
    );
    const second = await store.update('/registry/a', value('2'), first);
    await silent.freeze();
    try {
      const began = performance.now();
      const signal = AbortSignal.timeout(200);
      await expect(store.get('/registry/a', { signal })).rejects.toThrow(/timeout/);
      expect(performance.now() - began).toBeLessThan(1_500);
      expect(await store.get('/registry/a')).toMatchObject({ revision: second });
      const third = await store.update('/registry/a', value('3'), second);
      await expect.poll(() => heard.map(({ revision }) => revision), { timeout: 10_000 }).toEqual([second, third]);
      expect(performance.now() - began).toBeLessThan(8_000);
    } finally {
      silent.thaw();
    }
    await etcd.healthy();
  });

  test('a minority refuses writes and reads, until it is a majority again', { timeout }, async () => {
    const [survivor, ...others] = etcd.members;
    if (!survivor) return;
    await using store = open(survivor, 2_000);
    const revision = await store.create('/registry/a', value('1'));
    await Promise.all(others.map((member) => member.kill()));
    const failures = await Promise.allSettled([
      store.get('/registry/a'),
      store.list('/registry/'),
      store.revision(),
      store.create('/registry/b', value('1')),
      store.update('/registry/a', value('2'), revision),
    ]);
    const kinds = failures.map(
      (each) => each.status === 'rejected' && each.reason instanceof StoreError && each.reason.kind,
    );
    expect(kinds.slice(0, 3)).toEqual(['unavailable', 'unavailable', 'unavailable']);
    for (const kind of kinds.slice(3)) expect(['unavailable', 'uncertain']).toContain(kind);
    others[0]?.start();
    await etcd.healthy();
    expect(await store.revision()).toBeGreaterThanOrEqual(revision);
    expect(await store.create('/registry/c', value('1'))).toBeGreaterThan(revision);
  });
});

/** Four writers, each creating one key after the other, and one who listens. */
class Writers implements Disposable {
  readonly acknowledged = new Map<string, number>();
  readonly uncertain: string[] = [];
  readonly heard: StoreEvent[] = [];
  /** When the newest write that was acknowledged was begun. */
  lastStart = 0;
  readonly #store: Store;
  readonly #done: Promise<void>[];
  readonly #watch: Disposable;
  readonly #over = new AbortController();

  constructor(store: Store) {
    this.#store = store;
    this.#done = [0, 1, 2, 3].map((lane) => this.#write(lane));
    this.#watch = store.watch(
      { prefix: '/registry/', after: 1 },
      { events: (batch) => this.heard.push(...batch), failed: (error) => expect.fail(error.message) },
    );
  }

  [Symbol.dispose](): void {
    this.#over.abort();
    this.#watch[Symbol.dispose]();
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#done);
  }

  async #write(lane: number): Promise<void> {
    for (let i = 0; !this.#over.signal.aborted; i++) {
      const key = `/registry/${lane}/${i}`;
      const began = performance.now();
      try {
        this.acknowledged.set(key, await this.#store.create(key, value(key)));
        this.lastStart = Math.max(this.lastStart, began);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        if (error.kind === 'uncertain') this.uncertain.push(key);
        else expect(error.kind).toBe('unavailable');
      }
    }
  }
}
