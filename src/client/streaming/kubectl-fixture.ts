import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import pty from '@lydell/node-pty';
import type { Duplex } from 'node:stream';
import { unpackUpstreamClients } from '../../../tools/upstream-clients.ts';
import { selfSigned } from './self-signed.ts';
import type { SelfSigned } from './self-signed.ts';
import { proxyUpgrade } from './upgrade-proxy.ts';

const { kubectl } = unpackUpstreamClients();

/** A kubectl that has ended. */
export interface KubectlResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A kubectl in a terminal. */
export interface TerminalProcess {
  write(input: string): void;
  resize(columns: number, rows: number): void;
  /** What has appeared on the terminal so far. */
  shown(): string;
  /** Resolves with kubectl's exit code. */
  readonly exit: Promise<number>;
}

/** An API server that knows one pod, in front of a kubelet that serves its streams, both over TLS. */
export interface StreamingCluster extends AsyncDisposable {
  /** Starts kubectl; `environment` adds to its own. */
  spawn(args: readonly string[], environment?: Readonly<Record<string, string>>): ChildProcessWithoutNullStreams;
  /** Runs kubectl in a terminal of the given size. */
  spawnInTerminal(
    args: readonly string[],
    size: { readonly columns: number; readonly rows: number },
    environment?: Readonly<Record<string, string>>,
  ): TerminalProcess;
  /** Runs kubectl to its end with the given input. */
  kubectl(
    args: readonly string[],
    options?: { input?: Buffer | string; environment?: Readonly<Record<string, string>> },
  ): Promise<KubectlResult>;
  /** What clients asked the API server to upgrade to, in lower case, oldest first. */
  readonly upgrades: readonly string[];
  /** Where the API server listens. */
  readonly apiServer: URL;
  /** Where the kubelet listens. */
  readonly kubelet: URL;
  /** What a client needs to trust both. */
  readonly tls: { readonly ca: string };
}

/** What the kubelet does with an upgrade; false when the path is not its own. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

/** Starts both servers; what the pod `test/pod` does is up to `handler`. */
export async function startStreamingCluster(handler: UpgradeHandler): Promise<StreamingCluster> {
  await using cleanup = new AsyncDisposableStack();
  const identity = await selfSigned();
  const kubeletServer = https.createServer(identity);
  kubeletServer.on('upgrade', (request, socket, head) => {
    if (!handler(request, socket, head)) socket.destroy();
  });
  const upgrades: string[] = [];
  const kubelet = await listen(kubeletServer, cleanup);
  const apiServer = await listen(createApiServer(identity, kubelet, upgrades), cleanup);
  const home = await mkdtemp(join(tmpdir(), 'kubets-kubectl-'));
  cleanup.defer(() => rm(home, { recursive: true, force: true }));
  await writeFile(join(home, 'config'), kubeconfig(apiServer, identity.cert));
  const env = { PATH: process.env.PATH ?? '', HOME: home, KUBECONFIG: join(home, 'config') };
  const start: StreamingCluster['spawn'] = (args, environment = {}) =>
    spawn(kubectl, [...args], { env: { ...env, ...environment } });
  const owned = cleanup.move();
  return {
    apiServer,
    kubelet,
    upgrades,
    tls: { ca: identity.cert },
    spawn: start,
    spawnInTerminal(args, { columns, rows }, environment = {}) {
      const terminal = pty.spawn(kubectl, [...args], { cols: columns, rows, env: { ...env, ...environment } });
      let shown = '';
      terminal.onData((part) => (shown += part));
      return {
        write: (input) => terminal.write(input),
        resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
        shown: () => shown,
        exit: new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode))),
      };
    },
    async kubectl(args, { input = '', environment } = {}) {
      const child = start(args, environment);
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
      const [stdout, stderr, [code]] = await Promise.all([
        buffer(child.stdout),
        buffer(child.stderr),
        once(child, 'exit'),
      ]);
      return { code: code as number | null, stdout, stderr: stderr.toString() };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(owned.disposeAsync()),
  };
}

function createApiServer(identity: SelfSigned, kubelet: URL, upgrades: string[]): Server {
  const server = http2.createSecureServer({ ...identity, allowHTTP1: true });
  server.on('request', (request, response) => {
    const body = answers[new URL(request.url, 'https://api').pathname];
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        body ?? { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'NotFound', code: 404 },
      ),
    );
  });
  server.on('upgrade', (request, socket, head) => {
    upgrades.push(String(request.headers.upgrade).toLowerCase());
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://api');
    const subresource = pathname.split('/').at(-1)!;
    const container = subresource === 'portforward' ? '' : `/${searchParams.get('container') ?? 'main'}`;
    const path = subresource === 'portforward' ? 'portForward' : subresource;
    const target = new URL(`/${path}/test/pod${container}?${searchParams.toString()}`, kubelet);
    void proxyUpgrade({ request, socket, head, target, tls: { ca: identity.cert } });
  });
  return server;
}

async function listen(server: Server, cleanup: AsyncDisposableStack): Promise<URL> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  server.on('connection', track);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.defer(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function kubeconfig(server: URL, ca: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [
      {
        name: 'test',
        cluster: { server: server.origin, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: 'test', user: { token: 'secret' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'test' } }],
  });
}

const pod = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'pod', namespace: 'test', uid: '1' },
  spec: {
    containers: [
      { name: 'main', image: 'busybox' },
      { name: 'tty', image: 'busybox', stdin: true, tty: true },
    ],
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
};

const answers: Readonly<Record<string, unknown>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list'] }],
  },
  '/api/v1/namespaces/test/pods/pod': pod,
};
