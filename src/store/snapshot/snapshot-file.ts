import { createReadStream } from 'node:fs';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SnapshotError } from './snapshot-format.ts';
import type { SnapshotHeader, SnapshotTrailer } from './snapshot-format.ts';
import { decodeSnapshot } from './snapshot-stream.ts';
import type { SnapshotReading } from './snapshot-stream.ts';

/** What can be told of a snapshot's file once all of it has been read. */
export interface SnapshotStatus extends SnapshotHeader, SnapshotTrailer {
  /** Bytes of the file. */
  readonly fileSize: number;
  /** Bytes of keys and values. */
  readonly totalSize: number;
  readonly format: number;
}

/** Reads all of a file and checks it. Throws SnapshotError, which names the file, when it can't be used. */
export async function snapshotStatus(path: string): Promise<SnapshotStatus> {
  return naming(path, async () => {
    const reading = await decodeSnapshot(createReadStream(path));
    let totalSize = 0;
    for await (const records of reading.records()) {
      for (const { key, value } of records) totalSize += Buffer.byteLength(key) + value.length;
    }
    const { size: fileSize } = await stat(path);
    return { ...reading.header, ...reading.trailer!, fileSize, totalSize, format: 1 };
  });
}

/** Begins to read a file. Throws SnapshotError, which names the file. */
export async function openSnapshot(path: string): Promise<SnapshotReading> {
  const reading = await naming(path, () => decodeSnapshot(createReadStream(path)));
  return {
    header: reading.header,
    get trailer() {
      return reading.trailer;
    },
    async *records() {
      try {
        yield* reading.records();
      } catch (error) {
        throw named(path, error);
      }
    },
  };
}

/**
 * Writes a snapshot so that `path` holds all of it or nothing, readable by its owner only. The bytes are read back and
 * checked before they get their name. Throws SnapshotError when they are not a whole snapshot, or the file exists.
 */
export async function writeSnapshotFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<SnapshotStatus> {
  const temporary = `${path}.part-${process.pid}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await fill(file, bytes);
    } finally {
      await file.close();
    }
    const status = await snapshotStatus(temporary).catch((error: unknown) => {
      throw error instanceof SnapshotError ? new SnapshotError(error.message.replace(temporary, path)) : error;
    });
    await publish(temporary, path);
    return status;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function fill(file: FileHandle, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) await file.writeFile(chunk);
  await file.sync();
}

/** Gives a file its name, which nothing may have, and makes that last. */
async function publish(temporary: string, path: string): Promise<void> {
  try {
    // Unlike a rename, a link never replaces what is there.
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw new SnapshotError(`${path} exists: name another file`, { cause: error });
    // Some file systems have no links.
    if (await exists(path)) throw new SnapshotError(`${path} exists: name another file`, { cause: error });
    await rename(temporary, path);
  }
  await syncFolder(dirname(path));
}

/** Makes what was renamed or created in a folder survive a crash of the machine. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw named(path, error);
  }
}

function named(path: string, error: unknown): unknown {
  if (error instanceof SnapshotError)
    return new SnapshotError(`${path} can't be used: ${error.message}`, { cause: error });
  if (codeOf(error) === 'ENOENT') return new SnapshotError(`${path} does not exist`, { cause: error });
  return error;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
