import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { StatusError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { dialPortForward, dialSpdyPortForward } from '../../client/streaming/port-forward-client.ts';
import { openSpdyCommand, openWebSocketCommand } from '../../client/streaming/remote-command-client.ts';
import type { RemoteCommand, RemoteCommandOptions } from '../../client/streaming/remote-command.ts';
import { exitCodeOf } from '../../client/streaming/remote-status.ts';
import { startTestContainer } from './containerd-fixture.ts';
import type { TestContainer } from './containerd-fixture.ts';
import { startStreamingCluster } from '../../client/streaming/kubectl-fixture.ts';
import type { StreamingCluster } from '../../client/streaming/kubectl-fixture.ts';
import { createStreamingHandler } from './streaming-handler.ts';
import type { StreamingResolver } from './streaming-handler.ts';

let container: TestContainer;
let cluster: StreamingCluster;
const containers = new Map<string, string>();

beforeAll(async () => {
  container = await startTestContainer();
  containers.set('main', container.containerId);
  containers.set('tty', await container.start('tty', { command: ['/bin/sh'], stdin: true, tty: true }));
  cluster = await startStreamingCluster(createStreamingHandler({ resolver, log: silentLogger }));
}, 60_000);

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await container?.[Symbol.asyncDispose]();
}, 60_000);

const resolver: StreamingResolver = {
  exec: async (target) => container.runtime.exec({ ...target, containerId: idOf(target.container) }),
  attach: async (target) => container.runtime.attach({ ...target, containerId: idOf(target.container) }),
  portForward: async () => container.runtime.portForward({ podSandboxId: container.podSandboxId, ports: [] }),
};

function idOf(name: string): string {
  const id = containers.get(name);
  if (id === undefined) throw new StatusError('NotFound', `container not found ("${name}")`);
  return id;
}

const piped: RemoteCommandOptions = { stdin: true, stdout: true, stderr: true, tty: false };

type Exec = (command: readonly string[], options?: RemoteCommandOptions) => Promise<RemoteCommand>;

function query(command: readonly string[], options: RemoteCommandOptions): string {
  const names = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' } as const;
  const flags = Object.entries(names).filter(([name]) => options[name as keyof typeof names]);
  return new URLSearchParams([...command.map((word) => ['command', word]), ...flags.map(([, name]) => [name, '1'])] as [
    string,
    string,
  ][]).toString();
}

const execBy: [string, Exec][] = [
  [
    'WebSocket v5',
    (command, options = piped) =>
      openWebSocketCommand({ url: execUrl(command, options), tls: cluster.tls, ...options }),
  ],
  [
    'SPDY',
    (command, options = piped) => openSpdyCommand({ url: execUrl(command, options), tls: cluster.tls, ...options }),
  ],
];

function execUrl(command: readonly string[], options: RemoteCommandOptions): URL {
  return new URL(`/exec/test/pod/main?${query(command, options)}`, cluster.kubelet);
}

