import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A package's file in the cache, and what its name says: `<package>_<version>_<architecture>.deb`. */
interface CachedPackage {
  readonly name: string;
  readonly file: string;
}

/**
 * Unpacks Debian packages, and only the ones named, into `rootfs`: no dependency is followed and no script is run.
 * Packages are downloaded once into `cache`. Resolves with the files that were unpacked.
 */
export async function unpackPackages(
  packages: readonly string[],
  { cache, rootfs }: { readonly cache: string; readonly rootfs: string },
): Promise<readonly string[]> {
  const files = await downloadPackages(packages, cache);
  await mkdir(rootfs, { recursive: true });
  // One after the other: packages share folders, and dpkg replaces links to folders as it goes.
  for (const file of files) await run('dpkg', ['-x', file, rootfs]);
  return files;
}

/** The packages' files, in their order; what the cache lacks is downloaded from the sources apt is set up with. */
export async function downloadPackages(packages: readonly string[], cache: string): Promise<readonly string[]> {
  await mkdir(cache, { recursive: true });
  const present = await cachedPackages(cache);
  const missing = packages.filter((name) => !present.some((cached) => cached.name === name));
  if (missing.length > 0) await download(missing, cache);
  const all = await cachedPackages(cache);
  return packages.map((name) => {
    const found = all.find((cached) => cached.name === name);
    if (!found) throw new Error(`apt-get download left no file of the package ${name} in ${cache}`);
    return join(cache, found.file);
  });
}

/** Into a folder of its own first, so that the cache never shows half a file, nor one that another run is writing. */
async function download(packages: readonly string[], cache: string): Promise<void> {
  const folder = await mkdtemp(join(cache, 'download-'));
  try {
    const args = ['download', '-q', '-o', 'APT::Sandbox::User=root', ...packages];
    await run('apt-get', args, { cwd: folder }).catch(async () => {
      // The lists may be absent or older than the packages they name.
      await run('apt-get', ['update', '-q', '-o', 'DPkg::Lock::Timeout=120']);
      await run('apt-get', args, { cwd: folder });
    });
    for (const file of await readdir(folder)) await rename(join(folder, file), join(cache, file));
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : error;
    throw new Error(`could not download the packages ${packages.join(', ')}: ${String(said)}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function cachedPackages(cache: string): Promise<readonly CachedPackage[]> {
  const files = (await readdir(cache)).filter((file) => file.endsWith('.deb')).sort();
  return files.map((file) => ({ name: file.slice(0, file.indexOf('_')), file }));
}
