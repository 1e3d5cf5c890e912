import { hasReason, messageOf } from '../../base/errors.ts';
import { goValueText } from '../../base/go-value-text.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { PatchType } from '../../client/client.ts';
import { invalid } from '../../machinery/field-error.ts';
import { applyJsonPatch } from '../../machinery/patch/json-patch.ts';
import { applyMergePatch } from '../../machinery/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../machinery/patch/strategic-merge-patch.ts';
import type { SchemaNode } from '../../machinery/schema.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import type { StoredObject } from '../cache/stored-object.ts';
import { badRequest, invalidPatch } from './api-errors.ts';
import { decodeBody } from './decode-body.ts';
import { withoutManagedFields } from './field-ownership.ts';
import type { Draft, HandlerContext, WriteRequest } from './handler-context.ts';
import { metadataOf } from './object-metadata.ts';
import { updateObject } from './update-object.ts';

/** A patch as it was sent. */
export interface PatchBody {
  readonly type: Exclude<PatchType, 'apply'>;
  readonly body: Json;
  /** `duplicate field "x"` messages about the patch itself. */
  readonly duplicates?: readonly string[] | undefined;
}

/** Applies a patch to an object; when another writer is faster, to the newer version. */
export function patchObject(context: HandlerContext, request: WriteRequest, patch: PatchBody): Promise<StoredObject> {
  const { resource } = request;
  return updateObject(context, request, (current) => {
    const document = namesManagedFields(patch) ? current.object : withoutManagedFields(current.object);
    const value = applyPatch(document as unknown as JsonObject, patch, resource.schema);
    const draft = decodePatched(request, patch, value);
    const seen = metadataOf(draft).resourceVersion;
    // A patch that writes a version other than the current one states what its author has seen.
    return { draft, versioned: seen !== undefined && seen !== String(current.revision) };
  });
}

/** Decodes what a patch has made. Throws Invalid, which names the patch. Source: apiserver's handlers/patch.go. */
function decodePatched(request: WriteRequest, { type, body, duplicates = [] }: PatchBody, value: Json): Draft {
  try {
    return decodeBody(request.resource, { value: () => value, duplicates }, request);
  } catch (error) {
    if (!hasReason(error, 'BadRequest')) throw error;
    const shown = type === 'strategic' ? goValueText(body) : JSON.stringify(value);
    const detail = messageOf(error).replace(/^.*? cannot be handled as a [^:]*: /, '');
    throw invalidPatch(invalid('patch', shown, detail), error);
  }
}

/** Nearly all patches leave the managers alone: then there is no need to decode them. */
function namesManagedFields({ type, body }: PatchBody): boolean {
  if (type === 'json') return !Array.isArray(body) || body.some((operation) => reachesManagedFields(operation));
  return isJsonObject(body) && isJsonObject(body['metadata']) && 'managedFields' in body['metadata'];
}

function reachesManagedFields(operation: Json): boolean {
  if (!isJsonObject(operation)) return true;
  return [operation['path'], operation['from']].some(
    (path) =>
      path === '' || path === '/metadata' || (typeof path === 'string' && path.startsWith('/metadata/managedFields')),
  );
}

/** A document after a patch of any type. Throws StatusError. */
export function applyPatch(document: JsonObject, { type, body }: PatchBody, schema: SchemaNode): Json {
  if (type === 'json') return applyJsonPatch(document, body);
  if (!isJsonObject(body)) throw badRequest('error decoding patch: a merge patch must be an object');
  return type === 'merge' ? applyMergePatch(document, body) : applyStrategicMergePatch(document, body, schema);
}
