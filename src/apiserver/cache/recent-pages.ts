import type { SelectedPage } from './object-index.ts';
import type { StoredObject } from './stored-object.ts';
import type { ObjectSelection } from './selection.ts';
import type { WatcherIndex } from './watcher-index.ts';

/** Bytes of the objects of one page that is kept, and of all of them, over all kinds. */
const largestPage = 32 * 1024 * 1024;
const keptBytes = 64 * 1024 * 1024;
/** Selections that are remembered as asked for, of one kind. */
const askedAtMost = 1000;

/** Whether objects are few enough for a page of them to be kept, and what was made of it to be found again. */
export function isKeptPage(items: readonly StoredObject[]): boolean {
  return bytesOf(items) <= largestPage;
}

function bytesOf(items: readonly StoredObject[]): number {
  let bytes = 0;
  for (const { size } of items) bytes += size;
  return bytes;
}

/** What a page is a page of; the name tells pages of a kind apart. */
export interface NamedPage {
  readonly selection: ObjectSelection;
  readonly name: string;
}

interface Kept extends Disposable {
  readonly page: SelectedPage;
  readonly bytes: number;
  used: boolean;
}

/** Over all kinds. */
let total = 0;

/**
 * Pages of one kind that were asked for more than once, each kept until something in its selection changes: who asks again
 * gets the same array of items, by which what was made of them is found again. It learns of changes as a watch does.
 */
export class RecentPages {
  readonly #changes: WatcherIndex;
  readonly #asked = new Set<string>();
  readonly #kept = new Map<string, Kept>();

  /** `changes`: what every change of the kind is dispatched to. */
  constructor(changes: WatcherIndex) {
    this.#changes = changes;
  }

  /** A page as it is now; `read` makes it if it is not kept. */
  get({ selection, name }: NamedPage, read: () => SelectedPage): SelectedPage {
    const known = this.#kept.get(name);
    if (known) {
      known.used = true;
      return known.page;
    }
    const page = read();
    if (this.#asked.has(name)) this.#keep(name, selection, page);
    else if (this.#asked.size < askedAtMost) this.#asked.add(name);
    return page;
  }

  /** Forgets what nobody has asked for since the last call. */
  forgetUnused(): void {
    this.#asked.clear();
    for (const kept of this.#kept.values()) {
      if (!kept.used) kept[Symbol.dispose]();
      kept.used = false;
    }
  }

  #keep(name: string, selection: ObjectSelection, page: SelectedPage): void {
    const bytes = bytesOf(page.items);
    if (bytes > largestPage) return;
    for (const kept of this.#kept.values()) {
      if (total + bytes <= keptBytes) break;
      kept[Symbol.dispose]();
    }
    if (total + bytes > keptBytes) return;
    const forget = (): void => {
      if (this.#kept.get(name) !== kept) return;
      this.#kept.delete(name);
      total -= bytes;
      watcher[Symbol.dispose]();
    };
    const kept: Kept = { page, bytes, used: true, [Symbol.dispose]: forget };
    const watcher = this.#changes.add(selection, { event: forget, bookmark: () => undefined, end: forget });
    this.#kept.set(name, kept);
    total += bytes;
  }
}
