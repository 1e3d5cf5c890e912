import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A package of this machine's Debian, or of another suite of the same mirror. */
export interface DebianPackage {
  readonly name: string;
  /** Such as `trixie` or `sid`; default: what apt is set up with. */
  readonly suite?: string | undefined;
}

const cache = resolve(import.meta.dirname, '../node_modules/.cache/debian');

/**
 * The folder into which a package was unpacked, downloading it the first time; nothing is installed. For programs that tests
 * run against, in versions that this Debian does not have.
 */
export function unpackDebianPackage({ name, suite }: DebianPackage): string {
  const folder = join(cache, `${name}-${suite ?? 'own'}`);
  if (existsSync(folder)) return folder;
  const work = `${folder}.new-${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    const options = suite === undefined ? [] : suiteOptions(suite);
    download([...options, 'download', suite === undefined ? name : `${name}/${suite}`], work);
    const file = readdirSync(work).find((entry) => entry.endsWith('.deb'));
    if (!file) throw new Error(`apt-get download left no file of the package ${name}`);
    execFileSync('dpkg', ['-x', join(work, file), join(work, 'root')]);
    // Another process may have been faster.
    if (!existsSync(folder)) renameSync(join(work, 'root'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

function download(args: readonly string[], cwd: string): void {
  try {
    execFileSync('apt-get', ['-q', ...args], { cwd, stdio: 'pipe' });
  } catch {
    // The lists may be missing or old.
    const options = args.slice(0, args.indexOf('download'));
    execFileSync('apt-get', ['-q', ...options, 'update'], { cwd, stdio: 'pipe' });
    execFileSync('apt-get', ['-q', ...args], { cwd, stdio: 'pipe' });
  }
}

/** Options that let apt see one more suite, with lists of its own: the machine's set-up stays as it is. */
function suiteOptions(suite: string): string[] {
  const lists = join(cache, `lists-${suite}`);
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const sources = join(cache, `${suite}.list`);
  writeFileSync(
    sources,
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${debianMirror()} ${suite} main\n`,
  );
  return [
    '-o',
    `Dir::Etc::SourceList=${sources}`,
    '-o',
    'Dir::Etc::SourceParts=/dev/null',
    '-o',
    `Dir::State::Lists=${lists}`,
  ];
}

/** Where this machine's own packages come from. */
function debianMirror(): string {
  const parts = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []),
  ];
  for (const file of files.filter((name) => existsSync(name))) {
    const found = /^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(\S*\/debian\/?)(?:\s|$)/m.exec(readFileSync(file, 'utf8'));
    if (found?.[1]) return found[1];
  }
  throw new Error('apt has no source of Debian packages');
}
