/** Three control-plane machines on three members of etcd: what dies is not missed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEtcd } from '../../src/store/etcd/testing/etcd-process.ts';
import type { EtcdCluster } from '../../src/store/etcd/testing/etcd-process.ts';
import { startLoad } from './loading-client.ts';
import { eventually, run, succeed } from './run.ts';
import { testNetwork } from './test-machine.ts';
import type { NetworkedMachine, TestNetwork } from './test-machine.ts';
import { loadTestImages, secondWebImage, webImage } from './test-images.ts';
import { webDeployment } from './web-deployment.ts';

const token = 'whoever-has-this-is-one-of-us';
let network: TestNetwork;
let etcd: EtcdCluster;
let servers: readonly NetworkedMachine[];
let worker: NetworkedMachine;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kubets-ha-'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  network = await testNetwork(4);
  servers = network.machines.slice(0, 3);
  worker = network.machines[3]!;
  etcd = await startEtcd({
    version: '3.5',
    places: servers.map(({ netns, address }) => ({ namespace: netns, address })),
  });
  const etcdServers = `--etcd-servers=${etcd.endpoints.join(',')}`;
  // At once: none of them is the first by arrangement.
  await Promise.all(
    servers.map((machine, index) =>
      machine.up(etcdServers, `--token-file=${tokenFile}`, `--node-name=server-${index + 1}`),
    ),
  );
  for (const machine of servers) await loadTestImages(machine);
}, 240_000);
afterAll(async () => {
  await network?.[Symbol.asyncDispose]();
  await etcd?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

interface Status {
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly running: boolean }[];
  readonly controlPlane: {
    readonly servers: readonly { readonly address: string; readonly ready: boolean }[];
    readonly leaders: Readonly<Record<string, string>>;
  };
  readonly problems: readonly string[];
}

async function statusOf(machine: NetworkedMachine): Promise<Status> {
  const { stdout } = await machine.kubets(['status', '--data-dir', machine.dataDir, '-o', 'json']);
  return JSON.parse(stdout) as Status;
}

async function serverPid(machine: NetworkedMachine): Promise<number> {
  const found = (await statusOf(machine)).processes.find(({ name, running }) => name === 'server' && running);
  if (!found) throw new Error('there is no server');
  return found.pid;
}

/** Which of the machines has the controllers, as one of them sees it. */
async function leader(machine: NetworkedMachine): Promise<number> {
  const { controlPlane } = await statusOf(machine);
  return Number(/^server-(\d)$/.exec(controlPlane.leaders['kube-controller-manager'] ?? '')?.[1]) - 1;
}

/** Milliseconds until kubectl on the machine reads and writes. */
async function untilKubectlWorks(machine: NetworkedMachine, name: string): Promise<number> {
  const began = performance.now();
  await eventually(
    'kubectl',
    async () => {
      const { code } = await run(machine.kubectlArgv('upstream', ['create', 'configmap', name]), { timeoutMs: 10_000 });
      return code === 0 || (await run(machine.kubectlArgv('upstream', ['get', 'configmap', name]))).code === 0;
    },
    { timeoutMs: 20_000 },
  );
  return performance.now() - began;
}

/** One of the pods that the Service offers. */
async function readyPod(machine: NetworkedMachine): Promise<string> {
  const condition = '{.status.conditions[?(@.type=="Ready")].status}';
  const path = `{range .items[*]}{.metadata.name} ${condition} {.metadata.deletionTimestamp}{"\\n"}{end}`;
  const lines = (await machine.kubectl('get', 'pods', '-l', 'app=web', '-o', `jsonpath=${path}`)).split('\n');
  const name = lines.map((line) => /^(\S+) True $/.exec(line)?.[1]).find((found) => found !== undefined);
  if (name === undefined) throw new Error(`no pod is ready:\n${lines.join('\n')}`);
  return `pod/${name}`;
}

test('all servers encrypt Secrets by one key, which the first of them has made', async () => {
  const [first, second] = servers as [NetworkedMachine, NetworkedMachine];
  const keys = servers.map(({ dataDir }) => readFileSync(join(dataDir, 'pki', 'encryption.yaml'), 'utf8'));
  expect(keys[0]).toContain('secretbox');
  expect(new Set(keys).size).toBe(1);
  await first.kubectl('create', 'secret', 'generic', 'shared', '--from-literal=word=xyzzy');
  expect(await second.kubectl('get', 'secret', 'shared', '-o', 'jsonpath={.data.word}')).toBe(btoa('xyzzy'));
});

