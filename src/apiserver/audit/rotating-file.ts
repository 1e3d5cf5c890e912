import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdirSync,
  openSync,
  fstatSync,
  renameSync,
  statSync,
} from 'node:fs';
import { writeFile, writeFileSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { AuditWriter } from './log-backend.ts';

/** Which file, and what becomes of it when it is full. */
export interface RotatingFileOptions {
  readonly path: string;
  /** Bytes; 0: it grows for ever. */
  readonly maxSize: number;
  /** How many old files are kept; 0: any number. */
  readonly maxBackups: number;
  /** Days that old files are kept; 0: for ever. */
  readonly maxAge: number;
  /** Old files are packed with gzip. */
  readonly compress: boolean;
  /** Whether appending waits for the kernel in place, so that the line is in the file when `append` returns. */
  readonly blocking: boolean;
}

/** What a rotating file is made of. */
export interface RotatingFileParts {
  readonly clock: Clock;
  readonly log: Logger;
}

const day = 24 * 60 * 60 * 1000;
const writeAll = promisify(writeFile);

/**
 * A file that is set aside under its time when it is full, as `audit-2026-01-02T03-04-05.678.log` beside `audit.log`, for
 * its owner's eyes only. Throws when it can't be opened. Source: lumberjack, as kube-apiserver uses it.
 */
export function openRotatingFile(options: RotatingFileOptions, parts: RotatingFileParts): AuditWriter {
  mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
  return new RotatingFile(options, parts);
}

class RotatingFile implements AuditWriter {
  readonly #options: RotatingFileOptions;
  readonly #parts: RotatingFileParts;
  #descriptor: number;
  #size: number;
  #tidying: Promise<void> = Promise.resolve();

  constructor(options: RotatingFileOptions, parts: RotatingFileParts) {
    this.#options = options;
    this.#parts = parts;
    this.#descriptor = openForAppending(options.path);
    this.#size = fstatSync(this.#descriptor).size;
  }

  append(text: string): void | Promise<void> {
    const bytes = Buffer.from(text);
    const { maxSize, blocking } = this.#options;
    if (maxSize > 0) {
      if (bytes.length > maxSize) throw new Error(`write length ${bytes.length} exceeds maximum file size ${maxSize}`);
      if (this.#size + bytes.length > maxSize) this.#rotate();
    }
    this.#size += bytes.length;
    if (!blocking) return writeAll(this.#descriptor, bytes);
    writeFileSync(this.#descriptor, bytes);
  }

  async close(): Promise<void> {
    await this.#tidying;
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    const { path } = this.#options;
    const mode = fstatSync(this.#descriptor).mode & 0o777;
    if (statSync(path, { throwIfNoEntry: false })) renameSync(path, backupPath(path, this.#parts.clock.now()));
    const fresh = openForAppending(path, mode);
    closeSync(this.#descriptor);
    this.#descriptor = fresh;
    this.#size = 0;
    this.#tidying = this.#tidying.then(() => this.#tidy());
  }

  /** Removes and packs old files. */
  async #tidy(): Promise<void> {
    try {
      const { path, compress } = this.#options;
      const folder = dirname(path);
      const backups = backupsOf(path, await readdir(folder));
      const kept = new Set(keptBackups(backups, this.#options, this.#parts.clock.now()));
      for (const backup of backups) {
        const file = join(folder, backup.name);
        if (!kept.has(backup)) await rm(file, { force: true });
        else if (compress && !backup.name.endsWith('.gz')) await pack(file);
      }
    } catch (error) {
      this.#parts.log.warning('Old audit logs could not be tidied up', { error: messageOf(error) });
    }
  }
}

function openForAppending(path: string, mode = 0o600): number {
  return openSync(path, 'a', mode);
}

async function pack(file: string): Promise<void> {
  // Under its name only when it is whole.
  await pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.gz.part`, { mode: 0o600 }));
  await rename(`${file}.gz.part`, `${file}.gz`);
  await rm(file, { force: true });
}

/** Under what name a file is set aside at a time. */
function backupPath(path: string, now: number): string {
  const { prefix, extension } = namesOf(path);
  const stamp = new Date(now).toISOString().replaceAll(':', '-').replace(/Z$/, '');
  return join(dirname(path), `${prefix}${stamp}${extension}`);
}

function namesOf(path: string): { readonly prefix: string; readonly extension: string } {
  const extension = extname(path);
  return { prefix: `${basename(path, extension)}-`, extension };
}

interface Backup {
  readonly name: string;
  /** The name without `.gz`. */
  readonly origin: string;
  readonly time: number;
}

/** The old files among the names in a folder, newest first. */
function backupsOf(path: string, names: readonly string[]): readonly Backup[] {
  const { prefix, extension } = namesOf(path);
  return names
    .flatMap((name) => {
      const origin = name.endsWith('.gz') ? name.slice(0, -3) : name;
      if (!origin.startsWith(prefix) || !origin.endsWith(extension)) return [];
      const stamp = origin.slice(prefix.length, origin.length - extension.length);
      const match = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(stamp);
      if (!match) return [];
      return [{ name, origin, time: Date.parse(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`) }];
    })
    .toSorted((one, other) => other.time - one.time);
}

function keptBackups(
  backups: readonly Backup[],
  { maxBackups, maxAge }: Pick<RotatingFileOptions, 'maxBackups' | 'maxAge'>,
  now: number,
): readonly Backup[] {
  const origins = [...new Set(backups.map(({ origin }) => origin))];
  const counted = new Set(maxBackups > 0 ? origins.slice(0, maxBackups) : origins);
  return backups.filter(({ origin, time }) => counted.has(origin) && (maxAge === 0 || time >= now - maxAge * day));
}
