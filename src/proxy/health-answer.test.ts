import { expect, test } from 'vitest';
import type { Node } from '../api/core/node.ts';
import { healthAnswer } from './health-answer.ts';

const now = Date.UTC(2026, 0, 1);
const status = (input: Partial<Parameters<typeof healthAnswer>[0]>, path: '/healthz' | '/livez' = '/healthz'): number =>
  healthAnswer({ now, lastApplied: now - 1_000_000, pendingSince: undefined, node: undefined, ...input }, path).status;

test('a proxy is healthy from its first rules on, and as long as changes do not wait for two minutes', () => {
  expect(status({ lastApplied: undefined })).toBe(503);
  expect(status({})).toBe(200);
  expect(status({ pendingSince: now - 119_000 })).toBe(200);
  expect(status({ pendingSince: now - 121_000 })).toBe(503);
});

test('a node about to go is not eligible for load balancers, but alive', () => {
  const node = {
    metadata: {},
    spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] },
  } as unknown as Node;
  expect(status({ node })).toBe(503);
  expect(status({ node }, '/livez')).toBe(200);
  expect(JSON.parse(healthAnswer({ now, lastApplied: now, pendingSince: undefined, node }, '/healthz').body)).toEqual({
    lastUpdated: '2026-01-01T00:00:00Z',
    currentTime: '2026-01-01T00:00:00Z',
    nodeEligible: false,
  });
});
