import { mkdir, writeFile, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mount } from '../cri/container-runtime.ts';
import { terminationMessagePathAnnotation, terminationMessagePolicyAnnotation } from '../pod/container-labels.ts';
import type { ObservedContainer } from '../pod/observed-pod.ts';
import { tailOfLog } from './log-file.ts';
import { openRegularFile } from './open-regular-file.ts';

const maxLength = 4096;
const maxFallbackLength = 2048;
const maxFallbackLines = 80;

/** Makes the file into which a container writes why it ends, and its mount. */
export async function terminationMessageMount(
  folder: string,
  file: { readonly name: string; readonly path: string },
): Promise<Mount> {
  await mkdir(folder, { recursive: true });
  const hostPath = join(folder, file.name);
  await writeFile(hostPath, '', { flag: 'a' });
  // Whatever user the container runs as must be able to write it.
  await chmod(hostPath, 0o666);
  return { containerPath: file.path, hostPath };
}

/** The last words of a container that has ended: its file, or the end of its log if asked for. */
export async function terminationMessage(container: ObservedContainer): Promise<string> {
  const path = container.annotations[terminationMessagePathAnnotation];
  const mount = container.mounts.find(({ containerPath }) => containerPath === path);
  const written = mount ? await readUpTo(mount.hostPath, maxLength) : '';
  if (written !== '') return written;
  const fallback = container.annotations[terminationMessagePolicyAnnotation] === 'FallbackToLogsOnError';
  if (!fallback || container.exitCode === 0 || container.logPath === '') return '';
  return tailOfLog(container.logPath, { lines: maxFallbackLines, bytes: maxFallbackLength }).catch(() => '');
}

async function readUpTo(path: string, length: number): Promise<string> {
  const file = await openRegularFile(path).catch(() => undefined);
  if (!file) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}
