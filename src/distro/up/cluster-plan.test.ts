import { expect, test } from 'vitest';
import { clusterConfig, defaultConfig } from '../config/cluster-config.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { checkUnchanged, planCluster } from './cluster-plan.ts';
import type { ClusterPlan } from './cluster-plan.ts';

const etcdServers = ['http://10.0.0.1:2379'];
const machine = { address: '10.0.0.7', hostName: 'Alpha' };
const plan = (changes: Partial<ClusterConfig>, previous?: ClusterPlan): ClusterPlan =>
  planCluster({ ...defaultConfig, ...changes }, { ...machine, previous });

test('a cluster in a file is one machine, whose components go to its API server', () => {
  expect(plan({})).toMatchObject({
    role: 'server',
    balancerPort: undefined,
    apiAddress: '10.0.0.7',
    nodes: [{ name: 'node-1', address: '10.0.0.7' }],
  });
});

test('a machine of a cluster of several is named after its host and has a port that leads to any API server', () => {
  const node = { name: 'alpha', address: '10.0.0.7' };
  expect(plan({ etcdServers })).toMatchObject({ role: 'server', balancerPort: 6444, nodes: [node] });
  expect(plan({ server: '10.0.0.1:6443' })).toMatchObject({ role: 'worker', balancerPort: 6444, nodes: [node] });
  expect(plan({ etcdServers, nodeName: 'given', nodeIP: '10.0.0.8' })).toMatchObject({
    apiAddress: '10.0.0.8',
    nodes: [{ name: 'given', address: '10.0.0.8' }],
  });
});

test('a node keeps its name, also when its cluster moves to etcd, and saying it again changes nothing', () => {
  const first = plan({});
  expect(plan({ etcdServers }, first).nodes[0]?.name).toBe('node-1');
  const named = plan({ etcdServers, nodeName: 'given', tokenFile: '/token' });
  expect(plan({ etcdServers }, named)).toEqual(named);
});

test('a cluster moves from a file to etcd, and no other way', () => {
  const config = (changes: Partial<ClusterConfig>): ClusterConfig => ({ ...defaultConfig, ...changes });
  checkUnchanged(plan({}), config({ etcdServers }));
  expect(() => checkUnchanged(plan({ etcdServers }), config({}))).toThrow(/was made in etcd.*can't become in a file/);
  expect(() => checkUnchanged(plan({}), config({ server: '10.0.0.1:6443' }))).toThrow(/was made in a file/);
  expect(() => checkUnchanged(plan({ server: '10.0.0.1:6443' }), config({ etcdServers }))).toThrow(
    /was made as a node of a cluster that is elsewhere/,
  );
  expect(() => checkUnchanged(plan({ etcdServers }), config({ etcdServers, nodeName: 'other' }))).toThrow(
    /nodeName alpha, which can't become other/,
  );
});

test('what does not go together is refused', () => {
  const refused = (flags: Parameters<typeof clusterConfig>[0]) => () => clusterConfig(flags, undefined);
  expect(refused({ etcdServers: 'http://a:2379', server: 'b' })).toThrow(/either etcdServers.*or server/);
  expect(refused({ etcdServers: 'http://a:2379', nodes: '2' })).toThrow(/nodes can't be 2/);
  expect(refused({ etcdServers: 'a:2379' })).toThrow(/must be URLs such as/);
  expect(refused({ etcdServers: 'http://a:2379', etcdKeyfile: '/key' })).toThrow(/must be given together/);
  expect(clusterConfig({ etcdServers: 'http://a:1,https://b:2', server: undefined }, undefined).etcdServers).toEqual([
    'http://a:1',
    'https://b:2',
  ]);
  expect(clusterConfig({ server: 'https://b/' }, undefined).server).toBe('b:6443');
});
