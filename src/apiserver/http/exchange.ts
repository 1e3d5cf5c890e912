import type { IncomingHttpHeaders } from 'node:http';
import type { Readable, Writable } from 'node:stream';

/** Headers of a response; a list becomes as many lines. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

/** A whole body; pieces follow one another. */
export type ResponseBody = Buffer | string | readonly Buffer[];

/** The bytes of a body. */
export function bodyLength(body: ResponseBody): number {
  if (inPieces(body)) return body.reduce((sum, { length }) => sum + length, 0);
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}

/** Whether a body comes in pieces. */
export function inPieces(body: ResponseBody): body is readonly Buffer[] {
  return Array.isArray(body);
}

/** Writes a body to its end, the pieces together. */
export function endWith(stream: Writable, body: ResponseBody): void {
  if (!inPieces(body)) return void stream.end(body);
  stream.cork();
  for (const piece of body) stream.write(piece);
  stream.end();
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
  /** DER of the client's verified certificate. */
  readonly certificate: Buffer | undefined;
  /** The client presented a certificate that the server's authorities did not sign. */
  readonly badCertificate: boolean;
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
  /** The status of the answer; undefined before it has begun. */
  readonly status: number | undefined;
  /** Whether nothing more will be sent or read. */
  readonly isOver: boolean;
  /** Calls back once when the exchange is over, however it ended. */
  onClose(callback: () => void): void;
}
