import type { Json } from '../base/json.ts';
import type { Family, Nft, Rule } from './nft-json.ts';
import type { DynamicSet, Piece } from './ruleset-piece.ts';
import type { LayoutOptions } from './table-layout.ts';
import { layoutCommands, tableName } from './table-layout.ts';

interface OwnedElement {
  readonly set: string;
  readonly key: Json;
  /** Value by owner. Owners that disagree (two Services on one external address): the first in order of name wins. */
  readonly values: Map<string, Json | undefined>;
}

interface AppliedElement {
  readonly set: string;
  readonly key: Json;
  readonly value: Json | undefined;
}

/**
 * The table as it should be, and as the kernel was last told. Yields the commands that lead from one to the other:
 * all of them after `forget`, else only those for what has changed since.
 */
export class Ruleset {
  readonly #layout: LayoutOptions;
  readonly #pieces = new Map<string, Piece>();
  readonly #elements = new Map<string, OwnedElement>();
  readonly #chains = new Map<string, readonly Rule[]>();
  readonly #dynamicSets = new Map<string, DynamicSet>();
  #appliedElements = new Map<string, AppliedElement>();
  #appliedChains = new Map<string, string>();
  #appliedSets = new Set<string>();
  /** Emptied already, still in the table: see `#staleCommands`. */
  #stale = new Set<string>();
  #staleSent: ReadonlySet<string> = new Set();
  #dirty = { chains: new Set<string>(), sets: new Set<string>(), elements: new Set<string>() };
  #unknown = true;

  constructor(layout: LayoutOptions) {
    this.#layout = layout;
  }

  /** Whether the kernel's state is unknown, so that the next commands make the whole table. */
  get isUnknown(): boolean {
    return this.#unknown;
  }

