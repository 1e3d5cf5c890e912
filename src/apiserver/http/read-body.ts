import type { Readable } from 'node:stream';
import { StatusError } from '../../base/errors.ts';

/** Left in a stream that is not to end yet. */
const unread = Buffer.alloc(1);

/** What is known of a body before it is read. */
export interface ExpectedBody {
  /** Bytes at most. */
  readonly limit: number;
  /** The content-length header, where a stream of exactly that length is certain: HTTP/2 resets streams that differ. */
  readonly length: string | undefined;
}

/**
 * Reads a body; throws StatusError RequestEntityTooLarge beyond `limit` bytes. The stream itself is left in working order
 * then, so that it can still be answered on: what follows is read and dropped.
 */
export function readBody(stream: Readable, { limit, length }: ExpectedBody): Promise<Buffer> {
  // Where something was waited for first, an empty body is over already, and nothing would tell of its end again.
  if (stream.readableEnded) return Promise.resolve(Buffer.alloc(0));
  if (stream.destroyed) return Promise.reject(clientGone());
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const expected = length === undefined ? Number.NaN : Number(length);
  const chunks: Buffer[] = [];
  let size = 0;
  const done = (): void => {
    settled = true;
    resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
  };
  let settled = false;
  stream.on('data', (chunk: Buffer) => {
    if (settled) return;
    size += chunk.length;
    if (size > limit) {
      chunks.length = 0;
      reject(new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${limit}`));
      return;
    }
    chunks.push(chunk);
    if (size !== expected) return;
    // The end need not be waited for, and must not come before the answer is out: see H2Exchange.respond for why.
    stream.pause();
    stream.unshift(unread);
    stream.once('finish', () => stream.resume());
    done();
  });
  // Where the length is known, it is there before the end.
  if (!(expected > 0)) stream.on('end', done);
  stream.on('error', reject);
  stream.on('close', () => {
    // An error is not made in vain: its stack trace costs more than the reading.
    if (!settled) reject(clientGone());
  });
  return promise;
}

function clientGone(): StatusError {
  return new StatusError('BadRequest', 'the client has gone before its request was complete');
}
