import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

/** A file of a volume. */
export interface ProjectedFile {
  readonly data: Uint8Array | string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid?: number | undefined;
}

/** Options of `writeAtomically`. */
export interface AtomicWrite {
  readonly folder: string;
  readonly files: ReadonlyMap<string, ProjectedFile>;
  /** The pod's fsGroup: files become readable by it. */
  readonly fsGroup?: number | undefined;
  /** Names the new version's folder; milliseconds. */
  readonly now: number;
}

const dataLink = '..data';

/**
 * Replaces all files of a volume in one step: a reader sees the old set or the new one, never a mix. Each file is a
 * symlink through `..data`, which is swapped. Returns whether anything changed. Source: upstream's AtomicWriter.
 */
export async function writeAtomically(write: AtomicWrite): Promise<boolean> {
  const { folder, files } = write;
  for (const path of files.keys()) checkPath(path);
  const former = await readlink(join(folder, dataLink)).catch(() => undefined);
  if (former !== undefined && (await isSame(join(folder, former), files))) return false;
  const version = await mkdtemp(join(folder, `..${stamp(write.now)}.`));
  await chmod(version, 0o755);
  for (const [path, file] of files) await writeOne(version, path, file, write.fsGroup);
  await adoptFolders(version, write.fsGroup);
  const swap = join(folder, '..data_tmp');
  await rm(swap, { force: true });
  await symlink(version.slice(folder.length + 1), swap);
  await rename(swap, join(folder, dataLink));
  await linkTopLevel(folder, files);
  if (former !== undefined) await rm(join(folder, former), { recursive: true, force: true });
  return true;
}

async function writeOne(
  version: string,
  path: string,
  file: ProjectedFile,
  fsGroup: number | undefined,
): Promise<void> {
  const target = join(version, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  await writeFile(target, file.data);
  if (file.uid !== undefined || fsGroup !== undefined) await chown(target, file.uid ?? -1, fsGroup ?? -1);
  await chmod(target, fsGroup === undefined ? file.mode : file.mode | 0o440);
}

async function adoptFolders(folder: string, fsGroup: number | undefined): Promise<void> {
  if (fsGroup === undefined) return;
  await chown(folder, -1, fsGroup);
  await chmod(folder, 0o2755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await adoptFolders(join(folder, entry.name), fsGroup);
  }
}

async function linkTopLevel(folder: string, files: ReadonlyMap<string, ProjectedFile>): Promise<void> {
  const wanted = new Set([...files.keys()].map((path) => path.split('/')[0] ?? ''));
  for (const name of await readdir(folder)) {
    if (!name.startsWith('..') && !wanted.has(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
  for (const name of wanted) {
    const link = join(folder, name);
    if (!(await lstat(link).catch(() => undefined))) await symlink(join(dataLink, name), link);
  }
}

async function isSame(version: string, files: ReadonlyMap<string, ProjectedFile>): Promise<boolean> {
  const present = await filesBelow(version).catch(() => undefined);
  if (!present || present.length !== files.size) return false;
  for (const path of present) {
    const file = files.get(path);
    if (!file || !Buffer.from(file.data).equals(await readFile(join(version, path)))) return false;
    const { mode } = await lstat(join(version, path));
    if ((mode & file.mode) !== file.mode) return false;
  }
  return true;
}

async function filesBelow(folder: string, prefix = ''): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix ? `${prefix}/${entry.name}` : entry.name;
    if (entry.isDirectory()) files.push(...(await filesBelow(folder, path)));
    else files.push(path);
  }
  return files;
}

function checkPath(path: string): void {
  const clean = normalize(path);
  if (path === '' || path.startsWith('/') || clean.split('/').includes('..') || path.split('/')[0]?.startsWith('..')) {
    throw new Error(`invalid path: must be relative path and not contain '..': ${path}`);
  }
}

function stamp(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '_');
}
