import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Clock } from '../../base/clock.ts';
import { killCgroup, removeCgroup, unescaped } from '../containerd/cgroup-tree.ts';

const run = promisify(execFile);

/** Unmounts everything mounted under `directory`, deepest first. */
export async function unmountUnder(directory: string): Promise<void> {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
    .filter((point) => point.startsWith(`${directory}/`))
    .sort((a, b) => b.length - a.length);
  for (const point of points) await run('umount', ['-l', point]).catch(() => undefined);
}

/** Kills what still runs in a cgroup of ours and removes it with those below. */
export async function removeCgroups(name: string, clock: Clock): Promise<void> {
  const path = `/${name}`;
  for (let attempt = 0; attempt < 100 && !removeCgroup(path); attempt++) {
    killCgroup(path);
    await clock.sleep(20);
  }
}
