/** Turns answers into bytes, in the form that was agreed upon. */
import { dump } from 'js-yaml';
import { StatusError, messageOf } from '../../base/errors.ts';
import { parseExactJson } from '../../base/exact-json.ts';
import { writtenYamlSchema } from '../../machinery/go-yaml-schema.ts';
import { metaDocuments } from '../../machinery/meta-documents.ts';
import type { TypeMeta } from '../../machinery/protobuf/envelope.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { Answer } from '../api.ts';
import { membersInList } from '../cache/object-bytes.ts';
import { isKeptPage } from '../cache/recent-pages.ts';
import { StoredObject } from '../cache/stored-object.ts';
import type { ListPage } from '../resources/list-objects.ts';
import { partialMetadata, renderTable } from '../table/table.ts';
import type { IncludeObject } from '../table/table.ts';
import { answerSchema } from './answer-schemas.ts';
import { compressed } from './compressed-body.ts';
import type { AgreedForm } from './content-negotiation.ts';
import { formFor, isPretty, mediaTypes, plainJson, plainOffer } from './content-negotiation.ts';
import { encodings } from './encodings.ts';
import type { Encoding, JoinedItems } from './encodings.ts';
import { bodyLength, partsOf } from './exchange.ts';
import type { Exchange, ResponseBody, ResponseHeaders } from './exchange.ts';
import { GatheredPiece } from './gathered-piece.ts';

/** How an answer is to look. */
export interface AnswerForm extends AgreedForm {
  readonly includeObject: IncludeObject;
  readonly now: number;
}

/** The bytes of one object. */
export function encodeAnswer(resource: Resource, answer: Answer, form: AnswerForm): Buffer | string {
  const { representation } = form;
  const stored = answer instanceof StoredObject;
  const { kind } = stored ? resource : (answer as unknown as ApiObject);
  // A Status and the like are always shown as they are.
  if (representation === 'object' || kind !== resource.kind) {
    if (!stored) return encodeObject(answer as unknown as ApiObject, form, resource);
    const { name, whole } = encodingOf(form);
    const member = memberReader(resource, form)(answer);
    return name === 'json' ? finished(member, form) : whole(resource, member);
  }
  const object = (stored ? answer.object : answer) as ApiObject;
  if (representation === 'table') {
    const { resourceVersion } = object.metadata;
    return encodeObject(tableOf(resource, [object], { form, metadata: { resourceVersion } }), form);
  }
  if (form.as?.kind === 'PartialObjectMetadataList') {
    throw notConvertible(`you requested PartialObjectMetadataList, but the requested object is not a list (*${kind})`);
  }
  return encodeObject(partialMetadata(object, form.as?.version), form);
}

/** The bytes of a list. Items go in as they are, without being parsed. */
export function encodeList(resource: Resource, page: ListPage, form: AnswerForm): ResponseBody {
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  if (form.representation === 'table') {
    const objects = page.items.map(({ object }) => object);
    return encodeObject(tableOf(resource, objects, { form, metadata }), form);
  }
  if (form.as?.kind === 'PartialObjectMetadata') {
    throw notConvertible(
      `you requested PartialObjectMetadata, but the requested object is a list (*${resource.listKind})`,
    );
  }
  const { apiVersion, kind } = shownType(resource, form);
  const listKind = form.representation === 'metadata' ? `${kind}List` : resource.listKind;
  const parts = encodingOf(form).list({ apiVersion, kind: listKind }, metadata, joinedItems(resource, page, form));
  return isWritten(form) ? finished(Buffer.concat([...partsOf(parts)]), form) : parts;
}

/** What was joined out of the items of pages, which are the same array while nothing has changed. */
const joined = new WeakMap<readonly StoredObject[], Map<string, Buffer>>();

function joinedOnce(items: readonly StoredObject[], name: string, join: () => Buffer): Buffer {
  let known = joined.get(items);
  if (!known) joined.set(items, (known = new Map()));
  let bytes = known.get(name);
  if (!bytes) known.set(name, (bytes = join()));
  return bytes;
}

function joinedItems(resource: Resource, { items }: ListPage, form: AnswerForm): JoinedItems {
  const inList = (): Buffer[] => items.map(itemReader(resource, form));
  const { pieces } = encodingOf(form);
  const count = items.length;
  const name = formName(form);
  // The sizes are added up for what is not joined yet: of thousands of objects that takes a tenth of a millisecond.
  if (joined.get(items)?.has(name) || isKeptPage(items)) {
    return { count, joined: joinedOnce(items, name, () => Buffer.concat([...pieces(inList())])) };
  }
  // The next one to ask gets another array: nobody would find what was joined.
  const all = inList();
  return { count, joined: new GatheredPiece(() => pieces(all)) };
}

/** The frames that tell a watch of what is there already. */
export function addedFrames(resource: Resource, items: readonly StoredObject[], form: AnswerForm): Buffer {
  const member = memberReader(resource, form);
  const type = shownType(resource, form);
  const frame = (object: StoredObject): Buffer => encodingOf(form).event('ADDED', type, member(object));
  return joinedOnce(items, `added ${formName(form)}`, () => Buffer.concat(items.map(frame)));
}

/** Tells forms of the same object apart. */
export function formName({ representation, encoding, as }: AgreedForm): string {
  return `${encoding === 'yaml' ? 'json' : encoding} ${representation} ${as?.version ?? ''}`;
}

/** The kind under which single objects are shown. */
export function shownType(resource: Resource, { representation, as }: AgreedForm): TypeMeta {
  if (representation !== 'metadata') return resource;
  return { apiVersion: `meta.k8s.io/${as?.version ?? 'v1'}`, kind: 'PartialObjectMetadata' };
}

