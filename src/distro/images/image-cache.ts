import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltImage } from './build-image.ts';

/** Where built archives are kept. */
export interface ImageCache {
  readonly directory: string;
}

/** What an image is made of: equal keys make equal images. */
export interface CacheEntry {
  /** Begins the file's name; of one name only the newest archive is kept. */
  readonly name: string;
  readonly key: readonly string[];
}

/** The archive for this key: from the cache, or built now. */
export async function cachedImage(
  { directory }: ImageCache,
  { name, key }: CacheEntry,
  build: (output: string) => Promise<BuiltImage>,
): Promise<BuiltImage> {
  const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16);
  const archive = join(directory, `${name}-${hash}.tar`);
  const known = await readKnown(archive);
  if (known) return known;
  const built = await build(archive);
  // Written last: an archive without its description counts as unfinished.
  await writeFile(`${archive}.json.unfinished`, JSON.stringify(built));
  await rename(`${archive}.json.unfinished`, `${archive}.json`);
  await removeOthers(directory, name, hash);
  return built;
}

/** What tells whether a file is the same as before without reading it: path, size and time of its last change. */
export async function fileKey(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${path} ${size} ${mtimeMs}`;
}

async function readKnown(archive: string): Promise<BuiltImage | undefined> {
  try {
    const known: unknown = JSON.parse(await readFile(`${archive}.json`, 'utf8'));
    const { size } = await stat(archive);
    return isBuiltImage(known) && known.size === size ? { ...known, archive } : undefined;
  } catch {
    return undefined;
  }
}

function isBuiltImage(value: unknown): value is BuiltImage {
  if (typeof value !== 'object' || value === null) return false;
  return ['name', 'archive', 'digest', 'id'].every((key) => typeof Reflect.get(value, key) === 'string');
}

async function removeOthers(directory: string, name: string, hash: string): Promise<void> {
  const own = /^-[0-9a-f]{16}\.tar(\.json)?$/;
  const old = (await readdir(directory)).filter(
    (file) => file.startsWith(name) && own.test(file.slice(name.length)) && !file.startsWith(`${name}-${hash}.`),
  );
  await Promise.all(old.map((file) => rm(join(directory, file), { force: true })));
}
