/** A real API server over the memory store, and both kubectls pointed at it. */
import { spawn } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { apiServerUser } from '../../apiserver/authentication/users.ts';
import { unpackUpstreamClients } from '../../../tools/upstream-clients.ts';
import { systemClock } from '../../base/system-clock.ts';
import type { Client } from '../../client/client.ts';
import { httpsCluster } from '../../distro/testing/https-cluster.ts';
import { runKubectl } from '../run-kubectl.ts';

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a command. */
export interface CommandOptions {
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Beside those of the test itself. */
  readonly env?: NodeJS.ProcessEnv;
  /** Called with everything that is on stdout so far. */
  onOutput?(text: string): void;
}

/** The cluster of a test. */
export interface TestCluster extends AsyncDisposable {
  readonly client: Client;
  readonly directory: string;
  readonly kubeconfig: string;
  readonly port: number;
  /** Runs our kubectl in this process. */
  ours(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs upstream's kubectl. */
  theirs(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
}

const { kubectl: upstreamKubectl } = unpackUpstreamClients();

/** Starts a server on a free port of the loopback. */
export async function startTestCluster(): Promise<TestCluster> {
  const cluster = await httpsCluster({ serviceAccounts: true });
  const { directory, kubeconfig, port, server } = cluster;
  const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: directory };
  return {
    client: server.client(apiServerUser),
    directory,
    kubeconfig,
    port,
    ours: (args, options) => runOurs(args, { ...options, env: { ...env, ...options?.env }, cwd: directory }),
    theirs: (args, options) => runTheirs(args, { ...options, env: { ...env, ...options?.env }, cwd: directory }),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

interface Surroundings extends CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

async function runOurs(args: readonly string[], options: Surroundings): Promise<CommandResult> {
  const collect = (watch?: (text: string) => void): { readonly stream: Writable; text(): string } => {
    let text = '';
    const stream = new PassThrough();
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      watch?.(text);
    });
    return { stream, text: () => text };
  };
  const stdout = collect(options.onOutput);
  const stderr = collect();
  const code = await runKubectl(args, {
    stdin: Readable.from(options.stdin === undefined ? [] : [options.stdin]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: options.env,
    cwd: options.cwd,
    clock: systemClock,
    signal: options.signal,
  });
  await new Promise((resolve) => setImmediate(resolve));
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function runTheirs(args: readonly string[], options: Surroundings): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(upstreamKubectl, args, { env: options.env, cwd: options.cwd });
    const kill = (): void => void child.kill('SIGINT');
    options.signal?.addEventListener('abort', kill, { once: true });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      options.onOutput?.(stdout);
    });
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      options.signal?.removeEventListener('abort', kill);
      resolve({ code: code ?? 130, stdout, stderr: stderr.replace(/^Error: /gm, 'error: ') });
    });
    child.stdin.end(options.stdin ?? '');
  });
}
