import { createHash } from 'node:crypto';
import type { SnapshotHeader, SnapshotRecord } from './snapshot-format.ts';
import { SnapshotError } from './snapshot-format.ts';
import type { SnapshotSource } from './snapshot-stream.ts';

/** Something that a snapshot's contents can be written to, as a whole. Disposing it before `commit` undoes what it can. */
export interface SnapshotTarget extends AsyncDisposable {
  /** Called once, before any records. */
  begin(header: SnapshotHeader): Promise<void>;
  write(records: readonly SnapshotRecord[]): Promise<void>;
  /** Makes it last; resolves with what is there now, read back. */
  commit(): Promise<SnapshotContents>;
}

/** What a copy amounts to. Two with the same keys and values have the same digest, whatever their order. */
export interface SnapshotContents {
  readonly count: number;
  readonly digest: string;
}

/** Copies everything, and compares what has arrived with what was sent. Throws when they differ. */
export async function copySnapshot(
  source: SnapshotSource,
  target: SnapshotTarget,
  signal?: AbortSignal,
): Promise<SnapshotContents> {
  const sent = new ContentsDigest();
  await target.begin(source.header);
  for await (const records of source.records()) {
    signal?.throwIfAborted();
    sent.add(records);
    await target.write(records);
  }
  const contents = sent.contents;
  const arrived = await target.commit();
  if (arrived.count !== contents.count || arrived.digest !== contents.digest) {
    throw new SnapshotError(
      `${contents.count} values were written, and ${arrived.count} were found afterwards, or others: something else writes there`,
    );
  }
  return contents;
}

/** Digests keys and values, in any order. */
export class ContentsDigest {
  readonly #sum = new Uint8Array(32);
  #count = 0;

  add(records: readonly Pick<SnapshotRecord, 'key' | 'value'>[]): void {
    this.#count += records.length;
    for (const { key, value } of records) {
      const hash = createHash('sha256').update(key).update('\0').update(value).digest();
      // A sum does not depend on the order. It need not withstand anybody who looks for collisions.
      for (let i = 0; i < hash.length; i++) this.#sum[i] = (this.#sum[i]! + hash[i]!) & 0xff;
    }
  }

  get contents(): SnapshotContents {
    return { count: this.#count, digest: Buffer.from(this.#sum).toString('hex') };
  }
}