/** The encoding of a form. YAML is JSON written otherwise. */
export function encodingOf({ encoding }: AgreedForm): Encoding {
  return encodings[encoding === 'yaml' ? 'json' : encoding];
}

/** Reads objects in the member form of their encoding, which is made once per object version. */
export function memberReader(resource: Resource, form: AgreedForm): (stored: StoredObject) => Buffer {
  const encoding = encodingOf(form);
  if (form.representation === 'object') {
    if (encoding.name === 'json') return ({ bytes }) => bytes;
    return (stored) => stored.form(encoding.name, () => encoding.member(resource.schema, stored.peek()));
  }
  const version = form.as?.version;
  const name = `${encoding.name} metadata ${version}`;
  const { PartialObjectMetadata: schema } = metaDocuments;
  return (stored) => stored.form(name, () => encoding.member(schema, partialMetadata(stored.peek(), version)));
}

/**
 * Reads objects as items of a list. Those of built-in kinds leave apiVersion and kind to the list, as upstream's do; custom
 * resources and what shows metadata alone say what they are.
 */
function itemReader(resource: Resource, form: AgreedForm): (stored: StoredObject) => Buffer {
  const member = memberReader(resource, form);
  const { name, member: encode } = encodingOf(form);
  const isTyped = form.representation !== 'object' || resource.custom !== undefined;
  if (name === 'json') {
    return isTyped ? (stored) => member(stored).subarray(1) : ({ bytes }) => membersInList(resource, bytes);
  }
  if (name === 'protobuf' || isTyped) return member;
  return (stored) =>
    stored.form(`${name} item`, () => {
      const { apiVersion: _version, kind: _kind, ...members } = stored.peek();
      return encode(resource.schema, members);
    });
}

function tableOf(
  resource: Resource,
  objects: readonly ApiObject[],
  { form, metadata }: { readonly form: AnswerForm; readonly metadata: Readonly<Record<string, unknown>> },
): TypeMeta {
  const table = renderTable(resource, objects, { ...form, version: form.as?.version, metadata });
  return table as unknown as TypeMeta;
}

/** The bytes of an object that is not stored; `resource` is what the request was about. */
export function encodeObject(object: TypeMeta, form: AgreedForm, resource?: Resource): Buffer | string {
  const encoding = encodingOf(form);
  if (encoding.name === 'json') return written(object, form);
  const schema = answerSchema(object.kind, resource);
  if (!schema && encoding.name === 'protobuf') {
    throw notConvertible(
      `object *${object.kind} does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message`,
    );
  }
  return encoding.whole(object, encoding.member(schema, object));
}

function notConvertible(message: string): StatusError {
  return new StatusError('NotAcceptable', message);
}

/** Bytes as they go out: JSON may be wanted indented or as YAML. */
function finished(bytes: Buffer, form: AgreedForm): Buffer | string {
  return isWritten(form) ? written(parseExactJson(bytes.toString()), form) : bytes;
}

function isWritten({ encoding, pretty }: AgreedForm): boolean {
  return encoding === 'yaml' || (encoding === 'json' && pretty);
}

function written(value: unknown, { encoding, pretty }: AgreedForm): string {
  if (encoding === 'yaml') return dump(value, { noRefs: true, schema: writtenYamlSchema });
  return pretty ? `${JSON.stringify(value, undefined, 2)}\n` : JSON.stringify(value);
}

/** The content type of an answer. */
export function contentType({ encoding }: AgreedForm): string {
  return mediaTypes[encoding];
}

/** What the next request would be answered by may be another answer. */
export const notCached = { 'cache-control': 'no-cache, private' } as const;

/** Bodies above this size are compressed for clients that can unpack them. Source: apiserver's responsewriters. */
const compressedAbove = 128 * 1024;

/** Sends a body, compressed if that is worth it. */
export function sendBody(exchange: Exchange, answer: WholeAnswer): Promise<void> | void {
  const { status, headers, body } = answer;
  const worthIt = bodyLength(body) > compressedAbove && takesGzip(exchange.headers['accept-encoding'] ?? '');
  return worthIt ? sendCompressed(exchange, answer) : exchange.respond(status, headers, body);
}

interface WholeAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: ResponseBody;
}

async function sendCompressed(exchange: Exchange, { status, headers, body }: WholeAnswer): Promise<void> {
  const packed = await compressed(body);
  exchange.respond(status, { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }, packed);
}

function takesGzip(accepted: string): boolean {
  return accepted === 'gzip' || accepted.split(',').some((token) => token.trim() === 'gzip');
}

/** Anything thrown as a StatusError; what is not one is the server's own failure. */
export function asStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  return new StatusError('InternalError', `Internal error occurred: ${messageOf(error)}`, { cause: error });
}

/** Answers with an error's Status, in the form that the client accepts, else in JSON. */
export function sendError(exchange: Exchange, error: StatusError): void {
  const seconds = error.details?.retryAfterSeconds;
  const form = formFor(exchange.headers.accept, plainOffer) ?? { ...plainJson, pretty: true };
  const pretty = form.pretty || isPretty(exchange);
  const status = error.toStatus();
  exchange.audit?.failed(status);
  const body = encodeObject(status, { ...form, pretty });
  exchange.respond(
    error.code,
    {
      ...notCached,
      'content-type': contentType(form),
      ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
      ...(error.code === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
    form.encoding === 'json' && !pretty ? `${String(body)}\n` : body,
  );
}
