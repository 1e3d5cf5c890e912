/** From JSON to custom resources: pruned, with defaults. Source: unstructuredSchemaCoercer and -Defaulter of apiextensions. */
import { StatusError } from '../../base/errors.ts';
import type { Decoded } from '../../machinery/decode.ts';
import { fieldErrorText } from '../../machinery/field-error.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import type { Writable } from '../../machinery/schema.ts';
import { coerceEmbedded, decodeMetadata } from '../../machinery/structural/embedded.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { applyDefaults, dropNulls, pruneObject, sortedCopy } from '../../machinery/structural/prune.ts';
import type { MutableObject } from '../../machinery/structural/prune.ts';

/** A version of a custom kind, as decoding sees it. */
export interface CustomVersion {
  readonly apiVersion: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: JsonSchema;
}

/** An object out of what a client sent, and what was dropped. Throws StatusError BadRequest. */
export function decodeCustom(target: CustomVersion, value: unknown): Decoded<ApiObject> {
  const { apiVersion, kind, schema } = target;
  const copy = sortedCopy(value) as MutableObject;
  const { metadata, unknown } = decodeMetadata(copy['metadata'], target);
  // Spread, not assigned: a member may be named like the prototype.
  const head = { apiVersion, kind, metadata };
  const object: MutableObject = { ...head, ...copy, ...head };
  const pruned: string[] = [];
  fit(object, schema, pruned);
  const malformed = coerceEmbedded(object, schema, { unknown: pruned });
  if (malformed) throw new StatusError('BadRequest', fieldErrorText(malformed));
  applyDefaults(object, schema);
  return {
    object: object as unknown as Writable<ApiObject>,
    unknown: [...unknown, ...pruned.map((path) => `unknown field "${path}"`)],
  };
}

/** A stored object as its version's schema sees it today. Makes a new object. */
export function refreshStored(schema: JsonSchema, stored: ApiObject): ApiObject {
  const object = { ...stored, ...(sortedCopy({ ...stored, metadata: undefined }) as MutableObject) } as MutableObject;
  fit(object, schema, []);
  applyDefaults(object, schema);
  return object as unknown as ApiObject;
}

/** An object as another version of its kind: nothing but its apiVersion changes, and what that version does not know goes. */
export function asVersion({ apiVersion, schema }: CustomVersion, object: ApiObject): ApiObject {
  const { metadata, ...rest } = object;
  const head = { apiVersion, kind: object.kind, metadata };
  const next: MutableObject = { ...head, ...(sortedCopy(rest) as MutableObject), ...head };
  fit(next, schema, []);
  return next as unknown as ApiObject;
}

function fit(object: MutableObject, schema: JsonSchema, unknown: string[]): void {
  pruneObject(object, schema, unknown);
  dropNulls(object, schema);
}
