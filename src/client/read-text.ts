import type { Readable } from 'node:stream';

/**
 * All that a response says, as text. Rejects when it is broken off. Not an iteration: of an HTTP/2 stream that was over
 * before anybody looked, Node's iterator says "Premature close" once it has given out everything.
 */
export function readText(body: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const finish = (): void => resolve(Buffer.concat(chunks).toString('utf8'));
    const breakOff = (): void => reject(body.errored ?? new Error('the answer was broken off'));
    if (body.readableEnded) return finish();
    if (body.destroyed) return breakOff();
    body.on('data', (chunk: Buffer) => void chunks.push(chunk));
    body.once('end', finish).once('error', reject).once('close', breakOff);
  });
}
