import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Exchange, ResponseBody, ResponseHeaders, ResponseStream } from '../http/exchange.ts';
import { allRecorded } from './audit-backend.ts';
import type { Recorded } from './audit-backend.ts';
import type { RequestAudit } from './request-audit.ts';

/** An exchange that records how it is answered: before the client can have seen it, where it need not be waited for. */
export class AuditedExchange implements Exchange {
  readonly audit: RequestAudit;
  readonly #inner: Exchange;
  #status: number | undefined;

  constructor(inner: Exchange, audit: RequestAudit) {
    this.#inner = inner;
    this.audit = audit;
  }

  get method(): string {
    return this.#inner.method;
  }

  get target(): string {
    return this.#inner.target;
  }

  get headers(): IncomingHttpHeaders {
    return this.#inner.headers;
  }

  get certificate(): Buffer | undefined {
    return this.#inner.certificate;
  }

  get rawHeaders(): readonly string[] {
    return this.#inner.rawHeaders;
  }

  get badCertificate(): boolean {
    return this.#inner.badCertificate;
  }

  get remoteAddress(): string | undefined {
    return this.#inner.remoteAddress;
  }

  get standing(): ResponseHeaders {
    return this.#inner.standing;
  }

  set standing(headers: ResponseHeaders) {
    this.#inner.standing = headers;
  }

  get bodyStream(): Readable {
    return this.#inner.bodyStream;
  }

  get unsent(): number {
    return this.#inner.unsent;
  }

  get status(): number | undefined {
    return this.#status;
  }

  get isOver(): boolean {
    return this.#inner.isOver;
  }

  body(limit: number): Promise<Buffer> {
    return this.#inner.body(limit);
  }

  onClose(callback: () => void): void {
    this.#inner.onClose(callback);
  }

  respond(status: number, headers: ResponseHeaders, body: ResponseBody): void {
    if (this.#status !== undefined) return;
    this.#status = status;
    const started: Recorded = this.audit.isLong ? this.audit.started(status) : true;
    const recorded = allRecorded([started, this.audit.completed(status)]);
    const respond = (): void => this.#inner.respond(status, headers, body);
    if (recorded instanceof Promise) void recorded.then(respond);
    else respond();
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    this.#status = status;
    // Nobody can be kept waiting here, as bytes follow at once.
    if (this.audit.isLong) void this.audit.started(status);
    this.#inner.onClose(() => void this.audit.completed(status));
    return this.#inner.stream(status, headers);
  }
}
