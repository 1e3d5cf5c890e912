/** Where in which etcd an API server keeps its objects, and as whom it speaks to it; the names of files. */
export interface EtcdLocation {
  /** `http://host:port` or `https://host:port` of each member. */
  readonly servers: readonly string[];
  /** What keys begin with. Default: `/registry`. */
  readonly prefix?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Where an API server keeps its objects: a file of SQLite, an etcd, or nowhere. */
export type StoreLocation = { readonly path: string } | { readonly etcd: EtcdLocation } | 'memory';

/** Reads `sqlite:///absolute/path` or `memory:`; undefined for anything else. */
export function parseStoreLocation(text: string): StoreLocation | undefined {
  if (text === 'memory:') return 'memory';
  const path = /^sqlite:\/\/(\/.+)$/.exec(text)?.[1];
  return path === undefined ? undefined : { path };
}

/** What a store is called in sentences, and in its snapshots. */
export function locationText(location: StoreLocation): string {
  if (location === 'memory') return 'memory:';
  return 'path' in location ? `sqlite://${location.path}` : `etcd at ${location.etcd.servers.join(',')}`;
}
