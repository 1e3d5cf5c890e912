import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Node } from '../../api/core/node.ts';
import { testCluster } from '../testing/test-cluster.ts';
import type { TestCluster } from '../testing/test-cluster.ts';
import { untilNameIsFree } from './free-name.ts';

const node = { name: 'alpha', address: '10.0.0.7', netns: undefined };

async function other(c: TestCluster, ready: 'True' | 'Unknown', address: string): Promise<void> {
  const condition = { type: 'Ready', status: ready, reason: '', message: '' };
  await c.create(Node, {
    metadata: { name: 'alpha' },
    spec: {},
    status: { addresses: [{ type: 'InternalIP', address }], conditions: [condition] },
  });
}

function looking(c: TestCluster) {
  const problems: string[] = [];
  const stop = new AbortController();
  const state = { free: false, problems, stop };
  const options = {
    ...{ client: c.client, clock: c.clock, node, signal: stop.signal },
    kubeletDirectory: join(tmpdir(), 'there-is-no-such-kubelet'),
    problem: (text: string) => void problems.push(text),
  };
  const ended = untilNameIsFree(options).then(() => void (state.free = !stop.signal.aborted));
  return Object.assign(state, { ended });
}

test('a name that nobody has is free', async () => {
  await using c = await testCluster();
  const look = looking(c);
  await c.advance('1s');
  expect(look.free).toBe(true);
});

test('the name of another machine is taken while that machine is ready, and then says what to do', async () => {
  await using c = await testCluster();
  await other(c, 'True', '10.0.0.8');
  const look = looking(c);
  await c.advance('10s');
  expect(look.free).toBe(false);
  expect(look.problems.at(-1)).toMatch(/another machine, 10.0.0.8, is the node alpha.*--node-name/);
  look.stop.abort();
  await look.ended;
});

test.each([
  ['its own', 'True', '10.0.0.7'],
  ['a machine that is gone', 'Unknown', '10.0.0.8'],
] as const)('the name of %s is free', async (_, ready, address) => {
  await using c = await testCluster();
  await other(c, ready, address);
  const look = looking(c);
  await c.advance('1s');
  expect(look.free).toBe(true);
});