  /** How many chains and elements the table should hold. */
  get size(): { readonly chains: number; readonly elements: number } {
    return { chains: this.#chains.size, elements: this.#elements.size };
  }

  /** Makes `piece` all that `owner` contributes; undefined withdraws it. */
  set(owner: string, piece: Piece | undefined): void {
    const old = this.#pieces.get(owner);
    if (old !== undefined) this.#release(owner, old);
    if (piece === undefined) this.#pieces.delete(owner);
    else this.#claim(owner, piece);
  }

  /** The kernel refused or somebody else interfered: nothing is known of the table any more. */
  forget(): void {
    this.#unknown = true;
  }

  /** The commands to send in one transaction. Tell `applied` once the kernel has taken them, else `forget`. */
  commands(): Nft[] {
    return this.#unknown ? this.#fullCommands() : this.#changedCommands();
  }

  /** The kernel has taken what `commands` last returned; nothing was set in between. */
  applied(): void {
    if (this.#unknown) this.#markEverything();
    this.#stale = this.#stale.difference(this.#staleSent);
    this.#staleSent = new Set();
    for (const name of this.#dirty.chains) {
      const rules = this.#chains.get(name);
      if (rules !== undefined) this.#appliedChains.set(name, JSON.stringify(rules));
      else if (this.#appliedChains.delete(name)) this.#stale.add(name);
    }
    for (const name of this.#dirty.sets) {
      if (this.#dynamicSets.has(name)) this.#appliedSets.add(name);
      else if (this.#appliedSets.delete(name)) this.#stale.add(name);
    }
    for (const id of this.#dirty.elements) {
      const element = this.#desired(id);
      if (element === undefined) this.#appliedElements.delete(id);
      else this.#appliedElements.set(id, element);
    }
    this.#dirty = { chains: new Set(), sets: new Set(), elements: new Set() };
    this.#unknown = false;
  }

  #markEverything(): void {
    this.#appliedChains = new Map();
    this.#appliedSets = new Set();
    this.#appliedElements = new Map();
    this.#stale = new Set();
    this.#dirty = {
      chains: new Set(this.#chains.keys()),
      sets: new Set(this.#dynamicSets.keys()),
      elements: new Set(this.#elements.keys()),
    };
  }

  #claim(owner: string, piece: Piece): void {
    this.#pieces.set(owner, piece);
    for (const [name, rules] of piece.chains) {
      this.#chains.set(name, rules);
      this.#dirty.chains.add(name);
    }
    for (const set of piece.dynamicSets) {
      this.#dynamicSets.set(set.name, set);
      this.#dirty.sets.add(set.name);
    }
    for (const { set, key, value } of piece.elements) {
      const id = elementId(set, key);
      let element = this.#elements.get(id);
      if (element === undefined) this.#elements.set(id, (element = { set, key, values: new Map() }));
      element.values.set(owner, value);
      this.#dirty.elements.add(id);
    }
  }

  #release(owner: string, piece: Piece): void {
    for (const name of piece.chains.keys()) {
      this.#chains.delete(name);
      this.#dirty.chains.add(name);
    }
    for (const { name } of piece.dynamicSets) {
      this.#dynamicSets.delete(name);
      this.#dirty.sets.add(name);
    }
    for (const { set, key } of piece.elements) {
      const id = elementId(set, key);
      const element = this.#elements.get(id);
      element?.values.delete(owner);
      if (element?.values.size === 0) this.#elements.delete(id);
      this.#dirty.elements.add(id);
    }
  }

  #desired(id: string): AppliedElement | undefined {
    const element = this.#elements.get(id);
    if (element === undefined) return undefined;
    const [first = ''] = element.values.size === 1 ? element.values.keys() : [...element.values.keys()].sort();
    return { set: element.set, key: element.key, value: element.values.get(first) };
  }

  #fullCommands(): Nft[] {
    const of = this.#of;
    const elements = [...this.#elements.keys()].flatMap((id) => this.#desired(id) ?? []);
    return [
      ...layoutCommands(this.#layout),
      ...[...this.#dynamicSets.values()].map((set) => addSet(of, set)),
      ...[...this.#chains.keys()].map((name) => ({ add: { chain: { ...of, name } } })),
      ...[...this.#chains].flatMap(([chain, rules]) => addRules(of, chain, rules)),
      ...elementCommands(of, 'add', elements),
    ];
  }

  #changedCommands(): Nft[] {
    const of = this.#of;
    const chains = [...this.#dirty.chains].filter((name) => {
      const rules = this.#chains.get(name);
      return (rules && JSON.stringify(rules)) !== this.#appliedChains.get(name);
    });
    const changed = [...this.#dirty.elements].flatMap((id) => {
      const [was, is] = [this.#appliedElements.get(id), this.#desired(id)];
      const same = was !== undefined && is !== undefined && JSON.stringify(was.value) === JSON.stringify(is.value);
      return same ? [] : [{ was, is }];
    });
    const sets = [...this.#dirty.sets].flatMap((name) =>
      this.#appliedSets.has(name) ? [] : (this.#dynamicSets.get(name) ?? []),
    );
    const commands: Nft[] = [
      ...sets.map((set) => addSet(of, set)),
      ...chains.filter((name) => !this.#appliedChains.has(name)).map((name) => ({ add: { chain: { ...of, name } } })),
      ...chains.filter((name) => this.#mayHoldRules(name)).map((name) => ({ flush: { chain: { ...of, name } } })),
      ...chains.flatMap((name) => addRules(of, name, this.#chains.get(name) ?? [])),
      ...elementCommands(
        of,
        'delete',
        changed.flatMap(({ was }) => was ?? []),
      ),
      ...elementCommands(
        of,
        'add',
        changed.flatMap(({ is }) => is ?? []),
      ),
    ];
    if (commands.length === 0) return [];
    this.#staleSent = new Set(this.#stale);
    return [...this.#staleCommands(), ...commands];
  }

  #mayHoldRules(chain: string): boolean {
    return this.#appliedChains.has(chain);
  }

  /**
   * A chain that fell out of use is emptied with the transaction that withdraws the elements leading to it, and deleted
   * by the next one: some kernels count the elements as users until the transaction is through.
   */
  #staleCommands(): Nft[] {
    const names = [...this.#stale];
    const isSet = (name: string): boolean => name.startsWith('affinity-');
    return [
      ...names.filter((name) => !isSet(name)).map((name) => ({ delete: { chain: { ...this.#of, name } } })),
      ...names.filter(isSet).map((name) => ({ delete: { set: { ...this.#of, name } } })),
    ];
  }

  get #of(): { readonly family: Family; readonly table: string } {
    return { family: this.#layout.family, table: tableName };
  }
}

function elementId(set: string, key: Json): string {
  return `${set} ${JSON.stringify(key)}`;
}

type Of = { readonly family: Family; readonly table: string };

// nft 1.0's JSON has no word for "dynamic"; the rule that updates the set makes it so, given a size.
function addSet(of: Of, { name, timeoutSeconds }: DynamicSet): Nft {
  const type = of.family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  return { add: { set: { ...of, name, type, size: 65_535, flags: ['timeout'], timeout: timeoutSeconds } } };
}

function addRules(of: Of, chain: string, rules: readonly Rule[]): Nft[] {
  return rules.map((expr) => ({ add: { rule: { ...of, chain, expr } } }));
}

/** One command per set, however many elements. */
function elementCommands(of: Of, verb: 'add' | 'delete', elements: readonly AppliedElement[]): Nft[] {
  const bySet = Map.groupBy(elements, (element) => element.set);
  return [...bySet].map(([name, list]) => {
    const elem = list.map(({ key, value }) => (value === undefined ? key : [key, value]));
    return { [verb]: { element: { ...of, name, elem } } };
  });
}
