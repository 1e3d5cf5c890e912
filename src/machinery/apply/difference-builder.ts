import { leaf, ordered } from './field-set.ts';
import type { FieldSet, FieldSetDraft } from './field-set.ts';
import type { Difference } from './merge-type.ts';

/** The value itself, without more, is other than it was. */
export const modifiedLeaf: Difference = { added: undefined, modified: leaf, removed: undefined };

/** Gathers the differences of a container's parts. */
export class DifferenceBuilder {
  #added: FieldSetDraft | undefined;
  #modified: FieldSetDraft | undefined;
  #removed: FieldSetDraft | undefined;

  /** A part that only the second value has. */
  added(element: string, set: FieldSet): void {
    (this.#added ??= {})[element] = set;
  }

  /** A part that only the first value has. */
  removed(element: string, set: FieldSet): void {
    (this.#removed ??= {})[element] = set;
  }

  /** A part that both have. */
  part(element: string, difference: Difference | undefined): void {
    if (difference === undefined) return;
    if (difference.added) (this.#added ??= {})[element] = difference.added;
    if (difference.modified) (this.#modified ??= {})[element] = difference.modified;
    if (difference.removed) (this.#removed ??= {})[element] = difference.removed;
  }

  /** Undefined when there was none. `sorted`: the parts came in the order of sets. */
  result(options: { readonly sorted: boolean }): Difference | undefined {
    const [added, modified, removed] = [this.#added, this.#modified, this.#removed];
    if (!added && !modified && !removed) return undefined;
    if (options.sorted) return { added, modified, removed };
    return {
      added: added && ordered(added),
      modified: modified && ordered(modified),
      removed: removed && ordered(removed),
    };
  }
}
