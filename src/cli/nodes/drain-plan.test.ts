import { expect, test } from 'vitest';
import type { Pod } from '../../api/core/pod.ts';
import { asKind, asKubeObject } from '../resource/kube-object.ts';
import { planDrain } from './drain-plan.ts';

const strict = { force: false, ignoreDaemonSets: false, deleteEmptyDirData: false };
const pod = (
  name: string,
  { owner, ...more }: { owner?: string; annotations?: object; spec?: object; status?: object } = {},
): Pod =>
  asKind<Pod>(
    asKubeObject({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'n',
        annotations: more.annotations,
        ...(owner
          ? { ownerReferences: [{ kind: owner, name: 'x', uid: 'u', apiVersion: 'v1', controller: true }] }
          : {}),
      },
      spec: { containers: [], ...more.spec },
      status: more.status ?? { phase: 'Running' },
    }),
  );
const names = (pods: readonly Pod[]): readonly string[] => pods.map(({ metadata }) => metadata.name);

test('managed pods are evicted, mirror pods are passed over', () => {
  const mirror = pod('mirror', { annotations: { 'kubernetes.io/config.mirror': 'x' } });
  const plan = planDrain([pod('a', { owner: 'ReplicaSet' }), mirror], strict);
  expect(names(plan.evict)).toEqual(['a']);
  expect(plan.errors).toEqual([]);
});

test('what would be lost or come back stops the drain, each with its reason', () => {
  const local = pod('local', { owner: 'ReplicaSet', spec: { volumes: [{ name: 'e', emptyDir: {} }] } });
  const plan = planDrain([pod('bare'), local, pod('ds', { owner: 'DaemonSet' })], strict);
  expect(plan.evict).toEqual([]);
  expect(plan.errors).toEqual([
    'cannot delete cannot delete Pods that declare no controller (use --force to override): n/bare',
    'cannot delete Pods with local storage (use --delete-emptydir-data to override): n/local',
    'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): n/ds',
  ]);
});

test('flags turn errors into warnings', () => {
  const plan = planDrain([pod('bare'), pod('ds', { owner: 'DaemonSet' })], {
    force: true,
    ignoreDaemonSets: true,
    deleteEmptyDirData: true,
  });
  expect(names(plan.evict)).toEqual(['bare']);
  expect(plan.warnings).toEqual([
    'deleting Pods that declare no controller: n/bare',
    'ignoring DaemonSet-managed Pods: n/ds',
  ]);
});

test('a pod that has ended may always go', () => {
  expect(names(planDrain([pod('done', { status: { phase: 'Succeeded' } })], strict).evict)).toEqual(['done']);
});
