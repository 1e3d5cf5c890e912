/** Serves what kinds there are, at /api and /apis. Documents are built on first use and kept. */
import { createHash } from 'node:crypto';
import type { DocumentHandler, DocumentResponse } from '../ports.ts';
import type { ServedResources } from '../served-resources.ts';
import { groupDiscoveryList } from './aggregated-discovery.ts';
import { apiGroups } from './api-groups.ts';
import type { ApiGroup } from './api-groups.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy-discovery.ts';

/** Options of the discovery documents. `serverAddress` is `host:port`, shown at /api. */
export interface DiscoveryOptions {
  readonly resources: ServedResources;
  readonly serverAddress: string;
}

interface Document {
  readonly body: string;
  readonly etag: string;
}

/** Makes the handler of /api, /api/v1, /apis, /apis/GROUP and /apis/GROUP/VERSION. */
export function createDiscovery({ resources, serverAddress }: DiscoveryOptions): DocumentHandler {
  let core: readonly ApiGroup[] = [];
  let named: readonly ApiGroup[] = [];
  let generation: number | undefined;
  const documents = new Map<string, Document>();
  const follow = (): void => {
    if (generation === resources.generation) return;
    generation = resources.generation;
    const groups = apiGroups(resources.all());
    core = groups.filter(({ name }) => name === '');
    named = groups.filter(({ name }) => name !== '');
    documents.clear();
  };

  const build = (path: string, aggregated: string | undefined): object | undefined => {
    if (path === '/api') return aggregated ? groupDiscoveryList(core, aggregated) : apiVersions(serverAddress);
    if (path === '/apis') return aggregated ? groupDiscoveryList(named, aggregated) : apiGroupList(named);
    const [, root, first = '', second, extra] = path.split('/');
    if (extra !== undefined) return undefined;
    const isCore = root === 'api' && second === undefined;
    const group = isCore ? core[0] : root === 'apis' ? named.find(({ name }) => name === first) : undefined;
    if (!group) return undefined;
    if (!isCore && second === undefined) return apiGroup(group);
    const version = isCore ? first : second;
    const served = group.versions.find((candidate) => candidate.version === version);
    return served && apiResourceList(isCore ? first : `${first}/${version}`, served.resources);
  };

  return {
    handle({ method, path: requested, headers }) {
      const path = requested.length > 1 ? requested.replace(/\/$/, '') : requested;
      if (method !== 'GET' || !/^\/apis?(\/|$)/.test(path)) return undefined;
      const summary = path === '/api' || path === '/apis';
      const aggregated = summary ? aggregatedVersion(headers.accept ?? '') : undefined;
      const key = `${path} ${aggregated ?? ''}`;
      follow();
      let document = documents.get(key);
      if (!document) {
        const content = build(path, aggregated);
        if (!content) return undefined;
        documents.set(key, (document = serialize(content)));
      }
      return answer(document, aggregated, headers['if-none-match']);
    },
  };
}

function serialize(content: object): Document {
  const body = JSON.stringify(content);
  return { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
}

function answer(document: Document, aggregated: string | undefined, known: string | undefined): DocumentResponse {
  const parameters = aggregated ? `;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList` : '';
  const headers = {
    'content-type': `application/json${parameters}`,
    'cache-control': aggregated ? 'public' : 'no-cache, private',
    vary: 'Accept',
    ...(aggregated ? { etag: document.etag } : {}),
  };
  if (aggregated && known === document.etag) return { status: 304, headers, body: '' };
  return { status: 200, headers, body: document.body };
}

/** Which aggregated version the client prefers over the plain form, from its Accept header. */
function aggregatedVersion(accept: string): string | undefined {
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (type !== 'application/json' && type !== '*/*') continue;
    const values = new Map(parameters.map((parameter) => parameter.split('=') as [string, string]));
    if (values.get('as') !== 'APIGroupDiscoveryList' || values.get('g') !== 'apidiscovery.k8s.io') return undefined;
    const version = values.get('v');
    if (version === 'v2' || version === 'v2beta1') return version;
  }
  return undefined;
}
