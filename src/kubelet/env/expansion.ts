/**
 * Expands `$(NAME)` by `lookup`; `$$` stands for `$`, and a reference that is unknown stays as it is written.
 * Source: upstream third_party/forked/golang/expansion.
 */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole: string, name: string | undefined) => {
    if (name === undefined) return '$';
    return lookup(name) ?? whole;
  });
}
