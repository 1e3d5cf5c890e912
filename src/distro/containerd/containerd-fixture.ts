import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock as clock } from '../../base/system-clock.ts';
import type { ContainerConfig, PodSandboxConfig } from '../../kubelet/cri/container-runtime.ts';
import { createCriClient, type CriClient } from '../../kubelet/cri/cri-client.ts';
import { loadImage } from '../images/node-images.ts';
import { buildPauseImage, pauseImageName } from '../images/pause-image.ts';
import { architectureOf } from '../images/pause.ts';
import { removeCgroup } from './cgroup-tree.ts';
import { type ContainerdOptions, type RunningContainerd, startContainerd } from './start-containerd.ts';
import { stopContainerd } from './stop-containerd.ts';

/** Where tests keep images they built, for the next run. */
export const testImageCache = { directory: resolve(import.meta.dirname, '../../../node_modules/.cache/test-images') };

/** A containerd of a test's own. */
export interface ContainerdFixture extends AsyncDisposable {
  readonly directory: string;
  readonly options: ContainerdOptions;
  readonly containerd: RunningContainerd;
  readonly client: CriClient;
  /** Parent of its containers' cgroups. */
  readonly cgroup: string;
  /** Runs a container in a new pod; resolves when it was started. */
  run(container: Partial<ContainerConfig>, network?: 'POD' | 'NODE'): Promise<FixtureContainer>;
}

/** A container that a fixture runs. */
export interface FixtureContainer {
  readonly id: string;
  readonly sandbox: string;
  /** Its first process, as the host numbers it. */
  readonly pid: number;
}

/** The options of a containerd under `directory`, as tests want them. */
export function fixtureOptions(directory: string): ContainerdOptions {
  return {
    name: 'containerd-test',
    directory: join(directory, 'c'),
    runDirectory: join(directory, 'run'),
    logFile: join(directory, 'containerd.log'),
    sandboxImage: pauseImageName,
    cniConfDir: join(directory, 'cni'),
    clock,
  };
}

/** Starts a containerd in a folder of its own, with the pause image; with `bridged`, in a network namespace of its own. */
export async function containerdFixture({ bridged = false } = {}): Promise<ContainerdFixture> {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-cd-'));
  const name = `kubets-test-${directory.slice(-6)}`;
  const plain = fixtureOptions(directory);
  const options = bridged ? { ...plain, enter: { network: `/run/netns/${name}` } } : plain;
  const clients: CriClient[] = [];
  const dispose = async (): Promise<void> => {
    clients.forEach((client) => client[Symbol.dispose]());
    await stopContainerd(options);
    removeCgroup(`/${name}`);
    if (bridged) execFileSync('ip', ['netns', 'delete', name]);
    rmSync(directory, { recursive: true });
  };
  if (bridged) makeBridgedNetwork(name, plain.cniConfDir, directory);
  try {
    const containerd = await startContainerd(options);
    const architecture = architectureOf(process.arch);
    const pause = await buildPauseImage({ output: join(directory, 'pause.tar'), architecture });
    await loadImage([containerd], pause.archive, { clock });
    const client = createCriClient(`unix://${containerd.socket}`);
    clients.push(client);
    const run = runner(client, { cgroup: name, directory });
    return { directory, options, containerd, client, cgroup: name, run, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function makeBridgedNetwork(name: string, cniConfDir: string, directory: string): void {
  execFileSync('ip', ['netns', 'add', name]);
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  const ipam = { type: 'host-local', ranges: [[{ subnet: '10.86.0.0/24' }]], dataDir: join(directory, 'ipam') };
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipam };
  mkdirSync(cniConfDir, { recursive: true });
  const list = { cniVersion: '1.0.0', name: 'test', plugins: [bridge] };
  writeFileSync(join(cniConfDir, '10-test.conflist'), JSON.stringify(list));
}

function runner(
  client: CriClient,
  { cgroup, directory }: { cgroup: string; directory: string },
): ContainerdFixture['run'] {
  let pods = 0;
  return async (container, network = 'NODE') => {
    const pod = `pod-${++pods}`;
    const sandboxConfig: PodSandboxConfig = {
      metadata: { name: pod, uid: pod, namespace: 'test', attempt: 0 },
      logDirectory: join(directory, 'logs', pod),
      linux: {
        cgroupParent: `/${cgroup}`,
        securityContext: { namespaceOptions: { network, pid: 'CONTAINER', ipc: 'POD' } },
      },
    };
    const sandbox = await client.runPodSandbox(sandboxConfig);
    const config = { metadata: { name: 'main', attempt: 0 }, image: { image: '' }, logPath: 'main.log', ...container };
    const id = await client.createContainer(sandbox, config, { sandboxConfig });
    await client.startContainer(id);
    const { info } = await client.containerStatus(id, { verbose: true });
    const { pid } = JSON.parse(info['info'] ?? '{}');
    return { id, sandbox, pid };
  };
}

/** Waits until a condition holds; fails after ten seconds with what it still says. */
export async function untilTrue(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = clock.monotonic() + 10_000;
  while (!(await condition())) {
    if (clock.monotonic() > deadline) throw new Error(`not within 10 s: ${what}`);
    await clock.sleep(10);
  }
}
