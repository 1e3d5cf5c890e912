/** What names mean: variables, functions and types of an environment, and the scopes of comprehensions. */
import type { CelType } from './cel-type.ts';
import { typeName, typeType } from './cel-type.ts';
import type { CelFunction, MessageType } from './library.ts';

/** What a name stands for. */
export type Resolved =
  | { readonly kind: 'variable'; readonly name: string; readonly type: CelType }
  | { readonly kind: 'type'; readonly name: string; readonly type: CelType };

/** The declarations against which expressions are checked. */
export interface Declarations {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: ReadonlyMap<string, CelFunction>;
  /** Types that may be named, by name. */
  readonly types: ReadonlyMap<string, CelType>;
  message(name: string): MessageType | undefined;
  /** Names are looked up in here first, from the inside out. */
  readonly container: string;
}

/** The full names that `name` may mean, in order. A leading dot leaves only itself. Source: cel-spec, name resolution. */
export function candidateNames(container: string, name: string): string[] {
  if (name.startsWith('.')) return [name.slice(1)];
  const names: string[] = [];
  for (let prefix = container; prefix !== ''; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.')))) {
    names.push(`${prefix}.${name}`);
  }
  return [...names, name];
}

/** The variable or type that a name means outside of comprehensions. */
export function resolveGlobal(declarations: Declarations, name: string): Resolved | undefined {
  for (const candidate of candidateNames(declarations.container, name)) {
    const variable = declarations.variables.get(candidate);
    if (variable) return { kind: 'variable', name: candidate, type: variable };
    const type = declarations.types.get(candidate) ?? declarations.message(candidate)?.type;
    if (type) return { kind: 'type', name: candidate, type: typeType(type) };
  }
  return undefined;
}

/** The function that a name means. */
export function resolveFunction(declarations: Declarations, name: string): CelFunction | undefined {
  for (const candidate of candidateNames(declarations.container, name)) {
    const found = declarations.functions.get(candidate);
    if (found) return found;
  }
  return undefined;
}

/** The message type that a name means, with its full name; or another type by that name. */
export function resolveMessage(
  declarations: Declarations,
  name: string,
): { readonly message?: MessageType; readonly other?: CelType } | undefined {
  for (const candidate of candidateNames(declarations.container, name)) {
    const message = declarations.message(candidate);
    if (message) return { message };
    const other = declarations.types.get(candidate);
    if (other) return { other };
  }
  return undefined;
}

/** Types by their names. */
export function typesByName(types: readonly CelType[]): ReadonlyMap<string, CelType> {
  return new Map(types.map((type) => [typeName(type), type]));
}

/** The variables of the comprehensions around a place, innermost last. */
export class Scopes {
  readonly #stack: [string, CelType][] = [];

  /** Runs `body` where `names` have these types. */
  within<T>(names: readonly (readonly [string, CelType])[], body: () => T): T {
    for (const [name, type] of names) this.#stack.push([name, type]);
    try {
      return body();
    } finally {
      this.#stack.length -= names.length;
    }
  }

  /** The type of a local variable. */
  find(name: string): CelType | undefined {
    for (let index = this.#stack.length - 1; index >= 0; index--) {
      const [local, type] = this.#stack[index] ?? [];
      if (local === name) return type;
    }
    return undefined;
  }
}