describe('the kubelet, by containerd,', () => {
  test.each(execBy)('runs a command over %s and tells its output and exit code', async (_name, exec) => {
    await using command = await exec(['sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(await Promise.all([text(command.stdout!), text(command.stderr!)])).toEqual(['out\n', 'err\n']);
    expect(exitCodeOf(await command.status)).toBe(7);
  });

  test.each(execBy)('echoes 100 MB of binary input over %s, and sees its end', async (_name, exec) => {
    await using command = await exec(['cat']);
    const block = randomBytes(1024 * 1024);
    const sending = (async () => {
      for (let i = 0; i < 100; i++) if (!command.stdin!.write(block)) await once(command.stdin!, 'drain');
      command.stdin!.end();
    })();
    command.stderr!.resume();
    const received = await buffer(command.stdout!);
    await sending;
    expect(received.length).toBe(100 * block.length);
    for (let i = 0; i < 100; i++)
      expect(received.subarray(i * block.length, (i + 1) * block.length).equals(block)).toBe(true);
    expect(exitCodeOf(await command.status)).toBe(0);
  });

  test.each(execBy)('gives a terminal over %s and changes its size', async (_name, exec) => {
    await using command = await exec(['sh'], { stdin: true, stdout: true, stderr: false, tty: true });
    let output = '';
    command.stdout!.on('data', (part: Buffer) => (output += part.toString()));
    command.resize({ width: 123, height: 45 });
    await until(() => {
      if (!output.includes('45 123')) command.stdin!.write('stty size\n');
      return output.includes('45 123');
    });
    command.stdin!.write('exit 5\n');
    expect(exitCodeOf(await command.status)).toBe(5);
  });

  test.each(execBy)('reports over %s a program that does not exist', async (_name, exec) => {
    await using command = await exec(['nosuch']);
    expect(await command.status).toMatchObject({
      status: 'Failure',
      message: expect.stringContaining('executable file not found'),
    });
  });

  test.each(execBy)('hangs up on a command that reads stdin when the client of %s goes', async (_name, exec) => {
    const marker = randomBytes(4).toString('hex');
    const command = await exec(['sh', '-c', `: ${marker}; cat; echo ended > /tmp/${marker}`]);
    command.stdin!.write('x');
    await once(command.stdout!, 'data');
    await command.close();
    await until(
      async () =>
        (await container.runtime.execSync(container.containerId, { command: ['test', '-f', `/tmp/${marker}`] }))
          .exitCode === 0,
    );
  });

  test.each(execBy)('refuses over %s what makes no sense, before the upgrade', async (_name, exec) => {
    await expect(exec(['true'], { stdin: false, stdout: false, stderr: false, tty: false })).rejects.toMatchObject({
      code: 400,
      message: 'you must specify at least 1 of stdin, stdout, stderr',
    });
  });

  test('refuses a container that does not exist with 404', async () => {
    const url = new URL(`/exec/test/pod/other?${query(['true'], piped)}`, cluster.kubelet);
    await expect(openWebSocketCommand({ url, tls: cluster.tls, ...piped })).rejects.toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'container not found ("other")',
    });
  });

  test.each([
    [
      'WebSocket tunnel',
      () => dialPortForward({ url: new URL('/portForward/test/pod', cluster.kubelet), tls: cluster.tls }),
    ],
    ['SPDY', () => dialSpdyPortForward({ url: new URL('/portForward/test/pod', cluster.kubelet), tls: cluster.tls })],
  ])('forwards connections over a %s, many at once', async (_name, dial) => {
    await using echo = await startEcho();
    await using forwarder = await dial();
    const sent = Array.from({ length: 8 }, () => randomBytes(300_000));
    const received = await Promise.all(
      sent.map(async (bytes) => {
        const { data, error } = await forwarder.connect(echo.port);
        data.end(bytes);
        const echoed = await buffer(data);
        return { echoed, error: await error };
      }),
    );
    received.forEach(({ echoed, error }, i) => {
      expect(error).toBeUndefined();
      expect(echoed.equals(sent[i]!)).toBe(true);
    });
  });

  test('says over a WebSocket tunnel that nothing listens on a port', async () => {
    await using forwarder = await dialPortForward({
      url: new URL('/portForward/test/pod', cluster.kubelet),
      tls: cluster.tls,
    });
    const { data, error } = await forwarder.connect(await freePort());
    data.resume();
    expect(await error).toMatch(/refused/);
  });

  test('forwards a port over WebSocket channels', async () => {
    await using echo = await startEcho();
    const url = new URL(`/portForward/test/pod?port=${echo.port}`, cluster.kubelet);
    const socket = new WebSocket(url, ['v4.channel.k8s.io'], cluster.tls);
    const messages: Buffer[] = [];
    socket.on('message', (data: Buffer) => messages.push(data));
    await once(socket, 'open');
    socket.send(Buffer.concat([Buffer.of(0), Buffer.from('hello')]));
    await until(() => messages.length >= 3);
    const greeting = [echo.port & 0xff, echo.port >> 8];
    expect(messages[0]).toEqual(Buffer.of(0, ...greeting));
    expect(messages[1]).toEqual(Buffer.of(1, ...greeting));
    expect(messages[2]).toEqual(Buffer.concat([Buffer.of(0), Buffer.from('hello')]));
    socket.close();
    await once(socket, 'close');
  });
});

const clients: [string, Record<string, string>][] = [
  ['WebSocket', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'true', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'true' }],
  ['SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }],
];

