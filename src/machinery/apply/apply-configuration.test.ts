import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { ManagedObject } from './testing/managed-object.ts';
import { Thing } from './testing/thing.ts';

const thing = (): ManagedObject => new ManagedObject(Thing.node);
const message = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('apply', () => {
  test('owns what it says, and nothing that only holds it', () => {
    const state = thing().apply('a', { count: 1, inner: { value: 2 }, labels: { x: '1' }, values: ['v'] });
    expect(state.object).toEqual({ count: 1, inner: { value: 2 }, labels: { x: '1' }, values: ['v'] });
    expect(state.owners()).toEqual({ 'a (Apply)': ['.count', '.inner.value', '.labels.x', '.values'] });
  });

  test('owns an empty map or struct, but not an empty list of items', () => {
    const state = thing().apply('a', { inner: {}, labels: {}, set: [], items: [], values: [] });
    expect(state.owners()).toEqual({ 'a (Apply)': ['.inner', '.labels', '.values'] });
  });

  test('owns items of lists with what they say, including their keys', () => {
    const state = thing().apply('a', { items: [{ name: 'x', value: 1 }], set: ['p', 'q'] });
    expect(state.owners()['a (Apply)']).toEqual([
      '.items[name="x"]',
      '.items[name="x"].name',
      '.items[name="x"].value',
      '.set[="p"]',
      '.set[="q"]',
    ]);
  });

  test('takes the default of a key that an item leaves out', () => {
    const state = thing().update('u', {
      ports: [
        { port: 80, protocol: 'TCP' },
        { port: 80, protocol: 'UDP' },
      ],
    });
    state.apply('a', { ports: [{ port: 80, name: 'web' }] });
    expect(state.object).toEqual({
      ports: [
        { port: 80, protocol: 'TCP', name: 'web' },
        { port: 80, protocol: 'UDP' },
      ],
    });
    expect(state.owners()['a (Apply)']).toEqual([
      '.ports[port=80,protocol="TCP"]',
      '.ports[port=80,protocol="TCP"].name',
      '.ports[port=80,protocol="TCP"].port',
    ]);
  });

  test('removes what it does not say any more', () => {
    const state = thing().apply('a', { count: 1, name: 'n', labels: { x: '1', y: '2' }, inner: { value: 1 } });
    state.apply('a', { name: 'n', labels: { y: '2' } });
    expect(state.object).toEqual({ name: 'n', labels: { y: '2' } });
    expect(state.owners()).toEqual({ 'a (Apply)': ['.labels.y', '.name'] });
  });

  test('removes an item with all that is in it, though others had changed a part', () => {
    const state = thing().apply('a', { items: [{ name: 'x', value: 1 }, { name: 'y' }] });
    state.update('u', { items: [{ name: 'x', value: 1, args: ['z'] }, { name: 'y' }] });
    state.apply('a', { items: [{ name: 'y' }] });
    expect(state.object).toEqual({ items: [{ name: 'y' }] });
    expect(state.owners()).toEqual({ 'a (Apply)': ['.items[name="y"]', '.items[name="y"].name'] });
  });

  test('leaves what others applied as well', () => {
    const state = thing().apply('a', { labels: { x: '1' }, items: [{ name: 'x', value: 1 }] });
    state.apply('b', { labels: { x: '1' }, items: [{ name: 'x' }] });
    state.apply('a', { count: 1 });
    expect(state.object).toEqual({ count: 1, labels: { x: '1' }, items: [{ name: 'x' }] });
  });

  test('gives up a field without removing it when an updater has changed it since', () => {
    const state = thing().apply('a', { count: 1, name: 'n' }).update('u', { count: 2, name: 'n' });
    state.apply('a', { name: 'n' });
    expect(state.object).toEqual({ count: 2, name: 'n' });
    expect(state.owners()).toEqual({ 'a (Apply)': ['.name'], 'u (Update)': ['.count'] });
  });

  test('shares a field with those who say the same', () => {
    const state = thing().apply('a', { count: 1 }).apply('b', { count: 1 });
    expect(state.owners()).toEqual({ 'a (Apply)': ['.count'], 'b (Apply)': ['.count'] });
    expect(message(() => state.apply('a', { count: 2 }))).toBe(
      'Apply failed with 1 conflict: conflict with "b": .count',
    );
  });

  test('names all conflicts, by manager', () => {
    const state = thing()
      .apply('a', { count: 1, inner: { value: 1 } })
      .update('u', { count: 1, inner: { value: 1 }, name: 'n' });
    expect(message(() => state.apply('b', { count: 2, inner: { value: 2 }, name: 'm' }))).toBe(
      'Apply failed with 3 conflicts: conflicts with "a":\n- .count\n- .inner.value\nconflicts with "u" using v1:\n- .name',
    );
  });

  test('takes fields by force', () => {
    const state = thing().apply('a', { count: 1, name: 'n' }).apply('b', { count: 2 }, { force: true });
    expect(state.object).toEqual({ count: 2, name: 'n' });
    expect(state.owners()).toEqual({ 'a (Apply)': ['.name'], 'b (Apply)': ['.count'] });
  });

  test('replaces what is atomic as a whole', () => {
    const state = thing().apply('a', { atomic: { x: 1, y: 2 }, atomicMap: { p: '1', q: '2' }, values: ['1', '2'] });
    state.apply('a', { atomic: { x: 3 }, atomicMap: { q: '3' }, values: ['2'] });
    expect(state.object).toEqual({ atomic: { x: 3 }, atomicMap: { q: '3' }, values: ['2'] });
    expect(state.owners()).toEqual({ 'a (Apply)': ['.atomic', '.atomicMap', '.values'] });
    expect(message(() => state.apply('b', { atomic: { x: 3, y: 1 } }))).toContain('conflict with "a": .atomic');
  });

  test('conflicts inside of an item, a map entry and a nested list', () => {
    const state = thing().apply('a', {
      items: [{ name: 'x', value: 1 }],
      inners: { k: { value: 1 } },
      lists: { l: ['1'] },
    });
    expect(
      message(() =>
        state.apply('b', { items: [{ name: 'x', value: 2 }], inners: { k: { value: 2 } }, lists: { l: ['2'] } }),
      ),
    ).toBe(
      'Apply failed with 3 conflicts: conflicts with "a":\n- .inners.k.value\n- .items[name="x"].value\n- .lists.l',
    );
  });

  test('does nothing when it says what is there', () => {
    const state = thing().apply('a', { count: 1, labels: { x: '1' } });
    const [object, managers] = [state.object, state.managers];
    state.apply('a', { count: 1, labels: { x: '1' } });
    expect(state.object).toEqual(object);
    expect(state.managers).toEqual(managers);
  });

  test('treats schemaless values as maps of atomic lists and scalars', () => {
    const state = thing().apply('a', { any: { list: [{ a: 1 }], map: { x: 1, deep: { y: 2 } } } });
    expect(state.owners()['a (Apply)']).toEqual([
      '.any.list',
      '.any.map',
      '.any.map.deep',
      '.any.map.deep.y',
      '.any.map.x',
    ]);
    state.apply('b', { any: { map: { z: 3 } } });
    state.apply('a', { any: { map: { deep: { y: 2 } } } });
    expect(state.object).toEqual({ any: { map: { deep: { y: 2 }, z: 3 } } });
  });

  test('lets a schemaless value become another kind of value', () => {
    const state = thing()
      .apply('a', { any: { v: { x: 1 } } })
      .apply('a', { any: { v: 'text' } });
    expect(state.object).toEqual({ any: { v: 'text' } });
    state.apply('a', { any: { v: [1, 2] } }).apply('a', { any: { v: { y: 1 } } });
    expect(state.object).toEqual({ any: { v: { y: 1 } } });
    expect(message(() => state.apply('b', { any: { v: 3 } }))).toContain('conflict with "a": .any.v');
  });

  test('keeps fields with names that objects inherit', () => {
    const state = thing()
      .apply('a', { labels: { constructor: '1' } })
      .apply('b', { labels: { toString: '2' } });
    expect(state.object).toEqual({ labels: { constructor: '1', toString: '2' } });
    state.apply('a', { name: 'n' });
    expect(state.object).toEqual({ name: 'n', labels: { toString: '2' } });
  });
});

