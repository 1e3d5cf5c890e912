/** Serves OpenAPI at /openapi/v2 and /openapi/v3. Documents are built when first asked for, and kept. */
import { createHash } from 'node:crypto';
import protobuf from 'protobufjs/minimal.js';
import type { Resource } from '../../machinery/resource.ts';
import type { DocumentHandler, DocumentResponse } from '../ports.ts';
import type { ServedResources } from '../served-resources.ts';
import { openApiV2, openApiV3 } from './documents.ts';
import { rootOf } from './operations.ts';

interface Document {
  readonly body: string;
  readonly hash: string;
}

const v3Root = '/openapi/v3';

/** Makes the handler. `resources` are all served kinds. */
export function createOpenApi({ resources }: { readonly resources: ServedResources }): DocumentHandler {
  let all: readonly Resource[] = [];
  let byRoot = new Map<string, Resource[]>();
  const documents = new Map<string, Document>();
  const follow = (): void => {
    if (all === resources.all()) return;
    all = resources.all();
    byRoot = Map.groupBy(all, (resource) => rootOf(resource).slice(1));
    documents.clear();
  };
  const documentAt = (key: string, build: () => object): Document => {
    let document = documents.get(key);
    if (!document) {
      const body = JSON.stringify(build());
      const hash = createHash('sha512').update(body).digest('hex').toUpperCase();
      documents.set(key, (document = { body, hash }));
    }
    return document;
  };
  const groupVersion = (root: string): Document | undefined => {
    const members = byRoot.get(root);
    return members && documentAt(root, () => openApiV3(members, all));
  };
  const index = (): Document =>
    documentAt(v3Root, () => ({
      paths: Object.fromEntries(
        [...byRoot.keys()].map((root) => {
          const serverRelativeURL = `${v3Root}/${root}?hash=${groupVersion(root)?.hash ?? ''}`;
          return [root, { serverRelativeURL }];
        }),
      ),
    }));

  return {
    handle({ method, path, query, headers }) {
      if (method !== 'GET' || !path.startsWith('/openapi/')) return undefined;
      follow();
      const accept = headers.accept ?? '*/*';
      const known = headers['if-none-match'];
      if (path === '/openapi/v2') {
        if (accept.includes(protobufType)) return protobufV2();
        return acceptsJson(accept)
          ? answer(
              documentAt(path, () => openApiV2(all)),
              { known },
            )
          : notAcceptable;
      }
      if (path === v3Root || path === `${v3Root}/`) return answer(index(), { known });
      const document = path.startsWith(`${v3Root}/`) ? groupVersion(path.slice(v3Root.length + 1)) : undefined;
      if (!document) return undefined;
      if (!acceptsJson(accept)) return notAcceptable;
      return answer(document, { known, immutable: query.get('hash') === document.hash });
    },
  };
}

/** The media type without its version, which clients write with `@` or with a dot. */
const protobufType = 'application/com.github.proto-openapi.spec.v2';

/**
 * What clients of Go take alone, and kubectl can't do without: it asks for it to validate a `List`. It names no kinds, of
 * which kubectl then leaves the validation to the server, which does it better. Source: gnostic's openapi_v2.Document.
 */
function protobufV2(): DocumentResponse {
  const [swagger, info, title, version] = [0x0a, 0x12, 0x0a, 0x12];
  const writer = protobuf.Writer.create();
  writer.uint32(swagger).string('2.0');
  writer.uint32(info).fork().uint32(title).string('Kubernetes').uint32(version).string('v1.36').ldelim();
  return {
    status: 200,
    headers: { 'content-type': `${protobufType}.v1.0+protobuf`, vary: 'Accept' },
    body: writer.finish(),
  };
}

/** Clients that want nothing but another form are refused. */
function acceptsJson(accept: string): boolean {
  return accept.split(',').some((range) => /^\s*(application\/json|application\/\*|\*\/\*)\s*(;|$)/.test(range));
}

const notAcceptable: DocumentResponse = {
  status: 406,
  headers: { 'content-type': 'text/plain' },
  body: 'not acceptable\n',
};

function answer(
  { body, hash }: Document,
  { known, immutable = false }: { readonly known: string | undefined; readonly immutable?: boolean },
): DocumentResponse {
  const etag = `"${hash}"`;
  const headers = {
    'content-type': 'application/json',
    etag,
    vary: 'Accept',
    // The address names the content: it may be kept for good. Source: kube-openapi's handler3.
    'cache-control': immutable ? 'public, immutable, max-age=31536000' : 'no-cache, private',
  };
  return known === etag ? { status: 304, headers, body: '' } : { status: 200, headers, body };
}
