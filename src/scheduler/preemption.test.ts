import { expect, test } from 'vitest';
import { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { decodeObject } from '../machinery/decode.ts';
import { seededRandom } from '../base/random.ts';
import { chooseNode } from './choose-node.ts';
import { ClusterState } from './cluster-state.ts';
import { podInfoOf } from './pod-info.ts';
import { planPreemption } from './preemption.ts';
import { filters, scores } from './registry.ts';

let serial = 0;

function pod(cpu: string, priority: number, spec: object = {}): Pod {
  const name = `pod-${++serial}`;
  const metadata = {
    name,
    namespace: 'default',
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  const containers = [{ name: 'a', image: 'a', resources: { requests: { cpu } } }];
  return decodeObject(Pod, { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, priority, ...spec } }).object;
}

function stateOf(nodes: Readonly<Record<string, readonly Pod[]>>): ClusterState {
  const state = new ClusterState();
  const capacity = { cpu: '1', memory: '8Gi', pods: '110' };
  for (const [name, pods] of Object.entries(nodes)) {
    const metadata = { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
    const object = { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status: { capacity, allocatable: capacity } };
    state.setNode(decodeObject(Node, object).object);
    for (const one of pods) state.place(one, name);
  }
  return state;
}

function plan(wanted: Pod, state: ClusterState): { node: string; victims: readonly string[] } | undefined {
  const info = podInfoOf(wanted);
  const choice = chooseNode(info, state, { filters, scores, random: seededRandom() });
  if (choice.node) throw new Error('it fits without preemption');
  const made = planPreemption(info, state, { filters, refusals: choice.refusals });
  return made && { node: made.node.name, victims: made.victims.map(({ pod: victim }) => victim.metadata.name) };
}

test('the node whose top victim is least important is taken', () => {
  const [cheap, dear] = [pod('800m', 1), pod('800m', 5)];
  const state = stateOf({ a: [dear], b: [cheap] });
  expect(plan(pod('500m', 10), state)).toEqual({ node: 'b', victims: [cheap.metadata.name] });
});

test('among equals the node with fewer victims is taken', () => {
  const state = stateOf({ a: [pod('450m', 1), pod('450m', 1)], b: [pod('900m', 1)] });
  expect(plan(pod('1', 10), state)?.node).toBe('b');
});

test('only as many go as must, the important ones are spared', () => {
  const [x, y, z] = [pod('300m', 3), pod('300m', 2), pod('300m', 1)];
  expect(plan(pod('300m', 10), stateOf({ a: [x, y, z] }))?.victims).toEqual([z.metadata.name]);
});

test('equals and betters are never victims', () => {
  expect(plan(pod('500m', 10), stateOf({ a: [pod('800m', 10)] }))).toBeUndefined();
});

test('a trial leaves the state as it was', () => {
  const state = stateOf({ a: [pod('450m', 1), pod('450m', 1)] });
  plan(pod('1', 10), state);
  expect(state.node('a')?.pods.size).toBe(2);
  expect(state.node('a')?.requested['cpu']).toBe(900);
});

test('a pod that is kept out by an anti-affinity can preempt those that keep it out', () => {
  const term = { labelSelector: {}, topologyKey: 'metadata-less' };
  const antiAffinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const loner = pod('100m', 1, { affinity: antiAffinity });
  const state = stateOf({ a: [loner] });
  const labelled = state.node('a')!.node;
  state.setNode({ ...labelled, metadata: { ...labelled.metadata, labels: { 'metadata-less': 'x' } } });
  expect(plan(pod('100m', 10), state)).toEqual({ node: 'a', victims: [loner.metadata.name] });
});
