/** Real etcd members for tests: processes on loopback, or in network namespaces that a test made. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackDebianPackage } from '../../../../tools/debian-package.ts';
import { testAuthority } from '../../../machinery/testing/test-certificates.ts';
import { EtcdMember } from './etcd-member.ts';

/** Which etcd: 3.4 as Debian bookworm has it, 3.5 as sid does. */
export type EtcdVersion = '3.4' | '3.5';

/** Where a member runs if not on loopback. */
export interface EtcdPlace {
  /** The network namespace, as `ip netns` knows it. */
  readonly namespace: string;
  /** The member's address in it; the test must be able to reach it while it waits for the start. */
  readonly address: string;
}

/** What to start. */
export interface EtcdOptions {
  /** Default: 3.5. */
  readonly version?: EtcdVersion | undefined;
  /** Default: 1, or as many as there are places. */
  readonly members?: number | undefined;
  /** Serves clients over TLS and asks them for a certificate. Default: plain HTTP. */
  readonly tls?: boolean | undefined;
  /** Further flags of each member, such as `--quota-backend-bytes=…`. */
  readonly flags?: readonly string[] | undefined;
  readonly places?: readonly EtcdPlace[] | undefined;
}

/** PEM texts and the files that hold them, for flags. */
export interface EtcdClientTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Members that form one cluster; disposal kills them and removes their data. */
export interface EtcdCluster extends AsyncDisposable {
  readonly members: readonly EtcdMember[];
  /** URLs for clients, in the order of the members. */
  readonly endpoints: readonly string[];
  /** What a client needs, if the cluster serves over TLS. */
  readonly tls: EtcdClientTls | undefined;
  /** The member that leads; waits for one. Members in `except` do not count: one cut off may still think that it leads. */
  leader(except?: readonly EtcdMember[]): Promise<EtcdMember>;
  /** Resolves once all running members, or those given, answer a linearizable read. */
  healthy(members?: readonly EtcdMember[]): Promise<void>;
}

const suites: Readonly<Record<EtcdVersion, string>> = { '3.4': 'bookworm', '3.5': 'sid' };
/** Every version of `startEtcd`. */
export const etcdVersions = Object.keys(suites) as readonly EtcdVersion[];
const deadlineMs = 30_000;

/** The path of the etcd program of a version; downloads it the first time. */
export function etcdProgram(version: EtcdVersion): string {
  return join(unpackDebianPackage({ name: 'etcd-server', suite: suites[version] }), 'usr/bin/etcd');
}

/** Starts a cluster and waits until it serves. */
export async function startEtcd(options: EtcdOptions = {}): Promise<EtcdCluster> {
  const program = etcdProgram(options.version ?? '3.5');
  const folder = await mkdtemp(join(tmpdir(), 'kubets-etcd-'));
  const count = options.members ?? options.places?.length ?? 1;
  const tls = options.tls ? await writeCertificates(folder, options.places ?? []) : undefined;
  const ports = await freePorts(3 * count);
  const plans = Array.from({ length: count }, (_, i) => ({
    name: `m${i}`,
    namespace: options.places?.[i]?.namespace,
    host: options.places?.[i]?.address ?? '127.0.0.1',
    clientPort: ports[3 * i] ?? 0,
    peerPort: ports[3 * i + 1] ?? 0,
    metricsPort: ports[3 * i + 2] ?? 0,
  }));
  const initialCluster = plans.map(({ name, host, peerPort }) => `${name}=http://${host}:${peerPort}`).join(',');
  const flags = [...(tls?.serverFlags ?? []), ...(options.flags ?? [])];
  const members = plans.map((plan) => new EtcdMember({ ...plan, program, folder, initialCluster, flags, tls: !!tls }));
  const cluster = new StartedCluster({ members, folder, tls: tls?.client });
  try {
    for (const member of members) member.start();
    await cluster.healthy();
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

class StartedCluster implements EtcdCluster {
  readonly members: readonly EtcdMember[];
  readonly tls: EtcdClientTls | undefined;
  readonly #folder: string;

  constructor(parts: { members: readonly EtcdMember[]; folder: string; tls: EtcdClientTls | undefined }) {
    this.members = parts.members;
    this.tls = parts.tls;
    this.#folder = parts.folder;
  }

  get endpoints(): readonly string[] {
    return this.members.map(({ endpoint }) => endpoint);
  }

  async leader(except: readonly EtcdMember[] = []): Promise<EtcdMember> {
    for (const end = performance.now() + deadlineMs; performance.now() < end; await pause()) {
      for (const member of this.members) if (!except.includes(member) && (await member.isLeader())) return member;
    }
    throw new Error(`no etcd member leads after ${deadlineMs} ms\n${this.#logs()}`);
  }

  async healthy(members = this.members.filter(({ running }) => running)): Promise<void> {
    const end = performance.now() + deadlineMs;
    for (const member of members) {
      while (!(await member.isHealthy())) {
        if (!member.running) throw new Error(`etcd member ${member.name} ended\n${member.log()}`);
        if (performance.now() > end) throw new Error(`${member.name} is not healthy\n${this.#logs()}`);
        await pause();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #logs(): string {
    return this.members.map((member) => `${member.name}: ${member.log()}`).join('\n');
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

interface WrittenCertificates {
  readonly client: EtcdClientTls;
  readonly serverFlags: readonly string[];
}

async function writeCertificates(folder: string, places: readonly EtcdPlace[]): Promise<WrittenCertificates> {
  const authority = await testAuthority();
  const server = await authority.server(places.map(({ address }) => address));
  // etcd takes the common name as the user's name where authentication is on.
  const { cert, key } = await authority.client('root');
  const put = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const caFile = await put('ca.crt', authority.cert);
  const certFile = await put('client.crt', cert);
  const keyFile = await put('client.key', key);
  const serverFlags = [
    `--cert-file=${await put('server.crt', server.cert)}`,
    `--key-file=${await put('server.key', server.key)}`,
    `--trusted-ca-file=${caFile}`,
    '--client-cert-auth',
  ];
  return { client: { ca: authority.cert, cert, key, caFile, certFile, keyFile }, serverFlags };
}

/** Ports below those the kernel gives to outgoing connections: they stay free while a member is down. */
async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(10_000, 32_000);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
