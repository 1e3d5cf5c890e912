import { expect, test } from 'vitest';
import type { Write, WriteResult } from './sqlite-database.ts';
import { packResults, packValues, packWrites, unpackResults, unpackValues, unpackWrites } from './sqlite-packing.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

const writes: readonly Write[] = [
  { type: 'created', key: '/a', value: bytes('one') },
  { type: 'updated', key: '/b', value: bytes(''), expected: 2 ** 40 },
  { type: 'deleted', key: '/c', expected: undefined },
  { type: 'created', key: '/ü', value: bytes('zwei') },
  { type: 'deleted', key: '/d', expected: 0 },
];
const withTtls: readonly Write[] = [
  ...writes,
  { type: 'created', key: '/e', value: bytes('x'), ttl: 0.5 },
  { type: 'updated', key: '/f', value: bytes('x'), expected: 3, ttl: 3600 },
];

test('writes are unpacked as they were packed, also when sent elsewhere', () => {
  expect(unpackWrites(structuredClone(packWrites(writes)))).toEqual(writes);
  expect(unpackWrites(structuredClone(packWrites(withTtls)))).toEqual(withTtls);
  expect(unpackWrites(packWrites([]))).toEqual([]);
});

test.each<[string, readonly WriteResult[]]>([
  [
    'all done',
    [
      { revision: 7 },
      { revision: 8 },
      { revision: 9, deleted: bytes('c') },
      { revision: 10 },
      { revision: 11, deleted: bytes('d') },
    ],
  ],
  [
    'some refused',
    [
      { refused: 'exists' },
      { revision: 7 },
      { refused: 'notFound' },
      { revision: 8 },
      { revision: 9, deleted: bytes('d') },
    ],
  ],
  [
    'all refused',
    [
      { refused: 'exists' },
      { refused: 'conflict', revision: 3 },
      { refused: 'notFound' },
      { refused: 'exists' },
      { refused: 'notFound' },
    ],
  ],
])('results are unpacked as they were packed: %s', (_what, results) => {
  expect(unpackResults(writes, structuredClone(packResults(results)))).toEqual(results);
});

test('values are unpacked as they were packed', () => {
  const items = [
    { key: '/a', value: bytes('x'), revision: 1 },
    { key: '/b/ß', value: bytes(''), revision: 2 ** 45 },
  ];
  const withTtls = [...items, { key: '/c', value: bytes(''), revision: 3, ttl: 7 }];
  expect(unpackValues(structuredClone(packValues(withTtls)))).toEqual(withTtls);
  expect(unpackValues(structuredClone(packValues(items)))).toEqual(items);
  expect(unpackValues(packValues([]))).toEqual([]);
});
