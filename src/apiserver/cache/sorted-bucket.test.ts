import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { seededRandom } from '../../base/random.ts';
import { SortedBucket, lowerBound } from './sorted-bucket.ts';
import { StoredObject } from './stored-object.ts';

const object = StoredObject.unstored({
  ...ConfigMap,
  metadata: { name: 'a', uid: '', creationTimestamp: '', resourceVersion: '1' },
});

test('the keys are in order whatever comes, goes and comes again between two looks', () => {
  const random = seededRandom(7);
  const bucket = new SortedBucket();
  const expected = new Set<string>();
  for (let round = 0; round < 200; round++) {
    for (let step = 0; step < random.next() * 8; step++) {
      const key = `k${Math.floor(random.next() * 40)}`;
      if (random.next() < 0.6) {
        if (!expected.has(key)) bucket.add(key, { object });
        expected.add(key);
      } else {
        bucket.delete(key);
        expected.delete(key);
      }
    }
    expect(bucket.keys()).toEqual([...expected].sort());
    expect(bucket.size).toBe(expected.size);
  }
});

test('the lower bound is the first key that is not below', () => {
  const keys = ['a/1', 'a/2', 'b/1'];
  expect(['', 'a/1', 'a/15', 'a0', 'z'].map((bound) => lowerBound(keys, bound))).toEqual([0, 0, 1, 2, 3]);
});
