import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { bodyLength, endInTurns, endWith, largestWrite } from './exchange.ts';
import type { Exchange, ResponseBody, ResponseHeaders, ResponseStream } from './exchange.ts';
import { peerCertificate } from './peer-certificate.ts';
import { onDrain } from './on-drain.ts';
import { readBody } from './read-body.ts';
import { shareOfConnection } from './connection-share.ts';

/** An exchange on a stream of an HTTP/2 connection. */
export class H2Exchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly certificate: Buffer | undefined;
  readonly badCertificate: boolean;
  standing: ResponseHeaders = {};
  readonly #stream: ServerHttp2Stream;
  #status: number | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]) {
    this.#stream = stream;
    this.headers = headers;
    this.rawHeaders = rawHeaders;
    this.method = headers[':method'] ?? 'GET';
    this.target = headers[':path'] ?? '/';
    const { session } = stream;
    const peer = session && peerCertificate(session, () => session.socket as TLSSocket);
    this.certificate = peer?.certificate;
    this.badCertificate = peer?.badCertificate ?? false;
    // A client that goes away in the middle of something is no error of the server.
    stream.on('error', ignore);
  }

  body(limit: number): Promise<Buffer> {
    return readBody(this.#stream, { limit, length: this.headers['content-length'] });
  }

  get bodyStream(): Readable {
    return this.#stream;
  }

  get remoteAddress(): string | undefined {
    return this.#stream.session?.socket.remoteAddress;
  }

  get unsent(): number {
    return this.#stream.writableLength;
  }

  get status(): number | undefined {
    return this.#status;
  }

  respond(status: number, headers: ResponseHeaders, body: ResponseBody): void {
    const stream = this.#stream;
    if (stream.destroyed || this.#status !== undefined) return;
    const length = bodyLength(body);
    this.#begin(status, headers, length);
    // Node has ended it already where there must be no body.
    if (this.method !== 'HEAD') {
      if (length <= largestWrite) endWith(stream, body);
      else {
        // Node resets a stream that nobody has read from as soon as it has the last part, be it sent or not.
        if (stream.readableFlowing === null) stream.resume();
        endInTurns(stream, body, shareOfConnection(stream));
      }
    }
    // What was not read of a body must not keep the stream open. A stream that has none is left alone: read to its end
    // before the answer is out, Node would make an error with a stack trace, which costs more than the answer itself.
    if (!stream.endAfterHeaders && stream.readableFlowing === null) stream.resume();
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    const stream = this.#stream;
    if (!stream.destroyed) this.#begin(status, headers);
    return {
      write: (chunk) => void (stream.destroyed || stream.writableEnded || stream.write(chunk)),
      get waiting() {
        return stream.writableLength;
      },
      onDrain: (callback) => onDrain(stream, callback),
      end: () => void stream.end(),
      // Without an error, Node would end the body as if it were whole.
      abort: () => void stream.destroy(new Error('the response is broken off')),
    };
  }

  get isOver(): boolean {
    return this.#stream.destroyed;
  }

  onClose(callback: () => void): void {
    if (this.#stream.destroyed) callback();
    else this.#stream.once('close', callback);
  }

  #begin(status: number, headers: ResponseHeaders, length?: number): void {
    this.#status = status;
    const list = [':status', String(status)];
    addHeaders(list, this.standing, headers);
    addHeaders(list, headers);
    if (length !== undefined) list.push('content-length', String(length));
    this.#stream.respond(list);
    if (this.#isRefusedStranger(status)) this.#stream.session?.close();
  }

  /**
   * Strangers that are refused ask the next time on another connection, so that opening and resetting streams without end
   * costs them, too. Source: apiserver's UnauthenticatedHTTP2DOSMitigation (CVE-2023-44487).
   */
  #isRefusedStranger(status: number): boolean {
    return status === 401 || (status === 403 && !this.certificate && this.headers.authorization === undefined);
  }
}

function ignore(): void {}

/** Names and values in turn, which Node takes without copying; but for those that others are to stand in for. */
function addHeaders(list: string[], headers: ResponseHeaders, others?: ResponseHeaders): void {
  for (const name in headers) {
    if (others && name in others) continue;
    const value = headers[name]!;
    if (typeof value === 'string') list.push(name, value);
    else for (const each of value) list.push(name, each);
  }
}
