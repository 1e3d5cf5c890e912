import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Clock } from '../../base/clock.ts';
import { createCriClient } from '../../kubelet/cri/cri-client.ts';
import { stopProcess } from '../process/detached-process.ts';
import { isAlive, type ProcessRecord, readRecords, removeRecord, startTicksOf } from '../process/process-record.ts';
import { cgroupMounts, killCgroup, removeCgroup, unescaped } from './cgroup-tree.ts';
import { type ContainerdPaths, containerdPaths } from './containerd-config.ts';
import { readTaskBundles, type TaskBundle } from './task-bundles.ts';

const run = promisify(execFile);

/** Which containerd to stop. */
export interface StopContainerdOptions {
  /** As it was started. */
  readonly name: string;
  readonly directory: string;
  readonly runDirectory: string;
  readonly clock: Clock;
  /** How long pods get to have their network taken down in order: 10 s unless given. */
  readonly podTimeoutMs?: number | undefined;
}

const parallelStops = 8;

/**
 * Stops a containerd with all its pods and leaves nothing behind but its data: no process, mount, network namespace,
 * cgroup or socket. Works as well when containerd, or whoever started it, was killed before. Idempotent.
 */
export async function stopContainerd(options: StopContainerdOptions): Promise<void> {
  const { directory, clock } = options;
  const paths = containerdPaths(directory);
  const record = readRecords(options.runDirectory).find(({ name }) => name === options.name);
  // Read before the pods are stopped: afterwards nothing says which network namespaces were theirs.
  const bundles = readTaskBundles(paths.state);
  if (record && isAlive(record)) await stopPods(paths.socket, options);
  const daemons = daemonsOf(paths.config);
  for (const daemon of record ? [record, ...daemons] : daemons) await stopProcess(daemon, clock);
  removeRecord(options.runDirectory, options.name);

  await killAll(() => killRound(paths, bundles), clock);
  await unmountUnder([directory, ...networkNamespacesOf(bundles)]);
  await Promise.all(networkNamespacesOf(bundles).map((path) => rm(path, { force: true })));
  await removeCgroups(bundles, clock);
  const sockets = bundles.flatMap((bundle) => bundle.shimSocket ?? []);
  await Promise.all([...sockets, paths.socket, `${paths.socket}.ttrpc`].map((path) => rm(path, { force: true })));
  await rm(paths.state, { recursive: true, force: true });
  await rm(paths.runcRoot, { recursive: true, force: true });
}

/** In order as far as it goes, so that CNI gives addresses back and removes port mappings; the rest is killed. */
async function stopPods(socket: string, options: StopContainerdOptions): Promise<void> {
  const deadline = new AbortController();
  using _timer = options.clock.after(options.podTimeoutMs ?? 10_000, () => deadline.abort());
  using client = createCriClient(`unix://${socket}`);
  const { signal } = deadline;
  try {
    const waiting = (await client.listPodSandboxes({ state: 'Ready' }, { signal })).map(({ id }) => id);
    const stopNext = async (): Promise<void> => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await client.stopPodSandbox(id, { signal });
    };
    await Promise.allSettled(Array.from({ length: parallelStops }, stopNext));
  } catch {
    // It does not answer: what is left is killed.
  }
}

/** Containerds that run this configuration without a record: their starter was killed before it wrote one. */
function daemonsOf(config: string): ProcessRecord[] {
  return processesWhose((args) => /(?:^|\/)containerd$/.test(args[0] ?? '') && args.includes(config)).map((pid) => ({
    name: 'containerd',
    pid,
    startTicks: startTicksOf(pid) ?? 0,
    since: 0,
    fingerprint: '',
  }));
}

function shimsOf(socket: string): number[] {
  return processesWhose((args) => {
    const at = args.indexOf('-address');
    return (args[0] ?? '').includes('containerd-shim') && at > 0 && args[at + 1] === socket;
  });
}

/** Runs of runc on these containers, which a killed shim leaves behind. */
function runcsOf(runcRoot: string): number[] {
  return processesWhose(
    (args) => args.some((arg) => arg.startsWith(`${runcRoot}/`)) && (args[0] ?? '').endsWith('runc'),
  );
}

/** Kills all there is; resolves with how many there were. */
function killRound({ socket, runcRoot }: ContainerdPaths, bundles: readonly TaskBundle[]): number {
  const helpers = [...shimsOf(socket), ...runcsOf(runcRoot)];
  helpers.forEach(kill);
  const mounts = cgroupMounts();
  const cgroups = bundles.flatMap(({ cgroup }) => cgroup ?? []);
  return cgroups.reduce((count, cgroup) => count + killCgroup(cgroup, mounts), helpers.length);
}

function processesWhose(matches: (args: readonly string[]) => boolean): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => matches(commandLine(pid))).map(Number);
}

function commandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Kills until none is left: what is killed may have forked in between. */
async function killAll(killRound: () => number, clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + 10_000;
  for (let left = killRound(); left > 0; left = killRound()) {
    if (clock.monotonic() > deadline) throw new Error(`${left} processes of containers do not end even when killed`);
    await clock.sleep(10);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Unmounts what is mounted at or below the paths, newest first, lazily: nothing that uses them runs any more. */
async function unmountUnder(paths: readonly string[]): Promise<void> {
  const mounted = mountsUnder(paths);
  if (mounted.length === 0) return;
  try {
    await run('umount', ['-l', ...mounted.toReversed()]);
  } catch (error) {
    // What took part in a lazy unmount of its parent is gone already, which umount reports as a failure.
    if (mountsUnder(paths).length > 0) throw error;
  }
}

function mountsUnder(paths: readonly string[]): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return points
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
    .filter((point) => paths.some((path) => point === path || point.startsWith(`${path}/`)));
}

/** containerd names them by /var/run or /run; only the latter appears among the mounts. */
function networkNamespacesOf(bundles: readonly TaskBundle[]): string[] {
  const named = bundles.flatMap((bundle) => bundle.networkNamespace ?? []);
  return [...new Set(named.map((path) => path.replace(/^\/var\/run\//, '/run/')))].filter((path) =>
    path.startsWith('/run/netns/cni-'),
  );
}

/** The kernel lets a cgroup go a moment after its last process: try again for a second. */
async function removeCgroups(bundles: readonly TaskBundle[], clock: Clock): Promise<void> {
  const mounts = cgroupMounts();
  let left = [...new Set(bundles.flatMap((bundle) => bundle.cgroup ?? []))];
  const deadline = clock.monotonic() + 1_000;
  for (;;) {
    left = left.filter((path) => !removeCgroup(path, mounts));
    if (left.length === 0 || clock.monotonic() > deadline) return;
    await clock.sleep(20);
  }
}
