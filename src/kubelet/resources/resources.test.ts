import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Pod } from '../../api/core/pod.ts';
import type { Pod as PodObject } from '../../api/core/pod.ts';
import { qosClass } from '../../api/core/qos-class.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { capabilitySet } from './capabilities.ts';
import { CgroupFileSystem, parseHierarchy } from './cgroup-file-system.ts';
import { containerCgroupValues, podCgroupValues, sharesOf, weightOf } from './cgroup-values.ts';
import { oomScoreAdj } from './oom-score.ts';
import { PodCgroups } from './pod-cgroups.ts';

function podOf(...resources: readonly object[]): PodObject {
  const containers = resources.map((entry, index) => ({ name: `c${index}`, image: 'i', resources: entry }));
  return decodeObject(Pod, { metadata: { name: 'p', namespace: 'n', uid: 'a-b' }, spec: { containers } }).object;
}

const both = { cpu: '500m', memory: '64Mi' };

test('a pod is Guaranteed only if every container limits cpu and memory to what it requests', () => {
  expect(qosClass(podOf({ limits: both }).spec)).toBe('Guaranteed');
  expect(qosClass(podOf({ limits: both, requests: both }).spec)).toBe('Guaranteed');
  expect(qosClass(podOf({ limits: both }, {}).spec)).toBe('Burstable');
  expect(qosClass(podOf({ limits: both, requests: { cpu: '1m' } }).spec)).toBe('Burstable');
  expect(qosClass(podOf({}, {}).spec)).toBe('BestEffort');
  expect(qosClass(podOf({ requests: { cpu: '0' } }).spec)).toBe('BestEffort');
});

test('requests become shares and limits become quota, with the kernel’s bounds', () => {
  expect([sharesOf(0), sharesOf(1), sharesOf(1000)]).toEqual([2, 2, 1024]);
  expect([weightOf(2), weightOf(1024), weightOf(262_144)]).toEqual([1, 39, 10_000]);
  const [container] = podOf({ limits: both }).spec.containers;
  expect(containerCgroupValues(container!)).toEqual({
    cpuShares: 512,
    cpuQuota: 50_000,
    cpuPeriod: 100_000,
    memoryLimit: 64 * 1024 * 1024,
  });
});

test('a pod’s own cgroup has a limit only when all its containers have one', () => {
  expect(podCgroupValues(podOf({ limits: both }, { limits: both }))).toMatchObject({
    cpuShares: 1024,
    cpuQuota: 100_000,
    memoryLimit: 128 * 1024 * 1024,
  });
  expect(podCgroupValues(podOf({ limits: both }, { requests: both }))).toMatchObject({
    cpuShares: 1024,
    cpuQuota: undefined,
    memoryLimit: undefined,
  });
  expect(podCgroupValues(podOf({}))).toEqual({ cpuShares: 2, cpuPeriod: 100_000 });
});

test('who asked for less is killed first, and nobody’s score is lowered without the right to', () => {
  const score = (resources: object, mayLower: boolean): number => {
    const pod = podOf(resources);
    return oomScoreAdj(pod, pod.spec.containers[0]!, { memoryCapacity: 1024 * 1024 * 1024, mayLower });
  };
  expect([score({ limits: both }, true), score({ limits: both }, false)]).toEqual([-997, 0]);
  expect(score({}, true)).toBe(1000);
  expect(score({ requests: { memory: '512Mi' } }, true)).toBe(500);
  expect(score({ requests: { memory: '1Ki' } }, true)).toBe(999);
});

test('capabilities are read from the effective set', () => {
  expect(capabilitySet('CapPrm:\t0\nCapEff:\t000001ffffffffff\n', 24n)).toBe(true);
  expect(capabilitySet('CapEff:\t000001fffeffffff\n', 24n)).toBe(false);
});

test('hierarchies are found where they are mounted; v1 controllers win over an empty v2', () => {
  const v1 =
    '30 1 0:1 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n31 1 0:2 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
  const v2 = '32 1 0:3 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n';
  expect(parseHierarchy(v2)).toEqual({ version: 2, root: '/sys/fs/cgroup/unified' });
  expect(parseHierarchy(v1 + v2)).toEqual({
    version: 1,
    controllers: {
      cpu: '/sys/fs/cgroup/cpu,cpuacct',
      cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
      memory: '/sys/fs/cgroup/memory',
    },
  });
  expect(parseHierarchy('')).toBeUndefined();
});

test('cgroup v2 gets weight, max and pids in its own terms, and controllers on the way down', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cgroup2-'));
  try {
    await writeFile(join(root, 'cgroup.controllers'), 'cpu memory pids\n');
    await writeFile(join(root, 'cgroup.subtree_control'), '');
    const cgroups = new PodCgroups({
      tree: new CgroupFileSystem({ version: 2, root }),
      driver: 'cgroupfs',
      root: '/',
      podPidsLimit: 50,
    });
    const pod = podOf({ limits: both });
    await cgroups.ensure(pod);
    const file = (name: string): Promise<string> => readFile(join(root, 'kubepods/poda-b', name), 'utf8');
    expect(await Promise.all(['cpu.weight', 'cpu.max', 'memory.max', 'pids.max'].map(file))).toEqual([
      '20',
      '50000 100000',
      String(64 * 1024 * 1024),
      '50',
    ]);
    expect(await readFile(join(root, 'cgroup.subtree_control'), 'utf8')).toBe('+pids');
    expect(await cgroups.list()).toEqual(['a-b']);
  } finally {
    await rm(root, { recursive: true });
  }
});

test('cgroup v1 is made under each controller that is needed, and removed under all', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cgroup1-'));
  try {
    const controllers = Object.fromEntries(['cpu', 'memory', 'freezer'].map((name) => [name, join(root, name)]));
    const cgroups = new PodCgroups({
      tree: new CgroupFileSystem({ version: 1, controllers }),
      driver: 'cgroupfs',
      root: '/node',
    });
    const pod = podOf({ requests: { cpu: '1' } });
    await cgroups.prepare();
    await mkdir(join(root, 'freezer/node/kubepods/burstable/poda-b/inner'), { recursive: true });
    expect(cgroups.parentOf(pod)).toBe('/node/kubepods/burstable/poda-b');
    await cgroups.remove('a-b');
    expect(await cgroups.list()).toEqual([]);
  } finally {
    await rm(root, { recursive: true });
  }
});

test('systemd’s driver names slices', () => {
  const cgroups = new PodCgroups({ tree: undefined, driver: 'systemd', root: '/' });
  expect(cgroups.parentOf(podOf({ requests: { cpu: '1' } }))).toBe('kubepods-burstable-poda_b.slice');
});
