import type { Json } from '../../src/base/json.ts';
import { messageOf } from '../../src/base/errors.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import type { Connection } from '../../src/client/connection.ts';
import { HttpTransport } from '../../src/client/http-transport.ts';
import { isStatus } from '../../src/client/response-error.ts';
import { watchEvents } from '../../src/client/watch-stream.ts';
import { StoreError } from '../../src/store/store.ts';
import type { Store, StoreErrorKind, StoreList, StoreListener, StoredValue } from '../../src/store/store.ts';
import type { Deletions } from './deletions.ts';

/** What the keys of an API server's objects begin with; then follow namespace and name. */
export const apiPrefix = '/api/';

/** By this label the objects of the test are told from others. */
const label = { test: 'faults' };
const selector = 'labelSelector=test%3Dfaults';
/** Longer than a server may take to give up. */
const requestTimeout = 20_000;

/** What an API server answers to. */
interface ConfigMapBody {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly data?: { readonly value?: string };
}

interface Answer {
  readonly code: number;
  readonly body: unknown;
}

/** An API server as a store, whose values are ConfigMaps, so that what holds for stores can be asked of it. */
export class ApiStore implements Store {
  /** Failures that were not told as the API tells failures. */
  readonly improper: string[] = [];
  /** Milliseconds that the answer took which took longest. */
  slowest = 0;
  readonly #transport: HttpTransport;
  readonly #deletions: Deletions;
  readonly #timeout: string | undefined;

  /** `timeout`: how long the server is asked to take at most, such as `3s`; default: as long as it likes. */
  constructor(connection: Connection, deletions: Deletions, timeout?: string) {
    this.#transport = new HttpTransport(connection, systemClock);
    this.#deletions = deletions;
    this.#timeout = timeout;
  }

  /** Makes a namespace, for keys that begin with `/api/<name>/`, unless it is there. */
  async createNamespace(name: string): Promise<void> {
    const { code, body } = await this.#send('POST', '/api/v1/namespaces', { metadata: { name } });
    if (code !== 201 && code !== 409)
      throw new Error(`namespace ${name} could not be created: ${JSON.stringify(body)}`);
  }

  /** Whether what the server happens to know is served: the code for the list and for the object, as of version 0. */
  async anyVersion(key: string): Promise<readonly number[]> {
    const paths = [`${pathOf(key)}?resourceVersion=0`, `${pathOfAll(key)}?resourceVersion=0`];
    return Promise.all(paths.map(async (path) => (await this.#send('GET', path)).code));
  }

  async revision(): Promise<number> {
    return (await this.list(apiPrefix)).revision;
  }

  async get(key: string): Promise<StoredValue | undefined> {
    const answer = await this.#read(pathOf(key));
    if (answer.code === 404) return undefined;
    return valueOf(answer.body as ConfigMapBody);
  }

  async list(prefix: string): Promise<StoreList> {
    const { body } = await this.#read(`${pathOfAll(prefix)}?${selector}`);
    const list = body as { readonly metadata: { readonly resourceVersion: string }; readonly items: ConfigMapBody[] };
    const items = list.items.map(valueOf);
    return { items, revision: Number(list.metadata.resourceVersion), remaining: 0 };
  }

  async create(key: string, value: Uint8Array): Promise<number> {
    const { namespace, name } = partsOf(key);
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    return revisionOf(await this.#write('POST', path, bodyOf({ namespace, name, value })));
  }

  async update(key: string, value: Uint8Array, expected: number): Promise<number> {
    const object = bodyOf({ ...partsOf(key), value, resourceVersion: String(expected) });
    return revisionOf(await this.#write('PUT', pathOf(key), object));
  }

  async delete(key: string, expected?: number): Promise<number> {
    const preconditions = expected === undefined ? undefined : { resourceVersion: String(expected) };
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', ...(preconditions && { preconditions }) };
    const status = (await this.#write('DELETE', pathOf(key), options)) as {
      readonly details: { readonly uid: string };
    };
    // The answer does not tell the version of the deletion: whoever watches is told.
    return this.#deletions.revisionOf(status.details.uid);
  }

  watch({ after }: { readonly after: number }, listener: StoreListener): Disposable {
    const stopping = new AbortController();
    void this.#follow(after, listener, stopping.signal);
    return { [Symbol.dispose]: () => stopping.abort(new Error('the watch is not wanted any more')) };
  }

  compact(): Promise<void> {
    return Promise.reject(new StoreError('readonly', 'an API server compacts by itself'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
  }

  async #follow(after: number, listener: StoreListener, signal: AbortSignal): Promise<void> {
    try {
      const query = `watch=true&resourceVersion=${after}&allowWatchBookmarks=true&${selector}`;
      const response = await this.#transport.request({ path: `/api/v1/configmaps?${query}`, signal });
      if (response.status !== 200) throw new Error(`the watch was answered ${response.status}`);
      for await (const event of watchEvents<ConfigMapBody>(response.body)) {
        if (event.type === 'BOOKMARK') listener.progress?.(Number(event.resourceVersion));
        else {
          const stored = valueOf(event.object);
          if (event.type === 'DELETED') this.#deletions.heard(event.object.metadata.uid, stored.revision);
          listener.events([{ type: typeOf[event.type], ...stored }]);
        }
      }
      throw new Error('the watch ended');
    } catch (error) {
      if (signal.aborted) return;
      const expired = error instanceof Error && 'reason' in error && error.reason === 'Expired';
      listener.failed(new StoreError(expired ? 'compacted' : 'unavailable', messageOf(error), { cause: error }));
    }
  }

  /** Answers 200 and 404 only. */
  async #read(path: string): Promise<Answer> {
    const answer = await this.#send('GET', path).catch((error: unknown) => {
      throw new StoreError('unavailable', messageOf(error), { cause: error });
    });
    if (answer.code === 200 || answer.code === 404) return answer;
    throw new StoreError('unavailable', JSON.stringify(answer.body));
  }

  /** The body of a success; else a `StoreError` that says whether the write may have been carried out. */
  async #write(method: string, path: string, sent: Json): Promise<unknown> {
    const { code, body } = await this.#send(method, path, sent).catch((error: unknown) => {
      throw new StoreError('uncertain', messageOf(error), { cause: error });
    });
    if (code < 300) return body;
    throw new StoreError(kindOf(code, body), JSON.stringify(body));
  }

