import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStreamingCluster } from './kubectl-fixture.ts';
import type { StreamingCluster } from './kubectl-fixture.ts';
import { servePortForward } from './port-forward-server.ts';
import { acceptRemoteCommand } from './remote-command-server.ts';
import type { RemoteCommandStreams } from './remote-command.ts';
import { remoteExit, remoteSuccess } from './remote-status.ts';
import type { TerminalSize } from './terminal-size.ts';
import type { IncomingUpgrade } from './upgrade-response.ts';

let cluster: StreamingCluster;
let behaviour: (streams: RemoteCommandStreams) => Promise<void>;

beforeAll(async () => {
  cluster = await startStreamingCluster((request, socket, head) => {
    const upgrade = { request, socket, head };
    if (request.url!.startsWith('/portForward')) void servePortForward(upgrade, connectLocally);
    else void serveCommand(upgrade);
    return true;
  });
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

async function serveCommand(upgrade: IncomingUpgrade): Promise<void> {
  const query = new URL(upgrade.request.url!, 'http://kubelet').searchParams;
  const asked = (name: string): boolean => query.get(name) === 'true';
  const options = { stdin: asked('stdin'), stdout: asked('stdout'), stderr: asked('stderr'), tty: asked('tty') };
  const streams = await acceptRemoteCommand(upgrade, options);
  if (streams) await behaviour(streams);
}

async function connectLocally(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

const clients: [string, Record<string, string>][] = [
  ['WebSocket', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'true', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'true' }],
  ['SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }],
];

describe("upstream's kubectl understands the server's end over", () => {
  test.each(clients)('%s: output and exit code', async (name, environment) => {
    behaviour = async (streams) => {
      streams.stdout!.write('out\n');
      streams.stderr!.write('err\n');
      await streams.close(remoteExit(11));
    };
    const result = await cluster.kubectl(['exec', 'pod', '-c', 'main', '--', 'x'], { environment });
    expect(result).toEqual({
      code: 11,
      stdout: Buffer.from('out\n'),
      stderr: 'err\ncommand terminated with exit code 11\n',
    });
    expect(cluster.upgrades.at(-1)).toBe(name === 'SPDY' ? 'spdy/3.1' : 'websocket');
  });

  test.each(clients)('%s: binary input to its end, echoed to its last byte', async (_name, environment) => {
    behaviour = async (streams) => {
      for await (const part of streams.stdin!) if (!streams.stdout!.write(part)) await once(streams.stdout!, 'drain');
      await streams.close(remoteSuccess);
    };
    const input = randomBytes(30_000_001);
    const result = await cluster.kubectl(['exec', '-i', 'pod', '-c', 'main', '--', 'x'], { input, environment });
    expect(result.stderr).toBe('');
    expect(result.stdout.equals(input)).toBe(true);
    expect(result.code).toBe(0);
  });

  test.each(clients)('%s: a terminal and its size', async (_name, environment) => {
    const sizes: TerminalSize[] = [];
    behaviour = async (streams) => {
      expect(streams.tty).toBe(true);
      for await (const size of streams.resize!) {
        sizes.push(size);
        break;
      }
      streams.stdout!.write('a terminal');
      await streams.close(remoteSuccess);
    };
    const child = cluster.spawnInTerminal(
      ['exec', '-it', 'pod', '-c', 'main', '--', 'x'],
      { columns: 97, rows: 31 },
      environment,
    );
    expect(await child.exit).toBe(0);
    expect(child.shown()).toContain('a terminal');
    expect(sizes).toEqual([{ width: 97, height: 31 }]);
  });

  test.each(clients)('%s: forwarded ports', async (name, environment) => {
    const echo = net.createServer({ allowHalfOpen: true }, (socket) =>
      socket.on('error', () => undefined).pipe(socket),
    );
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const child = cluster.spawn(
      ['port-forward', 'pod/pod', `:${(echo.address() as net.AddressInfo).port}`],
      environment,
    );
    let output = '';
    const told = new Promise<number>((resolve) => {
      child.stdout.on('data', (part: Buffer) => {
        output += part.toString();
        const port = /127\.0\.0\.1:(\d+) ->/.exec(output)?.[1];
        if (port) resolve(Number(port));
      });
    });
    const port = await told;
    for (let i = 0; i < 5; i++) {
      const bytes = randomBytes(1_000_003);
      const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.end(bytes);
      expect((await buffer(socket)).equals(bytes)).toBe(true);
    }
    expect(cluster.upgrades.at(-1)).toBe(name === 'SPDY' ? 'spdy/3.1' : 'websocket');
    child.kill('SIGINT');
    await once(child, 'exit');
    echo.close();
  });

  test.each(clients)('%s: a port on which nothing listens', async (_name, environment) => {
    const nobody = net.createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port: closedPort } = nobody.address() as net.AddressInfo;
    await new Promise((resolve) => nobody.close(resolve));
    const child = cluster.spawn(['port-forward', 'pod/pod', `:${closedPort}`], environment);
    let output = '';
    const seen = (pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((resolve) => {
        const look = (): void => {
          const match = pattern.exec(output);
          if (match) resolve(match);
        };
        for (const stream of [child.stdout, child.stderr]) {
          stream.on('data', (part: Buffer) => {
            output += part.toString();
            look();
          });
        }
      });
    const failed = seen(/error forwarding port \d+ to pod: connect ECONNREFUSED/);
    const [, port] = await seen(/127\.0\.0\.1:(\d+) ->/);
    const socket = net.connect({ port: Number(port), host: '127.0.0.1' }).on('error', () => undefined);
    socket.resume();
    await failed;
    child.kill('SIGINT');
    await once(child, 'exit');
  });
});
