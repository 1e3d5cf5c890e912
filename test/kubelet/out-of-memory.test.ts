/** What the machine tells of a process that the kernel killed because its cgroup had no memory left. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMachine } from '../../src/kubelet/node/machine.ts';
import { CgroupFileSystem, parseHierarchy } from '../../src/kubelet/resources/cgroup-file-system.ts';
import { run } from '../e2e/run.ts';

test('the container whose process the kernel has killed is known at once, and no other', async () => {
  const hierarchy = parseHierarchy(readFileSync('/proc/self/mountinfo', 'utf8'));
  if (!hierarchy) throw new Error('no cgroups are mounted');
  const root = hierarchy.version === 2 ? hierarchy.root : (hierarchy.controllers['memory'] ?? '');
  const cgroups = new CgroupFileSystem(hierarchy);
  const machine = createMachine('/');
  const id = randomBytes(32).toString('hex');
  const parent = `/kubets-oom-${id.slice(0, 6)}`;
  await cgroups.ensure(parent, {});
  try {
    await cgroups.ensure(`${parent}/${id}`, { memoryLimit: 8 * 1024 ** 2 });
    expect(machine.oomKilled(id)).toBe(false);
    const procs = join(root, parent, id, 'cgroup.procs');
    const { code } = await run(['sh', '-c', `echo $$ > ${procs} && exec tail /dev/zero`]);
    expect(code).toBe(137);
    expect(machine.oomKilled(id)).toBe(true);
    expect(machine.oomKilled(randomBytes(32).toString('hex'))).toBe(false);
  } finally {
    await cgroups.remove(parent);
  }
});
