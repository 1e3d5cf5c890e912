/** Serves OpenAPI at /openapi/v2 and /openapi/v3. Documents are built when first asked for. Source: kube-openapi's handlers. */
import type { IncomingHttpHeaders } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { loadDescriptions } from '../../api/descriptions.ts';
import type { Clock } from '../../base/clock.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { DocumentHandler, DocumentResponse } from '../ports.ts';
import type { ServedResources } from '../served-resources.ts';
import { discoveryDocument, groupVersionDocument, openApiV2 } from './documents.ts';
import { encodeGnostic } from './encode-gnostic.ts';
import { withRemoteDocuments } from './merge-documents.ts';
import { rootOf, subresourceResources } from './operations.ts';
import { SchemaBook } from './schema-book.ts';
import type { OpenApiVersion } from './schema-book.ts';
import { serializedDocument, UsedLately } from './serialized-documents.ts';
import type { SerializedDocument } from './serialized-documents.ts';

/** The documents of servers that this one stands in front of. */
export interface RemoteOpenApi {
  /** Rises with every change. */
  readonly generation: number;
  /** Their documents in version 2, the most important first. */
  version2(): readonly Readonly<Record<string, unknown>>[];
  /** Their documents in version 3, as JSON, by root: `apis/metrics.k8s.io/v1beta1`. */
  version3(): ReadonlyMap<string, SerializedDocument>;
}

/** Options of the documents. */
export interface OpenApiOptions {
  readonly resources: ServedResources;
  readonly remote?: RemoteOpenApi | undefined;
  /** Tells when documents that nobody asks for are forgotten; without it they never are. */
  readonly clock?: Clock | undefined;
  /** Aborted when the server stops. */
  readonly signal?: AbortSignal | undefined;
}

type Encoding = 'json' | 'protobuf';

const v3Root = '/openapi/v3';

/** Makes the handler. */
export function createOpenApi(options: OpenApiOptions): DocumentHandler {
  const documents = new OpenApiDocuments(options);
  return {
    handle({ method, path, query, headers }) {
      if ((method !== 'GET' && method !== 'HEAD') || !path.startsWith('/openapi/')) return undefined;
      const trimmed = path.replace(/\/$/, '');
      if (trimmed === '/openapi/v2') return versionTwo(documents, headers);
      if (trimmed === v3Root)
        return documents.index().then((index) => answer(index, { headers, encoding: 'json', version: 3 }));
      if (!path.startsWith(`${v3Root}/`)) return undefined;
      return versionThree(documents, { root: path.slice(v3Root.length + 1), hash: query.get('hash') ?? '', headers });
    },
  };
}

async function versionTwo(documents: OpenApiDocuments, headers: IncomingHttpHeaders): Promise<DocumentResponse> {
  const encoding = agreedEncoding(headers.accept, 2);
  if (!encoding) return notAcceptable;
  return answer(await documents.version2(encoding), { headers, encoding, version: 2 });
}

interface VersionThreeRequest {
  readonly root: string;
  readonly hash: string;
  readonly headers: IncomingHttpHeaders;
}

function versionThree(
  documents: OpenApiDocuments,
  { root, hash, headers }: VersionThreeRequest,
): Promise<DocumentResponse> | undefined {
  if (!documents.has(root)) return undefined;
  const encoding = agreedEncoding(headers.accept, 3);
  if (!encoding) return Promise.resolve(notAcceptable);
  return documents.version3(root, encoding).then(async (document) => {
    const named = encoding === 'json' ? document : await documents.version3(root, 'json');
    if (hash !== '' && hash !== named.hash) return movedTo(`${v3Root}/${root}?hash=${named.hash}`);
    return answer(document, { headers, encoding, version: 3, immutable: hash !== '' });
  });
}

/** One document in version 3: what it is made of, and what has been made of it. */
interface Entry {
  readonly members: readonly Resource[];
  hash?: string;
  readonly json: UsedLately<SerializedDocument>;
  readonly protobuf: UsedLately<SerializedDocument>;
}

class OpenApiDocuments {
  readonly #options: OpenApiOptions;
  readonly #books: Readonly<Record<OpenApiVersion, UsedLately<Promise<SchemaBook>>>>;
  readonly #version2: Readonly<Record<Encoding, UsedLately<Promise<SerializedDocument>>>>;
  #entries = new Map<string, Entry>();
  #resources: readonly Resource[] = [];
  #remoteGeneration: number | undefined;

