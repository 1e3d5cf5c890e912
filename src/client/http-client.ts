import type { Clock } from '../base/clock.ts';
import { StatusError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { systemClock } from '../base/system-clock.ts';
import type { ObjectKey, Resource } from '../machinery/resource.ts';
import type {
  CallOptions,
  Client,
  DeleteCallOptions,
  ListOptions,
  ObjectList,
  PatchType,
  Selection,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import type { Connection } from './connection.ts';
import type { RawRequest, RawResponse } from './http-transport.ts';
import { HttpTransport } from './http-transport.ts';
import { readText } from './read-text.ts';
import { resourcePath, targetOf, withQuery } from './resource-path.ts';
import { statusErrorOf } from './response-error.ts';
import { watchEvents } from './watch-stream.ts';

/** A client over HTTP that also reaches paths that are not kinds: logs, proxies, `/version`. Dispose to disconnect. */
export interface HttpClient extends Client, AsyncDisposable {
  /** Any request; throws the StatusError that a failure's body carries. */
  request(request: RawRequest): Promise<RawResponse>;
  /** Like `request`, with the body read as text. */
  text(request: RawRequest): Promise<string>;
  /** Like `request`, with the body parsed as JSON. Sends `body` as JSON unless headers say otherwise. */
  json(request: RawRequest): Promise<unknown>;
  /** Shows the connection's certificate of the moment to servers; watches end within half a minute, to be begun again. */
  renew(): void;
}

/** Options of `createHttpClient`. */
export interface HttpClientOptions {
  readonly clock?: Clock;
  /** Milliseconds for requests that are not watches. Default: 60 s. */
  readonly timeout?: number;
}

/** A client of the servers of `connection`. It connects at the first request. */
export function createHttpClient(connection: Connection, options: HttpClientOptions = {}): HttpClient {
  return new Http2Client(connection, options);
}

const patchTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // JSON is YAML.
  apply: 'application/apply-patch+yaml',
};

/** How often a request is repeated when the server answers 429 or 5xx with Retry-After. Source: client-go. */
const maxRetries = 10;

class Http2Client implements HttpClient {
  readonly #transport: HttpTransport;
  readonly #clock: Clock;
  readonly #timeout: number | undefined;

  constructor(connection: Connection, options: HttpClientOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#transport = new HttpTransport(connection, this.#clock);
    this.#timeout = options.timeout;
  }

  async request(request: RawRequest): Promise<RawResponse> {
    for (let retry = 0; ; retry++) {
      const response = await this.#transport.request({ timeout: this.#timeout, ...request });
      if (response.status < 400) return response;
      const wait = retryDelay(response);
      if (wait === undefined || retry >= maxRetries) throw await statusErrorOf(response);
      response.body.resume();
      await this.#clock.sleep(wait, request.signal);
    }
  }

  async text(request: RawRequest): Promise<string> {
    return readText((await this.request(request)).body);
  }

  async json(request: RawRequest): Promise<unknown> {
    const contentType = request.body === undefined ? {} : { 'content-type': 'application/json' };
    const text = await this.text({ ...request, headers: { ...contentType, ...request.headers } });
    return text === '' ? {} : JSON.parse(text);
  }

  async get<T, D>(resource: Resource<T, D>, key: ObjectKey, options: CallOptions = {}): Promise<T> {
    const body = await this.json({ path: resourcePath(resource, targetOf(key)), signal: options.signal });
    return body as T;
  }

  async list<T, D>(resource: Resource<T, D>, options: ListOptions = {}): Promise<ObjectList<T>> {
    const { namespace, signal, ...query } = options;
    const path = withQuery(resourcePath(resource, { namespace }), query);
    const body = (await this.json({ path, signal })) as ObjectList<T>;
    return { metadata: body.metadata, items: typedItems(resource, body.items ?? []) };
  }

  async *watch<T, D>(resource: Resource<T, D>, options: WatchOptions = {}): AsyncIterable<WatchEvent<T>> {
    const { namespace, signal, ...query } = options;
    const path = withQuery(resourcePath(resource, { namespace }), { watch: true, ...query });
    const { body } = await this.request({ path, signal });
    yield* watchEvents<T>(body);
  }

  async create<T, D>(resource: Resource<T, D>, object: D, options: WriteOptions = {}): Promise<T> {
    const { namespace, name } = metadataOf(object);
    const target = { namespace, name: options.subresource === undefined ? undefined : name };
    return this.#write('POST', withOptions(resource, target, options), { resource, object, options });
  }

  async update<T, D>(resource: Resource<T, D>, object: D, options: WriteOptions = {}): Promise<T> {
    const { namespace, name } = metadataOf(object);
    if (name === undefined) throw new StatusError('BadRequest', 'metadata.name is required for an update');
    return this.#write('PUT', withOptions(resource, { namespace, name }, options), { resource, object, options });
  }

  async patch<T, D>(
    resource: Resource<T, D>,
    key: ObjectKey,
    patch: { readonly type: PatchType; readonly body: Json },
    options: WriteOptions = {},
  ): Promise<T> {
    const body = await this.json({
      method: 'PATCH',
      path: withOptions(resource, key, options),
      headers: { 'content-type': patchTypes[patch.type] },
      body: JSON.stringify(patch.body),
      signal: options.signal,
    });
    return body as T;
  }

  async delete<T, D>(resource: Resource<T, D>, key: ObjectKey, options: DeleteCallOptions = {}): Promise<void> {
    const path = resourcePath(resource, targetOf(key));
    await this.json({ method: 'DELETE', path, body: deleteBody(options), signal: options.signal });
  }

  async deleteCollection<T, D>(resource: Resource<T, D>, options: Selection & DeleteCallOptions = {}): Promise<void> {
    const { namespace, labelSelector, fieldSelector, signal } = options;
    const path = withQuery(resourcePath(resource, { namespace }), { labelSelector, fieldSelector });
    await this.json({ method: 'DELETE', path, body: deleteBody(options), signal });
  }

  async createSubresource<T, D, B, C>(
    resource: Resource<T, D>,
    key: ObjectKey,
    body: { readonly subresource: string; readonly kind: Resource<B, C>; readonly object: C },
    options: CallOptions = {},
  ): Promise<B> {
    const path = resourcePath(resource, targetOf(key, body.subresource));
    const text = JSON.stringify(typed(body.kind, body.object));
    return (await this.json({ method: 'POST', path, body: text, signal: options.signal })) as B;
  }

  renew(): void {
    this.#transport.renew();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
  }

  async #write<T, D>(
    method: 'POST' | 'PUT',
    path: string,
    write: { readonly resource: Resource<T, D>; readonly object: D; readonly options: WriteOptions },
  ): Promise<T> {
    const body = JSON.stringify(typed(write.resource, write.object));
    return (await this.json({ method, path, body, signal: write.options.signal })) as T;
  }
}

