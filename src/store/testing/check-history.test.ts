import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import { MemoryStore } from '../memory-store.ts';
import { StoreError } from '../store.ts';
import type { Store, StoreEvent, StoreListener } from '../store.ts';
import { checkHistory } from './check-history.ts';
import { checkLinearizable } from './check-linearizable.ts';
import { History, makeValue, nameOfValue } from './history.ts';
import type { HistoryOutcome, HistoryRequest, Operation } from './history.ts';
import { RecordingClient, recordWatch } from './recording-client.ts';
import { runWorkload } from './workload.ts';

type Bug =
  | 'lost write'
  | 'torn value'
  | 'reused revision'
  | 'stale read'
  | 'stale list'
  | 'blind update'
  | 'write applied twice'
  | 'duplicate event'
  | 'missing event'
  | 'reordered events'
  | 'gap on reconnecting';

/** A store that now and then does wrong. */
class FaultyStore extends MemoryStore {
  readonly #bug: Bug | undefined;
  readonly #random: Random;

  constructor(bug: Bug | undefined, random: Random) {
    super();
    this.#bug = bug;
    this.#random = random;
  }

  override async get(key: string, options: { readonly revision?: number | undefined } = {}) {
    await this.#delay();
    const revision = this.revision();
    const past = this.#strikes('stale read') && revision > 20 ? { revision: revision - 20 } : options;
    const found = await super.get(key, past);
    await this.#delay();
    return found;
  }

  override async list(...[prefix, options]: Parameters<Store['list']>) {
    await this.#delay();
    const list = await super.list(prefix, options);
    const past = await super.list(prefix, { revision: Math.max(1, list.revision - 3) });
    await this.#delay();
    return this.#strikes('stale list') ? { ...past, revision: list.revision } : list;
  }

  override async create(key: string, value: Uint8Array): Promise<number> {
    await this.#delay();
    const revision = await super.create(key, value);
    await this.#delay();
    return revision;
  }

