/** Where an API server keeps its objects: a file of SQLite, or nowhere. */
export type StoreLocation = { readonly path: string } | 'memory';

/** Reads `sqlite:///absolute/path` or `memory:`; undefined for anything else. */
export function parseStoreLocation(text: string): StoreLocation | undefined {
  if (text === 'memory:') return 'memory';
  const path = /^sqlite:\/\/(\/.+)$/.exec(text)?.[1];
  return path === undefined ? undefined : { path };
}

/** What a store is called in sentences, and in its snapshots. */
export function locationText(location: StoreLocation): string {
  return location === 'memory' ? 'memory:' : `sqlite://${location.path}`;
}
