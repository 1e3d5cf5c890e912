import { expect, test } from 'vitest';
import type { Pod } from '../api/core/pod.ts';
import { GroupCounts } from './group-counts.ts';
import type { PodGroup } from './pod-affinity.ts';
import { SortedHeap } from './sorted-heap.ts';

const pod = (name: string, app: string): Pod =>
  ({ metadata: { name, namespace: 'data', labels: { app } } }) as unknown as Pod;
const group = (key: string, holds: PodGroup['holds'], usesNamespaces = false): PodGroup => ({
  key,
  holds,
  usesNamespaces,
});
const web = group('web', ({ metadata }) => metadata.labels?.['app'] === 'web');

test('a group is counted once over all pods and then pod by pod', () => {
  const counts = new GroupCounts(() => ({}));
  let walks = 0;
  const placed = (): Iterable<readonly [Pod, string]> => {
    walks++;
    return [
      [pod('a', 'web'), 'n1'],
      [pod('b', 'db'), 'n1'],
      [pod('c', 'web'), 'n2'],
    ];
  };
  expect([...counts.of(web, placed)]).toEqual([
    ['n1', 1],
    ['n2', 1],
  ]);
  counts.change(pod('d', 'web'), 'n2', 1);
  counts.change(pod('e', 'db'), 'n2', 1);
  counts.change(pod('a', 'web'), 'n1', -1);
  expect([...counts.of(web, placed)]).toEqual([['n2', 2]]);
  expect(walks).toBe(1);
});

test('groups that go by labels of namespaces are counted anew when those change', () => {
  let labels: Record<string, string> = {};
  const counts = new GroupCounts(() => labels);
  const data = group('data', ({ metadata }, of) => of(metadata.namespace ?? '')['kind'] === 'data', true);
  const placed = (): Iterable<readonly [Pod, string]> => [[pod('a', 'web'), 'n1']];
  expect(counts.of(data, placed).size).toBe(0);
  labels = { kind: 'data' };
  counts.namespacesChanged();
  expect(counts.of(data, placed).get('n1')).toBe(1);
});

test('a heap gives its items in order', () => {
  const heap = new SortedHeap<number>((a, b) => a < b);
  const items = Array.from({ length: 200 }, (_, i) => (i * 7919) % 211);
  for (const item of items) heap.push(item);
  const sorted = Array.from({ length: 200 }, () => heap.pop());
  expect(sorted).toEqual(items.toSorted((a, b) => a - b));
  expect(heap.pop()).toBeUndefined();
});
