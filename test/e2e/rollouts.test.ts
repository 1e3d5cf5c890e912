/** Deployments, static pods, and what nodes and namespaces take with them, as upstream's kubectl sees it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from './run.ts';
import { testMachine } from './test-machine.ts';
import type { TestMachine } from './test-machine.ts';
import { busyboxImage, loadTestImages } from './test-images.ts';
import { deployment, pod, shell } from './workload-pods.ts';
import { workloadView } from './workload-view.ts';

let machine: TestMachine;
const { kubectl, tried, apply, podNamed, shows, status, says } = workloadView(() => machine);

beforeAll(async () => {
  machine = await testMachine();
  await machine.up();
  await loadTestImages(machine);
  const scratch = { volumes: [{ name: 'scratch', emptyDir: {} }] };
  const once = '[ -e /scratch/x ] && sleep 1000; touch /scratch/x';
  const volumeMounts = [{ name: 'scratch', mountPath: '/scratch' }];
  await apply([pod('second-try', { command: shell(once), volumeMounts }, scratch), pod('client')]);
});
afterAll(async () => machine?.[Symbol.asyncDispose]());

describe('deployments', () => {
  const settled = (name: string): Promise<string> =>
    kubectl('rollout', 'status', `deployment/${name}`, '--timeout=60s');
  const setting = (name: string, text: string): Promise<string> => kubectl('set', 'env', `deployment/${name}`, text);
  const revisions = async (name: string): Promise<readonly number[]> =>
    (await kubectl('rollout', 'history', `deployment/${name}`))
      .split('\n')
      .flatMap((line) => (/^\d+ /.test(line) ? [Number.parseInt(line, 10)] : []));
  const replicaSets = async (name: string): Promise<readonly number[]> =>
    (await kubectl('get', 'replicasets', '-l', `app=${name}`, '-o', 'jsonpath={.items[*].spec.replicas}'))
      .split(' ')
      .map(Number)
      .toSorted((a, b) => a - b);

  test('roll back, forget old revisions, pause and resume', async () => {
    await apply([deployment('rolls', { revisionHistoryLimit: 2 })]);
    await settled('rolls');
    for (const text of ['A=1', 'A=2', 'A=3']) {
      await setting('rolls', text);
      await settled('rolls');
    }
    await eventually('the limit', async () => (await revisions('rolls')).join() === '2,3,4');
    await kubectl('rollout', 'undo', 'deployment/rolls');
    await settled('rolls');
    expect(await revisions('rolls')).toEqual([2, 4, 5]);
    expect(await kubectl('rollout', 'history', 'deployment/rolls', '--revision=5')).toContain('A:\t2');
    await kubectl('rollout', 'pause', 'deployment/rolls');
    await setting('rolls', 'A=4');
    expect((await tried(['rollout', 'undo', 'deployment/rolls'])).stderr).toContain(
      'cannot rollback a paused deployment',
    );
    // As upstream: all are old while the template that is wanted has none, so one more is beyond the limit.
    await eventually('nothing new', async () => (await revisions('rolls')).join() === '4,5');
    await kubectl('rollout', 'resume', 'deployment/rolls');
    await settled('rolls');
    expect(await revisions('rolls')).toEqual([4, 5, 6]);
  });

  test('a rollout that can not work keeps enough pods and says that its deadline passed', async () => {
    await apply([deployment('stuck', { replicas: 3 })]);
    await settled('stuck');
    const broken = { containers: [{ name: 'main', image: 'kubets.local/nothing:1' }] };
    const change = (spec: object): Promise<string> =>
      kubectl('patch', 'deployment', 'stuck', '-p', JSON.stringify({ spec }));
    await change({ progressDeadlineSeconds: 2, template: { spec: broken } });
    const { code, stderr } = await tried(['rollout', 'status', 'deployment/stuck', '--timeout=60s']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: deployment "stuck" exceeded its progress deadline\n' });
    expect(await kubectl('get', 'deployment', 'stuck', '-o', 'jsonpath={.status.availableReplicas}')).toBe('3');
    await change({ progressDeadlineSeconds: 600 });
    await kubectl('rollout', 'undo', 'deployment/stuck');
    await settled('stuck');
  });

  test('Recreate starts nothing before the last old pod is gone', async () => {
    await apply([deployment('anew', { strategy: { type: 'Recreate' } })]);
    await settled('anew');
    await setting('anew', 'A=1');
    const done = settled('anew');
    const rollout = { over: false };
    void done.finally(() => (rollout.over = true)).catch(() => undefined);
    while (!rollout.over) {
      const alive = ['--field-selector', 'status.phase!=Failed,status.phase!=Succeeded'];
      const hash = ['-o', 'jsonpath={.items[*].metadata.labels.pod-template-hash}'];
      const hashes = await kubectl('get', 'pods', '-l', 'app=anew', ...alive, ...hash);
      expect(new Set(hashes.split(' ')).size).toBe(1);
    }
    await done;
  });

  test('a deleted pod is replaced; dependents stay or go as asked', async () => {
    await apply([deployment('owner-of')]);
    await settled('owner-of');
    const pods = (): Promise<string> => kubectl('get', 'pods', '-l', 'app=owner-of', '-o', 'name');
    const [first = ''] = (await pods()).split('\n');
    await kubectl('delete', first);
    await settled('owner-of');
    expect(await pods()).not.toContain(first);
    await kubectl('delete', 'deployment', 'owner-of', '--cascade=orphan');
    expect(await replicaSets('owner-of')).toEqual([2]);
    await kubectl('delete', 'replicaset', '-l', 'app=owner-of', '--cascade=foreground');
    expect(await pods()).toBe('');
  });
});

describe('the node', () => {
  test('a static pod has a mirror, comes back when that is deleted, and goes with its file', async () => {
    const directory = join(machine.dataDir, 'nodes/node-1/manifests');
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'static.json');
    writeFileSync(file, JSON.stringify(pod('static')));
    await shows('static-node-1', '1/1', 'Running');
    const { metadata } = await podNamed('static-node-1');
    expect(metadata.annotations).toMatchObject({ 'kubernetes.io/config.source': 'file' });
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: 'node-1' }]);
    const id = (await status('static-node-1')).container.containerID;
    // kubectl would wait for the name to be free, and may miss the moment: the mirror is back within milliseconds.
    await kubectl('delete', 'pod', 'static-node-1', '--wait=false');
    await eventually('another mirror', async () => {
      const mirror = (await tried(['get', 'pod', 'static-node-1', '-o', 'jsonpath={.metadata.uid}'])).stdout;
      return mirror !== '' && mirror !== metadata.uid;
    });
    await shows('static-node-1', '1/1', 'Running');
    expect((await status('static-node-1')).container.containerID).toBe(id);
    rmSync(file);
    await eventually(
      'the end of the static pod',
      async () => (await tried(['get', 'pod', 'static-node-1'])).code !== 0,
    );
  });

  test('a kubelet that was killed finds its containers again, with their counts', async () => {
    await shows('second-try', '1/1', 'Running');
    await eventually('a restart', async () => (await status('second-try')).container.restartCount === 1);
    const counts = (): Promise<string> =>
      kubectl(
        ...['get', 'pods', '-l', 'app in (client,second-try)'],
        ...[
          '-o',
          'jsonpath={range .items[*]}{.status.containerStatuses[*].containerID} {.status.containerStatuses[*].restartCount} {end}',
        ],
      );
    const before = await counts();
    const { stdout } = await machine.kubets(['status', '--data-dir', machine.dataDir, '-o', 'json']);
    const { processes } = JSON.parse(stdout) as { processes: { name: string; pid: number }[] };
    const agent = processes.find(({ name }) => name.startsWith('agent'));
    if (!agent) throw new Error(`no agent among ${stdout}`);
    process.kill(agent.pid, 'SIGKILL');
    await machine.up();
    await kubectl('run', 'afterwards', `--image=${busyboxImage}`, '--', 'sleep', '1000');
    await shows('afterwards', '1/1', 'Running');
    expect(await counts()).toBe(before);
  });

  test('a namespace takes everything with it', async () => {
    await kubectl('create', 'namespace', 'brief');
    await apply([deployment('d')], 'brief');
    await kubectl('-n', 'brief', 'create', 'configmap', 'c');
    await kubectl('-n', 'brief', 'rollout', 'status', 'deployment/d', '--timeout=60s');
    await kubectl('delete', 'namespace', 'brief', '--timeout=20s');
    expect((await tried(['get', 'namespace', 'brief'])).stderr).toContain('NotFound');
    expect(await kubectl('get', 'pods,configmaps,replicasets', '-n', 'brief', '-o', 'name')).toBe('');
  });

  test('drained, it keeps nothing that would be lost unless told so, and the server serves on', async () => {
    const refused = await tried(['drain', 'node-1']);
    expect(refused.stderr).toMatch(/cannot delete Pods that declare no controller \(use --force to override\)/);
    expect(refused.stderr).toMatch(/cannot delete Pods with local storage \(use --delete-emptydir-data to override\)/);
    await kubectl('drain', 'node-1', '--force', '--delete-emptydir-data', '--grace-period=1', '--timeout=60s');
    expect(await kubectl('get', 'node', 'node-1', '--no-headers')).toContain('Ready,SchedulingDisabled');
    expect(await kubectl('get', 'pods', '-A', '--field-selector', 'spec.nodeName=node-1', '-o', 'name')).toBe('');
    await says('rolls', 'ScalingReplicaSet', /^Scaled up replica set rolls-\w+ from 0 to \d$/);
    await kubectl('uncordon', 'node-1');
    await kubectl('rollout', 'status', 'deployment/rolls', '--timeout=60s');
  });
});
