import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';

/** Where bytes go, in order. `end` resolves once all have arrived. */
export interface ByteSink {
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

/** A sink that knows the digest (`sha256:…`) and the number of the bytes that passed through it. */
export interface DigestSink extends ByteSink {
  digest(): string;
  size(): number;
}

const bufferBytes = 1024 * 1024;

/** Writes to a file from `position` on, in large pieces. The file stays open. */
export function fileSink(file: FileHandle, position: number): ByteSink {
  const buffer = Buffer.allocUnsafe(bufferBytes);
  let filled = 0;
  let at = position;
  const put = async (chunk: Uint8Array): Promise<void> => {
    for (let done = 0; done < chunk.length;) {
      const { bytesWritten } = await file.write(chunk, done, chunk.length - done, at);
      done += bytesWritten;
      at += bytesWritten;
    }
  };
  const flush = async (): Promise<void> => {
    await put(buffer.subarray(0, filled));
    filled = 0;
  };
  return {
    async write(chunk) {
      if (filled + chunk.length > bufferBytes) await flush();
      if (chunk.length > bufferBytes) return put(chunk);
      buffer.set(chunk, filled);
      filled += chunk.length;
    },
    end: flush,
  };
}

/** Passes bytes on and digests them. */
export function digestSink(next: ByteSink): DigestSink {
  const hash = createHash('sha256');
  let count = 0;
  let digest = '';
  return {
    write(chunk) {
      hash.update(chunk);
      count += chunk.length;
      return next.write(chunk);
    },
    end: () => next.end(),
    digest: () => (digest ||= `sha256:${hash.digest('hex')}`),
    size: () => count,
  };
}

/** How a layer is compressed: gzip is read everywhere, zstd is faster both ways. */
export type Compression = 'gzip' | 'zstd';

/** Compresses bytes and passes them on. */
export function compressSink(compression: Compression, next: ByteSink): ByteSink {
  const compressor = compression === 'gzip' ? createGzip({ level: 6 }) : createZstdCompress({ params: zstdParameters });
  const drained = (async () => {
    for await (const chunk of compressor) await next.write(chunk);
  })();
  // Its failure also fails the write or the end that waits for it.
  drained.catch(() => undefined);
  return {
    // Resolves once the chunk is consumed: the caller may refill its buffer then.
    write: (chunk) =>
      new Promise((resolve, reject) => compressor.write(chunk, (error) => (error ? reject(error) : resolve()))),
    async end() {
      compressor.end();
      await drained;
      await next.end();
    },
  };
}

/** Level 1: a hundred megabytes in a third of a second, to two fifths of their size. */
const zstdParameters = { [constants.ZSTD_c_compressionLevel]: 1 };
