import type { StatusError } from '../../base/errors.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { CacheEvent, WatchEventType } from '../cache/cache-event.ts';
import type { StoredObject } from '../cache/stored-object.ts';
import type { WatchTarget } from '../resources/watch-objects.ts';
import { renderTable } from '../table/table.ts';
import { answerSchema } from './answer-schemas.ts';
import type { ResponseStream } from './exchange.ts';
import type { FlushSchedule, Flushable, JoinFrames } from './flush-schedule.ts';
import { addedFrames, encodingOf, formName, memberReader, shownType } from './responses.ts';
import type { AnswerForm } from './responses.ts';
import { metaDocuments } from '../../machinery/meta-documents.ts';

/** Bytes that a client may be behind, beyond what it got at once at the start, before it is cut off. */
const maxBehind = 8 * 1024 * 1024;

/** Options of a watch response. */
export interface WatchResponseOptions {
  readonly resource: Resource;
  readonly form: AnswerForm;
  readonly bookmarks: boolean;
  readonly schedule: FlushSchedule;
  /** The clock's milliseconds, for the ages in tables. */
  readonly now: () => number;
}

/** A watch whose events go out as they happen, in the form that was agreed upon. */
export class WatchResponse implements WatchTarget, Flushable {
  readonly #stream: ResponseStream;
  readonly #options: WatchResponseOptions;
  readonly #member: (object: StoredObject) => Buffer;
  /** What frames of each type are called where they are kept. */
  readonly #names: Readonly<Record<WatchEventType, string>>;
  #pending: Buffer[] = [];
  #allowed = Number.POSITIVE_INFINITY;
  #headerSent = false;
  #ended = false;

  constructor(stream: ResponseStream, options: WatchResponseOptions) {
    this.#stream = stream;
    this.#options = options;
    const { resource, form } = options;
    this.#member = memberReader(resource, form);
    const name = formName(form);
    this.#names = { ADDED: `ADDED ${name}`, MODIFIED: `MODIFIED ${name}`, DELETED: `DELETED ${name}` };
  }

  /** From now on a client that does not keep up is cut off. */
  live(): void {
    this.flush(Buffer.concat);
    this.#allowed = this.#stream.waiting + maxBehind;
  }

  initial(objects: readonly StoredObject[]): void {
    const { resource, form } = this.#options;
    if (objects.length === 0) return;
    if (form.representation !== 'table') this.#push(addedFrames(resource, objects, form));
    else for (const { object } of objects) this.#push(this.#tableLine('ADDED', object));
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

  /** Tells why the watch ends, and ends it. */
  fail(error: StatusError): void {
    const encoding = encodingOf(this.#options.form);
    const status = error.toStatus();
    this.#push(encoding.event('ERROR', status, encoding.member(answerSchema('Status'), status)));
    this.end();
  }

  end(): void {
    if (this.#ended) return;
    this.flush(Buffer.concat);
    this.#ended = true;
    this.#stream.end();
  }

  #bookmarkFrame(revision: number, more: object): Buffer {
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
    return lineOf({ type: 'BOOKMARK', object: table });
  }

  #tableLine(type: WatchEventType, object: ApiObject): Buffer {
    const { resource, form, now } = this.#options;
    const { resourceVersion } = object.metadata;
    const metadata = { resourceVersion };
    const withColumns = !this.#headerSent;
    this.#headerSent = true;
    const options = { ...form, now: now(), metadata, withColumns, version: form.as?.version };
    return lineOf({ type, object: renderTable(resource, [object], options) });
  }

  /** Writes what has gathered. A client that is too far behind is cut off. */
  flush(join: JoinFrames): void {
    const pending = this.#pending;
    if (pending.length === 0 || this.#ended) return;
    this.#pending = [];
    this.#stream.write(join(pending));
    if (this.#stream.waiting <= this.#allowed) return;
    this.#ended = true;
    this.#stream.abort();
  }

  #push(frame: Buffer): void {
    if (this.#ended) return;
    this.#pending.push(frame);
    if (this.#pending.length === 1) this.#options.schedule.add(this);
  }
}

function lineOf(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
