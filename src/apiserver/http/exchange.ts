import type { IncomingHttpHeaders } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { RequestAudit } from '../audit/request-audit.ts';

/** Headers of a response; a list becomes as many lines. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Bytes that are put together while they are written. */
export interface LazyPiece {
  readonly length: number;
  /** All of it, in parts of about `size` bytes. */
  parts(size: number): Iterable<Buffer>;
}

/** A whole body; pieces follow one another. */
export type ResponseBody = Buffer | string | readonly (Buffer | LazyPiece)[];

/**
 * Bytes of a body that Node gets at a time. A client may allow any number of bytes ahead, as Go's do; given them all, Node
 * would copy and encrypt the whole body in one go: out of the processor's caches, which takes several times as long, and
 * with every other request waiting meanwhile.
 */
export const largestWrite = 256 * 1024;

/** The bytes of a body. */
export function bodyLength(body: ResponseBody): number {
  if (inPieces(body)) return body.reduce((sum, { length }) => sum + length, 0);
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}

/** Whether a body comes in pieces. */
export function inPieces(body: ResponseBody): body is readonly (Buffer | LazyPiece)[] {
  return Array.isArray(body);
}

/** Writes a body to its end, the pieces together; what is not there yet, in turns. */
export function endWith(stream: Writable, body: ResponseBody): void {
  if (!inPieces(body)) return void stream.end(body);
  if (!body.every((piece) => Buffer.isBuffer(piece))) return endInTurns(stream, body);
  stream.cork();
  for (const piece of body) stream.write(piece);
  stream.end();
}

/** Writes a large body to its end, each part when the one before has gone out; `size` says how many bytes the next one has. */
export function endInTurns(stream: Writable, body: ResponseBody, size?: () => number): void {
  const parts = partsOf(body, size);
  const next = (): void => {
    if (stream.destroyed) return;
    const { value, done } = parts.next();
    if (done) stream.end();
    else stream.write(value, next);
  };
  next();
}

/** A body in parts that are written at once. */
export function* partsOf(body: ResponseBody, size = (): number => largestWrite): Generator<Buffer, void> {
  const pieces = inPieces(body) ? body : [typeof body === 'string' ? Buffer.from(body) : body];
  for (const piece of pieces) {
    for (const part of Buffer.isBuffer(piece) ? [piece] : piece.parts(largestWrite)) {
      for (let at = 0; at < part.length;) {
        const end = at + size();
        yield part.subarray(at, end);
        at = end;
      }
    }
  }
}

/** A response whose body comes bit by bit. */
export interface ResponseStream {
  write(chunk: Buffer | string): void;
  /** Bytes written that the client has not taken yet. */
  readonly waiting: number;
  /** Calls back once when what was waiting has been taken, or nobody will take it any more. */
  onDrain(callback: () => void): void;
  end(): void;
  /** Breaks the connection off, so that the client sees that the body is incomplete. */
  abort(): void;
}

/** One request and its response, over HTTP/1.1 or HTTP/2. */
export interface Exchange {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, one header a line: `headers` has the lines of one name joined. */
  readonly rawHeaders: readonly string[];
  /** DER of the client's verified certificate. */
  readonly certificate: Buffer | undefined;
  /** The client presented a certificate that the server's authorities did not sign. */
  readonly badCertificate: boolean;
  /** The other end of the connection. */
  readonly remoteAddress: string | undefined;
  /** What is recorded of it, if anything is. */
  readonly audit?: RequestAudit | undefined;
  /** Headers of the answer, whatever it will be. */
  standing: ResponseHeaders;
  /** The body; throws StatusError RequestEntityTooLarge beyond `limit` bytes. */
  body(limit: number): Promise<Buffer>;
  /** The body as it comes, for handing on. */
  readonly bodyStream: Readable;
  /** Answers with a whole body. */
  respond(status: number, headers: ResponseHeaders, body: ResponseBody): void;
  /** Answers with a body that follows. */
  stream(status: number, headers: ResponseHeaders): ResponseStream;
  /** Bytes of the answer that have been written and not sent; more of them may follow. */
  readonly unsent: number;
  /** The status of the answer; undefined before it has begun. */
  readonly status: number | undefined;
  /** Whether nothing more will be sent or read. */
  readonly isOver: boolean;
  /** Calls back once when the exchange is over, however it ended. */
  onClose(callback: () => void): void;
}
