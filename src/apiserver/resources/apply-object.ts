/** Server-side apply over the API. Source: apiserver's handlers/patch.go, apimachinery's managedfields. */
import { timestamp } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { applyConfiguration } from '../../machinery/apply/apply-configuration.ts';
import type { Applied } from '../../machinery/apply/apply-configuration.ts';
import { applyConflict } from '../../machinery/apply/apply-conflict.ts';
import { conflictsBesideLastApplied, kubectlManager, withLastApplied } from '../../machinery/apply/last-applied.ts';
import { UnidentifiedItem } from '../../machinery/apply/list-type.ts';
import { CheckReport } from '../../machinery/apply/merge-type.ts';
import { trackUpdate } from '../../machinery/apply/track-update.ts';
import { typeOfObject } from '../../machinery/apply/type-of-schema.ts';
import type { VersionedType } from '../../machinery/apply/versioned-objects.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import type { StoredObject } from '../cache/stored-object.ts';
import { badRequest, conflictError, notFoundError, refusedAs, storeFailure } from './api-errors.ts';
import { withConversions } from './convert-version.ts';
import { createDraft } from './create-object.ts';
import { decodeBody } from './decode-body.ts';
import { managersOf, setManagers, versionsOf, withoutManagedFields } from './field-ownership.ts';
import { keyOfRequest } from './handler-context.ts';
import type { Draft, HandlerContext, WriteRequest } from './handler-context.ts';
import { metadataOf } from './object-metadata.ts';
import { updateObject } from './update-object.ts';
import type { NextVersion } from './update-object.ts';

/** An apply as it was sent. */
export interface ApplyBody {
  readonly configuration: Json;
  /** Take fields from other managers. */
  readonly force: boolean;
  /** What strict parsing would have refused. */
  readonly duplicates?: readonly string[] | undefined;
}

/** What an apply did. */
export interface ApplyOutcome {
  readonly stored: StoredObject;
  readonly created: boolean;
}

/** The manager of what was there before the first apply. */
const beforeFirstApply = 'before-first-apply';

/** How often an object that comes and goes is tried for. */
const attempts = 10;

/** Applies a configuration; makes the object if it is not there. `mayCreate` throws Forbidden. */
export async function applyObject(
  context: HandlerContext,
  request: WriteRequest,
  { apply, mayCreate }: { readonly apply: ApplyBody; mayCreate(): void | Promise<void> },
): Promise<ApplyOutcome> {
  const configuration = checkedConfiguration(request.resource, apply.configuration);
  const sent = { ...apply, configuration };
  for (let attempt = 1; ; attempt++) {
    try {
      if (await exists(context, request)) {
        const stored = await updateObject(context, request, (current) => applied(context, request, { current, sent }));
        return { stored, created: false };
      }
      if (request.attributes.subresource !== '') throw notFoundError(request.resource, request.attributes.name);
      await mayCreate();
      return { stored: await createApplied(context, request, sent), created: true };
    } catch (error) {
      const raced = refusedAs(error, 'exists') || (hasReason(error, 'NotFound') && (await exists(context, request)));
      if (!raced || attempt >= attempts) throw storeFailure(error);
    }
  }
}

async function exists(context: HandlerContext, request: WriteRequest): Promise<boolean> {
  const behind = context.caches.behind();
  if (behind) await behind;
  return context.caches.of(request.resource).get(keyOfRequest(request)) !== undefined;
}

interface CheckedApply extends ApplyBody {
  readonly configuration: JsonObject;
}

/** Throws BadRequest for what is no configuration of the kind. */
export function checkedConfiguration(resource: Resource, configuration: unknown): JsonObject {
  if (!isJsonObject(configuration)) {
    throw badRequest('error decoding patch: an apply configuration must be an object');
  }
  const { apiVersion, kind, metadata } = configuration;
  if (apiVersion !== resource.apiVersion || kind !== resource.kind)
    throw badRequest(`invalid object type: ${groupVersionKind(apiVersion, kind)}`);
  if (isJsonObject(metadata) && metadata['managedFields'] !== undefined && metadata['managedFields'] !== null)
    throw badRequest('metadata.managedFields must be nil');
  const report = new CheckReport();
  typeOfObject(resource.schema).check(configuration, report);
  if (report.errors.length === 0) return configuration;
  const { namespace = '', name = '' } = isJsonObject(metadata) ? metadata : {};
  const what = `${String(namespace)}/${String(name)}; ${groupVersionKind(apiVersion, kind)}`;
  throw badRequest(`failed to create typed patch object (${what}): ${report.toString()}`);
}

