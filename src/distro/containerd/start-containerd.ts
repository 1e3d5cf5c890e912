import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { createCriClient } from '../../kubelet/cri/cri-client.ts';
import { hasRuntimeCode } from '../../kubelet/cri/runtime-error.ts';
import type { RegistryHost } from '../config/cluster-config.ts';
import { startDetached, stopProcess } from '../process/detached-process.ts';
import { isAlive, type ProcessRecord, readRecords } from '../process/process-record.ts';
import { containerdConfig, type ContainerdPaths, containerdPaths } from './containerd-config.ts';
import { type KernelFacts, kernelFacts } from './kernel-facts.ts';
import { writeRegistryHosts } from './registry-hosts.ts';

/** A node's containerd. */
export interface ContainerdOptions {
  /** Of its process record, such as `containerd-node1`. */
  readonly name: string;
  /** The node's own folder; short, since a socket's path holds at most 107 bytes. */
  readonly directory: string;
  readonly runDirectory: string;
  readonly logFile: string;
  readonly sandboxImage: string;
  readonly cniConfDir: string;
  readonly cniBinDir?: string | undefined;
  readonly registries?: Readonly<Record<string, RegistryHost>> | undefined;
  /** Paths of namespaces it runs in, such as `/run/netns/node1`. */
  readonly enter?: { readonly network?: string | undefined; readonly mount?: string | undefined } | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly snapshotter?: string | undefined;
  /** The program; looked up in PATH. */
  readonly binary?: string | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** How long it may take until it answers: 30 s unless given. */
  readonly timeoutMs?: number | undefined;
}

/** A containerd that answers. */
export interface RunningContainerd {
  readonly record: ProcessRecord;
  /** Path of its socket; as an address for gRPC, `unix://` precedes it. */
  readonly socket: string;
  /** False when it ran already, with the same settings. */
  readonly started: boolean;
}

const socketPathLimit = 107;
const pollMs = 10;

/**
 * Starts a node's containerd, unless it runs already with the same settings, and waits until it answers CRI. One with
 * other settings is restarted, which leaves its containers running. It outlives this process.
 */
export async function startContainerd(options: ContainerdOptions): Promise<RunningContainerd> {
  const paths = containerdPaths(options.directory);
  refuseLongSocket(paths.socket);
  await prepare(options, paths);
  const facts = kernelFacts();
  await forgetBeforeBoot(paths, facts);
  const config = configOf(options, facts);
  await writeFile(paths.config, config);
  const { command, args } = commandOf(options, paths);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([command, args, config]))
    .digest('hex')
    .slice(0, 16);

  const running = readRecords(options.runDirectory).find((record) => record.name === options.name && isAlive(record));
  if (running?.fingerprint === fingerprint && (await untilAnswers(options, paths, running))) {
    return { record: running, socket: paths.socket, started: false };
  }
  if (running) await stopProcess(running, options.clock);
  const { name, logFile, runDirectory, clock, env = {} } = options;
  const record = await startDetached({ name, command, args, env, logFile, runDirectory, fingerprint, clock });
  if (await untilAnswers(options, paths, record)) return { record, socket: paths.socket, started: true };
  throw await failure(options, 'ended before it answered');
}

function refuseLongSocket(socket: string): void {
  const longest = Buffer.byteLength(`${socket}.ttrpc`);
  if (longest <= socketPathLimit) return;
  throw new Error(
    `the path of containerd's socket, ${socket}, is ${longest - socketPathLimit} bytes too long for the kernel: choose a data directory with a shorter path`,
  );
}

async function prepare(options: ContainerdOptions, paths: ContainerdPaths): Promise<void> {
  await mkdir(paths.root, { recursive: true, mode: 0o711 });
  await mkdir(paths.state, { recursive: true, mode: 0o711 });
  await mkdir(options.cniConfDir, { recursive: true });
  await writeRegistryHosts(paths.registryHosts, options.registries ?? {});
}

/**
 * containerd expects its state on a file system that a reboot empties. Ours lies on disk: after a reboot nothing in it
 * is true any more, and recovering each dead container would cost a tenth of a second.
 */
async function forgetBeforeBoot(paths: ContainerdPaths, facts: KernelFacts): Promise<void> {
  const last = await readFile(paths.bootId, 'utf8').catch(() => '');
  if (last === facts.bootId) return;
  if (last !== '') {
    await rm(paths.state, { recursive: true, force: true });
    await rm(paths.runcRoot, { recursive: true, force: true });
    await mkdir(paths.state, { recursive: true, mode: 0o711 });
  }
  await writeFile(paths.bootId, facts.bootId);
}

function configOf(options: ContainerdOptions, facts: KernelFacts): string {
  return containerdConfig({
    directory: options.directory,
    sandboxImage: options.sandboxImage,
    cniBinDir: options.cniBinDir ?? '/usr/lib/cni',
    cniConfDir: options.cniConfDir,
    snapshotter: options.snapshotter ?? 'overlayfs',
    restrictOomScoreAdj: !facts.hasSysResource,
    disableAppArmor: !facts.hasAppArmor,
  });
}

/** `ip netns exec` would remount /sys and hide the cgroups: nsenter changes nothing but what is asked. */
function commandOf(options: ContainerdOptions, paths: ContainerdPaths): { command: string; args: string[] } {
  const { network, mount } = options.enter ?? {};
  const flags = [...(network ? [`--net=${network}`] : []), ...(mount ? [`--mount=${mount}`] : [])];
  const containerd = [options.binary ?? 'containerd', '--config', paths.config];
  const [command = '', ...args] = flags.length > 0 ? ['nsenter', ...flags, '--', ...containerd] : containerd;
  return { command, args };
}

/** False when it ended before it answered. */
async function untilAnswers(
  options: ContainerdOptions,
  paths: ContainerdPaths,
  record: ProcessRecord,
): Promise<boolean> {
  const { clock, signal, timeoutMs = 30_000 } = options;
  const deadline = clock.monotonic() + timeoutMs;
  while (!(await answers(paths.socket, signal))) {
    signal?.throwIfAborted();
    if (!isAlive(record)) return false;
    if (clock.monotonic() > deadline) throw await failure(options, `did not answer within ${timeoutMs / 1000} s`);
    await clock.sleep(pollMs, signal);
  }
  return isAlive(record);
}

async function failure(options: ContainerdOptions, what: string): Promise<Error> {
  const log = await readFile(options.logFile, 'utf8').catch(() => '');
  const complaint = log
    .trimEnd()
    .split('\n')
    .findLast(
      (line) => /level=(?:fatal|error)|^containerd:/.test(line) && !line.includes('failed to load cni during init'),
    );
  return new Error(
    `containerd of ${options.directory} ${what}: ${complaint ?? 'it says nothing'} (see ${options.logFile})`,
  );
}

/** Whether CRI answers on the socket. Dials the socket first: gRPC waits between attempts, a plain connection need not. */
async function answers(socket: string, signal: AbortSignal | undefined): Promise<boolean> {
  if (!(await accepts(socket))) return false;
  using client = createCriClient(`unix://${socket}`, { requestTimeoutMs: 5_000 });
  try {
    await client.status({ signal });
    return true;
  } catch (error) {
    if (hasRuntimeCode(error, 'Unavailable', 'DeadlineExceeded')) return false;
    throw error;
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const finish = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
