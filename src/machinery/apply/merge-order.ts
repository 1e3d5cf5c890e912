/** An item of a merged list: one that only the old list has, or one that was sent (merged with the old one, if any). */
export interface MergedItem {
  readonly from: 'old' | 'sent';
  /** Its index there. */
  readonly at: number;
}

/**
 * The order of a merged list: items that were sent keep their order; the others stay behind those they were behind. Items
 * are given by what identifies them; the old list may hold the same one twice. Source: structured-merge-diff's
 * visitListItems.
 */
export function mergeOrder({
  old,
  sent,
}: {
  readonly old: readonly string[];
  readonly sent: readonly string[];
}): MergedItem[] {
  const inOld = new Set(old);
  const inSent = new Set(sent);
  const shared = sent.filter((element) => inOld.has(element));
  const merged = new Set<string>();
  const order: MergedItem[] = [];
  let next = 0;
  const take = (at: number): void => {
    order.push({ from: 'sent', at });
    merged.add(sent[at]!);
    if (sent[at] === shared[next]) next++;
  };
  for (let i = 0, j = 0; i < old.length || j < sent.length;) {
    if (i < old.length && j < sent.length) {
      if (old[i] === sent[j]) {
        take(j++);
        i++;
        continue;
      }
      if (inSent.has(old[i]!) && next < shared.length && shared[next] !== old[i]) {
        // Shared, but not the one whose turn it is.
        i++;
        continue;
      }
    }
    if (i < old.length) {
      if (!inSent.has(old[i]!)) {
        order.push({ from: 'old', at: i++ });
        continue;
      }
      if (merged.has(old[i]!)) i++;
    }
    if (j < sent.length) take(j++);
  }
  return order;
}
