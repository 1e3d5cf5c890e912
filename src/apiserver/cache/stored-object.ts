import { StatusError } from '../../base/errors.ts';
import { parseExactJson } from '../../base/exact-json.ts';
import type { ApiObject, CustomKind, Resource } from '../../machinery/resource.ts';
import type { Labels } from '../../machinery/selector.ts';
import { nativeBytes } from './foreign-bytes.ts';
import { isNative, withRevision } from './object-bytes.ts';
import { SharedForms } from './shared-forms.ts';

/** One version of an object: its JSON bytes, parsed at most once and only when somebody needs it. Immutable. */
export class StoredObject {
  /** The revision that its resourceVersion shows. */
  readonly revision: number;
  #bytes: Buffer | undefined;
  #make: (() => Buffer) | undefined;
  #object: ApiObject | undefined;
  #forms: SharedForms | undefined;
  #labels: Labels;
  /** Reads what is stored, of a kind whose versions are converted into each other; until it is converted. */
  #stored: (() => ApiObject) | undefined;
  #storedVersion: string | undefined;
  /** Whether what is parsed is for all who ask. */
  readonly #isShared: boolean;

  private constructor(bytes: Buffer | (() => Buffer), revision: number, isShared = true) {
    this.revision = revision;
    this.#isShared = isShared;
    if (typeof bytes === 'function') this.#make = bytes;
    else this.#bytes = bytes;
  }

  /** JSON with the resourceVersion in it. */
  get bytes(): Buffer {
    if (!this.#bytes) this.#made(this.#make!());
    return this.#bytes!;
  }

  /** Lets go of what the bytes were made from. */
  #made(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#make = undefined;
    this.#stored = undefined;
  }

  /** From the bytes in the store. */
  static fromStore(resource: Resource, value: Uint8Array, revision: number): StoredObject {
    const { storedAs, custom } = resource;
    if (custom) return StoredObject.#ofCustomKind(custom, value, revision);
    if (!storedAs) {
      if (isNative(resource, value)) return new StoredObject(withRevision(resource, value, revision), revision);
      // Most of what another API server left is seldom looked at.
      return new StoredObject(() => withRevision(resource, nativeBytes(resource, value), revision), revision);
    }
    // The second face of an object is made only if somebody looks at it.
    const stored = StoredObject.fromStore(storedAs.resource, value, revision);
    return new StoredObject(() => Buffer.from(JSON.stringify(storedAs.fromStored(stored.object))), revision);
  }

  /** A custom resource is read by the schema of today, whichever it was written by: when somebody looks at it. */
  static #ofCustomKind(custom: CustomKind, value: Uint8Array, revision: number): StoredObject {
    const stored = (): ApiObject => {
      const { apiVersion, kind, metadata, ...rest } = parseExactJson(Buffer.from(value).toString()) as ApiObject;
      return { apiVersion, kind, metadata: { ...metadata, resourceVersion: String(revision) }, ...rest };
    };
    const made = new StoredObject(() => {
      const object = custom.fromStored(stored());
      if (!object) throw new StatusError('InternalError', 'Internal error occurred: the object is not converted yet');
      return Buffer.from(JSON.stringify(object));
    }, revision);
    made.#stored = stored;
    made.#storedVersion = versionIn(value);
    return made;
  }

  /** The version in which it is stored, where it may be any. */
  get storedVersion(): string | undefined {
    return this.#storedVersion;
  }

  /** Converts those that only others can convert; to be awaited before one looks at them. */
  static async convert({ custom }: Resource, objects: readonly StoredObject[]): Promise<void> {
    if (!custom?.convert) return;
    const waiting = [...new Set(objects)].flatMap((object) => {
      const stored = object.#bytes ? undefined : object.#stored?.();
      return stored && !custom.fromStored(stored) ? [{ object, stored }] : [];
    });
    if (waiting.length === 0) return;
    const converted = await custom.convert(waiting.map(({ stored }) => stored));
    waiting.forEach(({ object }, index) => object.#made(Buffer.from(JSON.stringify(converted[index]))));
  }

  /** What a write would store, for dry runs: an object that has no revision of its own. */
  static unstored(object: ApiObject): StoredObject {
    return new StoredObject(Buffer.from(JSON.stringify(object)), Number(object.metadata.resourceVersion ?? 0));
  }

  /** The same object under another revision. */
  at(revision: number): StoredObject {
    const { metadata, ...rest } = this.object;
    return StoredObject.unstored({ ...rest, metadata: { ...metadata, resourceVersion: String(revision) } });
  }

  /** The parsed object: shared by all who ask, deeply frozen. Of one for a single request it is shared by nobody. */
  get object(): ApiObject {
    if (this.#object) return this.#object;
    const object = parseExactJson(this.bytes.toString()) as ApiObject;
    return (this.#object = this.#isShared ? deepFreeze(object) : object);
  }

  /** The same version for a single request, after which what it is parsed into is of no use: to freeze that costs as well. */
  forOneRequest(): StoredObject {
    if (this.#object || !this.#bytes) return this;
    const own = new StoredObject(this.#bytes, this.revision, false);
    own.#storedVersion = this.#storedVersion;
    return own;
  }

  /** The object for a look that nobody else is likely to need: what is parsed for it is not kept. */
  peek(): ApiObject {
    return this.#object ?? (parseExactJson(this.bytes.toString()) as ApiObject);
  }

  /** Gives the parsed object up, of a version that few will ask for any more: it takes several times the room of its bytes. */
  forgetParsed(): void {
    if (this.#object) this.#labels = this.#object.metadata.labels ?? none;
    this.#object = undefined;
  }

  /** The labels, which are kept also where the object is not. */
  get labels(): Labels {
    if (this.#object) return this.#object.metadata.labels;
    return (this.#labels ??= this.peek().metadata.labels ?? none);
  }

  /** About how many bytes its JSON has. */
  get size(): number {
    return this.#bytes?.length ?? 0;
  }

  /** Another form of this version under a name, made once while it is in demand. */
  form(name: string, make: () => Buffer): Buffer {
    return (this.#forms ??= new SharedForms()).get(name, make);
  }
}

const none: Labels = Object.freeze({});

const versionFirst = Buffer.from('{"apiVersion":"');
const quote = 0x22;

/** The apiVersion that stored bytes begin with, as also upstream writes custom resources; undefined for other bytes. */
function versionIn(value: Uint8Array): string | undefined {
  const start = versionFirst.length;
  if (!versionFirst.equals(value.subarray(0, start))) return undefined;
  return Buffer.from(value.subarray(start, value.indexOf(quote, start))).toString();
}

/** Freezes a JSON value and all within; what is shared must not change under anybody. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (Array.isArray(value)) for (const item of value) deepFreeze(item);
  else for (const name in value) if (typeof value[name] === 'object') deepFreeze(value[name]);
  return value;
}
