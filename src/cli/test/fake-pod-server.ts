/** An HTTP server with one running pod: its log, and exec, attach and port-forward answered in this process. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { servePortForward } from '../../client/streaming/port-forward-server.ts';
import { acceptRemoteCommand } from '../../client/streaming/remote-command-server.ts';
import { remoteExit, remoteSuccess } from '../../client/streaming/remote-status.ts';
import type { TerminalSize } from '../../client/streaming/terminal-size.ts';

/** The running server and what it has seen. */
export interface FakePodServer extends AsyncDisposable {
  readonly url: string;
  /** `METHOD path?query` of every request. */
  readonly requests: string[];
  readonly sizes: TerminalSize[];
  /** The port on the loopback that the pod's port 80 leads to. */
  target: number;
}

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u', labels: { app: 'web' } },
  spec: {
    containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 80 }] }, { name: 'side' }],
    nodeName: 'n',
    restartPolicy: 'Never',
  },
  status: { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: {} } }] },
};

/** Starts the server on a free port. */
export async function startFakePodServer(): Promise<FakePodServer> {
  const requests: string[] = [];
  const sizes: TerminalSize[] = [];
  const state = { target: 0 };
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    requests.push(`UPGRADE ${request.url}`);
    const upgrade = { request, socket, head };
    if (request.url?.includes('/portforward')) {
      void servePortForward(upgrade, async (port) => {
        if (port !== 80) throw new Error(`nothing listens on ${port}`);
        return connect(state.target, '127.0.0.1');
      });
    } else void runCommand(upgrade, sizes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sizes,
    get target() {
      return state.target;
    },
    set target(port) {
      state.target = port;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://x');
  const json = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const pods = '/api/v1/namespaces/default/pods';
  if (url.pathname === `${pods}/web`) json(200, pod);
  else if (url.pathname === pods)
    json(200, { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '1' }, items: [pod] });
  else if (url.pathname === `${pods}/web/log`) {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(`first of ${url.searchParams.get('container')}\nsecond\n`);
  } else
    json(404, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason: 'NotFound',
      message: 'pods "nope" not found',
      code: 404,
    });
}

/** Knows `echo`, `cat` and `exit N`; an attach is a `cat`. */
async function runCommand(upgrade: Parameters<typeof acceptRemoteCommand>[0], sizes: TerminalSize[]): Promise<void> {
  const query = new URL(upgrade.request.url ?? '', 'http://x').searchParams;
  const on = (name: string): boolean => query.get(name) === 'true';
  const streams = await acceptRemoteCommand(upgrade, {
    stdin: on('stdin'),
    stdout: on('stdout'),
    stderr: on('stderr'),
    tty: on('tty'),
  });
  if (!streams) return;
  void readSizes(streams.resize, sizes);
  const [name = 'cat', ...args] = query.getAll('command');
  if (name === 'echo') streams.stdout?.write(`${args.join(' ')}\n`);
  if (name === 'cat') streams.stdout?.write(streams.stdin ? await text(streams.stdin) : 'attached\n');
  if (name === 'fail') streams.stderr?.write('broken\n');
  const code = name === 'fail' ? Number(args[0]) : 0;
  await streams.close(code === 0 ? remoteSuccess : remoteExit(code));
}

async function readSizes(resize: AsyncIterable<TerminalSize> | undefined, sizes: TerminalSize[]): Promise<void> {
  for await (const size of resize ?? []) sizes.push(size);
}
