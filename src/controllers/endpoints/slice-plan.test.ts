import { expect, test } from 'vitest';
import type { Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { metaOf } from '../testing/workloads.ts';
import { planSlices } from './slice-plan.ts';

const ports = [{ name: 'web', protocol: 'TCP' as const, port: 80 }];
const endpoint = (i: number, ready = true): Endpoint => ({
  addresses: [`10.0.${Math.floor(i / 250)}.${i % 250}`],
  conditions: { ready },
  targetRef: { kind: 'Pod', name: `p${i}`, uid: `u${i}` },
});
const range = (from: number, to: number): Endpoint[] => Array.from({ length: to - from }, (_, i) => endpoint(from + i));
const slice = (name: string, endpoints: readonly Endpoint[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: metaOf(name),
  addressType: 'IPv4',
  ports,
  endpoints,
});
const group = (endpoints: readonly Endpoint[]) => ({ addressType: 'IPv4' as const, ports, endpoints });

test('250 endpoints make three slices', () => {
  const plan = planSlices([group(range(0, 250))], []);
  expect(plan.create.map(({ endpoints }) => endpoints.length)).toEqual([100, 100, 50]);
});

test('one more endpoint goes into the fullest slice that has room, and no other is written', () => {
  const slices = [slice('a', range(0, 100)), slice('b', range(100, 190)), slice('c', range(200, 210))];
  const plan = planSlices([group([...range(0, 190), ...range(200, 211)])], slices);
  expect(plan.update.map((update) => [update.slice.metadata.name, update.endpoints.length])).toEqual([['b', 91]]);
  expect([plan.create, plan.delete]).toEqual([[], []]);
});

test('a replacement goes into the slice that the old endpoint leaves', () => {
  const slices = [slice('a', range(0, 50)), slice('b', range(100, 190))];
  const plan = planSlices([group([...range(1, 50), ...range(100, 190), endpoint(999)])], slices);
  expect(plan.update.map((update) => update.slice.metadata.name)).toEqual(['a']);
});

test('only the slice of a changed endpoint is written', () => {
  const slices = [slice('a', range(0, 100)), slice('b', range(100, 200))];
  const plan = planSlices([group([...range(0, 199), endpoint(199, false)])], slices);
  expect(plan.update.map((update) => update.slice.metadata.name)).toEqual(['b']);
});

test('nothing is written when nothing changed', () => {
  const plan = planSlices([group(range(0, 100))], [slice('a', range(0, 100))]);
  expect(plan).toEqual({ create: [], update: [], delete: [] });
});

test('slices that lose their last endpoint or their ports are deleted, but one empty slice stays', () => {
  const slices = [slice('a', range(0, 10)), slice('b', range(10, 20))];
  expect(planSlices([group(range(0, 10))], slices).delete.map(({ metadata }) => metadata.name)).toEqual(['b']);
  expect(planSlices([], slices).delete).toHaveLength(2);
  const emptied = planSlices([group([])], slices);
  expect([emptied.update.length, emptied.delete.length]).toEqual([1, 1]);
});
