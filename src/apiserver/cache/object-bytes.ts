/** Objects as bytes. In the store they lack their resourceVersion, which only the write itself determines. */
import { parseExactJson } from '../../base/exact-json.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';

const metadataStart = '"metadata":{';

/** What the bytes of every object of a kind begin with: `{"apiVersion":"v1","kind":"Pod","metadata":{`. ASCII. */
interface Prefix {
  readonly text: string;
  readonly bytes: Buffer;
}

const prefixes = new WeakMap<Resource, Prefix>();

function prefixOf(resource: Resource): Prefix {
  let prefix = prefixes.get(resource);
  if (!prefix) {
    const text = `${JSON.stringify({ apiVersion: resource.apiVersion, kind: resource.kind }).slice(0, -1)},${metadataStart}`;
    prefixes.set(resource, (prefix = { text, bytes: Buffer.from(text) }));
  }
  return prefix;
}

/** The bytes to store: the object without its resourceVersion. */
export function encodeForStore(resource: Resource, object: object): Buffer {
  const { storedAs } = resource;
  if (storedAs) return encodeForStore(storedAs.resource, storedAs.toStored(object as ApiObject));
  return encodeAs(resource, object as ApiObject);
}

function encodeAs({ apiVersion, kind }: { apiVersion: string; kind: string }, object: ApiObject): Buffer {
  const metadata = { ...object.metadata, resourceVersion: undefined };
  // Members keep the places in which they come first: those that the bytes of all objects begin with.
  return Buffer.from(
    JSON.stringify(Object.assign({ apiVersion, kind, metadata }, object, { apiVersion, kind, metadata })),
  );
}

/** The bytes to store, of any kind: a webhook may have to convert the object before. */
export function bytesToStore(resource: Resource, object: object): Buffer | Promise<Buffer> {
  const { custom } = resource;
  if (!custom) return encodeForStore(resource, object);
  const stored = custom.toStored(object as ApiObject);
  return stored instanceof Promise
    ? stored.then((converted) => encodeAs(converted, converted))
    : encodeAs(stored, stored);
}

/** Whether stored bytes are as this server writes them; others may have stored the object in another form. */
export function isNative(resource: Resource, stored: Uint8Array): boolean {
  const { bytes } = prefixOf(resource);
  return stored.length > bytes.length && bytes.compare(stored, 0, bytes.length) === 0;
}

/**
 * The bytes of an object from its first member on, as it stands in a list of its kind: without the opening brace, and without
 * apiVersion and kind, which are the list's.
 */
export function membersInList(resource: Resource, bytes: Buffer): Buffer {
  if (isNative(resource, bytes)) return bytes.subarray(prefixOf(resource).bytes.length - metadataStart.length);
  const { apiVersion: _version, kind: _kind, ...members } = parseExactJson(bytes.toString()) as ApiObject;
  return Buffer.from(JSON.stringify(members)).subarray(1);
}

/** Stored bytes with the resourceVersion put in as the first member of the metadata. */
export function withRevision(resource: Resource, stored: Uint8Array, revision: number): Buffer {
  const { text } = prefixOf(resource);
  const head = `${text}"resourceVersion":"${revision}",`;
  // Memory of its own: out of Node's pool, an object that stays would keep what was beside it, which goes.
  const bytes = Buffer.allocUnsafeSlow(stored.length + head.length - text.length);
  bytes.write(head, 'latin1');
  bytes.set(stored.subarray(text.length), head.length);
  return bytes;
}
