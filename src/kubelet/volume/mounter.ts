import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Mounts file systems of the node. */
export interface Mounter {
  /** A file system in memory, at most `sizeBytes` large. */
  tmpfs(target: string, options: { readonly sizeBytes?: number | undefined }): Promise<void>;
  /** Shows `source`, which is not resolved, at `target` too. */
  bind(source: string, target: string): Promise<void>;
  /** Takes down whatever is mounted at `target`. */
  unmount(target: string): Promise<void>;
  /** Mount points at or below `folder`, deepest first. */
  mountsBelow(folder: string): Promise<readonly string[]>;
}

const run = promisify(execFile);

/** Mounts with the mount(8) and umount(8) of the node. */
export const systemMounter: Mounter = {
  async tmpfs(target, { sizeBytes }) {
    const size = sizeBytes === undefined ? [] : ['-o', `size=${sizeBytes}`];
    await run('mount', ['-t', 'tmpfs', ...size, 'tmpfs', target]);
  },
  async bind(source, target) {
    // Resolving the source again would follow a symlink that a container has put there meanwhile.
    await run('mount', ['--no-canonicalize', '--bind', source, target]);
  },
  async unmount(target) {
    await run('umount', ['--lazy', target]).catch(async (error: unknown) => {
      if ((await mountPoints()).includes(target)) throw error;
    });
  },
  async mountsBelow(folder) {
    const inside = (await mountPoints()).filter((point) => point === folder || point.startsWith(`${folder}/`));
    return inside.sort((a, b) => b.length - a.length);
  },
};

async function mountPoints(): Promise<readonly string[]> {
  return parseMountPoints(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** The mount points in the text of a mountinfo file; escapes such as `\040` are resolved. */
export function parseMountPoints(mountinfo: string): readonly string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const point = line.split(' ')[4];
    return point === undefined ? [] : [unescape(point)];
  });
}

function unescape(point: string): string {
  return point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
