import type { Resource } from '../machinery/resource.ts';

/**
 * The kinds that are served now: the built-in ones, and those that others (custom resource definitions) add and take away
 * while the server runs. Documents about kinds are kept per `generation`.
 */
export class ServedResources {
  readonly #builtin: readonly Resource[];
  readonly #added = new Map<string, readonly Resource[]>();
  readonly #listeners = new Set<() => void>();
  #miss: (() => Promise<void> | undefined) | undefined;
  #all: readonly Resource[] = [];
  #byPath = new Map<string, Resource>();
  #generation = 0;

  constructor(builtin: readonly Resource[]) {
    this.#builtin = builtin;
    this.#rebuild();
  }

  /** Every kind that is served; a new array after each change. */
  all(): readonly Resource[] {
    return this.#all;
  }

  /** Rises with every change. */
  get generation(): number {
    return this.#generation;
  }

  /** The kind under a path's names. */
  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** Serves `resources` in place of what `owner` had served before; none takes the owner's kinds away. */
  replace(owner: string, resources: readonly Resource[]): void {
    if (resources.length === 0) this.#added.delete(owner);
    else this.#added.set(owner, resources);
    this.#rebuild();
    for (const listener of this.#listeners) listener();
  }

  /** Sets what is done when somebody asks for a kind that is not there: it may be on its way. */
  onMiss(catchUp: () => Promise<void> | undefined): void {
    this.#miss = catchUp;
  }

  /** Resolves when everything that was defined before is served; undefined: it is. */
  catchUp(): Promise<void> | undefined {
    return this.#miss?.();
  }

  /** Calls back after every change, until disposed. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #rebuild(): void {
    this.#all = [...this.#builtin, ...[...this.#added.values()].flat()];
    // Built-in kinds win over added ones of the same name.
    const entries = this.#all.map((resource) => [`${resource.group}/${resource.version}/${resource.plural}`, resource]);
    this.#byPath = new Map(entries.reverse() as [string, Resource][]);
    this.#generation++;
  }
}