describe("upstream's kubectl, through an API server that speaks h2 too,", () => {
  test.each(clients)('execs over %s', async (name, environment) => {
    const result = await cluster.kubectl(
      ['exec', 'pod', '-c', 'main', '--', 'sh', '-c', 'echo out; echo err >&2; exit 9'],
      { environment },
    );
    expect(result).toEqual({
      code: 9,
      stdout: Buffer.from('out\n'),
      stderr: 'err\ncommand terminated with exit code 9\n',
    });
    expect(cluster.upgrades.at(-1)).toBe(name === 'SPDY' ? 'spdy/3.1' : 'websocket');
  });

  test.each(clients)('pipes 20 MB through cat over %s', async (_name, environment) => {
    const input = randomBytes(20 * 1024 * 1024);
    const result = await cluster.kubectl(['exec', '-i', 'pod', '-c', 'main', '--', 'cat'], { input, environment });
    expect(result.stderr).toBe('');
    expect(result.stdout.equals(input)).toBe(true);
    expect(result.code).toBe(0);
  });

  test.each(clients)('reads 100 MB of output over %s', async (_name, environment) => {
    const result = await cluster.kubectl(
      ['exec', 'pod', '-c', 'main', '--', 'dd', 'if=/dev/zero', 'bs=1048576', 'count=100'],
      { environment },
    );
    expect(result.stdout.length).toBe(100 * 1024 * 1024);
    expect(result.code).toBe(0);
  });

  test.each(clients)('names the container that does not exist, over %s', async (_name, environment) => {
    const result = await cluster.kubectl(['exec', 'pod', '-c', 'other', '--', 'true'], { environment });
    expect(result.stderr).toContain('other');
    expect(result.code).toBe(1);
  });

  test.each(clients)('gives a shell in a terminal over %s', async (_name, environment) => {
    const shell = cluster.spawnInTerminal(
      ['exec', '-it', 'pod', '-c', 'main', '--', 'sh'],
      { columns: 91, rows: 27 },
      environment,
    );
    await until(() => shell.shown().includes('# '));
    const sizeIs = async (size: string): Promise<void> => {
      await until(() => {
        if (!shell.shown().includes(size)) shell.write('stty size\n');
        return shell.shown().includes(size);
      });
    };
    await sizeIs('27 91');
    shell.resize(101, 33);
    await sizeIs('33 101');
    shell.write('exit 6\n');
    expect(await shell.exit).toBe(6);
  });

  test.each(clients)('attaches to a terminal over %s', async (_name, environment) => {
    const child = cluster.spawn(['attach', '-i', 'pod', '-c', 'tty'], environment);
    let output = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    child.stdin.write('echo $((40+2))-attached\n');
    await until(() => output.includes('42-attached'));
    child.kill('SIGINT');
    await once(child, 'exit');
  });

  test.each(clients)('forwards a port over %s', async (name, environment) => {
    await using echo = await startEcho();
    const child = cluster.spawn(['port-forward', 'pod/pod', `:${echo.port}`], environment);
    let output = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (output += part.toString()));
    await until(() => /127\.0\.0\.1:(\d+) ->/.test(output));
    const port = Number(/127\.0\.0\.1:(\d+) ->/.exec(output)![1]);
    const sent = Array.from({ length: 5 }, () => randomBytes(2_000_000));
    const received = await Promise.all(
      sent.map((bytes) => {
        const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
        socket.end(bytes);
        return buffer(socket);
      }),
    );
    expect(received.map((bytes, i) => bytes.equals(sent[i]!))).toEqual(sent.map(() => true));
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(output).not.toContain('error');
    expect(cluster.upgrades.at(-1)).toBe(name === 'SPDY' ? 'spdy/3.1' : 'websocket');
  });
});

interface Echo extends AsyncDisposable {
  readonly port: number;
}

/** The container has the host's network, so a listener of the test's own stands for one in the pod. */
async function startEcho(): Promise<Echo> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) =>
    socket.on('error', () => undefined).pipe(socket),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

async function freePort(): Promise<number> {
  await using echo = await startEcho();
  return echo.port;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const check = async (): Promise<void> => {
    if (!(await condition())) throw new Error('the condition did not come true');
  };
  await vi.waitFor(check, { timeout: 10_000, interval: 20 });
}
