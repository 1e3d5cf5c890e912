import { ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { bodyLength, endWith } from './exchange.ts';
import type { Exchange, ResponseBody, ResponseHeaders, ResponseStream } from './exchange.ts';
import { peerCertificate } from './peer-certificate.ts';
import { onDrain } from './on-drain.ts';
import { readBody } from './read-body.ts';

/** An exchange over HTTP/1.1. */
export class H1Exchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly certificate: Buffer | undefined;
  readonly badCertificate: boolean;
  standing: ResponseHeaders = {};
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    this.method = request.method ?? 'GET';
    this.target = request.url ?? '/';
    this.headers = request.headers;
    this.rawHeaders = request.rawHeaders;
    const peer = peerCertificate(request.socket, () => request.socket as TLSSocket);
    this.certificate = peer.certificate;
    this.badCertificate = peer.badCertificate;
    response.on('error', () => undefined);
  }

  /** Of a request that asks for another protocol; it is answered on the socket, not here. */
  static ofUpgrade(request: IncomingMessage): H1Exchange {
    return new H1Exchange(request, new ServerResponse(request));
  }

  body(limit: number): Promise<Buffer> {
    return readBody(this.#request, { limit, length: undefined });
  }

  get bodyStream(): Readable {
    return this.#request;
  }

  get remoteAddress(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  get unsent(): number {
    return this.#response.writableLength;
  }

  get status(): number | undefined {
    return this.#response.headersSent ? this.#response.statusCode : undefined;
  }

  respond(status: number, headers: ResponseHeaders, body: ResponseBody): void {
    if (this.#response.destroyed || this.#response.headersSent) return;
    // What is left of a body would be taken for the next request.
    const unread = this.#request.complete || !hasBody(this.#request) ? {} : { connection: 'close' };
    this.#response.writeHead(status, {
      ...outgoing(this.standing),
      ...outgoing(headers),
      'content-length': bodyLength(body),
      ...unread,
    });
    if (this.method === 'HEAD') this.#response.end();
    else endWith(this.#response, body);
    this.#request.resume();
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    const response = this.#response;
    response.writeHead(status, { ...outgoing(this.standing), ...outgoing(headers) });
    response.flushHeaders();
    return {
      write: (chunk) => void (response.destroyed || response.writableEnded || response.write(chunk)),
      get waiting() {
        return response.writableLength;
      },
      onDrain: (callback) => onDrain(response, callback),
      end: () => void response.end(),
      abort: () => void response.destroy(),
    };
  }

  get isOver(): boolean {
    return this.#response.destroyed;
  }

  onClose(callback: () => void): void {
    if (this.#response.destroyed) callback();
    else this.#response.once('close', callback);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function outgoing(headers: ResponseHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}