describe('the order of merged lists', () => {
  const order = (old: string[], sent: string[]): unknown =>
    thing().update('u', { set: old }).apply('a', { set: sent }, { force: true }).object;
  const cases: [string[], string[], string[]][] = [
    [['a', 'b'], ['c'], ['a', 'b', 'c']],
    [
      ['a', 'b', 'c'],
      ['c', 'a'],
      ['b', 'c', 'a'],
    ],
    [
      ['a', 'b', 'c', 'd'],
      ['b', 'x', 'd'],
      ['a', 'b', 'c', 'x', 'd'],
    ],
    [
      ['1', '2', '3'],
      ['3', '2', '1'],
      ['3', '2', '1'],
    ],
    [
      ['a', 'b', 'c'],
      ['x', 'c', 'y', 'a'],
      ['b', 'x', 'c', 'y', 'a'],
    ],
  ];
  test.each(cases)('%j with %j is %j', (old, sent, merged) => {
    expect(order(old, sent)).toEqual({ set: merged });
  });

  test('keeps what an applied list does not mention, duplicates included', () => {
    expect(order(['a', 'a', 'b'], ['b'])).toEqual({ set: ['a', 'a', 'b'] });
    expect(order(['a', 'a', 'b'], ['a'])).toEqual({ set: ['a', 'b'] });
  });
});

