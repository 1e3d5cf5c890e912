import { equalJson } from '../patch/equal-json.ts';
import { DifferenceBuilder, modifiedLeaf } from './difference-builder.ts';
import { hasChildren, isMember, leaf, ordered, withMembership } from './field-set.ts';
import type { FieldSet, FieldSetDraft } from './field-set.ts';
import { mapChildren } from './map-type.ts';
import { mergeOrder } from './merge-order.ts';
import type { CheckReport, Difference, MergeType } from './merge-type.ts';
import { printElement } from './path-element.ts';
import { valueText } from './value-text.ts';

/** An item of a list that nothing tells from the others. */
export class UnidentifiedItem extends Error {}

/** The path element that identifies an item; throws UnidentifiedItem for items that have none. */
export type ElementOf = (item: unknown) => string;

/** A list whose items have owners of their own: a set of scalars, or structs identified by some of their fields. */
export class ListType implements MergeType {
  readonly #items: () => MergeType;
  readonly #elementOf: ElementOf;

  constructor(items: () => MergeType, elementOf: ElementOf) {
    this.#items = items;
    this.#elementOf = elementOf;
  }

  fieldsOf(value: unknown): FieldSet | undefined {
    if (!Array.isArray(value) || value.length === 0) return undefined;
    const type = this.#items();
    const target: FieldSetDraft = {};
    for (const item of value as readonly unknown[]) {
      const element = this.#elementOf(item);
      // Of items that say they are the same one, only that they are there is known.
      const below = target[element] === undefined ? type.fieldsOf(item) : undefined;
      target[element] = below === undefined ? leaf : (withMembership(below, true) ?? leaf);
    }
    return ordered(target);
  }

  wholeOf(value: unknown): FieldSet {
    if (!Array.isArray(value) || value.length === 0) return leaf;
    const type = this.#items();
    const target: FieldSetDraft = { '.': leaf };
    for (const item of value as Items) {
      const element = this.#elementOf(item);
      target[element] = target[element] === undefined ? type.wholeOf(item) : leaf;
    }
    return ordered(target);
  }

  compare(before: unknown, after: unknown): Difference | undefined {
    if (before === after) return undefined;
    const [old, next] = [listOf(before), listOf(after)];
    if (old.length === 0 && next.length === 0) return equalJson(before, after) ? undefined : modifiedLeaf;
    const differences = new DifferenceBuilder();
    const elements = this.#sameElements(old, next);
    if (elements) {
      const type = this.#items();
      for (const [i, element] of elements.entries()) differences.part(element, type.compare(old[i], next[i]));
      return differences.result({ sorted: false });
    }
    const was = this.#byElement(old);
    const is = this.#byElement(next);
    for (const [element, items] of was) this.#comparePart(differences, element, [items, is.get(element) ?? none]);
    for (const [element, items] of is) {
      if (!was.has(element)) this.#comparePart(differences, element, [none, items]);
    }
    return differences.result({ sorted: false });
  }

  /** The elements of both lists, if they are the same ones in the same order, each of them once. */
  #sameElements(old: Items, next: Items): readonly string[] | undefined {
    if (old.length !== next.length) return undefined;
    const elements: string[] = [];
    for (let i = 0; i < old.length; i++) {
      const element = this.#elementOf(old[i]);
      if (element !== this.#elementOf(next[i])) return undefined;
      elements.push(element);
    }
    return elements.length === 1 || new Set(elements).size === elements.length ? elements : undefined;
  }

  #comparePart(differences: DifferenceBuilder, element: string, [was, is]: readonly [Items, Items]): void {
    const type = this.#items();
    if (was.length <= 1 && is.length <= 1) {
      if (was.length === 0) differences.added(element, type.wholeOf(is[0]));
      else if (is.length === 0) differences.removed(element, type.wholeOf(was[0]));
      else differences.part(element, type.compare(was[0], is[0]));
    } else if (was.length >= 2 && is.length >= 2) {
      if (!equalJson(was, is)) differences.part(element, modifiedLeaf);
    } else if (was.length >= 2) {
      differences.removed(element, leaf);
      if (is.length > 0) differences.added(element, type.wholeOf(is[0]));
    } else {
      differences.added(element, leaf);
      if (was.length > 0) differences.removed(element, type.wholeOf(was[0]));
    }
  }

  merge(value: unknown, configuration: unknown): unknown {
    const [old, sent] = [listOf(value), listOf(configuration)];
    if (old.length === 0 && sent.length === 0) return equalJson(value, configuration) ? value : configuration;
    if (sent.length === 0) return value;
    if (old.length === 0) return configuration;
    const type = this.#items();
    if (this.#sameElements(old, sent))
      return unlessSame(
        value,
        old.map((item, i) => type.merge(item, sent[i])),
      );
    const was = this.#byElement(old);
    const is = this.#byElement(sent);
    const elements = { old: old.map(this.#elementOf), sent: sent.map(this.#elementOf) };
    const merged = mergeOrder(elements).map(({ from, at }) => {
      if (from === 'old') return old[at];
      const items = was.get(elements.sent[at]!) ?? none;
      // What was there twice is not merged, but replaced.
      return items.length === 1 ? type.merge(items[0], is.get(elements.sent[at]!)![0]) : sent[at];
    });
    return unlessSame(value, merged);
  }

  remove(value: unknown, set: FieldSet): unknown {
    const type = this.#items();
    const items: unknown[] = [];
    for (const item of listOf(value)) {
      const node = set[this.#elementOf(item)];
      if (node !== undefined && isMember(node)) continue;
      items.push(node === undefined ? item : type.remove(item, node));
    }
    return items.length === 0 ? null : items;
  }

  withNamedFields(set: FieldSet): FieldSet {
    const type = this.#items();
    return mapChildren(set, (child, element) =>
      element.startsWith('k:') && hasChildren(child) ? type.withNamedFields(child) : child,
    );
  }

  reconcile(set: FieldSet): FieldSet {
    const type = this.#items();
    return mapChildren(set, (child) => type.reconcile(child));
  }

  check(value: unknown, report: CheckReport): void {
    if (value === null) return;
    if (!Array.isArray(value)) return report.fault(`expected list, got ${valueText(value)}`);
    const seen = new Set<string>();
    for (const [index, item] of (value as readonly unknown[]).entries()) {
      let element: string;
      try {
        element = this.#elementOf(item);
      } catch (error) {
        return report.fault(`element ${index}: ${(error as Error).message}`);
      }
      if (seen.has(element)) report.fault(`duplicate entries for key ${printElement(element)}`);
      seen.add(element);
      report.within(printElement(element), () => this.#items().check(item, report));
    }
  }

  #byElement(items: Items): Map<string, Items> {
    const found = new Map<string, Items>();
    for (const item of items) {
      const element = this.#elementOf(item);
      const known = found.get(element);
      found.set(element, known ? [...known, item] : [item]);
    }
    return found;
  }
}

type Items = readonly unknown[];
const none: Items = [];

/** The list as it was, if the new one has the very same items. */
function unlessSame(value: unknown, merged: Items): unknown {
  const old = listOf(value);
  return merged.length === old.length && merged.every((item, i) => item === old[i]) ? value : merged;
}

function listOf(value: unknown): Items {
  return Array.isArray(value) ? (value as Items) : none;
}
