/**
 * Objects that another API server stored: upstream's keeps built-in kinds as protobuf, and any kind in another order of fields
 * or, from before an upgrade, in another version of its group.
 */
import { builtinResources } from '../../api/registry.ts';
import { StatusError, messageOf } from '../../base/errors.ts';
import { parseExactJson } from '../../base/exact-json.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { decodeProtobuf, openEnvelope } from '../../machinery/protobuf/decode-protobuf.ts';
import type { Resource } from '../../machinery/resource.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { encodeForStore, isNative } from './object-bytes.ts';

/** What every object in protobuf begins with. Source: apimachinery's serializer/protobuf. */
const magic = Buffer.from('k8s\0');

const openingBrace = 0x7b;

/** Whether a stored value is protobuf, not JSON. */
export function isProtobuf(value: Uint8Array): boolean {
  return value.length > magic.length && magic.equals(value.subarray(0, magic.length));
}

/** The bytes as this server would have stored the object. Throws StatusError InternalError for what can't be read. */
export function nativeBytes(resource: Resource, value: Uint8Array): Buffer {
  try {
    const { apiVersion, kind, read } = opened(value);
    const written = writtenAs(resource, apiVersion, kind);
    // With the defaults of today, as upstream reads what it stored.
    return encodeForStore(written, decodeObject(written, read(written)).object);
  } catch (error) {
    const message = `Internal error occurred: what is stored as one of ${resource.qualified} can't be read: ${messageOf(error)}`;
    throw new StatusError('InternalError', message, { cause: error });
  }
}

/** Whether an object can be read out of stored bytes. What this server wrote can, and is not looked at. */
export function isReadable(resource: Resource, value: Uint8Array): boolean {
  const stored = resource.storedAs?.resource ?? resource;
  // Custom resources are JSON, whoever wrote them.
  if (resource.custom ? value[0] === openingBrace : isNative(stored, value)) return true;
  try {
    nativeBytes(stored, value);
    return !resource.custom;
  } catch {
    return false;
  }
}

interface Opened {
  readonly apiVersion: string;
  readonly kind: string;
  read(resource: Resource): Record<string, unknown>;
}

function opened(value: Uint8Array): Opened {
  if (isProtobuf(value)) {
    const { apiVersion, kind, raw } = openEnvelope(value);
    return { apiVersion, kind, read: ({ schema }) => decodeProtobuf(schema, raw) };
  }
  const parsed: unknown = parseExactJson(Buffer.from(value).toString());
  if (!isJsonObject(parsed)) throw new Error('it is no object');
  const { apiVersion, kind, ...rest } = parsed;
  return { apiVersion: String(apiVersion), kind: String(kind), read: () => rest };
}

/** The kind by whose fields to read: that version of it, if it is served; else versions of a group look the same. */
function writtenAs(resource: Resource, apiVersion: string, kind: string): Resource {
  if (kind !== resource.kind) throw new Error(`it is a ${kind}, not a ${resource.kind}`);
  if (apiVersion === resource.apiVersion) return resource;
  const served = builtinResources.find((other) => other.apiVersion === apiVersion && other.kind === kind);
  return served?.storedAs?.resource === resource ? served : resource;
}
