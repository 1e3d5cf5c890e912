/** What a server behind this one says of itself: its resources and its OpenAPI documents. */
import type { ResourceDiscovery } from '../discovery/resource-discovery.ts';
import { documentUnder } from '../openapi/merge-documents.ts';
import { serializedDocument } from '../openapi/serialized-documents.ts';
import type { SerializedDocument } from '../openapi/serialized-documents.ts';
import { resourcesOf } from './discovered-resources.ts';
import { fetchDocument } from './fetch-document.ts';
import type { FetchedDocument } from './fetch-document.ts';
import type { RemoteServer } from './remote-server.ts';

type Members = Readonly<Record<string, unknown>>;

/** What was fetched last. */
export interface RemoteDocuments {
  readonly resources: readonly ResourceDiscovery[];
  readonly version3: SerializedDocument | undefined;
  readonly version2: Members | undefined;
  /** ETags, by path. */
  readonly etags: Readonly<Record<string, string | undefined>>;
}

/** Nothing yet. */
export const noDocuments: RemoteDocuments = { resources: [], version3: undefined, version2: undefined, etags: {} };

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const discoveryAccept = `${aggregated},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;

/** Fetches what has changed; what can't be had stays as it was. Returns `known` itself if nothing has changed. */
export async function fetchDocuments(
  server: Omit<RemoteServer, 'available'>,
  known: RemoteDocuments,
  signal: AbortSignal,
): Promise<RemoteDocuments> {
  const etags: Record<string, string | undefined> = { ...known.etags };
  const fetch = async (path: string, accept = 'application/json'): Promise<FetchedDocument | undefined> => {
    try {
      const document = await fetchDocument(server, { path, accept, known: known.etags[path], signal });
      if (document.status !== 200) return undefined;
      etags[path] = document.etag;
      return document;
    } catch {
      return undefined;
    }
  };
  const [resources, version3, version2] = await Promise.all([
    fetchResources(server, fetch),
    fetchVersion3(server, fetch),
    fetchVersion2(server, fetch),
  ]);
  if (!resources && !version3 && !version2) return known;
  return {
    resources: resources ?? known.resources,
    version3: version3 ?? known.version3,
    version2: version2 ?? known.version2,
    etags,
  };
}

type Fetch = (path: string, accept?: string) => Promise<FetchedDocument | undefined>;

/** The aggregated document, of servers that have it; else the one of the group version. */
async function fetchResources(
  { group, version }: Omit<RemoteServer, 'available'>,
  fetch: Fetch,
): Promise<readonly ResourceDiscovery[] | undefined> {
  const summary = await fetch(group === '' ? '/api' : '/apis', discoveryAccept);
  const all = summary?.contentType.includes('as=APIGroupDiscoveryList') ? parsed(summary) : undefined;
  if (all) return resourcesOf(all, group, version);
  const own = await fetch(rootPath(group, version));
  const list = own && parsed(own);
  return list && resourcesOf(list, group, version);
}

async function fetchVersion3(
  { group, version }: Omit<RemoteServer, 'available'>,
  fetch: Fetch,
): Promise<SerializedDocument | undefined> {
  const index = await fetch('/openapi/v3');
  const paths = index && membersOf(parsed(index)?.['paths']);
  const url = paths && membersOf(paths[rootPath(group, version).slice(1)])['serverRelativeURL'];
  if (typeof url !== 'string' || !url.startsWith('/')) return undefined;
  const document = await fetch(url);
  return document && parsed(document) ? serializedDocument(document.body) : undefined;
}

async function fetchVersion2(
  { group, version }: Omit<RemoteServer, 'available'>,
  fetch: Fetch,
): Promise<Members | undefined> {
  const document = await fetch('/openapi/v2');
  const content = document && parsed(document);
  return content && documentUnder(`${rootPath(group, version)}/`, content);
}

/** `/apis/GROUP/VERSION`. */
export function rootPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

function parsed({ body }: FetchedDocument): Members | undefined {
  try {
    return membersOf(JSON.parse(body.toString()));
  } catch {
    return undefined;
  }
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