function groupVersionKind(apiVersion: unknown, kind: unknown): string {
  const text = typeof apiVersion === 'string' ? apiVersion : '';
  return `${text.includes('/') ? text : `/${text}`}, Kind=${typeof kind === 'string' ? kind : ''}`;
}

async function createApplied(
  context: HandlerContext,
  request: WriteRequest,
  sent: CheckedApply,
): Promise<StoredObject> {
  const { resource, attributes } = request;
  const outcome = await merge(context, request, { live: undefined, sent });
  request.warnings.length = 0;
  const draft = decodeApplied(request, outcome.object, sent);
  const { name, uid } = metadataOf(draft);
  checkName(name, attributes.name);
  if (uid) {
    const detail = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflictError(resource, attributes.name, detail);
  }
  return createDraft(context, request, draft, (own) => setManagers(own, outcome.managers));
}

function checkName(name: string | undefined, expected: string): void {
  if (!name)
    throw badRequest(`the name of the object (${expected} based on URL) was undeterminable: name must be provided`);
  if (name !== expected) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${expected})`);
  }
}

/** The next version of an object by a configuration. Throws Conflict. */
export function applied(
  context: HandlerContext,
  request: WriteRequest,
  { current, sent }: { readonly current: StoredObject; readonly sent: CheckedApply },
): NextVersion | Promise<NextVersion> {
  const { metadata } = sent.configuration;
  const seen = isJsonObject(metadata) ? metadata['resourceVersion'] : undefined;
  const nextOf = ({ object, managers }: Applied): NextVersion => ({
    draft: decodeApplied(request, object, sent),
    versioned: Boolean(seen),
    managers,
  });
  const outcome = merge(context, request, { live: current.object, sent });
  return outcome instanceof Promise ? outcome.then(nextOf) : nextOf(outcome);
}

interface Merge {
  readonly live: ApiObject | undefined;
  readonly sent: CheckedApply;
}

function merge(context: HandlerContext, request: WriteRequest, what: Merge): Applied | Promise<Applied> {
  const { resource, attributes } = request;
  const { subresource } = attributes;
  return withConversions((convert) =>
    merged(versionsOf(context, { resource, subresource, convert }), request, {
      ...what,
      time: timestamp(context.clock.now()),
    }),
  );
}

function merged(
  versions: VersionedType,
  request: WriteRequest,
  { live: stored, sent, time }: Merge & { readonly time: string },
): Applied {
  const { attributes, fieldManager = '' } = request;
  const { subresource } = attributes;
  const live = stored ? withoutManagedFields(stored) : {};
  const known = stored ? managersOf(stored) : [];
  const update = { manager: beforeFirstApply, subresource, time };
  const managers =
    known.length > 0 ? known : identifiable(() => trackUpdate({ before: {}, after: live }, [], { versions, update }));
  const { configuration, force } = sent;
  const application = { live, configuration, managers, manager: fieldManager, subresource, time };
  const outcome = identifiable(() => applyConfiguration(application, versions));
  if (!force) refuseConflicts(outcome, { live, versions, fieldManager });
  if (fieldManager !== kubectlManager) return outcome;
  return { ...outcome, object: withLastApplied(outcome.object, configuration) };
}

/** Objects whose lists have items without keys can be stored, but nothing can be applied to them. */
function identifiable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UnidentifiedItem)) throw error;
    throw badRequest(`failed to create typed live object: ${error.message}`);
  }
}

function refuseConflicts(
  { conflicts }: Applied,
  {
    live,
    versions,
    fieldManager,
  }: { readonly live: object; readonly versions: VersionedType; readonly fieldManager: string },
): void {
  if (conflicts.length === 0) return;
  const remaining = fieldManager === kubectlManager ? conflictsBesideLastApplied(conflicts, live, versions) : conflicts;
  if (remaining.length > 0) throw applyConflict(remaining);
}

/** Defaults and canonical forms come to the merged object as to any other that is sent. */
function decodeApplied(request: WriteRequest, object: object, { duplicates = [] }: CheckedApply): Draft {
  const draft = decodeBody(request.resource, { value: () => object, duplicates: [] }, request);
  if (duplicates.length > 0) {
    const text = `error converting YAML to JSON: ${duplicates.join(', ')}`;
    if (request.fieldValidation === 'Strict') throw badRequest(`error strict decoding patch: ${text}`);
    if (request.fieldValidation === 'Warn') request.warnings.push(text);
  }
  return draft;
}