function withOptions<T, D>(
  resource: Resource<T, D>,
  target: { readonly namespace?: string | undefined; readonly name?: string | undefined },
  options: WriteOptions,
): string {
  const { subresource, fieldManager, force, dryRun } = options;
  const path = resourcePath(resource, { ...target, subresource });
  return withQuery(path, { fieldManager, force, dryRun: dryRun === true ? 'All' : undefined });
}

function metadataOf(object: unknown): { readonly namespace?: string | undefined; readonly name?: string | undefined } {
  return (object as { readonly metadata?: { namespace?: string; name?: string } }).metadata ?? {};
}

function typed<T, D>(resource: Resource<T, D>, object: D): unknown {
  return { apiVersion: resource.apiVersion, kind: resource.kind, ...object };
}

/** Items of typed lists travel without apiVersion and kind. */
function typedItems<T, D>(resource: Resource<T, D>, items: readonly T[]): readonly T[] {
  const { apiVersion, kind } = resource;
  return items.map((item) => ({ apiVersion, kind, ...item }));
}

function deleteBody(options: DeleteCallOptions): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: options.gracePeriodSeconds,
    preconditions: options.preconditions,
    propagationPolicy: options.propagation,
  });
}

function retryDelay(response: RawResponse): number | undefined {
  if (response.status !== 429 && response.status < 500) return undefined;
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}
