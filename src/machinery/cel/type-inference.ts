/** Finds types for type parameters. Source: cel-go's checker/types.go, whose rules and order are kept. */
import type { CelType, ParameterType } from './cel-type.ts';
import { celTypes, isDynamic, parametersOf, sameType, typeName, typeParam } from './cel-type.ts';

/** What is known about type parameters while an expression is checked. */
export class TypeInference {
  readonly #known = new Map<string, CelType>();
  /** What has been learnt, for taking it back when an attempt fails. */
  readonly #trail: [name: string, before: CelType | undefined][] = [];
  #fresh = 0;

  /** A type still to be found. */
  newVariable(): ParameterType {
    return typeParam(`_var${this.#fresh++}`);
  }

  /** Whether values of one type may stand for the other; learns what follows, or nothing. */
  assignable(a: CelType, b: CelType): boolean {
    return this.#attempt(() => this.#isAssignable(a, b));
  }

  /** The same for lists of types, as one attempt. */
  allAssignable(a: readonly CelType[], b: readonly CelType[]): boolean {
    return this.#attempt(() => this.#areAssignable(a, b));
  }

  /** The type with what is known filled in; `final` makes the rest `dyn`. */
  substitute(type: CelType, final = false): CelType {
    if (type.kind === 'param') {
      const known = this.#known.get(type.name);
      if (known) return this.substitute(known, final);
      return final ? celTypes.dyn : type;
    }
    if (!hasParameters(type)) return type;
    return rebuild(type, (inner) => this.substitute(inner, final));
  }

  #attempt(check: () => boolean): boolean {
    const mark = this.#trail.length;
    if (check()) return true;
    while (this.#trail.length > mark) {
      const [name, before] = this.#trail.pop() ?? [''];
      if (before) this.#known.set(name, before);
      else this.#known.delete(name);
    }
    return false;
  }

  #learn(name: string, type: CelType): void {
    this.#trail.push([name, this.#known.get(name)]);
    this.#known.set(name, type);
  }

  #isAssignable(a: CelType, b: CelType): boolean {
    if (b.kind === 'param') {
      const { valid, substituted } = this.#substitutable(a, b);
      if (valid) return true;
      if (substituted) return false;
    }
    if (a.kind === 'param') return this.#substitutable(b, a).valid;
    if (isDynamic(a) || isDynamic(b) || a.kind === 'error' || b.kind === 'error') return true;
    if (a.kind === 'null') return isNullable(b);
    if (b.kind === 'null') return isNullable(a);
    if (a.kind !== b.kind) return false;
    if (a.kind === 'type') return true;
    if (typeName(a) !== typeName(b)) return false;
    return this.#areAssignable(parametersOf(a), parametersOf(b));
  }

  #areAssignable(a: readonly CelType[], b: readonly CelType[]): boolean {
    return a.length === b.length && a.every((type, index) => this.#isAssignable(type, b[index] ?? celTypes.error));
  }

  /** Whether `type` may be what `parameter` stands for, and whether something stood for it before. */
  #substitutable(type: CelType, parameter: ParameterType): { valid: boolean; substituted: boolean } {
    if (sameType(type, parameter)) return { valid: true, substituted: true };
    const known = this.#known.get(parameter.name);
    if (known) {
      if (sameType(type, known)) return { valid: true, substituted: true };
      if (!this.#isAssignable(type, known)) return { valid: false, substituted: true };
      const general = mostGeneral(type, known);
      if (!this.#occurs(parameter, general)) this.#learn(parameter.name, general);
      return { valid: true, substituted: true };
    }
    if (this.#occurs(parameter, type)) return { valid: false, substituted: false };
    this.#learn(parameter.name, type);
    return { valid: true, substituted: false };
  }

  #occurs(parameter: ParameterType, type: CelType): boolean {
    if (sameType(parameter, type)) return true;
    if (type.kind === 'param') {
      const known = this.#known.get(type.name);
      return known !== undefined && this.#occurs(parameter, known);
    }
    return parametersOf(type).some((inner) => this.#occurs(parameter, inner));
  }
}

function isNullable(type: CelType): boolean {
  return ['null', 'opaque', 'object', 'timestamp', 'duration'].includes(type.kind);
}

function hasParameters(type: CelType): boolean {
  return parametersOf(type).some((inner) => inner.kind === 'param' || hasParameters(inner));
}

/** A type with other types inside. */
export function rebuild(type: CelType, change: (inner: CelType) => CelType): CelType {
  switch (type.kind) {
    case 'list':
      return { ...type, element: change(type.element) };
    case 'map':
      return { ...type, key: change(type.key), value: change(type.value) };
    case 'opaque':
      return { ...type, parameters: type.parameters.map(change) };
    case 'type':
      return type.of ? { ...type, of: change(type.of) } : type;
    default:
      return type;
  }
}

/** The more general of two types that go together. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return isLessSpecific(a, b) ? a : b;
}

function isLessSpecific(a: CelType, b: CelType): boolean {
  if (isDynamic(a) || a.kind === 'param') return true;
  if (isDynamic(b) || b.kind === 'param') return false;
  if (a.kind !== b.kind || typeName(a) !== typeName(b)) return false;
  if (a.kind === 'type') return true;
  const others = parametersOf(b);
  return parametersOf(a).every((inner, index) => isLessSpecific(inner, others[index] ?? celTypes.error));
}
