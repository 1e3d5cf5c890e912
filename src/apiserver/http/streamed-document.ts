import type { Exchange, ResponseStream } from './exchange.ts';

/** A document under a path of its own whose body is made while it is sent. Who may get it is decided as for any path. */
export interface StreamedDocument {
  readonly path: string;
  readonly contentType: string;
  /** Resolves when the body can begin; it ends early when nobody takes it any more. */
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** Bytes that may wait for the client before more are made. */
const maxWaiting = 1024 * 1024;

/** Sends a document as fast as the client takes it. Where making it fails, the connection breaks off: what was sent is no whole. */
export async function sendStreamed(exchange: Exchange, { contentType, open }: StreamedDocument): Promise<void> {
  const headers = { 'content-type': contentType };
  if (exchange.method === 'HEAD') return exchange.respond(200, headers, '');
  const body = await open();
  // Node hears of a client that has gone only where somebody reads.
  exchange.bodyStream.resume();
  const response = exchange.stream(200, headers);
  try {
    for await (const chunk of body) {
      if (exchange.isOver) return;
      response.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      if (response.waiting > maxWaiting) await drained(response);
    }
    response.end();
  } catch (error) {
    response.abort();
    throw error;
  }
}

function drained(response: ResponseStream): Promise<void> {
  return new Promise((resolve) => response.onDrain(resolve));
}