  override async update(key: string, value: Uint8Array, expected: number): Promise<number> {
    await this.#delay();
    const current = (await super.get(key))?.revision;
    if (this.#strikes('lost write') && current === expected) return this.revision() + 1;
    if (this.#strikes('reused revision') && current === expected) {
      await super.update(key, value, expected);
      return expected;
    }
    const compared = this.#strikes('blind update') ? (current ?? expected) : expected;
    const torn = this.#strikes('torn value') ? value.with(value.length >> 1, 0x20) : value;
    const revision = await super.update(key, torn, compared);
    await this.#delay();
    return this.#strikes('write applied twice') ? super.update(key, value, revision).catch(() => revision) : revision;
  }

  override async delete(key: string, expected?: number): Promise<number> {
    await this.#delay();
    const revision = await super.delete(key, expected);
    await this.#delay();
    return revision;
  }

  override watch(options: { readonly prefix: string; readonly after: number }, listener: StoreListener): Disposable {
    const held: StoreEvent[] = [];
    const events = (batch: readonly StoreEvent[]): void => {
      if (this.#strikes('missing event')) return;
      if (this.#strikes('reordered events') && held.length === 0) return void held.push(...batch);
      listener.events(this.#strikes('duplicate event') ? [...batch, ...batch] : batch);
      if (held.length > 0) listener.events(held.splice(0));
    };
    const after = this.#bug === 'gap on reconnecting' && options.after > 0 ? options.after + 1 : options.after;
    return super.watch({ ...options, after }, { ...listener, events, failed: (error) => listener.failed(error) });
  }

  #strikes(bug: Bug): boolean {
    return bug === this.#bug && this.#random.next() < (bug === 'stale list' ? 0.6 : 0.1);
  }

  async #delay(): Promise<void> {
    for (let turns = Math.floor(this.#random.next() * 4); turns > 0; turns--) await turnOfTheLoop();
  }
}

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Eight clients at work on four keys, and a watcher of all that is cut off now and then. */
async function recordedHistory(bug: Bug | undefined, seed: number): Promise<History> {
  const random = seededRandom(seed);
  const store = new FaultyStore(bug, random);
  const history = new History();
  let left = 600;
  const clients = Array.from({ length: 8 }, async (_, index) =>
    runWorkload({
      client: new RecordingClient({ store, name: `c${index}`, record: history.add, size: () => 50 }),
      keys: ['/a/1', '/a/2', '/a/3', '/b/1'],
      prefix: '/a/',
      random,
      goOn: () => left-- > 0,
    }),
  );
  const watcher = watchAgainAndAgain(store, history, () => left > 0);
  await Promise.all(clients);
  await watcher;
  return history;
}

/** Twenty turns a session; the last begins when nothing is written any more. */
async function watchAgainAndAgain(store: Store, history: History, goOn: () => boolean): Promise<void> {
  for (let last = false; !last;) {
    last = !goOn();
    const sessions = ['', '/a/'].map((prefix) => {
      const name = `watcher of "${prefix}"`;
      return recordWatch({ store, name, prefix, after: history.reached(name), record: history.add });
    });
    for (let turns = 0; turns < 20; turns++) await turnOfTheLoop();
    for (const session of sessions) session[Symbol.dispose]();
    await turnOfTheLoop();
  }
  history.add({ heard: 'watcher of ""', mustReach: await store.revision() });
}

const check = (history: History): readonly string[] =>
  checkHistory(history, { consecutive: true, watchedToTheEnd: true });

describe('the checkers of histories', () => {
  test('find nothing wrong with a store that is right, under many interleavings', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const history = await recordedHistory(undefined, seed);
      expect(history.operations.filter(({ outcome }) => outcome.type === 'written').length).toBeGreaterThan(100);
      expect(check(history)).toEqual([]);
    }
  });

  test.each<[Bug, RegExp]>([
    ['lost write', /did not hear|no order of its operations|given to two writes/],
    ['torn value', /torn value/],
    ['reused revision', /was given to two writes/],
    ['stale read', /no order of its operations/],
    ['stale list', /differs from the changes up to then/],
    ['blind update', /no order of its operations/],
    ['write applied twice', /applied twice/],
    ['duplicate event', /2 times/],
    ['missing event', /did not hear/],
    ['reordered events', /after revision/],
    ['gap on reconnecting', /did not hear/],
  ])('find a planted bug: %s', async (bug, expected) => {
    const history = await recordedHistory(bug, 3);
    expect(check(history).join('\n')).toMatch(expected);
  });

  test('find a write that only its writer knows of, also where only answers are known', () => {
    expect(
      checkLinearizable([
        operation('a', [1, 2], { type: 'create', key: 'k', value: 'v' }, { type: 'written', revision: 1 }),
        operation('b', [3, 4], { type: 'get', key: 'k' }, { type: 'read' }),
      ]),
    ).toEqual([expect.stringContaining('no order of its operations')]);
  });

  test('allow an unknown write to happen, late or not at all', () => {
    const unknown = operation('a', [1, Infinity], { type: 'create', key: 'k', value: 'v' }, { type: 'unknown' });
    const absent = operation('b', [2, 3], { type: 'get', key: 'k' }, { type: 'read' });
    const found = { key: 'k', value: 'v', revision: 5 };
    const present = operation('c', [4, 5], { type: 'get', key: 'k' }, { type: 'read', found });
    expect(checkLinearizable([unknown, absent])).toEqual([]);
    expect(checkLinearizable([unknown, absent, present])).toEqual([]);
    expect(checkLinearizable([unknown, present, { ...absent, id: 'd', called: 6, returned: 7 }])).toHaveLength(1);
  });

  test('find a lower revision for a later write', () => {
    const create = (id: string, at: number, revision: number): Operation =>
      operation(id, [at, at + 1], { type: 'create', key: id, value: id }, { type: 'written', revision });
    expect(checkLinearizable([create('a', 1, 1), create('b', 3, 2)])).toEqual([]);
    expect(checkLinearizable([create('a', 1, 2), create('b', 3, 1)])).toHaveLength(1);
  });

  test('are quick with long histories of one key', () => {
    const operations: Operation[] = [];
    for (let i = 0; i < 3000; i++) {
      const request = i === 0 ? { type: 'create' } : { type: 'update', expected: i };
      operations.push(
        operation(`w${i}`, [i * 10, i * 10 + 9], { ...request, key: 'k', value: `v${i}` } as HistoryRequest, {
          type: 'written',
          revision: i + 1,
        }),
      );
      operations.push(
        operation(
          `u${i}`,
          [i * 10, i * 10 + 30],
          { type: 'get', key: 'k' },
          { type: 'read', found: { key: 'k', value: `v${i}`, revision: i + 1 } },
        ),
      );
    }
    expect(checkLinearizable(operations)).toEqual([]);
  });

  test('know a value that is torn, mixed or of another size', () => {
    const value = makeValue('name', 1000);
    expect(value.length).toBeGreaterThanOrEqual(1000);
    expect(nameOfValue(value)).toBe('name');
    expect(nameOfValue(makeValue('name'))).toBe('name');
    for (const torn of [value.subarray(0, 900), value.with(500, 0), new Uint8Array(), new Uint8Array(1000)]) {
      expect(nameOfValue(torn)).toContain('torn value');
    }
  });

  test('know what failed for certain from what may have happened', async () => {
    const history = new History();
    const store = new MemoryStore();
    const client = new RecordingClient({ store, name: 'c', record: history.add });
    store.create = async () => Promise.reject(new StoreError('uncertain', 'no answer'));
    store.update = async () => Promise.reject(new StoreError('full', 'no room'));
    await client.send({ type: 'create', key: 'k', value: 'v' });
    await client.send({ type: 'update', key: 'k', value: 'w', expected: 1 });
    expect(history.operations.map(({ outcome, returned }) => [outcome.type, returned === Infinity])).toEqual([
      ['unknown', true],
      ['failed', false],
    ]);
  });
});

function operation(
  id: string,
  [called, returned]: readonly [number, number],
  request: HistoryRequest,
  outcome: HistoryOutcome,
): Operation {
  return { id, request, called, returned, outcome };
}
