/** Pods and services on real containers, as upstream's kubectl sees them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, run, succeed } from './run.ts';
import { testMachine } from './test-machine.ts';
import type { TestMachine } from './test-machine.ts';
import { busyboxImage, loadTestImages } from './test-images.ts';
import { hooksLog, shell, workloads } from './workload-pods.ts';
import { workloadView } from './workload-view.ts';

let machine: TestMachine;
const { kubectl, tried, inPod, apply, podNamed, row, shows, status, says } = workloadView(() => machine);
let hooksDirectory: string;

beforeAll(async () => {
  machine = await testMachine();
  hooksDirectory = join(machine.dataDir, 'hooks');
  await machine.up();
  await loadTestImages(machine);
  await apply([...workloads, hooksLog(hooksDirectory)]);
});
afterAll(async () => machine?.[Symbol.asyncDispose]());

describe('what becomes of containers', () => {
  test('init containers run in order, and a sidecar before those behind it', async () => {
    await shows('init-order', '2/2', 'Running');
    expect(await kubectl('logs', 'init-order', '-c', 'main')).toBe('first\nsidecar\nsecond\n');
  });

  test('an init container that fails is tried again with back-off, or never', async () => {
    await shows('init-fails', '0/1', 'Init:CrashLoopBackOff');
    await shows('init-fails-once', '0/1', 'Init:Error');
    expect((await status('init-fails-once')).phase).toBe('Failed');
    expect((await status('init-fails')).container.state?.waiting?.reason).toBe('PodInitializing');
  });

  test('a container that crashes leaves its exit code, its message and its logs', async () => {
    await shows('crash', '0/1', 'CrashLoopBackOff');
    const { container } = await status('crash');
    expect(container.lastState?.terminated).toMatchObject({ exitCode: 5, reason: 'Error', message: 'bye\n' });
    expect(container.restartCount).toBeGreaterThan(0);
    expect(container.state?.waiting?.message).toMatch(
      /^back-off (10|20)s restarting failed container=main pod=crash_default\(.*\)$/,
    );
    expect(await kubectl('logs', 'crash', '--previous')).toBe('out\n');
    await says('crash', 'BackOff', /^Back-off restarting failed container main in pod crash_default\(.*\)$/);
  });

  test('restart policies decide who starts again', async () => {
    await shows('done', '0/1', 'Completed');
    await shows('second-try', '0/1', 'Completed');
    expect((await row('second-try'))[2]).toBe(1);
    await shows('last-words', '0/1', 'Error');
    expect((await status('last-words')).container.state?.terminated).toMatchObject({
      exitCode: 6,
      message: 'last words\n',
    });
    await shows('too-long', '0/1', 'Error');
    expect(await status('too-long')).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
  });

  test('too much memory ends with OOMKilled', async () => {
    await shows('greedy', '0/1', 'OOMKilled');
    expect((await status('greedy')).container.state?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  test('what can not start says why', async () => {
    await shows('no-command', '0/1', 'CrashLoopBackOff', 'RunContainerError');
    await says(
      'no-command',
      'Failed',
      /^Error: failed to create containerd task: .*"\/nope": stat \/nope: no such file/,
    );
    await shows('no-image', '0/1', 'ErrImagePull', 'ImagePullBackOff');
    await says('no-image', 'Failed', /^Failed to pull image "kubets\.local\/nothing:1": /);
    await shows('never-pulled', '0/1', 'ErrImageNeverPull');
    await shows('bad-image-name', '0/1', 'InvalidImageName');
    await shows('no-config-map', '0/1', 'CreateContainerConfigError');
    await says('no-config-map', 'Failed', /^Error: configmap "none" not found$/);
    await shows('root', '0/1', 'CreateContainerConfigError');
    await says('root', 'Failed', /^Error: container has runAsNonRoot and image will run as root \(pod: "root_default/);
    await shows('no-volume', '0/1', 'ContainerCreating');
    await says('no-volume', 'FailedMount', /^MountVolume\.SetUp failed for volume "v" : configmap "none" not found$/);
  });

  test('a kernel parameter that is not safe is refused', async () => {
    await shows('forbidden', '0/1', 'SysctlForbidden');
    expect((await podNamed('forbidden')).status).toMatchObject({
      phase: 'Failed',
      message: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
    });
  });
});

describe('what containers find', () => {
  test('the environment that was asked for', async () => {
    await shows('environment', '1/1', 'Running');
    const variables = new Map(
      (await inPod('environment', 'env'))
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    expect(Object.fromEntries(variables)).toMatchObject({
      first: 'one',
      second: 'two',
      S_user: 'me',
      FROM_KEY: 'one',
      EXPANDED: 'one-$(NONE)-$(FROM_KEY)',
      POD: 'environment',
      NAMESPACE: 'default',
      LABEL: 'environment',
      NODE: 'node-1',
      ACCOUNT: 'default',
      CPUS: '2',
      MEBIBYTES: '32',
      HOSTNAME: 'called',
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
      KUBERNETES_PORT_443_TCP: 'tcp://10.96.0.1:443',
      IP: (await podNamed('environment')).status.podIP,
    });
    expect(variables.has('ABSENT')).toBe(false);
  });

  test('the volumes with their modes', async () => {
    const script = `cd /; cat settings/first part/first secret/user all/user about/labels items/deep/first
      stat -Lc '%a' items/deep/first items/second secret/user all/token settings/second
      ls optional; df -k memory | tail -1; touch settings/x secret/x host/x`;
    const { stdout, stderr } = await tried(['exec', 'environment', '--', ...shell(script)]);
    expect(stdout).toMatch(/^oneonememeapp="environment"one400\n755\n440\n644\n644\ntmpfs +8192 /);
    expect(stderr.match(/Read-only file system/g)).toHaveLength(3);
  });

  test('names: its own, aliases, the search path', async () => {
    expect(await inPod('environment', 'hostname -f; grep alias /etc/hosts; cat /etc/resolv.conf')).toBe(
      'called.headless.default.svc.cluster.local\n192.0.2.1\talias.example\n' +
        'search default.svc.cluster.local svc.cluster.local cluster.local example.org\n' +
        'nameserver 10.96.0.10\nnameserver 192.0.2.53\noptions ndots:2 edns0\n',
    );
  });

  test('a change of a ConfigMap, a Secret and a label, but not through a subPath', async () => {
    await kubectl('patch', 'configmap', 'settings', '-p', '{"data":{"first":"1"}}');
    await kubectl('patch', 'secret', 'secret', '-p', '{"stringData":{"user":"you"}}');
    await kubectl('label', 'pod', 'environment', 'new=label');
    await eventually('the change', async () => {
      const seen = await inPod('environment', 'cat /settings/first /secret/user /all/first /part/first /about/labels');
      return seen === '1you1oneapp="environment"\nnew="label"';
    });
  });

  test('a token that the API takes', async () => {
    const review = await eventually('an answer', async () => {
      const text = await kubectl('logs', 'self');
      return text.startsWith('{') ? (JSON.parse(text) as { status: { userInfo: unknown } }) : undefined;
    });
    expect(review.status.userInfo).toMatchObject({
      username: 'system:serviceaccount:default:default',
      extra: {
        'authentication.kubernetes.io/pod-name': ['self'],
        'authentication.kubernetes.io/node-name': ['node-1'],
      },
    });
  });

  test('the user, the groups and the rights of its security context', async () => {
    await shows('owner', '1/1', 'Running');
    expect((await inPod('owner', 'id')).trim()).toBe('uid=1000 gid=2000 groups=2000,3000,4000');
    const seen = await kubectl('logs', 'owner');
    expect(seen).toContain('CapBnd:\t0000000000001000\nNoNewPrivs:\t1\n');
    expect(seen).toContain('touch: /x: Read-only file system');
    expect(
      await inPod('owner', 'stat -c %u:%g /own/x /part/x; cat /proc/sys/net/ipv4/ip_unprivileged_port_start'),
    ).toBe('1000:3000\n1000:3000\n7\n');
    expect(await inPod('owner', 'ps')).toContain('/pause');
    await shows('privileged', '1/1', 'Running');
    expect(await kubectl('logs', 'privileged')).toMatch(/CapBnd:\t000001[0-9a-f]+\nNoNewPrivs:\t0\n/);
  });

  test('a user that is not root writes to a subPath and reads its token', async () => {
    await shows('user-part', '1/1', 'Running');
    expect(await inPod('user-part', 'stat -c %u /part/x; test -s /part/token && echo token')).toBe('1000\ntoken\n');
  });

  test('its share of the machine', async () => {
    const find = async (controller: string, file: string): Promise<string> => {
      const { metadata } = await podNamed('resources');
      const id = (await status('resources')).container.containerID?.split('//')[1] ?? '';
      const search = `cat $(find /sys/fs/cgroup/${controller} -path '*pod${metadata.uid}/${id}/${file}')`;
      return (await succeed(['sh', '-c', search])).trim();
    };
    expect([
      await find('cpu', 'cpu.shares'),
      await find('cpu', 'cpu.cfs_quota_us'),
      await find('memory', 'memory.limit_in_bytes'),
    ]).toEqual(['256', '50000', String(64 * 1024 * 1024)]);
    const classes = await Promise.all(['resources', 'guaranteed', 'client'].map((name) => podNamed(name)));
    expect(classes.map(({ status: { qosClass } }) => qosClass)).toEqual(['Burstable', 'Guaranteed', 'BestEffort']);
  });

  test('the network and the processes of the node, on request', async () => {
    const { status: found } = await podNamed('host');
    expect(found.podIP).toBe(found.hostIP);
    expect(await inPod('host', 'ip -o link 2>/dev/null || cat /proc/net/dev')).toContain('cni0');
    expect(await inPod('host', 'ps')).toContain('containerd');
  });
});

describe('probes and hooks', () => {
  test('liveness restarts, and says so', async () => {
    for (const name of ['live-exec', 'live-http']) {
      await eventually(`a restart of ${name}`, async () => (await row(name))[2] > 0);
      await says(name, 'Killing', /^Container main failed liveness probe, will be restarted$/);
    }
    await says('live-exec', 'Unhealthy', /^Liveness probe failed: bad/);
    await says('live-http', 'Unhealthy', /^Liveness probe failed: HTTP probe failed with statuscode: 404$/);
  });

  test('a probe that can not be run restarts nothing', async () => {
    await says('no-probe', 'Unhealthy', /^Liveness probe errored and resulted in unknown state: /);
    expect(await row('no-probe')).toEqual(['1/1', 'Running', 0]);
  });

  test('a startup probe protects a slow start', async () => {
    await shows('slow', '1/1', 'Running');
    expect((await row('slow'))[2]).toBe(0);
    await says('slow', 'Unhealthy', /^Startup probe failed: cat: can't open/);
  });

  test('readiness that fails is told and keeps the pod unready', async () => {
    await says('unready', 'Unhealthy', /^Readiness probe failed: dial tcp .*:81: connect: connection refused$/);
    await says('ungrpc', 'Unhealthy', /^Readiness probe failed: timeout: failed to connect service ".*:81" within 1s/);
    expect((await row('unready'))[0]).toBe('0/1');
    expect((await row('ungrpc'))[0]).toBe('0/1');
  });

  test('hooks run after the start and before the end; a failed one ends the container', async () => {
    await shows('hooks', '1/1', 'Running');
    await kubectl('delete', 'pod', 'hooks');
    expect(readFileSync(join(hooksDirectory, 'log'), 'utf8')).toBe('start\nstop\nterm\n');
    await says('bad-start', 'FailedPostStartHook', /^PostStartHook failed$/);
  });
});

describe.concurrent('talking to containers', () => {
  test('logs: the last, the recent, with times, of one and of all', async () => {
    await shows('two', '2/2', 'Running');
    await eventually('some lines', async () => (await kubectl('logs', 'two', '-c', 'one')).split('\n').length > 5);
    expect(await kubectl('logs', 'two', '-c', 'two', '--tail=1')).toMatch(/^two \d+\n$/);
    const all = await kubectl('logs', 'two', '--all-containers', '--prefix', '--tail=1');
    // In which order, upstream leaves to chance.
    const [first = '', second = ''] = all.trimEnd().split('\n').toSorted();
    expect([first, second]).toEqual([
      expect.stringMatching(/^\[pod\/two\/one\] one \d+$/),
      expect.stringMatching(/^\[pod\/two\/two\] two \d+$/),
    ]);
    expect(await kubectl('logs', 'two', '-c', 'one', '--timestamps', '--tail=1')).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z one \d+\n$/,
    );
    expect((await kubectl('logs', 'two', '-c', 'one', '--since=1s')).split('\n').length).toBeLessThan(9);
    expect(await kubectl('logs', 'done', '-f')).toBe('one\ntwo\n');
    expect(await kubectl('logs', 'done', '--limit-bytes=5')).toBe('one\nt');
    expect((await tried(['logs', 'done', '--previous'])).stderr).toBe(
      'Error from server (BadRequest): previous terminated container "main" in pod "done" not found\n',
    );
    expect((await tried(['logs', 'no-config-map'])).stderr).toBe(
      'Error from server (BadRequest): container "main" in pod "no-config-map" is waiting to start: CreateContainerConfigError\n',
    );
  });

  test('logs -f and attach follow what is written', async () => {
    for (const verb of [['logs', '-f', '--tail=1'], ['attach']]) {
      const [program = '', ...args] = machine.kubectlArgv('upstream', [...verb, 'two', '-c', 'one']);
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        let seen = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
        await eventually(`lines of ${verb[0]}`, () => Promise.resolve(/one \d+\n(?:.*\n)*one \d+\n/.test(seen)));
      } finally {
        child.kill('SIGKILL');
      }
    }
  });

  test('exec: exit codes, standard input, both outputs', async () => {
    expect(await tried(['exec', 'client', '--', ...shell('echo out; echo err >&2; exit 42')])).toEqual({
      code: 42,
      stdout: 'out\n',
      stderr: 'err\ncommand terminated with exit code 42\n',
    });
    const input = 'x'.repeat(300_000);
    expect((await tried(['exec', '-i', 'client', '--', 'wc', '-c'], input)).stdout.trim()).toBe('300000');
    expect((await tried(['exec', 'client', '--', '/nope'])).stderr).toContain('no such file or directory');
    expect((await tried(['exec', 'client', '-c', 'none', '--', 'ls'])).stderr).toBe(
      'Error from server (BadRequest): container none is not valid for pod client\n',
    );
  });

  test('cp there and back, and run --rm with its exit code', async () => {
    const [sent, back] = [join(machine.dataDir, 'sent'), join(machine.dataDir, 'back')];
    writeFileSync(sent, 'x'.repeat(100_000));
    await kubectl('cp', sent, 'client:/tmp/sent');
    await kubectl('cp', 'client:/tmp/sent', back);
    expect(readFileSync(back, 'utf8')).toBe(readFileSync(sent, 'utf8'));
    const args = [
      'run',
      'once',
      '--rm',
      '-i',
      '--restart=Never',
      `--image=${busyboxImage}`,
      '--',
      ...shell('cat; exit 3'),
    ];
    const { code, stdout } = await tried(args, 'piped\n');
    expect({ code, stdout }).toEqual({ code: 3, stdout: expect.stringContaining('piped\n') as string });
    expect((await tried(['get', 'pod', 'once'])).stderr).toContain('NotFound');
  });

  test.each(['pod/web', 'service/web'])('port-forward to %s', async (target) => {
    const [program = '', ...args] = machine.kubectlArgv('upstream', ['port-forward', target, ':80']);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      let seen = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
      const port = await eventually('the port', () => Promise.resolve(/127\.0\.0\.1:(\d+) -> 80/.exec(seen)?.[1]));
      expect(await fetched(`http://127.0.0.1:${port}/hostname`)).toBe('web\n');
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('the end: at once when willing, after the grace period when not, at once when forced', async () => {
    const seconds = async (...args: readonly string[]): Promise<number> => {
      const start = performance.now();
      await kubectl('delete', 'pod', ...args);
      return (performance.now() - start) / 1000;
    };
    expect(await seconds('willing')).toBeLessThan(10);
    const stubborn = await seconds('stubborn');
    expect(stubborn).toBeGreaterThan(1.9);
    expect(stubborn).toBeLessThan(9);
    const id = (await status('forced')).container.containerID?.split('//')[1] ?? 'none';
    expect(await seconds('forced', '--force', '--grace-period=0')).toBeLessThan(10);
    await eventually('the end of the forced container', async () => {
      const { stdout } = await run(['sh', '-c', `find /sys/fs/cgroup -type d -path '*${id}*' | head -1`]);
      return stdout === '';
    });
  });
});

/** What a URL answers on the machine. */
async function fetched(url: string): Promise<string> {
  const script = `fetch(${JSON.stringify(url)}, { signal: AbortSignal.timeout(5000) }).then((answer) => answer.text()).then((text) => process.stdout.write(text))`;
  return succeed(machine.on([process.execPath, '-e', script]));
}