describe('update', () => {
  test('owns what it adds or changes, with the containers that it adds', () => {
    const state = thing().update('u', { count: 1, inner: { value: 1, labels: { x: '1' } }, items: [{ name: 'x' }] });
    expect(state.owners()).toEqual({
      'u (Update)': [
        '.count',
        '.inner',
        '.inner.labels',
        '.inner.labels.x',
        '.inner.value',
        '.items',
        '.items[name="x"]',
        '.items[name="x"].name',
      ],
    });
    state.update('v', { count: 1, inner: { value: 2, labels: { x: '1' } }, items: [{ name: 'x' }, { name: 'y' }] });
    expect(state.owners()['v (Update)']).toEqual(['.inner.value', '.items[name="y"]', '.items[name="y"].name']);
    expect(state.owners()['u (Update)']).not.toContain('.inner.value');
  });

  test('forgets the owners of what it removes', () => {
    const state = thing()
      .apply('a', { count: 1, labels: { x: '1' } })
      .update('u', { labels: {} });
    expect(state.object).toEqual({ labels: {} });
    expect(state.owners()).toEqual({});
  });

  test('changes nothing when nothing changes', () => {
    const state = thing().update('u', { count: 1 });
    const before = state.managers;
    expect(state.update('v', { count: 1 }).managers).toBe(before);
  });

  test('marks items that are there twice, and no more than that', () => {
    const twice: JsonObject = {
      items: [
        { name: 'x', value: 1 },
        { name: 'x', value: 2 },
      ],
    };
    const state = thing()
      .update('u', { items: [{ name: 'x', value: 1 }] })
      .update('v', twice);
    expect(state.owners()).toEqual({ 'u (Update)': ['.items'], 'v (Update)': ['.items[name="x"]'] });
    state.update('w', { items: [{ name: 'x', value: 2 }] });
    expect(state.owners()['w (Update)']).toEqual([
      '.items[name="x"]',
      '.items[name="x"].name',
      '.items[name="x"].value',
    ]);
  });

  test('merges the oldest of many updaters into one', () => {
    const state = thing();
    for (let i = 0; i < 14; i++) {
      const labels = Object.fromEntries(Array.from({ length: i + 1 }, (_, j) => [`l${j}`, '1']));
      state.update(`u${String(i).padStart(2, '0')}`, { labels });
    }
    expect(state.managers).toHaveLength(10);
    expect(state.owners()['ancient-changes (Update)']).toEqual([
      '.labels',
      '.labels.l0',
      '.labels.l1',
      '.labels.l2',
      '.labels.l3',
      '.labels.l4',
    ]);
  });
});
