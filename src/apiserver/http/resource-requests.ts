/** Requests about resources: from HTTP to the API and back. */
import type { Resource } from '../../machinery/resource.ts';
import { speaksProtobuf } from '../../machinery/protobuf/speaks-protobuf.ts';
import type { User } from '../ports.ts';
import type { Answer, Api, Call, WriteCall } from '../api.ts';
import { attributesOf } from '../request-attributes.ts';
import { methodNotSupported } from '../resources/api-errors.ts';
import { returnsDeletedObject } from '../resources/kind-rules.ts';
import type { RequestBody } from '../resources/handler-context.ts';
import type { ListPage } from '../resources/list-objects.ts';
import { deletedStatus } from '../resources/success-status.ts';
import { agreedForm, includeObjectOf, isPretty, streamTypes } from './content-negotiation.ts';
import type { Exchange } from './exchange.ts';
import { flushScheduleOf } from './flush-schedule.ts';
import { applyOptions, fieldManagerOf, refuseForce } from './field-manager.ts';
import type { OptionsKind } from './field-manager.ts';
import { applyBody, isApply, objectBody, optionalBody, patchBody } from './request-body.ts';
import type { ResourcePath } from './request-path.ts';
import * as query from './request-query.ts';
import type { RequestTarget } from './request-target.ts';
import { contentType, encodeAnswer, encodeList, encodingOf, sendBody } from './responses.ts';
import type { AnswerForm } from './responses.ts';
import { WatchResponse } from './watch-response.ts';

/** A request about a resource that is served, by a user who is known. */
export interface ResourceExchange {
  readonly exchange: Exchange;
  readonly path: ResourcePath & { readonly resource: Resource };
  readonly target: RequestTarget;
  readonly user: User;
}

/** Answers a request. Throws StatusError before the answer has begun. */
export function answerResourceRequest(api: Api, request: ResourceExchange): Promise<void> | void {
  const { exchange, path, target } = request;
  refuseMisplaced(api, request);
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      if (path.name !== '') return get(api, request);
      return isWatch(target) ? watch(api, request) : list(api, request);
    case 'POST':
      return create(api, request);
    case 'PUT':
      return update(api, request);
    case 'PATCH':
      return patch(api, request);
    case 'DELETE':
      return path.name === '' ? deleteCollection(api, request) : deleteOne(api, request);
    default:
      throw methodNotSupported();
  }
}

/** Methods of a collection, of an object and of a part of one. */
const methods = {
  collection: new Set(['GET', 'HEAD', 'POST', 'DELETE']),
  object: new Set(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']),
  subresource: new Set(['GET', 'HEAD', 'PUT', 'PATCH', 'POST']),
};

/** Throws for a method that paths of this form do not have; after the authorizer, so that nobody learns what exists. */
function refuseMisplaced(api: Api, { exchange, path, target, user }: ResourceExchange): void {
  const { resource, namespace, name, subresource } = path;
  const form = name === '' ? 'collection' : subresource === '' ? 'object' : 'subresource';
  const writes = exchange.method === 'POST' || exchange.method === 'DELETE';
  const lacksNamespace = form === 'collection' && resource.namespaced && namespace === '' && writes;
  if (methods[form].has(exchange.method) && !lacksNamespace) return;
  api.authorize(attributesOf(user, resource, { ...path, verb: verbOf(exchange, path, target) }));
  throw methodNotSupported();
}

/** The verb of a request, as authorizers and metrics name it. */
export function verbOf({ method }: Exchange, path: ResourcePath, target: RequestTarget): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (path.name !== '') return 'get';
      return isWatch(target) ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return path.name === '' ? 'deletecollection' : 'delete';
    default:
      return method.toLowerCase();
  }
}

function isWatch(target: RequestTarget): boolean {
  return !target.isPlain && query.flag(target.query, 'watch');
}

function get(api: Api, request: ResourceExchange): Promise<void> | void {
  const form = formOf(api, request);
  const found = api.get(callOf(request));
  if (found instanceof Promise) return found.then((answer) => sendAnswer(request, { answer, form }));
  return sendAnswer(request, { answer: found, form });
}

async function list(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const page = await api.list(callOf(request), query.listRequest(request.target.query));
  await sendList(request, page, form);
}

function sendList({ exchange, path }: ResourceExchange, page: ListPage, form: AnswerForm): Promise<void> | void {
  const body = encodeList(path.resource, page, form);
  const headers = { 'content-type': contentType(form), ...warningHeader(path.resource) };
  return sendBody(exchange, { status: 200, headers, body });
}

async function create(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const call = writeCall(request, 'CreateOptions');
  const body = await bodyOf(request, call);
  const answer = await api.create(call, body);
  await sendAnswer(request, { answer, form, status: 201, warnings: call.warnings });
}

function bodyOf({ exchange, path }: ResourceExchange, { fieldValidation }: WriteCall): Promise<RequestBody> {
  // A scale has a form of its own, whatever the kind.
  return objectBody(exchange, fieldValidation !== 'Ignore', path.subresource === 'scale' ? undefined : path.resource);
}

async function update(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const call = writeCall(request, 'UpdateOptions');
  const body = await bodyOf(request, call);
  await sendAnswer(request, { answer: await api.update(call, body), form, warnings: call.warnings });
}

async function patch(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  if (isApply(request.exchange)) return apply(api, request);
  refuseForce(request.target.query);
  const call = writeCall(request, 'PatchOptions');
  const answer = await api.patch(
    call,
    await patchBody(request.exchange, call.fieldValidation !== 'Ignore', request.path.resource),
  );
  await sendAnswer(request, { answer, form, warnings: call.warnings });
}

