/** exec, attach, logs and port-forward against a pod that runs in this process. */
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../base/system-clock.ts';
import { runKubectl } from '../run-kubectl.ts';
import { startFakePodServer } from './fake-pod-server.ts';
import type { FakePodServer } from './fake-pod-server.ts';

let server: FakePodServer;
beforeEach(async () => {
  server = await startFakePodServer();
});
afterEach(() => server[Symbol.asyncDispose]());

interface Run {
  readonly stdin?: string;
  readonly terminal?: boolean;
  readonly signal?: AbortSignal;
  onOutput?(all: string): void;
}

async function kubectl(
  args: readonly string[],
  run: Run = {},
): Promise<{ code: number; stdout: string; stderr: string; raw: readonly boolean[] }> {
  const raw: boolean[] = [];
  const stdin = Object.assign(Readable.from(run.stdin === undefined ? [] : [run.stdin]), {
    isTTY: run.terminal ?? false,
    setRawMode: (on: boolean) => void raw.push(on),
  });
  const stdout = Object.assign(new PassThrough(), { isTTY: run.terminal ?? false, columns: 80, rows: 24 });
  const stderr = new PassThrough();
  let out = '';
  let errors = '';
  stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    run.onOutput?.(out);
  });
  stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const io = {
    stdin,
    stdout,
    stderr,
    env: { HOME: tmpdir(), KUBECONFIG: '/dev/null' },
    cwd: tmpdir(),
    clock: systemClock,
    signal: run.signal,
  };
  const code = await runKubectl([`--server=${server.url}`, ...args], io);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, stdout: out, stderr: errors, raw };
}

test('exec prints what the command prints and names the container that it chose', async () => {
  const result = await kubectl(['exec', 'web', '--', 'echo', 'a', 'b c']);
  expect(result).toMatchObject({
    code: 0,
    stdout: 'a b c\n',
    stderr: 'Defaulted container "main" out of: main, side\n',
  });
  expect(server.requests.at(-1)).toBe(
    'UPGRADE /api/v1/namespaces/default/pods/web/exec?container=main&command=echo&command=a&command=b+c&stdout=true&stderr=true',
  );
});

test("exec ends with the command's exit code and shows its stderr", async () => {
  const result = await kubectl(['exec', 'web', '-c', 'main', '--', 'fail', '3']);
  expect(result).toMatchObject({ code: 3, stdout: '', stderr: 'broken\ncommand terminated with exit code 3\n' });
});

test('exec -i passes stdin to its end', async () => {
  const result = await kubectl(['exec', '-i', 'web', '-c', 'main', '--', 'cat'], { stdin: 'x'.repeat(100_000) });
  expect(result).toMatchObject({ code: 0, stdout: 'x'.repeat(100_000) });
});

test('exec -it makes the terminal raw, tells its size and gives it back', async () => {
  const result = await kubectl(['exec', '-it', 'web', '-c', 'main', '--', 'cat'], { stdin: 'hi', terminal: true });
  expect(result).toMatchObject({ code: 0, stdout: 'hi', raw: [true, false] });
  expect(server.sizes).toEqual([{ width: 80, height: 24 }]);
});

test('exec -t without a terminal says so and goes on', async () => {
  const result = await kubectl(['exec', '-it', 'web', '-c', 'main', '--', 'echo', 'x'], { stdin: '' });
  expect(result.stderr).toBe('Unable to use a TTY - input is not a terminal or the right kind of file\n');
  expect(result.stdout).toBe('x\n');
});

test('attach connects with the container itself', async () => {
  const result = await kubectl(['attach', 'web', '-c', 'main']);
  expect(result).toMatchObject({ code: 0, stdout: 'attached\n' });
});

test('logs are copied, of all containers with their names where asked', async () => {
  expect((await kubectl(['logs', 'web', '-c', 'side'])).stdout).toBe('first of side\nsecond\n');
  const all = await kubectl([
    'logs',
    '-l',
    'app=web',
    '--all-containers',
    '--prefix',
    '--tail=5',
    '--timestamps',
    '-p',
  ]);
  expect(all.stdout).toBe(
    '[pod/web/main] first of main\n[pod/web/main] second\n[pod/web/side] first of side\n[pod/web/side] second\n',
  );
  expect(server.requests.at(-1)).toBe(
    'GET /api/v1/namespaces/default/pods/web/log?container=side&previous=true&timestamps=true&tailLines=5',
  );
});

test('port-forward carries connections to the pod until it is interrupted', async () => {
  const echo = createServer((socket) => void socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  server.target = (echo.address() as AddressInfo).port;
  const stop = new AbortController();
  let answered: Promise<string> | undefined;
  const running = kubectl(['port-forward', 'web', ':http'], {
    signal: stop.signal,
    onOutput: (all) => {
      const port = /127\.0\.0\.1:(\d+) -> 80/.exec(all)?.[1];
      if (!port || answered) return;
      const socket = connect(Number(port), '127.0.0.1').end('through the tunnel');
      answered = text(socket).finally(() => stop.abort());
    },
  });
  const result = await running;
  expect(await answered).toBe('through the tunnel');
  expect(result.stdout).toMatch(
    /^Forwarding from 127\.0\.0\.1:\d+ -> 80\n(Forwarding from \[::1\]:\d+ -> 80\n)?Handling connection for \d+\n$/,
  );
  expect(result.code).toBe(0);
  echo.close();
});

test('a connection to a port where nothing listens is told and ends', async () => {
  const stop = new AbortController();
  let ended: Promise<unknown> | undefined;
  const result = await kubectl(['port-forward', 'web', ':81'], {
    signal: stop.signal,
    onOutput: (all) => {
      const port = /127\.0\.0\.1:(\d+) -> 81/.exec(all)?.[1];
      if (!port || ended) return;
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      ended = new Promise((resolve) => socket.once('close', resolve)).finally(() => stop.abort());
    },
  });
  expect(result.stderr).toMatch(/an error occurred forwarding \d+ -> 81: .*nothing listens on 81/);
});
