import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { CacheEvent, WatchEventType } from '../cache/cache-event.ts';
import type { WatchTarget } from '../resources/watch-objects.ts';
import { partialMetadata, renderTable } from '../table/table.ts';
import type { ResponseStream } from './exchange.ts';
import type { AnswerForm } from './responses.ts';

/** Bytes that a client may be behind, beyond what it got at once at the start, before it is cut off. */
const maxBehind = 8 * 1024 * 1024;

/** Options of a watch response. */
export interface WatchResponseOptions {
  readonly resource: Resource;
  readonly form: AnswerForm;
  readonly bookmarks: boolean;
  /** The clock's milliseconds, for the ages in tables. */
  readonly now: () => number;
}

/** A watch whose events go out as lines of JSON. What happens at once goes out in one write. */
export class WatchResponse implements WatchTarget {
  readonly #stream: ResponseStream;
  readonly #options: WatchResponseOptions;
  #pending: (Buffer | string)[] = [];
  #allowed = Number.POSITIVE_INFINITY;
  #headerSent = false;
  #ended = false;

  constructor(stream: ResponseStream, options: WatchResponseOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** From now on a client that does not keep up is cut off. */
  live(): void {
    this.#flush();
    this.#allowed = this.#stream.waiting + maxBehind;
  }

  event(event: CacheEvent, type: WatchEventType): void {
    const { representation, encoding } = this.#options.form;
    if (representation === 'object' && encoding === 'json') this.#push(event.frame(type));
    else this.#push(`${JSON.stringify({ type, object: this.#represent(event.object.object) })}\n`);
  }

  bookmark(revision: number): void {
    if (this.#options.bookmarks) this.#push(this.#bookmarkLine(revision, {}));
  }

  initialEventsEnd(revision: number): void {
    this.#push(this.#bookmarkLine(revision, { annotations: { 'k8s.io/initial-events-end': 'true' } }));
  }

  end(): void {
    if (this.#ended) return;
    this.#flush();
    this.#ended = true;
    this.#stream.end();
  }

  #bookmarkLine(revision: number, more: object): string {
    const { resource, form } = this.#options;
    const { kind, apiVersion } = resource;
    const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...more };
    const bare = { kind, apiVersion, metadata };
    const object =
      form.representation === 'metadata'
        ? { ...bare, kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }
        : bare;
    if (form.representation !== 'table') return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
    const table = {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      columnDefinitions: null,
      rows: [{ cells: [], object }],
    };
    return `${JSON.stringify({ type: 'BOOKMARK', object: table })}\n`;
  }

  #represent(object: ApiObject): unknown {
    const { resource, form, now } = this.#options;
    if (form.representation === 'metadata') return partialMetadata(object);
    if (form.representation !== 'table') return object;
    const { resourceVersion } = object.metadata;
    const options = { ...form, now: now(), metadata: { resourceVersion }, withColumns: !this.#headerSent };
    this.#headerSent = true;
    return renderTable(resource, [object], options);
  }

  #push(line: Buffer | string): void {
    if (this.#ended) return;
    if (this.#pending.length === 0) queueMicrotask(() => this.#flush());
    this.#pending.push(line);
  }

  #flush(): void {
    const pending = this.#pending;
    if (pending.length === 0 || this.#ended) return;
    this.#pending = [];
    const [first] = pending;
    if (pending.length === 1) this.#stream.write(first!);
    else
      this.#stream.write(Buffer.concat(pending.map((line) => (typeof line === 'string' ? Buffer.from(line) : line))));
    if (this.#stream.waiting <= this.#allowed) return;
    this.#ended = true;
    this.#stream.abort();
  }
}
