import { expect, test } from 'vitest';
import { selectEndpoints } from './endpoint-selection.ts';
import { testSlice } from './test/objects.ts';

const select = (slices: Parameters<typeof selectEndpoints>[0], zone?: string) =>
  selectEndpoints(slices, {
    family: 'ip',
    topology: { nodeName: 'node-1', zone },
    port: { name: 'http', protocol: 'TCP' },
  });
const addresses = (list: readonly { address: string }[]): string[] => list.map(({ address }) => address);

const on = (node: string, address: string, more: object = {}) => ({
  addresses: [address],
  conditions: { ready: true },
  nodeName: node,
  ...more,
});
const terminating = { ready: false, serving: true, terminating: true };

test('ready endpoints are used, those of this node for local policies', () => {
  const found = select([
    testSlice([
      on('node-2', '10.1.0.3'),
      on('node-1', '10.1.0.2'),
      { addresses: ['10.1.0.4'], conditions: { ready: false } },
    ]),
  ]);
  expect(addresses(found.cluster)).toEqual(['10.1.0.2', '10.1.0.3']);
  expect(addresses(found.local)).toEqual(['10.1.0.2']);
  expect(found.hasEndpoints).toBe(true);
});

test('an endpoint that says nothing of its condition is ready', () => {
  expect(addresses(select([testSlice([{ addresses: ['10.1.0.2'] }])]).cluster)).toEqual(['10.1.0.2']);
});

test('serving endpoints that terminate are the last resort, for each policy on its own', () => {
  const found = select([testSlice([on('node-2', '10.1.0.3'), on('node-1', '10.1.0.2', { conditions: terminating })])]);
  expect(addresses(found.cluster)).toEqual(['10.1.0.3']);
  expect(addresses(found.local)).toEqual(['10.1.0.2']);
  const dead = { ...terminating, serving: false };
  expect(select([testSlice([on('node-1', '10.1.0.2', { conditions: dead })])])).toEqual({
    cluster: [],
    local: [],
    hasEndpoints: false,
  });
});

test('an endpoint in two slices counts once, and the ready copy wins', () => {
  const found = select([
    testSlice([on('node-1', '10.1.0.2', { conditions: terminating })], { name: 'a' }),
    testSlice([on('node-1', '10.1.0.2')], { name: 'b' }),
  ]);
  expect(addresses(found.cluster)).toEqual(['10.1.0.2']);
});

test('ports are matched by name and protocol, and each slice has its own number', () => {
  const found = select([
    testSlice(['10.1.0.2'], { name: 'a' }),
    testSlice(['10.1.0.3'], { name: 'b', port: 9090 }),
    testSlice(['10.1.0.4'], { name: 'c', protocol: 'UDP' }),
  ]);
  expect(found.cluster.map(({ address, port }) => `${address}:${port}`)).toEqual(['10.1.0.2:8080', '10.1.0.3:9090']);
});

test('hints keep traffic on the node or in the zone, as long as all ready endpoints have them and one is for us', () => {
  const hinted = (node: string, address: string, zone: string) =>
    on(node, address, { hints: { forZones: [{ name: zone }] } });
  const slices = [testSlice([hinted('node-1', '10.1.0.2', 'a'), hinted('node-2', '10.1.0.3', 'b')])];
  expect(addresses(select(slices, 'b').cluster)).toEqual(['10.1.0.3']);
  expect(addresses(select(slices, 'c').cluster)).toEqual(['10.1.0.2', '10.1.0.3']);
  expect(addresses(select(slices).cluster)).toEqual(['10.1.0.2', '10.1.0.3']);
  expect(
    addresses(select([...slices, testSlice([on('node-3', '10.1.0.4')], { name: 'x' })], 'b').cluster),
  ).toHaveLength(3);
  const forNode = [
    testSlice([
      on('node-1', '10.1.0.2', { hints: { forNodes: [{ name: 'node-1' }] } }),
      on('node-2', '10.1.0.3', { hints: { forNodes: [{ name: 'node-2' }] } }),
    ]),
  ];
  expect(addresses(select(forNode).cluster)).toEqual(['10.1.0.2']);
});
