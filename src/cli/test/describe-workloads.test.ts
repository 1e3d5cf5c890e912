/** Our kubectl and upstream's make and describe workloads, volumes and what limits them in the same words. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCluster } from './test-cluster.ts';
import type { TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
const objects = readFileSync(new URL('./describe-workloads.yaml', import.meta.url), 'utf8');
const then = '2026-01-01T00:00:00Z';
const condition = { type: 'Ready', status: 'True', reason: 'Fine', message: 'all is well', lastTransitionTime: then };

const statuses: Readonly<Record<string, object>> = {
  'rc/old': { replicas: 1, conditions: [{ ...condition, type: 'ReplicaFailure' }] },
  'ds/agent': { desiredNumberScheduled: 3, currentNumberScheduled: 2, numberReady: 1, numberMisscheduled: 0 },
  'job/once': { startTime: then, active: 1, ready: 1, succeeded: 1, completedIndexes: '0' },
  'cronjob/nightly': { lastScheduleTime: then, active: [{ name: 'one' }, { name: 'two' }] },
  'pdb/most': { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 },
  'pvc/data': {
    phase: 'Bound',
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '10Gi' },
    conditions: [{ ...condition, type: 'Resizing', lastProbeTime: then }],
  },
  'quota/few': { hard: { pods: '4', 'requests.cpu': '2500m' }, used: { pods: '1', 'requests.cpu': '500m' } },
  'hpa/full': {
    currentReplicas: 3,
    desiredReplicas: 4,
    conditions: [{ ...condition, type: 'AbleToScale' }],
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40, averageValue: '100m' } } },
      { type: 'Resource', resource: { name: 'memory', current: { averageValue: '2Gi' } } },
    ],
  },
};

beforeAll(async () => {
  cluster = await startTestCluster();
  writeFileSync(join(cluster.directory, 'objects.yaml'), objects);
  expect(await cluster.ours(['create', 'serviceaccount', 'default'])).toMatchObject({ code: 0 });
  expect(await cluster.ours(['create', '-f', 'objects.yaml'])).toMatchObject({ code: 0, stderr: '' });
  for (const [what, status] of Object.entries(statuses)) {
    const patch = JSON.stringify({ status });
    const args = ['patch', what, '--subresource=status', '--type=merge', '-p', patch];
    expect(await cluster.ours(args)).toMatchObject({ code: 0, stderr: '' });
  }
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

async function same(args: readonly string[]): Promise<void> {
  const [theirs, ours] = await Promise.all([cluster.theirs(args), cluster.ours(args)]);
  expect(ours).toEqual(theirs);
}

test.each([
  'job j --image=i -o yaml',
  'job j --image=i -o json -- date x',
  'job j --from=cronjob/nightly -o yaml',
  'job j --from=job/once',
  'job j --from=cronjob/nope',
  'job j',
  'job',
  'cronjob c --image=i --schedule=@daily -o json',
  'cj c --image=i --schedule=@daily --restart=Never -o yaml -- date',
  'quota q --hard=cpu=1000m,pods=2 --scopes=BestEffort,NotTerminating -o json',
  'quota q -n foo -o yaml',
  'quota q --hard=cpu',
  'quota q --hard=cpu=x',
  'pdb p --selector=app=x,b=c --min-available=1 -o json',
  'pdb p --selector=app=x --max-unavailable=50% -o yaml',
  'pdb p',
  'pdb p --selector=a=b',
  'pdb p --selector=a=b --min-available=1 --max-unavailable=1',
])('create --dry-run=client %s', async (line) => {
  const [before = '', behind] = line.split(' -- ');
  const words = behind === undefined ? [] : ['--', ...behind.split(' ')];
  await same(['create', ...before.split(' '), '--dry-run=client', ...words]);
});

test.each([
  'job once --image=i',
  'quota few',
  'cronjob nightly --image=i --schedule=@daily',
  'cronjob x --image=i --schedule=x',
])('create %s fails', async (line) => {
  await same(['create', ...line.split(' ')]);
});

test.each([
  'sts/db',
  'ds/agent',
  'rc/old',
  'job/once',
  'cronjob/nightly',
  'cronjob/plain',
  'hpa/full',
  'hpa/simple',
  'pdb/most',
  'pdb/some',
  'pv/disk',
  'pv/share',
  'pv/path',
  'pv/near',
  'pvc/data',
  'pvc/copy',
  'quota/few',
  'limits/small',
])('describe %s', async (what) => {
  await same(['describe', what]);
});
