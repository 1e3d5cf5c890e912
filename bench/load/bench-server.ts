/** The servers that are measured, each in a process of its own: kube-apiserver as users run it, and bare HTTP/2. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection } from '../../src/client/connection.ts';
import { freePort } from '../../src/distro/components/testing/component-process.ts';
import { mallocSettings } from '../../src/distro/process/malloc-settings.ts';
import { testPki } from '../../src/distro/components/testing/test-pki.ts';
import type { TestPki } from '../../src/distro/components/testing/test-pki.ts';
import { ensurePki, readPair } from '../../src/distro/pki/cluster-pki.ts';
import { startEtcd } from '../../src/store/etcd/testing/etcd-process.ts';
import type { EtcdVersion } from '../../src/store/etcd/testing/etcd-process.ts';
import { H2Connection } from './h2-connection.ts';

/** How the server is to run. */
export interface BenchServerOptions {
  /** Keeps its objects in an etcd of this version, one member on loopback; else in SQLite. */
  readonly etcd?: EtcdVersion | undefined;
  /** From the sources, whose names profiles then show; else the bundle, if there is one. */
  readonly sources: boolean;
  /** Where to write a CPU profile, if anywhere. */
  readonly profile: string | undefined;
  /** Flags besides those that every server gets. */
  readonly flags?: readonly string[] | undefined;
}

/** Whom a client's certificate names. */
export interface CertificateSubject {
  readonly user: string;
  readonly groups: readonly string[];
}

/** A kube-apiserver on loopback with a durable store; disposing stops it and removes its data. */
export interface BenchServer extends AsyncDisposable {
  readonly connection: Connection;
  /** Milliseconds from the start of the process until `/readyz` said ok. */
  readonly readyAfter: number;
  /** How another user connects. */
  connectionOf(user: CertificateSubject): Promise<Connection>;
  /** Stops the server and starts it again on the same data. */
  restart(): Promise<BenchServer>;
}

const bundle = fileURLToPath(new URL('../../dist/kubets.js', import.meta.url));
const main = fileURLToPath(new URL('../../src/distro/main.ts', import.meta.url));

/** Starts an API server. */
export async function startBenchServer(options: BenchServerOptions): Promise<BenchServer> {
  const port = await freePort();
  const pki = await testPki(port);
  const etcd =
    options.etcd && (await startEtcd({ version: options.etcd, flags: ['--quota-backend-bytes=8589934592'] }));
  const store = etcd
    ? `--etcd-servers=${etcd.endpoints.join(',')}`
    : `--store=sqlite://${pki.directory}/store/kubets.db`;
  return start(options, { pki, store, etcd });
}

/** As the launcher has them. */
const nodeFlags = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=16',
  '--no-allocation-site-pretenuring',
  '--heap-growing-percent=100',
];

interface ServerHome {
  readonly pki: TestPki;
  /** The flag that says where the objects are. */
  readonly store: string;
  readonly etcd: AsyncDisposable | undefined;
}

async function start(options: BenchServerOptions, home: ServerHome): Promise<BenchServer> {
  const { pki } = home;
  const serverFlags = [home.store, '--bind-address=127.0.0.1', ...pki.serverFlags, ...(options.flags ?? [])];
  const profile = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const program = options.sources || !existsSync(bundle) ? main : bundle;
  const child = spawn(process.execPath, [...nodeFlags, ...profile, program, 'kube-apiserver', ...serverFlags], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...mallocSettings, KUBETS_HOME: join(program, '..', '..') },
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  const started = performance.now();
  const gone = exited.then(() => {
    throw new Error('the API server ended before it was ready');
  });
  await Promise.race([ready(pki.admin), gone]);
  gone.catch(() => undefined);
  return {
    connection: pki.admin,
    readyAfter: performance.now() - started,
    connectionOf: (subject) => connectionOf(pki, subject),
    async restart() {
      await stop();
      return start(options, home);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await home.etcd?.[Symbol.asyncDispose]();
      pki[Symbol.dispose]();
    },
  };
}

async function connectionOf({ directory, files, admin }: TestPki, subject: CertificateSubject): Promise<Connection> {
  const { user: commonName, groups: organizations } = subject;
  const name = commonName.replaceAll(':', '-');
  await ensurePki(directory, [{ name, request: { commonName, organizations, usages: ['client'] } }], Date.now());
  const { certificate: cert, key } = readPair(files.client(name));
  return { ...admin, certificate: { cert, key } };
}

async function ready({ servers: [url = ''], ca, certificate }: Connection): Promise<void> {
  for (;;) {
    try {
      using connection = await H2Connection.open(url, { ca, ...certificate });
      await connection.request({ path: '/readyz' });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** A bare HTTP/2 server. */
export interface BareServer extends Disposable {
  readonly url: string;
  readonly ca: string;
}

/** Starts a bare HTTP/2 server with the certificate of an API server. */
export async function startBareServer(): Promise<BareServer> {
  const pki = await testPki(0);
  const { certificate, key } = pki.files.apiserver;
  const child = fork(fileURLToPath(new URL('bare-server.ts', import.meta.url)), [certificate, key]);
  const [port] = (await once(child, 'message')) as [number];
  return {
    url: `https://127.0.0.1:${port}`,
    ca: pki.admin.ca ?? '',
    [Symbol.dispose]() {
      child.disconnect();
      pki[Symbol.dispose]();
    },
  };
}
