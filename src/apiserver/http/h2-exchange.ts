import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Exchange, ResponseHeaders, ResponseStream } from './exchange.ts';
import { peerCertificate } from './peer-certificate.ts';
import { onDrain } from './on-drain.ts';
import { readBody } from './read-body.ts';

/** An exchange on a stream of an HTTP/2 connection. */
export class H2Exchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly certificate: Buffer | undefined;
  readonly badCertificate: boolean;
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.#stream = stream;
    this.headers = headers;
    this.method = headers[':method'] ?? 'GET';
    this.target = headers[':path'] ?? '/';
    const { session } = stream;
    const peer = session && peerCertificate(session, session.socket as TLSSocket);
    this.certificate = peer?.certificate;
    this.badCertificate = peer?.badCertificate ?? false;
    // A client that goes away in the middle of something is no error of the server.
    stream.on('error', () => undefined);
  }

  body(limit: number): Promise<Buffer> {
    return readBody(this.#stream, limit);
  }

  get bodyStream(): Readable {
    return this.#stream;
  }

  get status(): number | undefined {
    return this.#stream.headersSent ? Number(this.#stream.sentHeaders[':status']) : undefined;
  }

  respond(status: number, headers: ResponseHeaders, body: Buffer | string): void {
    if (this.#stream.destroyed || this.#stream.headersSent) return;
    this.#stream.respond({ ...headers, ':status': status, 'content-length': Buffer.byteLength(body) });
    this.#stream.end(body);
    // A body that was not read must not keep the stream open.
    if (!this.#stream.readableEnded) this.#stream.resume();
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    const stream = this.#stream;
    if (!stream.destroyed) stream.respond({ ...headers, ':status': status });
    return {
      write: (chunk) => void (stream.destroyed || stream.writableEnded || stream.write(chunk)),
      get waiting() {
        return stream.writableLength;
      },
      onDrain: (callback) => onDrain(stream, callback),
      end: () => void stream.end(),
      abort: () => stream.destroy(),
    };
  }

  onClose(callback: () => void): void {
    if (this.#stream.destroyed) callback();
    else this.#stream.once('close', callback);
  }
}
