import type { Readable } from 'node:stream';
import { StatusError } from '../../base/errors.ts';

/**
 * Reads a stream to its end; throws StatusError RequestEntityTooLarge beyond `limit` bytes. The stream itself is left in
 * working order then, so that it can still be answered on: what follows is read and dropped.
 */
export function readBody(stream: Readable, limit: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    reject(new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${limit}`));
  });
  stream.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
  stream.on('error', reject);
  stream.on('close', () =>
    reject(new StatusError('BadRequest', 'the client has gone before its request was complete')),
  );
  return promise;
}
