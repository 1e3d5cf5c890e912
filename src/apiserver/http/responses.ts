/** Turns answers into bytes, in the form that was agreed upon. */
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { dump } from 'js-yaml';
import { StatusError, messageOf } from '../../base/errors.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { Answer } from '../api.ts';
import { StoredObject } from '../cache/stored-object.ts';
import type { ListPage } from '../resources/list-objects.ts';
import { partialMetadata, partialMetadataList, renderTable } from '../table/table.ts';
import type { IncludeObject } from '../table/table.ts';
import type { AgreedForm } from './content-negotiation.ts';
import { isPretty } from './content-negotiation.ts';
import type { Exchange, ResponseHeaders } from './exchange.ts';

/** How an answer is to look. */
export interface AnswerForm extends AgreedForm {
  readonly includeObject: IncludeObject;
  /** Indented JSON, for people. */
  readonly pretty: boolean;
  readonly now: number;
}

/** The bytes of one object. */
export function encodeAnswer(resource: Resource, answer: Answer, form: AnswerForm): Buffer | string {
  const stored = answer instanceof StoredObject;
  if (stored && isAsStored(form)) return answer.bytes;
  const object = (stored ? answer.object : answer) as ApiObject;
  return encode(represent(resource, object, form), form);
}

/** Whether objects go out as the bytes that they are kept as. */
function isAsStored({ representation, encoding, pretty }: AnswerForm): boolean {
  return representation === 'object' && encoding === 'json' && !pretty;
}

/** An object in another representation. A Status and the like are always shown as they are. */
function represent(resource: Resource, object: ApiObject, form: AnswerForm): unknown {
  if (object.kind !== resource.kind) return object;
  if (form.representation === 'metadata') return partialMetadata(object);
  if (form.representation !== 'table') return object;
  const { resourceVersion } = object.metadata;
  return renderTable(resource, [object], { ...form, metadata: { resourceVersion } });
}

/** The bytes of a list. Items go in as they are, without being parsed. */
export function encodeList(resource: Resource, page: ListPage, form: AnswerForm): Buffer | string {
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  if (!isAsStored(form)) {
    const objects = page.items.map(({ object }) => object);
    if (form.representation === 'table') return encode(renderTable(resource, objects, { ...form, metadata }), form);
    if (form.representation === 'metadata') return encode(partialMetadataList(objects, metadata), form);
    return encode({ kind: resource.listKind, apiVersion: resource.apiVersion, metadata, items: objects }, form);
  }
  const head = { kind: resource.listKind, apiVersion: resource.apiVersion, metadata };
  const parts: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`)];
  page.items.forEach(({ bytes }, index) => {
    if (index > 0) parts.push(comma);
    parts.push(bytes);
  });
  parts.push(listEnd);
  return Buffer.concat(parts);
}

const comma = Buffer.from(',');
const listEnd = Buffer.from(']}');

function encode(value: unknown, { encoding, pretty }: Pick<AnswerForm, 'encoding' | 'pretty'>): string {
  if (encoding === 'yaml') return dump(value, { noRefs: true });
  return pretty ? `${JSON.stringify(value, undefined, 2)}\n` : JSON.stringify(value);
}

/** The content type of an answer. */
export function contentType({ encoding }: AgreedForm): string {
  return encoding === 'yaml' ? 'application/yaml' : 'application/json';
}

/** What the next request would be answered by may be another answer. */
export const notCached = { 'cache-control': 'no-cache, private' } as const;

/** Bodies from this size on are compressed for clients that can unpack them. Source: apiserver's responsewriters. */
const compressedFrom = 128 * 1024;
const compress = promisify(gzip);

/** Sends a body, compressed if that is worth it. */
export function sendBody(exchange: Exchange, answer: WholeAnswer): Promise<void> | void {
  const { status, headers, body } = answer;
  const worthIt = body.length >= compressedFrom && /\bgzip\b/.test(exchange.headers['accept-encoding'] ?? '');
  return worthIt ? sendCompressed(exchange, answer) : exchange.respond(status, headers, body);
}

interface WholeAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: Buffer | string;
}

async function sendCompressed(exchange: Exchange, { status, headers, body }: WholeAnswer): Promise<void> {
  const packed = await compress(body, { level: 1 });
  exchange.respond(status, { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }, packed);
}

/** Anything thrown as a StatusError; what is not one is the server's own failure. */
export function asStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  return new StatusError('InternalError', `Internal error occurred: ${messageOf(error)}`, { cause: error });
}

/** Answers with an error's Status. */
export function sendError(exchange: Exchange, error: StatusError): void {
  const seconds = error.details?.retryAfterSeconds;
  exchange.respond(
    error.code,
    {
      'content-type': 'application/json',
      ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
      ...(error.code === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
    `${JSON.stringify(error.toStatus(), undefined, isPretty(exchange) ? 2 : 0)}\n`,
  );
}
