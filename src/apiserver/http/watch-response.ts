import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { CacheEvent, WatchEventType } from '../cache/cache-event.ts';
import type { StoredObject } from '../cache/stored-object.ts';
import type { WatchTarget } from '../resources/watch-objects.ts';
import { renderTable } from '../table/table.ts';
import type { ResponseStream } from './exchange.ts';
import { encodingOf, memberReader, shownType } from './responses.ts';
import type { AnswerForm } from './responses.ts';
import { metaDocuments } from '../../machinery/meta-documents.ts';

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

/** A watch whose events go out as they happen, in the form that was agreed upon. What happens at once goes out in one write. */
export class WatchResponse implements WatchTarget {
  readonly #stream: ResponseStream;
  readonly #options: WatchResponseOptions;
  readonly #member: (object: StoredObject) => Buffer;
  /** What frames of each type are called where they are kept. */
  readonly #names: Readonly<Record<WatchEventType, string>>;
  #pending: (Buffer | string)[] = [];
  #allowed = Number.POSITIVE_INFINITY;
  #headerSent = false;
  #ended = false;

  constructor(stream: ResponseStream, options: WatchResponseOptions) {
    this.#stream = stream;
    this.#options = options;
    const { resource, form } = options;
    this.#member = memberReader(resource, form);
    const name = `${form.encoding} ${form.representation} ${form.as?.version ?? ''}`;
    this.#names = { ADDED: `ADDED ${name}`, MODIFIED: `MODIFIED ${name}`, DELETED: `DELETED ${name}` };
  }

  /** From now on a client that does not keep up is cut off. */
  live(): void {
    this.#flush();
    this.#allowed = this.#stream.waiting + maxBehind;
  }

  event(event: CacheEvent, type: WatchEventType): void {
    if (this.#options.form.representation === 'table') this.#push(this.#tableLine(type, event.object.object));
    else this.#push(event.frame(this.#names[type], () => this.#frame(type, event)));
  }

  #frame(type: WatchEventType, { object }: CacheEvent): Buffer {
    const { resource, form } = this.#options;
    return encodingOf(form).event(type, shownType(resource, form), this.#member(object));
  }

  bookmark(revision: number): void {
    if (this.#options.bookmarks) this.#push(this.#bookmarkFrame(revision, {}));
  }

  initialEventsEnd(revision: number): void {
    this.#push(this.#bookmarkFrame(revision, { annotations: { 'k8s.io/initial-events-end': 'true' } }));
  }

  end(): void {
    if (this.#ended) return;
    this.#flush();
    this.#ended = true;
    this.#stream.end();
  }

  #bookmarkFrame(revision: number, more: object): Buffer | string {
    const { resource, form } = this.#options;
    const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...more };
    const { kind, apiVersion } = shownType(resource, form);
    const object = { kind, apiVersion, metadata };
    if (form.representation !== 'table') {
      const encoding = encodingOf(form);
      const schema = form.representation === 'metadata' ? metaDocuments.PartialObjectMetadata : resource.schema;
      return encoding.event('BOOKMARK', object, encoding.member(schema, object));
    }
    const table = {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${form.as?.version ?? 'v1'}`,
      metadata,
      columnDefinitions: null,
      rows: [{ cells: [], object }],
    };
    return `${JSON.stringify({ type: 'BOOKMARK', object: table })}\n`;
  }

  #tableLine(type: WatchEventType, object: ApiObject): string {
    const { resource, form, now } = this.#options;
    const { resourceVersion } = object.metadata;
    const metadata = { resourceVersion };
    const withColumns = !this.#headerSent;
    this.#headerSent = true;
    const options = { ...form, now: now(), metadata, withColumns, version: form.as?.version };
    return `${JSON.stringify({ type, object: renderTable(resource, [object], options) })}\n`;
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
