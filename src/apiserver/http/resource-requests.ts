/** Requests about resources: from HTTP to the API and back. */
import { speaksProtobuf } from '../../machinery/protobuf/speaks-protobuf.ts';
import type { Answer, Api, WriteCall } from '../api.ts';
import { auditedBody } from '../audit/audited-body.ts';
import { recordAnswer, recordList } from '../audit/record-answer.ts';
import { attributesOf } from '../request-attributes.ts';
import { methodNotSupported, notServedError } from '../resources/api-errors.ts';
import { returnsDeletedObject } from '../resources/kind-rules.ts';
import type { RequestBody } from '../resources/handler-context.ts';
import type { ListPage } from '../resources/list-objects.ts';
import { deletedStatus } from '../resources/success-status.ts';
import { agreedForm, includeObjectOf, isPretty } from './content-negotiation.ts';
import type { Exchange } from './exchange.ts';
import { applyOptions, fieldManagerOf, refuseForce } from './field-manager.ts';
import type { OptionsKind } from './field-manager.ts';
import { applyBody, isApply, objectBody, optionalBody, patchBody } from './request-body.ts';
import type { ResourcePath } from './request-path.ts';
import * as query from './request-query.ts';
import type { RequestTarget } from './request-target.ts';
import { callOf, deprecationOf } from './resource-exchange.ts';
import type { ResourceExchange } from './resource-exchange.ts';
import { contentType, encodeAnswer, encodeList, sendBody } from './responses.ts';
import type { AnswerForm } from './responses.ts';
import { warningHeader } from './warning-header.ts';
import { watch } from './watch-requests.ts';

/** Answers a request. Throws StatusError before the answer has begun. */
export function answerResourceRequest(api: Api, request: ResourceExchange): Promise<void> | void {
  const { exchange, path, target } = request;
  const refused = refuseMisplaced(api, request);
  if (refused) return refused;
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      if (path.name !== '' && !path.watched) return get(api, request);
      return isWatch(path, target) ? watch(api, request, formOf(api, request, true)) : list(api, request);
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
  watched: new Set(['GET']),
};

/** Throws for a method that paths of this form do not have; after the authorizer, so that nobody learns what exists. */
function refuseMisplaced(api: Api, { exchange, path, target, user }: ResourceExchange): Promise<void> | undefined {
  const { resource, namespace, name, subresource } = path;
  const form = path.watched ? 'watched' : name === '' ? 'collection' : subresource === '' ? 'object' : 'subresource';
  const writes = exchange.method === 'POST' || exchange.method === 'DELETE';
  const lacksNamespace = form === 'collection' && resource.namespaced && namespace === '' && writes;
  if (methods[form].has(exchange.method) && !lacksNamespace) return undefined;
  const refuse = (): never => {
    // Custom resources are asked for where their scope has them, or not at all. Source: crdHandler.
    throw lacksNamespace && resource.custom ? notServedError() : methodNotSupported();
  };
  const verb = verbOf(exchange, path, target);
  const pending = api.authorize(attributesOf(user, resource, { ...path, verb, annotate: exchange.audit?.annotate }));
  return pending ? pending.then(refuse) : refuse();
}

/** The verb of a request, as authorizers and metrics name it. */
export function verbOf({ method }: Exchange, path: ResourcePath, target: RequestTarget): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (path.name !== '' && !path.watched) return 'get';
      return isWatch(path, target) ? 'watch' : 'list';
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

function isWatch({ watched }: ResourcePath, target: RequestTarget): boolean {
  return watched || (!target.isPlain && query.flag(target.query, 'watch'));
}

function get(api: Api, request: ResourceExchange): Promise<void> | void {
  const form = formOf(api, request);
  const { target } = request;
  const found = api.get(
    callOf(request),
    target.isPlain ? undefined : (target.query.get('resourceVersion') ?? undefined),
  );
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
  if (exchange.audit) recordList(exchange.audit, page, { resource: path.resource, form, body });
  const headers = { 'content-type': contentType(form), ...warningHeader(deprecationOf(path.resource)) };
  return sendBody(exchange, { status: 200, headers, body });
}