  /** Rejects only if the answer did not come, or not all of it. */
  async #send(method: string, path: string, sent?: Json): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    const content = sent === undefined ? {} : { headers, body: JSON.stringify(sent) };
    const limit = this.#timeout === undefined ? '' : `${path.includes('?') ? '&' : '?'}timeout=${this.#timeout}`;
    const began = performance.now();
    const request = { method, path: path + limit, ...content, timeout: requestTimeout };
    const response = await this.#transport.request(request);
    this.slowest = Math.max(this.slowest, performance.now() - began);
    const text = Buffer.concat(await response.body.toArray()).toString();
    const answer = { code: response.status, body: JSON.parse(text) as unknown };
    if (answer.code >= 300 && !isProper(answer)) this.improper.push(`${method} ${path}: ${answer.code} ${text}`);
    return answer;
  }
}

const typeOf = { ADDED: 'created', MODIFIED: 'updated', DELETED: 'deleted' } as const;

/** Whether a failure says what the API's failures say. */
function isProper({ code, body }: Answer): boolean {
  return isStatus(body) && body.status === 'Failure' && body.code === code && (body.message ?? '') !== '';
}

/** Unavailable is what has certainly not been carried out. Every failure that says less leaves it open. */
function kindOf(code: number, body: unknown): StoreErrorKind {
  const reason = isStatus(body) ? body.reason : undefined;
  if (code === 404) return 'notFound';
  if (code === 409) return reason === 'AlreadyExists' ? 'exists' : 'conflict';
  return code === 503 || code === 429 ? 'unavailable' : 'uncertain';
}

function valueOf({ metadata, data }: ConfigMapBody): StoredValue {
  const key = `${apiPrefix}${metadata.namespace}/${metadata.name}`;
  return { key, value: Buffer.from(data?.value ?? ''), revision: Number(metadata.resourceVersion) };
}

function revisionOf(object: unknown): number {
  return Number((object as ConfigMapBody).metadata.resourceVersion);
}

interface KeyParts {
  readonly namespace: string;
  readonly name: string;
}

function partsOf(key: string): KeyParts {
  const [namespace = '', name = ''] = key.slice(apiPrefix.length).split('/');
  return { namespace, name };
}

function pathOf(key: string): string {
  const { namespace, name } = partsOf(key);
  return `/api/v1/namespaces/${namespace}/configmaps/${name}`;
}

/** The path of a list, of one namespace or of all. */
function pathOfAll(prefix: string): string {
  const { namespace } = partsOf(prefix);
  return namespace === '' ? '/api/v1/configmaps' : `/api/v1/namespaces/${namespace}/configmaps`;
}

function bodyOf(object: KeyParts & { readonly value: Uint8Array; readonly resourceVersion?: string }): Json {
  const { namespace, name, value, resourceVersion } = object;
  const metadata = { namespace, name, labels: label, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value: new TextDecoder().decode(value) } };
}
