import { Readable, pipeline } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { messageOf } from '../../base/errors.ts';
import {
  SnapshotDecoder,
  SnapshotEncoder,
  SnapshotError,
  damaged,
  firstLine,
  readFirstLine,
  truncated,
} from './snapshot-format.ts';
import type { SnapshotHeader, SnapshotRecord, SnapshotTrailer } from './snapshot-format.ts';

/** Values of a store at one revision, wherever they come from: a store, a file, a server. Read once. */
export interface SnapshotSource {
  readonly header: SnapshotHeader;
  /** In batches, in any order. Throws when they can't all be had: what was got before is then worth nothing. */
  records(): AsyncIterable<readonly SnapshotRecord[]>;
}

const chunkSize = 256 * 1024;

/** The bytes of a snapshot, as they come. */
export async function* encodeSnapshot(source: SnapshotSource): AsyncGenerator<Buffer, void> {
  yield Buffer.from(firstLine());
  // Fast rather than small: JSON becomes a fifth at any level.
  const gzip = createGzip({ level: 1, chunkSize });
  // Whoever reads the end of the pipe hears of an error anywhere in it.
  yield* pipeline(
    Readable.from(plainBytes(source), { objectMode: false }),
    gzip,
    () => undefined,
  ) as AsyncIterable<Buffer>;
}

async function* plainBytes(source: SnapshotSource): AsyncGenerator<Buffer> {
  const encoder = new SnapshotEncoder();
  yield encoder.header(source.header);
  for await (const records of source.records()) if (records.length > 0) yield encoder.records(records);
  yield encoder.end();
}

/** A snapshot being read. `trailer` is known once all records have been, and only then are they known to be sound. */
export interface SnapshotReading extends SnapshotSource {
  readonly trailer: SnapshotTrailer | undefined;
}

/** Begins to read a snapshot: resolves once its header is there. Throws SnapshotError, here and from `records`. */
export async function decodeSnapshot(bytes: AsyncIterable<Uint8Array>): Promise<SnapshotReading> {
  const decoder = new SnapshotDecoder();
  let trailer: SnapshotTrailer | undefined;
  const batches = decode(bytes, decoder, (end) => (trailer = end));
  // The header is in the first chunk, with records behind it.
  const first = await batches.next();
  const header = decoder.header;
  if (!header) throw truncated();
  return {
    header,
    get trailer() {
      return trailer;
    },
    async *records() {
      if (!first.done) yield first.value;
      yield* batches;
    },
  };
}

async function* decode(
  bytes: AsyncIterable<Uint8Array>,
  decoder: SnapshotDecoder,
  finished: (trailer: SnapshotTrailer) => void,
): AsyncGenerator<readonly SnapshotRecord[], void> {
  const gunzip = createGunzip({ chunkSize });
  const plain = pipeline(Readable.from(withoutFirstLine(bytes), { objectMode: false }), gunzip, () => undefined);
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      const records = decoder.push(chunk);
      if (decoder.header) yield records;
    }
  } catch (error) {
    throw explained(error);
  }
  finished(decoder.finish());
}

async function* withoutFirstLine(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (!start) {
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      continue;
    }
    start = Buffer.concat([start, chunk]);
    const line = readFirstLine(start);
    if (!line) continue;
    if (start.length > line.length) yield start.subarray(line.length);
    start = undefined;
  }
  if (start) throw start.length === 0 ? new SnapshotError('it is empty') : truncated();
}

/** What zlib says of damage, said otherwise; any other error is left as it is. */
function explained(error: unknown): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return truncated();
  return code.startsWith('Z_') ? damaged(messageOf(error)) : error;
}