async function apply(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const { fieldManager, force } = applyOptions(request.target.query);
  const call = { ...writeCall(request, 'PatchOptions'), fieldManager };
  const body = await applyBody(request.exchange, call.fieldValidation !== 'Ignore');
  const { answer, created } = await api.apply(call, { ...body, force });
  await sendAnswer(request, { answer, form, status: created ? 201 : 200, warnings: call.warnings });
}

async function deleteOne(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const call = { ...writeCall(request), dryRun: false };
  const options = query.deleteOptions(await optionalBody(request.exchange), request.target.query);
  const { object, removed } = await api.delete(call, options);
  const { resource } = request.path;
  const answer = removed && !returnsDeletedObject(resource) ? deletedStatus(resource, object) : object;
  await sendAnswer(request, { answer, form, warnings: call.warnings });
}

async function deleteCollection(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const call = { ...writeCall(request), dryRun: false };
  const options = query.deleteOptions(await optionalBody(request.exchange), request.target.query);
  const items = await api.deleteCollection(call, query.selectionOf(request.target.query), options);
  await sendList(request, { items, revision: api.context.caches.revision }, form);
}

/** Half an hour at least: what a watch lasts when its client does not say. Source: --min-request-timeout. */
const minWatchSeconds = 1800;

async function watch(api: Api, request: ResourceExchange): Promise<void> {
  const { exchange, path } = request;
  const parameters = request.target.query;
  const form = formOf(api, request, true);
  const { clock, random } = api.context;
  const seconds = query.timeoutSeconds(parameters) ?? minWatchSeconds * (1 + random.next());
  const initial = parameters.get('sendInitialEvents');
  // The answer may begin only once it is known that there is no error; until then events wait.
  const target = new DeferredTarget(() => {
    const stream = exchange.stream(200, {
      'content-type': streamTypes[encodingOf(form).name],
      ...warningHeader(path.resource),
    });
    const bookmarks = query.flag(parameters, 'allowWatchBookmarks');
    const schedule = flushScheduleOf(clock);
    return new WatchResponse(stream, { resource: path.resource, form, bookmarks, schedule, now: () => clock.now() });
  });
  const watcher = await api.watch(
    callOf(request),
    {
      ...query.selectionOf(parameters),
      resourceVersion: parameters.get('resourceVersion') ?? undefined,
      resourceVersionMatch: parameters.get('resourceVersionMatch') || undefined,
      sendInitialEvents: initial === null || initial === '' ? undefined : query.flag(parameters, 'sendInitialEvents'),
    },
    target,
  );
  const response = target.open();
  response.live();
  const timer = clock.after(seconds * 1000, () => {
    response.bookmark(api.context.caches.revision);
    response.end();
  });
  exchange.onClose(() => {
    timer[Symbol.dispose]();
    watcher[Symbol.dispose]();
  });
}

/** Begins the response with the first thing that there is to say, or when told to. */
class DeferredTarget {
  readonly #make: () => WatchResponse;
  #response: WatchResponse | undefined;

  constructor(make: () => WatchResponse) {
    this.#make = make;
  }

  open(): WatchResponse {
    return (this.#response ??= this.#make());
  }

  event(...args: Parameters<WatchResponse['event']>): void {
    this.open().event(...args);
  }

  bookmark(revision: number): void {
    this.open().bookmark(revision);
  }

  initialEventsEnd(revision: number): void {
    this.open().initialEventsEnd(revision);
  }

  end(): void {
    this.open().end();
  }
}

function callOf({ user, path }: ResourceExchange): Call {
  const { resource, namespace, name, subresource } = path;
  // An empty name is no name: a list may be authorized under the one in its field selector.
  return { user, resource, namespace, name: name === '' ? undefined : name, subresource };
}

function writeCall(
  request: ResourceExchange,
  kind: OptionsKind = 'UpdateOptions',
): WriteCall & { readonly warnings: string[] } {
  return {
    ...callOf(request),
    fieldManager: fieldManagerOf(request.target.query, request.exchange.headers['user-agent'], kind),
    dryRun: query.dryRun(request.target.query),
    fieldValidation: query.fieldValidation(request.target.query),
    warnings: [],
  };
}

function formOf(api: Api, { exchange, path, target }: ResourceExchange, stream = false): AnswerForm {
  const { resource, subresource } = path;
  const form = agreedForm(exchange.headers.accept, {
    stored: resource.verbs.includes('get'),
    protobuf: subresource === 'scale' || speaksProtobuf(resource),
    stream,
  });
  const includeObject = form.representation === 'table' ? includeObjectOf(target.query) : 'Metadata';
  const pretty = form.pretty || isPretty(exchange);
  return { ...form, includeObject, pretty, now: api.context.clock.now() };
}

interface AnswerToSend {
  readonly answer: Answer;
  readonly form: AnswerForm;
  readonly status?: number;
  readonly warnings?: readonly string[];
}

function sendAnswer(
  { exchange, path }: ResourceExchange,
  { answer, form, status = 200, warnings = [] }: AnswerToSend,
): Promise<void> | void {
  const body = encodeAnswer(path.resource, answer, form);
  const headers = { 'content-type': contentType(form), ...warningHeader(path.resource, warnings) };
  return sendBody(exchange, { status, headers, body });
}

/** Source: RFC 9111's Warning header as apiserver's warning package writes it. */
function warningHeader(
  { deprecation }: Resource,
  given: readonly string[] = [],
): { readonly warning?: readonly string[] } {
  const warnings = deprecation === undefined ? given : [deprecation, ...given];
  if (warnings.length === 0) return {};
  return { warning: warnings.slice(0, 100).map((text) => `299 - ${JSON.stringify(text.replaceAll(/[\r\n]+/g, ' '))}`) };
}
