/** A process that opens a store, reads all it holds, and tells its parent how long that took and what memory it has then. */
import type { StoredValue } from '../../src/store/store.ts';
import { openLocation, residentBytes } from './store-location.ts';

const pageLength = 1_000;
// A client of etcd does not keep its process alive while it waits.
const alive = setInterval(() => undefined, 1_000);
const started = performance.now();
await using store = await openLocation(process.argv.slice(2));
const opened = performance.now();
const items: StoredValue[] = [];
// In pages, as the API server does.
for (let more = true; more;) {
  const page = await store.list('', { after: items.at(-1)?.key, limit: pageLength, counted: false });
  items.push(...page.items);
  more = page.items.length === pageLength;
}
const listed = performance.now();
globalThis.gc?.();
process.send?.({
  objects: items.length,
  openMs: opened - started,
  listMs: listed - opened,
  memory: residentBytes(process.pid),
});
clearInterval(alive);