async function create(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const call = await api.permitted(writeCall(request, 'CreateOptions'), 'create');
  const body = auditedBody(await bodyOf(request, call), request.exchange.audit);
  const answer = await api.create(call, body);
  await sendAnswer(request, { answer, form, status: 201, warnings: call.warnings });
}

function bodyOf({ exchange, path }: ResourceExchange, { fieldValidation }: WriteCall): Promise<RequestBody> {
  // A scale has a form of its own, whatever the kind.
  return objectBody(exchange, fieldValidation !== 'Ignore', path.subresource === 'scale' ? undefined : path.resource);
}

async function update(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const call = await api.permitted(writeCall(request, 'UpdateOptions'), 'update');
  const body = auditedBody(await bodyOf(request, call), request.exchange.audit);
  const { answer, created } = await api.update(call, body);
  await sendAnswer(request, { answer, form, status: created ? 201 : 200, warnings: call.warnings });
}

async function patch(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  if (isApply(request.exchange)) return apply(api, request);
  refuseForce(request.target.query);
  const call = await api.permitted(writeCall(request, 'PatchOptions'), 'patch');
  const body = await patchBody(request.exchange, call.fieldValidation !== 'Ignore', request.path.resource);
  request.exchange.audit?.requestPatch(body.body);
  const answer = await api.patch(call, body);
  await sendAnswer(request, { answer, form, warnings: call.warnings });
}

async function apply(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const { fieldManager, force } = applyOptions(request.target.query);
  const call = await api.permitted({ ...writeCall(request, 'PatchOptions'), fieldManager }, 'patch');
  const body = await applyBody(request.exchange, call.fieldValidation !== 'Ignore');
  request.exchange.audit?.requestPatch(body.configuration);
  const { answer, created } = await api.apply(call, { ...body, force });
  await sendAnswer(request, { answer, form, status: created ? 201 : 200, warnings: call.warnings });
}

async function deleteOne(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const call = await api.permitted(deletingCall(request), 'delete');
  const body = auditedBody(await optionalBody(request.exchange), request.exchange.audit);
  const options = query.deleteOptions(body, request.target.query);
  const { object, removed } = await api.delete(call, options);
  const { resource } = request.path;
  const answer = removed && !returnsDeletedObject(resource) ? deletedStatus(resource, object) : object;
  // Who asked by the option of old that dependents go learns that this takes time. Source: DeleteResource.
  const status = !removed && options.orphanDependents === false ? 202 : 200;
  await sendAnswer(request, { answer, form, status, warnings: call.warnings });
}

async function deleteCollection(api: Api, request: ResourceExchange): Promise<void> {
  const form = formOf(api, request);
  const listed = query.listRequest(request.target.query);
  const call = await api.permitted({ ...deletingCall(request), ...listed }, 'deletecollection');
  const body = auditedBody(await optionalBody(request.exchange), request.exchange.audit);
  const options = query.deleteOptions(body, request.target.query);
  const items = await api.deleteCollection(call, listed, options);
  await sendList(request, { items, revision: api.context.caches.revision }, form);
}

function writeCall(request: ResourceExchange, kind: OptionsKind): WriteCall & { readonly warnings: string[] } {
  const { exchange, target } = request;
  return {
    ...callOf(request),
    fieldManager: fieldManagerOf(target.query, exchange.headers['user-agent'], kind),
    dryRun: query.dryRun(target.query, kind),
    fieldValidation: query.fieldValidation(target.query, kind),
    warnings: [],
  };
}

/** Whether it is a dry run is said by the options. */
function deletingCall(request: ResourceExchange): WriteCall & { readonly warnings: string[] } {
  return { ...callOf(request), warnings: [] };
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
  if (exchange.audit) recordAnswer(exchange.audit, answer, { resource: path.resource, form, body });
  const headers = { 'content-type': contentType(form), ...warningHeader(deprecationOf(path.resource, warnings)) };
  return sendBody(exchange, { status, headers, body });
}
