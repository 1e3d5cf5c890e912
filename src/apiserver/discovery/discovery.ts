/** Serves what kinds there are, at /api and /apis. Documents are built on first use and kept. */
import { createHash } from 'node:crypto';
import type { DocumentHandler, DocumentResponse } from '../ports.ts';
import type { ServedResources } from '../served-resources.ts';
import { groupDiscoveryList } from './aggregated-discovery.ts';
import { apiGroups } from './api-groups.ts';
import type { ApiGroup, RemoteGroupVersion } from './api-groups.ts';
import { mediaTypes, notAcceptable } from '../http/content-negotiation.ts';
import { encodeDiscovery } from './discovery-encodings.ts';
import { agreedForm } from './discovery-negotiation.ts';
import type { DiscoveryForm } from './discovery-negotiation.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy-discovery.ts';

/** What other servers serve behind this one. */
export interface RemoteDiscovery {
  /** Rises with every change. */
  readonly generation: number;
  groupVersions(): readonly RemoteGroupVersion[];
}

/** Options of the discovery documents. `serverAddress` is `host:port`, shown at /api. */
export interface DiscoveryOptions {
  readonly resources: ServedResources;
  readonly serverAddress: string;
  readonly remote?: RemoteDiscovery | undefined;
}

interface Document {
  readonly body: string | Uint8Array;
  readonly etag: string;
}

/** Makes the handler of /api, /api/v1, /apis, /apis/GROUP and /apis/GROUP/VERSION. */
export function createDiscovery(options: DiscoveryOptions): {
  handle(...request: Parameters<DocumentHandler['handle']>): DocumentResponse | undefined;
} {
  const documents = new DiscoveryDocuments(options);
  return {
    handle({ method, path: requested, headers }) {
      const path = requested.length > 1 ? requested.replace(/\/$/, '') : requested;
      if ((method !== 'GET' && method !== 'HEAD') || !/^\/apis?(\/|$)/.test(path)) return undefined;
      const form = agreedForm(headers.accept, path === '/api' || path === '/apis');
      const document = documents.at(path, form ?? { encoding: 'json', aggregated: undefined });
      if (!document) return undefined;
      if (!form) throw notAcceptable();
      return answer(document, form, headers['if-none-match']);
    },
  };
}

class DiscoveryDocuments {
  readonly #options: DiscoveryOptions;
  readonly #documents = new Map<string, Document>();
  #core: readonly ApiGroup[] = [];
  #named: readonly ApiGroup[] = [];
  #generation = '';

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  at(path: string, form: DiscoveryForm): Document | undefined {
    this.#follow();
    const key = `${path} ${form.encoding} ${form.aggregated ?? ''}`;
    let document = this.#documents.get(key);
    if (!document) {
      const content = this.#build(path, form.aggregated);
      if (!content) return undefined;
      this.#documents.set(key, (document = serialize(content, form)));
    }
    return document;
  }

  #follow(): void {
    const { resources, remote } = this.#options;
    const generation = `${resources.generation}/${remote?.generation ?? 0}`;
    if (this.#generation === generation) return;
    this.#generation = generation;
    const groups = apiGroups(resources.all(), remote?.groupVersions());
    this.#core = groups.filter(({ name }) => name === '');
    this.#named = groups.filter(({ name }) => name !== '');
    this.#documents.clear();
  }

  #build(path: string, aggregated: string | undefined): object | undefined {
    if (path === '/api') {
      return aggregated ? groupDiscoveryList(this.#core, aggregated) : apiVersions(this.#options.serverAddress);
    }
    if (path === '/apis') {
      return aggregated ? groupDiscoveryList(this.#named, aggregated) : apiGroupList(this.#named);
    }
    const [, root, first = '', second, extra] = path.split('/');
    if (extra !== undefined) return undefined;
    const isCore = root === 'api' && second === undefined;
    const group = isCore ? this.#core[0] : root === 'apis' ? this.#named.find(({ name }) => name === first) : undefined;
    if (!group) return undefined;
    if (!isCore && second === undefined) return apiGroup(group);
    const version = isCore ? first : second;
    const served = group.versions.find((candidate) => candidate.version === version);
    return served && apiResourceList(isCore ? first : `${first}/${version}`, served.resources);
  }
}

function serialize(content: object, form: DiscoveryForm): Document {
  const body = encodeDiscovery(content, form.encoding);
  return { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
}

function answer(
  document: Document,
  { encoding, aggregated }: DiscoveryForm,
  known: string | undefined,
): DocumentResponse {
  const parameters = aggregated ? `;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList` : '';
  const headers = {
    'content-type': `${mediaTypes[encoding]}${parameters}`,
    'cache-control': aggregated ? 'public' : 'no-cache, private',
    vary: 'Accept',
    ...(aggregated ? { etag: document.etag } : {}),
  };
  if (aggregated && known?.includes(document.etag)) return { status: 304, headers, body: '' };
  return { status: 200, headers, body: document.body };
}