  constructor(options: OpenApiOptions) {
    this.#options = options;
    const { clock, signal } = options;
    this.#books = { 2: new UsedLately(clock), 3: new UsedLately(clock) };
    this.#version2 = { json: new UsedLately(clock), protobuf: new UsedLately(clock) };
    signal?.addEventListener('abort', () => this.#forget(), { once: true });
  }

  /** Whether there is a document in version 3 under a root such as `apis/apps/v1`. */
  has(root: string): boolean {
    this.#follow();
    return this.#entries.has(root) || (this.#options.remote?.version3().has(root) ?? false);
  }

  async index(): Promise<SerializedDocument> {
    this.#follow();
    const paths: Record<string, object> = {};
    const remote = this.#options.remote?.version3();
    const roots = [...this.#entries.keys(), ...(remote?.keys() ?? [])];
    for (const root of roots.toSorted()) {
      const hash = await this.#hash(root);
      if (hash) paths[root] = { serverRelativeURL: `${v3Root}/${root}?hash=${hash}` };
    }
    return serializedDocument(JSON.stringify({ paths }));
  }

  async version3(root: string, encoding: Encoding): Promise<SerializedDocument> {
    this.#follow();
    const entry = this.#entries.get(root);
    if (!entry) return this.#remoteVersion3(root, encoding);
    const book = await this.#book(3);
    const build = (): object =>
      entry.members.length === 0 ? discoveryDocument(root, book) : groupVersionDocument(entry.members, book);
    if (encoding === 'protobuf') return entry.protobuf.get(() => serializedDocument(encodeGnostic(build(), 3)));
    const document = entry.json.get(() => serializedDocument(JSON.stringify(build())));
    entry.hash = document.hash;
    return document;
  }

  version2(encoding: Encoding): Promise<SerializedDocument> {
    this.#follow();
    return this.#version2[encoding].get(async () => {
      const own = openApiV2(this.#resources, await this.#book(2));
      const document = withRemoteDocuments(own, this.#options.remote?.version2() ?? []);
      return serializedDocument(encoding === 'json' ? JSON.stringify(document) : encodeGnostic(document, 2));
    });
  }

  #remoteVersion3(root: string, encoding: Encoding): SerializedDocument {
    const document = this.#options.remote?.version3().get(root);
    if (!document) throw new Error(`no OpenAPI document for ${root}`);
    if (encoding === 'json') return document;
    return serializedDocument(encodeGnostic(JSON.parse(document.bytes.toString()) as object, 3));
  }

  /** Undefined if the kinds have gone meanwhile. */
  async #hash(root: string): Promise<string | undefined> {
    const known = this.#entries.get(root)?.hash;
    if (known) return known;
    // Others' requests go between the documents, which take milliseconds each.
    await setImmediate();
    return this.has(root) ? (await this.version3(root, 'json')).hash : undefined;
  }

  #book(version: OpenApiVersion): Promise<SchemaBook> {
    return this.#books[version].get(async () => {
      const all = this.#resources;
      const spoken = subresourceResources.filter((resource) => !all.includes(resource));
      return new SchemaBook({ version, all: [...all, ...spoken], descriptions: await loadDescriptions() });
    });
  }

  /** Keeps what is made of kinds that are still the same. */
  #follow(): void {
    const { resources, remote, clock } = this.#options;
    if (this.#remoteGeneration !== remote?.generation) {
      this.#remoteGeneration = remote?.generation;
      for (const document of Object.values(this.#version2)) document.forget();
    }
    if (this.#resources === resources.all()) return;
    this.#forget();
    this.#resources = resources.all();
    const before = this.#entries;
    this.#entries = new Map();
    for (const [root, members] of rootsOf(this.#resources)) {
      const known = before.get(root);
      const isSame = known?.members.length === members.length && members.every((one, i) => one === known.members[i]);
      const fresh = {
        members,
        json: new UsedLately<SerializedDocument>(clock),
        protobuf: new UsedLately<SerializedDocument>(clock),
      };
      this.#entries.set(root, isSame && known ? known : fresh);
      if (!isSame) forgetEntry(known);
      before.delete(root);
    }
    before.forEach(forgetEntry);
  }

  #forget(): void {
    for (const used of [...Object.values(this.#books), ...Object.values(this.#version2)]) used.forget();
    if (this.#options.signal?.aborted) this.#entries.forEach(forgetEntry);
  }
}

function forgetEntry(entry: Entry | undefined): void {
  entry?.json.forget();
  entry?.protobuf.forget();
}

/** The documents of version 3: one per group version, and one per discovery document, which has no kinds. */
function rootsOf(resources: readonly Resource[]): Map<string, readonly Resource[]> {
  const roots = new Map<string, readonly Resource[]>([
    ['api', []],
    ['apis', []],
  ]);
  for (const { group } of resources) if (group !== '') roots.set(`apis/${group}`, []);
  for (const [root, members] of Map.groupBy(resources, (resource) => rootOf(resource).slice(1)))
    roots.set(root, members);
  return roots;
}

/** What a client wants: the first of its ranges that there is. Clients write the version with `@` or with a dot. */
function agreedEncoding(accept: string | undefined, version: OpenApiVersion): Encoding | undefined {
  const protobuf = new RegExp(`^application/com\\.github\\.proto-openapi\\.spec\\.v${version}[@.]v1\\.0\\+protobuf$`);
  for (const range of (accept || '*/*').split(',')) {
    const type = range.split(';')[0]?.trim() ?? '';
    if (protobuf.test(type)) return 'protobuf';
    if (type === 'application/json' || type === 'application/*' || type === '*/*') return 'json';
  }
  return undefined;
}

const notAcceptable: DocumentResponse = {
  status: 406,
  headers: { 'content-type': 'text/plain' },
  body: 'not acceptable\n',
};

function movedTo(location: string): DocumentResponse {
  return { status: 301, headers: { location, 'content-type': 'text/plain' }, body: '' };
}

interface AnswerOptions {
  readonly headers: IncomingHttpHeaders;
  readonly encoding: Encoding;
  readonly version: OpenApiVersion;
  /** The address names the content: it may be kept for good. */
  readonly immutable?: boolean;
}

async function answer(
  document: SerializedDocument,
  { headers: asked, encoding, version, immutable = false }: AnswerOptions,
): Promise<DocumentResponse> {
  const etag = `"${document.hash}"`;
  const type =
    encoding === 'json' ? 'application/json' : `application/com.github.proto-openapi.spec.v${version}.v1.0+protobuf`;
  const headers = {
    'content-type': type,
    etag,
    vary: 'Accept-Encoding, Accept',
    'cache-control': immutable ? 'public, immutable, max-age=31536000' : 'no-cache, private',
  };
  if (asked['if-none-match']?.includes(etag)) return { status: 304, headers, body: '' };
  if (!/\bgzip\b/.test(asked['accept-encoding'] ?? '')) return { status: 200, headers, body: document.bytes };
  return { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: await document.gzip() };
}
