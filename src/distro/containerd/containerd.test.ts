import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../base/system-clock.ts';
import { createCriClient } from '../../kubelet/cri/cri-client.ts';
import { containerRuntimeSuite, type RuntimeHarness } from '../../kubelet/cri/container-runtime.testsuite.ts';
import { loadImage } from '../images/node-images.ts';
import { buildPauseImage, pauseImageName } from '../images/pause-image.ts';
import { architectureOf } from '../images/pause.ts';
import { buildBusyboxImage, busyboxImageName } from '../images/test-images.ts';
import { cgroupMounts, removeCgroup } from './cgroup-tree.ts';
import { type ContainerdOptions, startContainerd } from './start-containerd.ts';
import { stopContainerd } from './stop-containerd.ts';

const clock = systemClock;
const imageCache = { directory: join(tmpdir(), 'kubets-test-images') };

containerRuntimeSuite('containerd through CRI', containerdHarness);

test('a second start finds the first; one with other settings restarts it, and its containers run on', async () => {
  await using node = await testNode();
  const again = await startContainerd(node.options);
  expect([again.started, again.record.pid]).toEqual([false, node.containerd.record.pid]);
  const init = await runForever(node);

  const changed = await startContainerd({ ...node.options, cniConfDir: join(node.directory, 'other-cni') });
  expect(changed.started).toBe(true);
  expect(changed.record.pid).not.toBe(node.containerd.record.pid);
  expect(commandOf(init.pid)).toContain('while');
  using client = createCriClient(`unix://${changed.socket}`);
  expect((await client.containerStatus(init.id)).state).toBe('Running');
});

test('after containerd was killed its containers run on and the next start finds them', async () => {
  await using node = await testNode();
  const init = await runForever(node);
  process.kill(node.containerd.record.pid, 'SIGKILL');
  const next = await startContainerd(node.options);
  expect(next.started).toBe(true);
  using client = createCriClient(`unix://${next.socket}`);
  expect((await client.containerStatus(init.id)).state).toBe('Running');
});

test('stop leaves no process, mount, cgroup or socket behind, also when containerd was killed before', async () => {
  await using node = await testNode();
  const init = await runForever(node);
  process.kill(node.containerd.record.pid, 'SIGKILL');
  await stopContainerd(node.options);
  expect(commandOf(init.pid)).toBe('');
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(node.directory);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(init.id);
  expect(cgroupsNamed(node.cgroup)).toEqual([]);
  await stopContainerd(node.options);
});

test('a containerd that cannot start says why', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-cd-'));
  try {
    const options = { ...optionsIn(directory), snapshotter: 'overlayfs', binary: '/bin/false' };
    await expect(startContainerd(options)).rejects.toThrow(/ended before it answered.*containerd\.log/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a directory whose socket path the kernel would cut is refused with a reason', async () => {
  const options = optionsIn(`/tmp/${'long'.repeat(30)}`);
  await expect(startContainerd(options)).rejects.toThrow(/too long for the kernel: choose a data directory/);
});

/** A containerd of its own in a folder of its own, with the pause image and busybox. */
async function testNode() {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-cd-'));
  const options = optionsIn(directory);
  const cgroup = `kubets-test-${directory.slice(-6)}`;
  const dispose = async (): Promise<void> => {
    await stopContainerd(options);
    removeCgroup(`/${cgroup}`);
    rmSync(directory, { recursive: true });
  };
  try {
    const containerd = await startContainerd(options);
    const architecture = architectureOf(process.arch);
    const pause = await buildPauseImage({ output: join(directory, 'pause.tar'), architecture });
    const busybox = await buildBusyboxImage(imageCache);
    for (const { archive } of [pause, busybox]) await loadImage([containerd], archive, { clock });
    return { directory, options, containerd, cgroup, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function optionsIn(directory: string): ContainerdOptions {
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

async function containerdHarness(): Promise<RuntimeHarness> {
  const node = await testNode();
  const runtime = createCriClient(`unix://${node.containerd.socket}`);
  return {
    runtime,
    image: busyboxImageName,
    logDirectory: join(node.directory, 'logs'),
    settle: (waiting) => waiting,
    async until(condition) {
      const deadline = clock.monotonic() + 10_000;
      while (!(await condition())) {
        if (clock.monotonic() > deadline) throw new Error('the condition did not hold within 10 s');
        await clock.sleep(10);
      }
    },
    async [Symbol.asyncDispose]() {
      runtime[Symbol.dispose]();
      await node[Symbol.asyncDispose]();
    },
  };
}

/** Starts a container that runs until it is killed; resolves with its id and the pid of its first process. */
async function runForever(node: Awaited<ReturnType<typeof testNode>>): Promise<{ id: string; pid: number }> {
  using client = createCriClient(`unix://${node.containerd.socket}`);
  const sandboxConfig = {
    metadata: { name: 'pod', uid: 'uid', namespace: 'test', attempt: 0 },
    linux: {
      cgroupParent: `/${node.cgroup}`,
      securityContext: { namespaceOptions: { network: 'NODE', pid: 'CONTAINER', ipc: 'POD' } },
    },
  } as const;
  const sandbox = await client.runPodSandbox(sandboxConfig);
  const config = {
    metadata: { name: 'main', attempt: 0 },
    image: { image: busyboxImageName },
    command: ['/bin/sh', '-c', 'while :; do sleep 0.1; done'],
  };
  const id = await client.createContainer(sandbox, config, { sandboxConfig });
  await client.startContainer(id);
  const { info } = await client.containerStatus(id, { verbose: true });
  const { pid } = JSON.parse(info['info'] ?? '{}');
  return { id, pid };
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Folders of the node's containers in any cgroup hierarchy. */
function cgroupsNamed(parent: string): string[] {
  return cgroupMounts().flatMap((mount) => {
    try {
      const entries = readdirSync(join(mount, parent), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map((entry) => join(mount, parent, entry.name));
    } catch {
      return [];
    }
  });
}