test('a leader dies with its etcd during a rolling update: no request is lost, kubectl goes on, the update ends', async () => {
  const [first] = servers as [NetworkedMachine];
  await succeed(first.kubectlArgv('upstream', ['apply', '-f', '-']), { input: JSON.stringify(webDeployment) });
  await first.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  await first.kubectl('expose', 'deployment/web', '--port=80');
  const load = await startLoad(first, 20);
  await load.sent(100);
  const at = await leader(first);
  const [victim, survivor] = [servers[at]!, servers[(at + 1) % 3]!];
  const pid = await serverPid(victim);
  await survivor.kubectl('set', 'image', 'deployment/web', `web=${secondWebImage}`);
  const rollout = victim.kubectl('rollout', 'status', 'deployment/web', '--timeout=120s');
  rollout.catch(() => undefined);
  await eventually(
    'the middle of the update',
    async () =>
      (await survivor.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.containers[*].image}'))
        .split(' ')
        .filter((image) => image === secondWebImage).length >= 2,
    { timeoutMs: 60_000 },
  );
  process.kill(pid, 'SIGKILL');
  await etcd.members[at]!.kill();
  const times = await Promise.all([untilKubectlWorks(victim, 'there'), untilKubectlWorks(survivor, 'elsewhere')]);
  expect(Math.max(...times)).toBeLessThan(5_000);
  // Nobody takes it out of the Service before there is another leader: it must serve until then.
  await survivor.kubectl('delete', await readyPod(survivor), '--wait=false');
  await rollout;
  expect([0, 1, 2].filter((other) => other !== at)).toContain(await leader(victim));
  const counts = await load.stop();
  expect(counts.failed).toEqual([]);
  expect(counts.ok).toBe(counts.sent);
  expect(counts.sent).toBeGreaterThanOrEqual(500);
  const nodes = await survivor.kubectl('get', 'nodes');
  expect(nodes.match(/ Ready /g)).toHaveLength(3);
}, 240_000);

test('up brings the dead server back, and status says that nothing is wrong', async () => {
  const dead = await eventually('the dead one', async () => {
    for (const [index, machine] of servers.entries())
      if ((await statusOf(machine)).problems.some((problem) => problem.startsWith('server does not run')))
        return { index, machine };
    return undefined;
  });
  etcd.members[dead.index]!.start();
  await dead.machine.up(`--etcd-servers=${etcd.endpoints.join(',')}`);
  await eventually('three API servers', async () => {
    const { controlPlane, problems } = await statusOf(servers[0]!);
    return controlPlane.servers.filter(({ ready }) => ready).length === 3 && problems.length === 0;
  });
}, 120_000);

test('a server that hangs without a word is left within five seconds, also by watches', async () => {
  const [machine, other] = servers as [NetworkedMachine, NetworkedMachine];
  const pid = await serverPid(machine);
  process.kill(pid, 'SIGSTOP');
  try {
    expect(await untilKubectlWorks(machine, 'while-it-hangs')).toBeLessThan(5_000);
    // Bound and started on the machine whose server hangs: its kubelet watches elsewhere.
    const overrides = JSON.stringify({ spec: { nodeName: 'server-1' } });
    await other.kubectl('run', 'on-it', `--image=${webImage}`, `--overrides=${overrides}`);
    await other.kubectl('wait', '--for=condition=Ready', 'pod/on-it', '--timeout=15s');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}, 60_000);

test('the token is in no log, no list of processes and nowhere in etcd', async () => {
  const logs = servers.map(({ dataDir }) => join(dataDir, 'logs'));
  const etcdData = etcd.members.map(({ dataFolder }) => dataFolder);
  const kept = servers.map(({ dataDir }) => join(dataDir, 'token'));
  const holding = await run(['grep', '-rlF', token, ...logs, ...etcdData, ...kept]);
  expect(holding.stdout.trim().split('\n')).toEqual(kept);
  const processes = await run(['sh', '-c', 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ']);
  expect(processes.stdout).toContain('kubets');
  expect(processes.stdout).not.toContain(token);
});

test('a machine joins as a node by the token, and its kubectl works with the kubeconfig of any', async () => {
  const [machine] = servers as [NetworkedMachine];
  const out = await worker.up(
    `--server=https://${machine.address}:${machine.apiPort}`,
    `--token-file=${join(machine.dataDir, 'node-token')}`,
    '--node-name=worker',
  );
  expect(out).toContain('joined the cluster as worker');
  expect(await machine.kubectl('get', 'node', 'worker')).toMatch(/ Ready /);
  expect((await statusOf(worker)).problems).toEqual([]);
  const nodes = await run(worker.on([...machine.kubectlArgv('upstream', ['get', 'nodes']).slice(2)]));
  expect(nodes.stdout.match(/ Ready /g)).toHaveLength(4);
}, 60_000);
