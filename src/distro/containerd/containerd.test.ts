import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock as clock } from '../../base/system-clock.ts';
import { createCriClient } from '../../kubelet/cri/cri-client.ts';
import { containerRuntimeSuite, type RuntimeHarness } from '../../kubelet/cri/container-runtime.testsuite.ts';
import { loadImage } from '../images/node-images.ts';
import { buildBusyboxImage, busyboxImageName } from '../images/test-images.ts';
import { cgroupMounts } from './cgroup-tree.ts';
import {
  containerdFixture,
  type ContainerdFixture,
  type FixtureContainer,
  fixtureOptions,
  testImageCache,
  untilTrue,
} from './containerd-fixture.ts';
import { startContainerd } from './start-containerd.ts';
import { stopContainerd } from './stop-containerd.ts';

containerRuntimeSuite('containerd through CRI', containerdHarness);

test('a second start finds the first; one with other settings restarts it, and its containers run on', async () => {
  await using node = await nodeWithBusybox();
  const again = await startContainerd(node.options);
  expect([again.started, again.record.pid]).toEqual([false, node.containerd.record.pid]);
  const init = await runForever(node);

  const changed = await startContainerd({ ...node.options, cniConfDir: join(node.directory, 'other-cni') });
  expect(changed.started).toBe(true);
  expect(changed.record.pid).not.toBe(node.containerd.record.pid);
  expect(commandOf(init.pid)).toContain('while');
  expect(await stateOf(changed.socket, init.id)).toBe('Running');
});

test('after containerd was killed its containers run on and the next start finds them', async () => {
  await using node = await nodeWithBusybox();
  const init = await runForever(node);
  process.kill(node.containerd.record.pid, 'SIGKILL');
  const next = await startContainerd(node.options);
  expect(next.started).toBe(true);
  expect(await stateOf(next.socket, init.id)).toBe('Running');
});

test('a container that ended while containerd was away is known to have', async () => {
  await using node = await nodeWithBusybox();
  const { id, pid } = await runForever(node);
  process.kill(node.containerd.record.pid, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
  const next = await startContainerd(node.options);
  using client = createCriClient(`unix://${next.socket}`);
  await untilTrue(async () => (await client.containerStatus(id)).state === 'Exited', 'the exit is known');
  // 1.6 still learns the code from the shim; 1.7 and later give the code for "unknown".
  expect([137, 255]).toContain((await client.containerStatus(id)).exitCode);
});

test('stop leaves no process, mount, cgroup or socket behind, also when containerd was killed before', async () => {
  await using node = await nodeWithBusybox();
  const init = await runForever(node);
  process.kill(node.containerd.record.pid, 'SIGKILL');
  await stopContainerd(node.options);
  expect(commandOf(init.pid)).toBe('');
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(node.directory);
  expect(cgroupsNamed(node.cgroup)).toEqual([]);
  await stopContainerd(node.options);
});

test('a containerd in a network namespace gives pods addresses there, and stop removes their namespaces', async () => {
  await using node = await nodeWithBusybox({ bridged: true });
  const command = ['/bin/httpd', '-f', '-p', '8080'];
  const { sandbox } = await node.run({ image: { image: busyboxImageName }, command }, 'POD');
  const status = await node.client.podSandboxStatus(sandbox, { verbose: true });
  expect(status.network?.ip).toMatch(/^10\.86\.0\./);
  const asker = await node.run({ image: { image: busyboxImageName }, command: ['/bin/sleep', '60'] }, 'NODE');
  const request = { command: ['/bin/nc', '-w', '2', status.network?.ip ?? '', '8080', '-e', '/bin/true'] };
  await untilTrue(async () => (await node.client.execSync(asker.id, request)).exitCode === 0, 'the pod answers');
  const namespaces = [...(status.info['info'] ?? '').matchAll(/cni-[0-9a-f-]{36}/g)].map(([name]) => name);
  expect(namespaces).not.toEqual([]);
  process.kill(node.containerd.record.pid, 'SIGKILL');
  await stopContainerd(node.options);
  expect(readdirSync('/run/netns').filter((name) => namespaces.includes(name))).toEqual([]);
});

test('a containerd that cannot start says why', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-cd-'));
  try {
    const options = { ...fixtureOptions(directory), binary: '/bin/false' };
    await expect(startContainerd(options)).rejects.toThrow(/ended before it answered.*containerd\.log/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a directory whose socket path the kernel would cut is refused with a reason', async () => {
  const options = fixtureOptions(`/tmp/${'long'.repeat(30)}`);
  await expect(startContainerd(options)).rejects.toThrow(/too long for the kernel: choose a data directory/);
});

async function nodeWithBusybox(options?: { bridged: boolean }): Promise<ContainerdFixture> {
  const { archive } = await buildBusyboxImage(testImageCache);
  const node = await containerdFixture(options);
  await loadImage([node.containerd], archive, { clock });
  return node;
}

async function containerdHarness(): Promise<RuntimeHarness> {
  const node = await nodeWithBusybox();
  return {
    runtime: node.client,
    image: busyboxImageName,
    logDirectory: join(node.directory, 'logs'),
    settle: (waiting) => waiting,
    until: (condition) => untilTrue(condition, 'the condition holds'),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

function runForever(node: ContainerdFixture): Promise<FixtureContainer> {
  const command = ['/bin/sh', '-c', 'while :; do sleep 0.1; done'];
  return node.run({ image: { image: busyboxImageName }, command });
}

async function stateOf(socket: string, id: string): Promise<string> {
  using client = createCriClient(`unix://${socket}`);
  return (await client.containerStatus(id)).state;
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
