import { open } from 'node:fs/promises';
import type { ByteSink } from './byte-sink.ts';
import { paddingOf, tarEnd, tarHeader, type TarEntry } from './tar-format.ts';

const chunkBytes = 1024 * 1024;

/** Writes a tar archive, member by member, holding at most one chunk of content in memory. */
export class TarWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** A member without content: folder or link. */
  async add(entry: TarEntry): Promise<void> {
    await this.#sink.write(tarHeader(entry));
  }

  /** A file whose content is at hand. */
  async addBytes(entry: Omit<TarEntry, 'type' | 'size'>, content: Uint8Array): Promise<void> {
    await this.#sink.write(tarHeader({ ...entry, type: 'file', size: content.length }));
    await this.#sink.write(content);
    await this.#pad(content.length);
  }

  /** A file copied from the disk; at most its first `limit` bytes. */
  async addFile(entry: Omit<TarEntry, 'type' | 'size'>, source: string, limit = Infinity): Promise<void> {
    await using file = await open(source, 'r');
    const size = Math.min((await file.stat()).size, limit);
    await this.#sink.write(tarHeader({ ...entry, type: 'file', size }));
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(size, 1)));
    for (let done = 0; done < size;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - done), done);
      if (bytesRead === 0) throw new Error(`${source} became shorter while it was read`);
      await this.#sink.write(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
    await this.#pad(size);
  }

  /** Ends the archive and its sink. */
  async finish(): Promise<void> {
    await this.#sink.write(tarEnd);
    await this.#sink.end();
  }

  async #pad(size: number): Promise<void> {
    const padding = paddingOf(size);
    if (padding > 0) await this.#sink.write(tarEnd.subarray(0, padding));
  }
}