describe('services', () => {
  test('reach ready pods by address, by name, by node port and by host port', async () => {
    await shows('web', '1/1', 'Running');
    const port = await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}');
    const node = (await podNamed('web')).status.hostIP ?? '';
    const names = ['web', 'web.default', 'headless', 'web.headless', 'elsewhere', `${node}:${port}`, `${node}:8088`];
    await eventually('the services', async () => {
      const seen = await inPod('client', names.map((name) => `wget -qO- http://${name}/hostname`).join('; '));
      return seen === 'web\n'.repeat(names.length);
    });
    expect(await fetched(`http://${node}:${port}/hostname`)).toBe('web\n');
    expect(await fetched(`http://${node}:8088/hostname`)).toBe('web\n');
  });

  test('a pod reaches itself through its service', async () => {
    expect(await kubectl('exec', 'web', '--', 'wget', '-qO-', 'http://web/hostname')).toBe('web\n');
  });

  test('without a ready pod they refuse at once', async () => {
    for (const name of ['nobody', 'not-ready']) {
      const started = performance.now();
      const { stderr } = await tried(['exec', 'client', '--', 'wget', '-qO-', `http://${name}/`]);
      expect(stderr).toContain('Connection refused');
      expect(performance.now() - started).toBeLessThan(3_000);
    }
    const slice = await kubectl(
      ...['get', 'endpointslices', '-l', 'kubernetes.io/service-name=not-ready'],
      ...['-o', 'jsonpath={.items[0].endpoints[0].conditions.ready}'],
    );
    expect(slice).toBe('false');
  });

  test('keep a client with a pod when asked to', async () => {
    await shows('other', '1/1', 'Running');
    const seen = await inPod('client', 'for i in 1 2 3 4 5 6 7 8; do wget -qO- http://sticky/hostname; done');
    expect(new Set(seen.trim().split('\n')).size).toBe(1);
  });

  test('have their records', async () => {
    const ask = (type: string, name: string): Promise<string> =>
      inPod('client', `nslookup -type=${type} ${name}.default.svc.cluster.local`);
    expect(await ask('srv', '_http._tcp.headless')).toContain('0 100 80 web.headless.default.svc.cluster.local');
    expect(await ask('cname', 'elsewhere')).toContain('web.default.svc.cluster.local');
    expect(await ask('a', 'headless')).toContain((await podNamed('web')).status.podIP);
  });
});
