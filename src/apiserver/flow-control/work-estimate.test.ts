import { expect, test } from 'vitest';
import { listEstimate, maxSeatsOf, writeEstimate } from './work-estimate.ts';
import type { ListedPart } from './work-estimate.ts';

const all: ListedPart = {
  limit: 0,
  continue: '',
  resourceVersion: '',
  resourceVersionMatch: '',
  sendInitialEvents: false,
  selects: false,
  named: false,
};
const tenKilobytes = (objects: number) => ({ objects, averageBytes: 10_000 });

// Source: apiserver's request/width_test.go; reads at "most recent" come from the cache.
test.each<[string, Partial<ListedPart>, number, number]>([
  ['a page of an exact version is read from the store', { limit: 399, resourceVersion: '1' }, 699, 40],
  ['what comes from the cache is put together while it is sent', { resourceVersion: '1' }, 699, 10],
  ['a smaller one', { resourceVersion: '1' }, 69, 7],
  ['as it is now', {}, 399, 10],
  ['the next page', { continue: 'token', limit: 399 }, 699, 40],
  ['a page from the cache', { limit: 20, resourceVersion: '0' }, 399, 2],
  ['selected from the store', { limit: 10, selects: true, resourceVersion: '1' }, 399, 20],
  ['selected from the cache', { limit: 10, selects: true, resourceVersion: '0' }, 399, 1],
  ['exactly a version', { resourceVersion: '5', resourceVersionMatch: 'Exact' }, 200, 20],
  ['not older than a version', { resourceVersion: '5', resourceVersionMatch: 'NotOlderThan' }, 200, 10],
  ['one object', { named: true }, 5000, 1],
  ['nothing there', {}, 0, 1],
  ['no more than is allowed', { limit: 5000, resourceVersion: '1' }, 5000, 100],
])('a list: %s', (_, part, objects, seats) => {
  const estimate = listEstimate({ ...all, ...part }, tenKilobytes(objects), { maxSeats: 0, watch: false });
  expect(estimate).toEqual({ initialSeats: seats, finalSeats: 0, additionalLatency: 0 });
});

test.each<[string, Partial<ListedPart>, number]>([
  ['from now on is cheap', { resourceVersion: '7' }, 1],
  ['with what there is, is a list', { sendInitialEvents: true, resourceVersion: '7' }, 10],
  ['from no version, is one too', {}, 10],
  ['from version 0, too', { resourceVersion: '0' }, 10],
])('a watch %s', (_, part, seats) => {
  const estimate = listEstimate({ ...all, ...part }, tenKilobytes(1000), { maxSeats: 0, watch: true });
  expect(estimate.initialSeats).toBe(seats);
});

test('no request has more seats than its level gives one', () => {
  expect(listEstimate(all, tenKilobytes(1000), { maxSeats: 4, watch: false }).initialSeats).toBe(4);
});

test.each<[number, number, number, number]>([
  [9, 0, 0, 0],
  [10, 0, 1, 5],
  [95, 0, 10, 5],
  // Of more, the work is the same: narrower and longer.
  [400, 0, 10, 20],
  [95, 2, 2, 25],
])('a write that %s watchers hear of, of a level with %s: %s seats for %s ms', (watchers, maxSeats, seats, time) => {
  expect(writeEstimate(watchers, maxSeats)).toEqual({ initialSeats: 1, finalSeats: seats, additionalLatency: time });
});

test.each<[number, number, number]>([
  [245, 6, 37],
  [49, 6, 8],
  [25, 4, 4],
  [3, 6, 1],
])('of %s seats, with hands of %s, one request has at most %s', (nominal, handSize, most) => {
  expect(maxSeatsOf(nominal, handSize)).toBe(most);
});
