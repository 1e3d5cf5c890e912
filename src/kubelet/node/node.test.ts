import { describe, expect, test } from 'vitest';
import type { KubeletConfig } from '../kubelet-config.ts';
import { defaultEvictionThresholds, defaultKubeletConfig } from '../kubelet-config.ts';
import { oomKilled } from './kernel-log.ts';
import { createMachine, parseCpuSeconds, parseMeminfo } from './machine.ts';
import { conditionsDiffer, nodeConditions, transitionEvent } from './node-conditions.ts';
import { nodeLabels, nodeStatus } from './node-status.ts';

const config: KubeletConfig = {
  ...defaultKubeletConfig,
  nodeName: 'Node-1',
  nodeIP: '192.0.2.1',
  reserved: { cpu: '500m' },
  nodeLabels: { a: 'b' },
};
const facts = {
  hostname: 'h',
  architecture: 'arm64',
  cpus: 4,
  memory: 1024 ** 3,
  disk: 10 * 1024 ** 3,
  hugepages: { '2Mi': 4 * 1024 ** 2 },
  machineID: 'm',
  systemUUID: 's',
  bootID: 'b',
  kernelVersion: 'k',
  osImage: 'o',
};
const plenty = { memoryAvailable: 1024 ** 3, diskAvailable: 0.5, inodesFree: 0.5, pidsAvailable: 1000 };

function conditions(
  more: { pressure?: object; problems?: string[]; former?: ReturnType<typeof nodeConditions>; now?: number } = {},
) {
  return nodeConditions({
    pressure: { ...plenty, ...more.pressure },
    thresholds: defaultEvictionThresholds,
    health: { answered: true, problems: more.problems ?? [] },
    former: more.former ?? [],
    now: more.now ?? 0,
  });
}

describe('conditions', () => {
  const short = (list: ReturnType<typeof nodeConditions>): string[] =>
    list.map(({ status, reason }) => `${status} ${reason}`);

  test('say what is short', () => {
    expect(short(conditions())).toEqual([
      'False KubeletHasSufficientMemory',
      'False KubeletHasNoDiskPressure',
      'False KubeletHasSufficientPID',
      'True KubeletReady',
    ]);
    expect(
      short(conditions({ pressure: { memoryAvailable: 1, inodesFree: 0, pidsAvailable: 1 }, problems: ['x', 'y'] })),
    ).toEqual([
      'True KubeletHasInsufficientMemory',
      'True KubeletHasDiskPressure',
      'True KubeletHasInsufficientPID',
      'False KubeletNotReady',
    ]);
  });

  test('keep the time of their last transition; a heartbeat alone is no difference', () => {
    const first = conditions({ now: 0 });
    const second = conditions({ former: first, now: 60_000 });
    expect(second.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(
      first.map(({ lastTransitionTime }) => lastTransitionTime),
    );
    expect(conditionsDiffer(first, second)).toBe(false);
    expect(conditionsDiffer(first, conditions({ problems: ['x'] }))).toBe(true);
  });

  test('have events of upstream’s names', () => {
    expect(conditions({ problems: ['x'] }).map(transitionEvent)).toEqual([
      'NodeHasSufficientMemory',
      'NodeHasNoDiskPressure',
      'NodeHasSufficientPID',
      'NodeNotReady',
    ]);
  });
});

test('a node offers what it has, less what is held back', () => {
  const { capacity, allocatable, nodeInfo, addresses } = nodeStatus({
    config,
    facts,
    version: undefined,
    images: [],
    conditions: [],
  });
  expect(capacity).toEqual({
    cpu: '4',
    memory: '1048576Ki',
    'ephemeral-storage': '10485760Ki',
    pods: '110',
    'hugepages-2Mi': '4Mi',
  });
  expect(allocatable).toMatchObject({ cpu: '3500m', memory: '924Mi', pods: '110' });
  expect(nodeInfo).toMatchObject({ architecture: 'arm64', operatingSystem: 'linux', kubeletVersion: 'v1.36.0+kubets' });
  expect(addresses).toEqual([
    { type: 'InternalIP', address: '192.0.2.1' },
    { type: 'Hostname', address: 'Node-1' },
  ]);
  expect(nodeLabels(config, facts)).toMatchObject({
    'kubernetes.io/arch': 'arm64',
    'kubernetes.io/hostname': 'node-1',
    a: 'b',
  });
});

test('the machine is read from /proc', async () => {
  expect(parseMeminfo('MemTotal:       24684084 kB\nHugePages_Total:       0\n')).toEqual({
    MemTotal: 24_684_084 * 1024,
  });
  expect(parseCpuSeconds('cpu  100 200 300 99999 999 10 20 30 0 0\ncpu0 1 1 1 1\n')).toBe(6.6);
  const machine = createMachine('/');
  const [own, left, used] = await Promise.all([machine.facts(), machine.pressure(), machine.usage()]);
  expect(own.cpus).toBeGreaterThan(0);
  expect(own.bootID).toMatch(/^[0-9a-f-]{36}$/);
  expect(left.diskAvailable).toBeGreaterThan(0);
  expect(used.memoryWorkingSet).toBeLessThan(own.memory);
});

test('a container is out of memory when the kernel names its cgroup as that of the victim', () => {
  const id = '0d908c2134afe335cd11fff7066bcae3c5d1940de6d868fbd0175b8132adf3fb';
  const paths = (container: string): string =>
    `oom_memcg=/kubepods/podb3,task_memcg=/kubepods/podb3/${container},task=tail,pid=1749,uid=0`;
  const record = (container: string): string =>
    `6,10164,46504300358,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=${id},mems_allowed=0,${paths(container)}\n`;
  expect(oomKilled(id, ['6,1,2,-;left promiscuous mode\n', record(`cri-containerd-${id}.scope`)])).toBe(true);
  expect(oomKilled(id, [record('f'.repeat(64)), `4,2,3,-;Killed process 1749 (${id})\n`])).toBe(false);
  // Whoever may write to the log does not speak for the kernel, whose facility is 0.
  expect(oomKilled(id, [`14,10165,46504300358,-;oom-kill:${paths(id)}\n`])).toBe(false);
});
