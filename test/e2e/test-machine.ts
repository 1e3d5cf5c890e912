import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { unpackUpstreamClients } from '../../tools/upstream-clients.ts';
import { run, succeed } from './run.ts';
import type { Finished, RunOptions } from './run.ts';

const root = resolve(import.meta.dirname, '../..');

/** A network namespace that stands for a machine, with a data directory of its own. Dispose takes everything down. */
export interface TestMachine extends AsyncDisposable {
  readonly dataDir: string;
  readonly netns: string;
  readonly kubeconfig: string;
  readonly apiPort: number;
  /** Runs `./kubets …` on the machine. */
  kubets(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** `kubets up` with the machine's data directory and port; throws unless it succeeds. */
  up(...args: readonly string[]): Promise<string>;
  /** Upstream's kubectl; throws unless it succeeds. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Our kubectl; throws unless it succeeds. */
  ourKubectl(...args: readonly string[]): Promise<string>;
  /** The argv that runs `argv` on the machine. */
  on(argv: readonly string[]): readonly string[];
  /** The argv of one of the two kubectls, kubeconfig included. */
  kubectlArgv(which: Kubectl, args: readonly string[]): readonly string[];
}

/** Upstream's kubectl or ours. */
export type Kubectl = 'upstream' | 'kubets';

/** Makes a machine of one or, for `up --nodes`, several nodes. */
export async function testMachine(): Promise<TestMachine> {
  const suffix = Math.random().toString(36).slice(2, 8);
  const netns = `kt-${suffix}`;
  const dataDir = mkdtempSync(join(tmpdir(), `kubets-e2e-${suffix}-`));
  await succeed(['ip', 'netns', 'add', netns]);
  await succeed(['ip', '-n', netns, 'link', 'set', 'lo', 'up']);
  return machineIn({ netns, dataDir, apiPort: await freePort() });
}

/** Machines on one switch, each of which is one node of a cluster, or a part of its control plane. */
export interface TestNetwork extends AsyncDisposable {
  readonly machines: readonly NetworkedMachine[];
}

/** A machine that others reach. */
export interface NetworkedMachine extends TestMachine {
  readonly address: string;
  /** What its processes run in. */
  readonly netns: string;
}

/** Makes machines on a switch, which this process reaches too. */
export async function testNetwork(count: number): Promise<TestNetwork> {
  const suffix = Math.random().toString(36).slice(2, 7);
  const bridge = `kt-${suffix}`;
  const subnet = `10.${150 + Math.floor(Math.random() * 100)}.${Math.floor(Math.random() * 250)}`;
  await succeed(['ip', 'link', 'add', bridge, 'type', 'bridge']);
  await succeed(['ip', 'address', 'add', `${subnet}.1/24`, 'dev', bridge]);
  await succeed(['ip', 'link', 'set', bridge, 'up']);
  const apiPort = await freePort();
  const machines = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const netns = `kt-${suffix}-${index + 1}`;
      const address = `${subnet}.${11 + index}`;
      const port = `kt${suffix}-${index + 1}`;
      await succeed(['ip', 'netns', 'add', netns]);
      await succeed(['ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns]);
      await succeed(['ip', 'link', 'set', port, 'master', bridge, 'up']);
      const lines = ['link set lo up', 'link set eth0 up', `address add ${address}/24 dev eth0`];
      const input = [...lines, `route add default via ${subnet}.1`].map((line) => `${line}\n`).join('');
      await succeed(['ip', '-n', netns, '-batch', '-'], { input });
      const dataDir = mkdtempSync(join(tmpdir(), `kubets-e2e-${suffix}-${index + 1}-`));
      return { ...machineIn({ netns, dataDir, apiPort }), address };
    }),
  );
  return {
    machines,
    async [Symbol.asyncDispose]() {
      const ended = await Promise.allSettled(machines.map((machine) => machine[Symbol.asyncDispose]()));
      // A namespace outlives its name while connections in it die away, and with it the cable.
      for (const index of machines.keys()) await run(['ip', 'link', 'del', `kt${suffix}-${index + 1}`]);
      await succeed(['ip', 'link', 'del', bridge]);
      for (const result of ended) if (result.status === 'rejected') throw result.reason;
    },
  };
}

function machineIn(place: { readonly netns: string; readonly dataDir: string; readonly apiPort: number }): TestMachine {
  const { netns, dataDir, apiPort } = place;
  const kubeconfig = join(dataDir, 'admin.kubeconfig');
  const clients = unpackUpstreamClients();
  const on = (argv: readonly string[]): readonly string[] => ['nsenter', `--net=/run/netns/${netns}`, ...argv];
  const kubets = (args: readonly string[], options?: RunOptions): Promise<Finished> =>
    run(on([join(root, 'kubets'), ...args]), options);
  const kubectlArgv = (which: Kubectl, args: readonly string[]): readonly string[] => {
    const program = which === 'upstream' ? [clients.kubectl] : [join(root, 'kubets'), 'kubectl'];
    return on([...program, '--kubeconfig', kubeconfig, ...args]);
  };
  return {
    ...place,
    kubeconfig,
    on,
    kubets,
    kubectlArgv,
    up: (...args) => must(kubets(['up', '--data-dir', dataDir, '--api-port', String(apiPort), ...args])),
    kubectl: (...args) => succeed(kubectlArgv('upstream', args)),
    ourKubectl: (...args) => succeed(kubectlArgv('kubets', args)),
    async [Symbol.asyncDispose]() {
      if (existsSync(join(dataDir, 'cluster.json'))) await must(kubets(['down', '--purge', '--data-dir', dataDir]));
      rmSync(dataDir, { recursive: true, force: true });
      await succeed(['ip', 'netns', 'del', netns]);
    },
  };
}

async function must(finished: Promise<Finished>): Promise<string> {
  const { code, stdout, stderr } = await finished;
  if (code !== 0) throw new Error(`kubets ended with ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolvePort(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Pids of all processes on this host that carry `KUBETS_DATA_DIR=<dataDir>`, or whose command line names it. */
export async function leftoverProcesses(dataDir: string): Promise<readonly string[]> {
  const { stdout } = await run(['sh', '-c', 'ls /proc | grep -E "^[0-9]+$"']);
  return stdout
    .split('\n')
    .filter((pid) => pid !== '' && pid !== String(process.pid))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return command.includes(dataDir) || environment.includes(`KUBETS_DATA_DIR=${dataDir}`)
          ? [`${pid} ${command}`]
          : [];
      } catch {
        return [];
      }
    });
}
