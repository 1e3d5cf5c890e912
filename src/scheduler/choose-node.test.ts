import { describe, expect, test } from 'vitest';
import type { Node } from '../api/core/node.ts';
import { Node as NodeKind } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import { Pod as PodKind } from '../api/core/pod.ts';
import { seededRandom } from '../base/random.ts';
import { decodeObject } from '../machinery/decode.ts';
import { chooseNode } from './choose-node.ts';
import { ClusterState } from './cluster-state.ts';
import { failureMessage } from './failure-message.ts';
import { podInfoOf } from './pod-info.ts';
import { filters, scores } from './registry.ts';

let serial = 0;

function pod(spec: object = {}, metadata: object = {}): Pod {
  const name = `pod-${++serial}`;
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    spec: { containers: [{ name: 'a', image: 'a' }], ...spec },
  };
  return decodeObject(PodKind, object).object;
}

function requesting(cpu: string, memory = '64Mi'): object {
  return { containers: [{ name: 'a', image: 'a', resources: { requests: { cpu, memory } } }] };
}

function node(name: string, options: { labels?: object; spec?: object; cpu?: string } = {}): Node {
  const capacity = { cpu: options.cpu ?? '4', memory: '8Gi', pods: '110' };
  const object = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'kubernetes.io/hostname': name, ...options.labels },
    },
    spec: options.spec ?? {},
    status: { capacity, allocatable: capacity },
  };
  return decodeObject(NodeKind, object).object;
}

function clusterOf(nodes: readonly Node[], placed: readonly (readonly [Pod, string])[] = []): ClusterState {
  const state = new ClusterState();
  for (const one of nodes) state.setNode(one);
  for (const [one, on] of placed) state.place(one, on);
  return state;
}

function choose(wanted: Pod, state: ClusterState): string {
  const choice = chooseNode(podInfoOf(wanted), state, { filters, scores, random: seededRandom() });
  return choice.node ? choice.node.name : failureMessage(state.nodes.length, choice.refusals);
}

describe('a node is chosen', () => {
  test('with the most left', () => {
    const state = clusterOf([node('full'), node('empty')], [[pod(requesting('3')), 'full']]);
    expect(choose(pod(requesting('500m')), state)).toBe('empty');
  });

  test('away from pods of the same controller', () => {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'r', controller: true }];
    const state = clusterOf([node('a'), node('b')], [[pod({}, { ownerReferences }), 'a']]);
    expect(choose(pod({}, { ownerReferences }), state)).toBe('b');
  });

  test('by nodeSelector and required affinity', () => {
    const state = clusterOf([node('a'), node('b', { labels: { disk: 'ssd' } })]);
    expect(choose(pod({ nodeSelector: { disk: 'ssd' } }), state)).toBe('b');
    const matchExpressions = [{ key: 'disk', operator: 'DoesNotExist' }];
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } };
    expect(choose(pod({ affinity: { nodeAffinity: required } }), state)).toBe('a');
  });

  test('by preferred node affinity, even when it is fuller', () => {
    const state = clusterOf([node('a'), node('b', { labels: { disk: 'ssd' } })], [[pod(requesting('1')), 'b']]);
    const preference = { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] };
    const preferred = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] };
    expect(choose(pod({ affinity: { nodeAffinity: preferred } }), state)).toBe('b');
  });

  test('beside the pods that it requires, and away from those it excludes', () => {
    const labelSelector = { matchLabels: { app: 'db' } };
    const term = { labelSelector, topologyKey: 'kubernetes.io/hostname' };
    const rule = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
    const state = clusterOf([node('a'), node('b')], [[pod({}, { labels: { app: 'db' } }), 'b']]);
    expect(choose(pod({ affinity: { podAffinity: rule } }), state)).toBe('b');
    expect(choose(pod({ affinity: { podAntiAffinity: rule } }), state)).toBe('a');
  });

  test('away from pods that exclude it', () => {
    const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' };
    const loner = pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } });
    expect(choose(pod({}, { labels: { app: 'web' } }), clusterOf([node('a'), node('b')], [[loner, 'a']]))).toBe('b');
  });

  test('so that the domains of a hard spread constraint stay even', () => {
    const topologySpreadConstraints = [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ];
    const web = (): Pod => pod({ topologySpreadConstraints }, { labels: { app: 'web' } });
    const nodes = [node('a', { labels: { zone: '1' } }), node('b', { labels: { zone: '2' } })];
    expect(choose(web(), clusterOf(nodes, [[web(), 'a']]))).toBe('b');
  });

  test('that tolerations let it use', () => {
    const taints = [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }];
    const state = clusterOf([node('a', { spec: { taints } })]);
    expect(
      choose(
        pod({ tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }] }),
        state,
      ),
    ).toBe('a');
  });
});

describe('where nothing fits it is said why:', () => {
  test('each reason with the number of nodes', () => {
    const taints = [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }];
    const state = clusterOf([
      node('a', { spec: { unschedulable: true } }),
      node('b', { spec: { taints } }),
      node('c', { cpu: '1' }),
    ]);
    expect(choose(pod(requesting('2')), state)).toBe(
      '0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {dedicated: gpu}, 1 node(s) were unschedulable. ' +
        'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    );
  });

  test('resources that other pods hold', () => {
    const state = clusterOf([node('a')], [[pod(requesting('3')), 'a']]);
    expect(choose(pod(requesting('2')), state)).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    );
  });

  test('host ports that are taken', () => {
    const ports = [{ containerPort: 80, hostPort: 80 }];
    const taking = (): Pod => pod({ containers: [{ name: 'a', image: 'a', ports }] });
    const state = clusterOf([node('a')], [[taking(), 'a']]);
    expect(choose(taking(), state)).toContain("1 node(s) didn't have free ports for the requested pod ports");
  });

  test('no nodes at all', () => {
    expect(choose(pod(), clusterOf([]))).toBe('no nodes available to schedule pods');
  });
});

test('a pod taken off its node frees what it held', () => {
  const holder = pod(requesting('3'));
  const state = clusterOf([node('a')], [[holder, 'a']]);
  state.unplace(holder.metadata.uid);
  expect(choose(pod(requesting('2')), state)).toBe('a');
});

test('init containers count with the greediest of them, sidecars for good', () => {
  const resources = (cpu: string): object => ({ resources: { requests: { cpu } } });
  const initContainers = [
    { name: 'sidecar', image: 'a', restartPolicy: 'Always', ...resources('1') },
    { name: 'init', image: 'a', ...resources('2') },
  ];
  const { requests } = podInfoOf(
    pod({ initContainers, containers: [{ name: 'a', image: 'a', ...resources('500m') }] }),
  );
  expect(requests.cpu).toBe(3000);
});
