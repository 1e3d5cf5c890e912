import type { Store, StoreList } from '../../store/store.ts';

/** Few enough that what a page leaves behind is little, many enough that asking for each costs little. */
const pageLength = 1000;

/** Everything under a prefix as it was at one revision, page by page: 100,000 objects at once would take their memory thrice. */
export async function* storePages(store: Store, prefix: string): AsyncGenerator<StoreList> {
  let revision: number | undefined;
  let after: string | undefined;
  for (;;) {
    const page = await store.list(prefix, { revision, after, limit: pageLength, counted: false });
    yield page;
    if (page.items.length < pageLength) return;
    revision = page.revision;
    after = page.items.at(-1)?.key;
  }
}
