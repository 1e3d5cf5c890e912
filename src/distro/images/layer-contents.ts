import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TarEntry } from './tar-format.ts';
import type { TarWriter } from './tar-writer.ts';

/** Something that goes into an image: from the disk, from memory, or a symbolic link. */
export type ImageContent =
  | {
      /** A file, or a folder with all that is in it. */
      readonly from: string;
      readonly to: string;
      /** Permission bits of a single file; otherwise the source's own. */
      readonly mode?: number | undefined;
      /** Only the first bytes of a single file. */
      readonly limit?: number | undefined;
      /** Keep the sources' user and group; otherwise all belongs to root. */
      readonly keepOwners?: boolean | undefined;
      /** Read through a symbolic link instead of copying it. */
      readonly follow?: boolean | undefined;
    }
  | { readonly content: string | Uint8Array; readonly to: string; readonly mode?: number | undefined }
  | { readonly link: string; readonly to: string }
  | { readonly directory: string; readonly mode?: number | undefined };

/** Writes an image's contents into its layer: parents before children, each path once, hard links kept. */
export async function writeLayer(tar: TarWriter, contents: readonly ImageContent[]): Promise<void> {
  const layer = new Layer(tar);
  for (const content of contents) await layer.add(content);
}

class Layer {
  readonly #tar: TarWriter;
  readonly #written = new Set<string>();
  readonly #inodes = new Map<string, string>();

  constructor(tar: TarWriter) {
    this.#tar = tar;
  }

  async add(content: ImageContent): Promise<void> {
    if ('directory' in content) return this.#directory(memberPath(content.directory), content.mode ?? 0o755);
    const path = memberPath(content.to);
    if (path !== '') await this.#parents(path);
    if ('link' in content)
      return this.#once(path, () => this.#tar.add({ path, type: 'symlink', mode: 0o777, link: content.link }));
    if ('content' in content) {
      const bytes = Buffer.from(content.content);
      return this.#once(path, () => this.#tar.addBytes({ path, mode: content.mode ?? 0o644 }, bytes));
    }
    await this.#copy(content.from, path, content);
  }

  async #copy(from: string, path: string, options: Extract<ImageContent, { from: string }>): Promise<void> {
    const source = options.follow ? await realSource(from) : from;
    const stat = await lstat(source);
    const owner = options.keepOwners ? { uid: stat.uid, gid: stat.gid } : {};
    const entry = { path, mode: options.mode ?? stat.mode & 0o7777, ...owner };
    if (stat.isSymbolicLink()) {
      const link = await readlink(source);
      return this.#once(path, () => this.#tar.add({ ...entry, type: 'symlink', link }));
    }
    if (stat.isDirectory()) {
      const { mode: _, limit: __, ...inherited } = options;
      await this.#directory(path, stat.mode & 0o7777, owner);
      const names = (await readdir(source)).sort();
      for (const name of names) await this.#copy(join(source, name), path === '' ? name : `${path}/${name}`, inherited);
      return;
    }
    // Sockets, pipes and device nodes do not belong into an image: container runtimes make their own.
    if (!stat.isFile()) return;
    const inode = `${stat.dev}:${stat.ino}`;
    const earlier = stat.nlink > 1 ? this.#inodes.get(inode) : undefined;
    if (earlier !== undefined)
      return this.#once(path, () => this.#tar.add({ ...entry, type: 'hardlink', link: earlier }));
    this.#inodes.set(inode, path);
    await this.#once(path, () => this.#tar.addFile(entry, source, options.limit));
  }

  async #parents(path: string): Promise<void> {
    const parent = dirname(path);
    if (parent === '.') return;
    await this.#parents(parent);
    await this.#directory(parent, 0o755);
  }

  async #directory(path: string, mode: number, owner: Pick<TarEntry, 'uid' | 'gid'> = {}): Promise<void> {
    if (path !== '') await this.#once(path, () => this.#tar.add({ path, type: 'directory', mode, ...owner }));
  }

  async #once(path: string, write: () => Promise<void>): Promise<void> {
    if (this.#written.has(path)) return;
    this.#written.add(path);
    await write();
  }
}

function memberPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new Error(`"${path}" leads out of the image: paths in an image are absolute`);
  return parts.join('/');
}

async function realSource(path: string): Promise<string> {
  const stat = await lstat(path);
  return stat.isSymbolicLink() ? realSource(join(dirname(path), await readlink(path))) : path;
}
