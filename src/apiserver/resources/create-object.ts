import { decodeStruct } from '../../machinery/decode.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { bytesToStore } from '../cache/object-bytes.ts';
import { storageKey } from '../cache/storage-key.ts';
import { StoredObject } from '../cache/stored-object.ts';
import { refusal } from '../admission/refusal.ts';
import type { AdmissionRequest } from '../ports.ts';
import { alreadyExistsError, badRequest, nameNotGenerated, refusedAs, storeFailure } from './api-errors.ts';
import { decodeBody } from './decode-body.ts';
import { keyOfRequest, lifetimeOf, writtenObject } from './handler-context.ts';
import type { Draft, HandlerContext, RequestBody, WriteRequest } from './handler-context.ts';
import { keepReadable, ownCreated } from './field-ownership.ts';
import { hasStatus } from './kind-rules.ts';
import { initialMetadata, metadataOf, settleName, settleNamespace } from './object-metadata.ts';
import { validateObject } from './validate-object.ts';

/** How often another name is generated when one is taken. Source: apiserver's maxNameGenerationCreateAttempts. */
const nameAttempts = 8;

/** Creates an object out of a request's body. */
export async function createObject(
  context: HandlerContext,
  request: WriteRequest,
  body: RequestBody,
): Promise<StoredObject> {
  for (let attempt = 1; ; attempt++) {
    const draft = decodeBody(request.resource, body, request);
    const generated = !metadataOf(draft).name && metadataOf(draft).generateName !== undefined;
    try {
      return await createDraft(context, request, draft);
    } catch (error) {
      if (!generated || !refusedAs(error, 'exists')) throw asAlreadyExists(request, draft, error);
      if (attempt >= nameAttempts) throw nameNotGenerated(request.resource, draft.metadata.name);
      request.warnings.length = 0;
    }
  }
}

function asAlreadyExists({ resource }: WriteRequest, draft: Draft, error: unknown): unknown {
  return refusedAs(error, 'exists') ? alreadyExistsError(resource, draft.metadata.name) : storeFailure(error);
}

const terminating = 'create not allowed while custom resource definition is terminating';

/** Creates an object that is decoded already. The store's refusals are not translated. */
export async function createDraft(
  context: HandlerContext,
  request: WriteRequest,
  draft: Draft,
  own: (draft: Draft) => void = (unowned) => ownCreated(context, request, unowned),
): Promise<StoredObject> {
  const { resource, attributes } = request;
  if (metadataOf(draft).resourceVersion) {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  settleNamespace(draft, request);
  settleName(draft, context);
  initialMetadata(draft, request, context);
  own(draft);
  const admission: AdmissionRequest = {
    attributes: { ...attributes, name: draft.metadata.name ?? '' },
    operation: 'CREATE',
    resource,
    object: draft,
    old: undefined,
    dryRun: request.dryRun,
    warnings: request.warnings,
    annotate: attributes.annotate,
  };
  if (resource.custom?.terminating) throw refusal(admission, terminating);
  return context.admission.around(admission, () => admitAndStore(context, request, { draft, admission }));
}

async function admitAndStore(
  context: HandlerContext,
  request: WriteRequest,
  { draft, admission }: { readonly draft: Draft; readonly admission: AdmissionRequest },
): Promise<StoredObject> {
  const { resource } = request;
  const entries = metadataOf(draft).managedFields;
  const admitting = context.admission.admit(admission);
  if (admitting) await admitting;
  keepReadable(draft, { entries, warnings: request.warnings });
  prepareForCreate(request, draft);
  validateObject({ resource, object: draft });
  const judging = context.admission.validate(admission);
  if (judging) await judging;
  request.warnings.push(...(resource.warnings?.(draft, {}) ?? []));
  return storeNew(context, request, draft);
}

function prepareForCreate({ resource, attributes: { user } }: WriteRequest, draft: Draft): void {
  if (resource.prepareForCreate) resource.prepareForCreate(draft as never, { user });
  else if (hasStatus(resource)) draft['status'] = emptyStatus(resource);
}

/** A status of which nothing is known yet: what the kind's fields are when nobody sets them. */
function emptyStatus(resource: Resource): unknown {
  const type = resource.schema.fields['status']?.type;
  return type?.kind === 'struct' ? decodeStruct(type, {}, resource).object : {};
}

async function storeNew(context: HandlerContext, request: WriteRequest, draft: ApiObject): Promise<StoredObject> {
  const { resource } = request;
  const key = keyOfRequest(request, draft.metadata.name);
  if (request.dryRun) {
    if (context.caches.of(resource).get(key)) throw alreadyExistsError(resource, key.name);
    return StoredObject.unstored(draft);
  }
  const value = await bytesToStore(resource, draft);
  const revision = await context.store.create(storageKey(resource, key), value, lifetimeOf(context, resource));
  return writtenObject(context, { resource, key, value, revision });
}
