/** What is killed comes back, what can't be is said before anything changes, and nothing is left behind. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveRecord, startTicksOf, upRecord } from '../../src/distro/process/process-record.ts';
import { eventually, run, succeed } from './run.ts';
import { leftoverProcesses, testMachine } from './test-machine.ts';
import type { TestMachine } from './test-machine.ts';
import { loadTestImages, webImage } from './test-images.ts';

const root = resolve(import.meta.dirname, '../..');

interface Status {
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly running: boolean }[];
  readonly problems: readonly string[];
}

describe('what is killed', () => {
  let machine: TestMachine;
  let address: string;

  beforeAll(async () => {
    machine = await testMachine();
    await machine.up();
    await loadTestImages(machine);
    await machine.kubectl('create', 'deployment', 'web', `--image=${webImage}`, '--replicas=2');
    await machine.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await machine.kubectl('expose', 'deployment/web', '--port=80');
    address = await machine.kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
    await eventually('the service', serves);
  });
  afterAll(async () => machine?.[Symbol.asyncDispose]());

  const serves = async (): Promise<boolean> => {
    const script = `fetch('http://${address}/', { signal: AbortSignal.timeout(2000) }).then((answer) => answer.text()).then(console.log)`;
    return (await run(machine.on([process.execPath, '-e', script]))).stdout.includes('kubets');
  };
  const containers = async (): Promise<string> =>
    machine.kubectl(
      'get',
      'pods',
      '-l',
      'app=web',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}{"\\n"}{end}',
    );
  const status = async (): Promise<Status> =>
    JSON.parse((await machine.kubets(['status', '--data-dir', machine.dataDir, '-o', 'json'])).stdout) as Status;
  const kill = async (name: string): Promise<void> => {
    const found = (await status()).processes.find((process) => process.name === name);
    if (!found?.running) throw new Error(`${name} does not run`);
    process.kill(found.pid, 'SIGKILL');
    await eventually(`the end of ${name}`, async () =>
      (await status()).processes.some(
        (process) => process.name === name && (!process.running || process.pid !== found.pid),
      ),
    );
  };

  test('the server: pods serve on, no acknowledged write is lost, and up brings everything back', async () => {
    const before = await containers();
    const acknowledged: string[] = [];
    const writing = new AbortController();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let index = 0; !writing.signal.aborted; index++) {
        const name = `write-${writer}-${index}`;
        const { code } = await run(machine.kubectlArgv('upstream', ['create', 'configmap', name]));
        if (code === 0) acknowledged.push(name);
      }
    });
    await eventually('some writes', () => Promise.resolve(acknowledged.length >= 8));
    await kill('server');
    writing.abort();
    await Promise.all(writers);
    expect(await serves()).toBe(true);
    expect((await machine.kubets(['status', '--data-dir', machine.dataDir])).stdout).toContain('server does not run');
    await machine.up();
    const names = await machine.kubectl('get', 'configmaps', '-o', 'name');
    expect(acknowledged.filter((name) => !names.includes(`configmap/${name}\n`))).toEqual([]);
    expect(await containers()).toBe(before);
    expect(await serves()).toBe(true);
  });

  test('an agent: containers run on, and up adopts them', async () => {
    const before = await containers();
    await kill('agent-node-1');
    expect(await serves()).toBe(true);
    await machine.up();
    expect(await containers()).toBe(before);
    await machine.kubectl('scale', 'deployment/web', '--replicas=3');
    await machine.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await machine.kubectl('scale', 'deployment/web', '--replicas=2');
    await eventually('two pods', async () => (await containers()).trim().split('\n').length === 2);
  });

  test('containerd: containers run on, and the agent starts it again by itself', async () => {
    const before = await containers();
    await kill('containerd-node-1');
    expect(await serves()).toBe(true);
    await eventually('containerd', async () =>
      (await status()).processes.some(({ name, running }) => name === 'containerd-node-1' && running),
    );
    const [pod = ''] = before.split(' ');
    await eventually(
      'exec',
      async () => (await run(machine.kubectlArgv('upstream', ['exec', pod, '--', 'true']))).code === 0,
    );
    expect(await containers()).toBe(before);
  });

  test('certificates are renewed and the authority is replaced while everything runs; what is retired is let in no more', async () => {
    const before = {
      ...(await status()),
      kubeconfig: readFileSync(machine.kubeconfig, 'utf8'),
      pods: await containers(),
    };
    const old = join(machine.dataDir, 'old.kubeconfig');
    writeFileSync(old, before.kubeconfig, { mode: 0o600 });
    const certs = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await machine.kubets(['certs', ...args, '--data-dir', machine.dataDir]);
      if (code !== 0) throw new Error(stderr);
      return stdout;
    };
    const withOld = () => run(machine.kubectlArgv('upstream', ['--kubeconfig', old, 'get', 'nodes']));
    await certs('rotate-ca');
    expect(await certs('show')).toMatch(/^ca \(former\) /m);
    await eventually('pods with the new authority', async () => {
      const data = await machine.kubectl('get', 'configmap', 'kube-root-ca.crt', '-o', 'jsonpath={.data}');
      return data.split('BEGIN CERTIFICATE').length === 3;
    });
    expect((await withOld()).code).toBe(0);
    await certs('rotate-ca', '--finish');
    await eventually('the end of the former authority', async () => (await withOld()).code !== 0);
    await machine.kubectl('wait', 'node', '--all', '--for=condition=Ready', '--timeout=30s');
    const [pod] = (await machine.kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).split('\n');
    // By way of the kubelet, which shows what is new and believes only that.
    expect(await machine.kubectl('exec', pod ?? '', '--', 'hostname')).toContain('web-');
    expect(await containers()).toBe(before.pods);
    expect((await status()).processes.map(({ pid }) => pid)).toEqual(before.processes.map(({ pid }) => pid));
  });

  test('up twice changes nothing', async () => {
    const pids = async (): Promise<readonly number[]> => (await status()).processes.map(({ pid }) => pid);
    const before = [await containers(), await pids()];
    await machine.up();
    expect([await containers(), await pids()]).toEqual(before);
  });

  test('down stops everything and up brings the same cluster back with its data', async () => {
    await machine.kubectl('create', 'configmap', 'kept', '--from-literal=a=b');
    const { code } = await machine.kubets(['down', '--data-dir', machine.dataDir]);
    expect(code).toBe(0);
    await expectNothingLeft(machine);
    await machine.up();
    expect(await machine.kubectl('get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}')).toBe('b');
    await machine.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await eventually('the service', serves);
  });
});

describe('what can not be is said before anything changes:', () => {
  const refused = async (machine: TestMachine, argv: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(argv);
    expect(code, stdout).toBe(2);
    await expectNothingLeft(machine);
    return stderr;
  };
  const upArgv = (machine: TestMachine, ...args: readonly string[]): readonly string[] => [
    join(root, 'kubets'),
    'up',
    '--data-dir',
    machine.dataDir,
    '--api-port',
    String(machine.apiPort),
    ...args,
  ];

  test('a port in use', async () => {
    await using machine = await testMachine();
    const listener = spawn(
      'nsenter',
      [
        `--net=/run/netns/${machine.netns}`,
        process.execPath,
        '-e',
        `require('net').createServer().listen(${machine.apiPort}, '127.0.0.1', () => console.log('listens'))`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await new Promise((resolveReady) => listener.stdout.once('data', resolveReady));
      expect(await refused(machine, machine.on(upArgv(machine)))).toMatch(
        new RegExp(`port ${machine.apiPort} is in use.*--api-port`),
      );
    } finally {
      listener.kill('SIGKILL');
    }
  });

  test('a full disk', async () => {
    await using machine = await testMachine();
    const script = `mount -t tmpfs -o size=8m tmpfs ${machine.dataDir} && exec "$@"`;
    const argv = ['unshare', '-m', 'sh', '-c', script, 'sh', ...machine.on(upArgv(machine))];
    expect(await refused(machine, argv)).toMatch(/disk of .* is full: \d+ MiB are free and \d+ MiB are needed/);
  });

  test('a missing package that can not be installed', async () => {
    await using machine = await testMachine();
    const script =
      'mount --bind /dev/null "$(command -v runc)" && mount --bind /bin/false /usr/bin/apt-get && exec "$@"';
    const argv = ['unshare', '-m', 'sh', '-c', script, 'sh', ...machine.on(upArgv(machine))];
    expect(await refused(machine, argv)).toMatch(/could not install runc.*install runc yourself/);
  });

  test('no root', async () => {
    await using machine = await testMachine();
    expect(await refused(machine, ['unshare', '--user', ...upArgv(machine)])).toMatch(/must run as root/);
  });

  test('another up at work', async () => {
    await using machine = await testMachine();
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      const pid = other.pid ?? 0;
      const record = { name: upRecord, pid, startTicks: startTicksOf(pid) ?? 0, since: 0, fingerprint: '' };
      saveRecord(join(machine.dataDir, 'run'), record);
      expect(await refused(machine, machine.on(upArgv(machine)))).toMatch(
        /another kubets up \(process \d+\) is at work/,
      );
    } finally {
      other.kill('SIGKILL');
    }
  });

  test('an unknown flag and values that can not be', async () => {
    await using machine = await testMachine();
    expect(await refused(machine, upArgv(machine, '--node', '2'))).toMatch(
      /unknown option '--node'.*Did you mean --nodes/s,
    );
    expect(await refused(machine, upArgv(machine, '--nodes', 'two'))).toMatch(
      /nodes must be a whole number from 1 to 64, not "two"/,
    );
  });
});

describe('down after a killed up leaves nothing:', () => {
  test.each([150, 600, 1_200, 2_500])('killed after %i ms', async (delay) => {
    await using machine = await testMachine();
    const argv = machine.on([
      join(root, 'kubets'),
      'up',
      '--nodes',
      '2',
      '--data-dir',
      machine.dataDir,
      '--api-port',
      String(machine.apiPort),
    ]);
    const [program = '', ...args] = argv;
    const child = spawn(program, args, { stdio: 'ignore' });
    const ended = new Promise((resolveEnd) => child.once('exit', resolveEnd));
    await new Promise((resolveDelay) => setTimeout(resolveDelay, delay));
    child.kill('SIGKILL');
    await ended;
    expect((await machine.kubets(['down', '--purge', '--data-dir', machine.dataDir])).code).toBe(0);
    await expectNothingLeft(machine);
    mkdirSync(machine.dataDir, { recursive: true });
  });
});

async function expectNothingLeft(machine: TestMachine): Promise<void> {
  expect(await leftoverProcesses(machine.dataDir)).toEqual([]);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(machine.dataDir);
  const links = JSON.parse(await succeed(['ip', '-n', machine.netns, '-j', 'link'])) as { ifname: string }[];
  expect(links.map(({ ifname }) => ifname)).toEqual(['lo']);
  expect(await succeed(machine.on(['nft', 'list', 'tables']))).toBe('');
  const id = await import('node:crypto').then(({ createHash }) =>
    createHash('sha256').update(machine.dataDir).digest('hex').slice(0, 6),
  );
  expect((await run(['ip', 'netns', 'list'])).stdout).not.toContain(`kubets-${id}-`);
  expect((await run(['sh', '-c', `find /sys/fs/cgroup -type d -name 'kubets-${id}*'`])).stdout).toBe('');
}
