/** Finds the types of an expression. Source: cel-go's checker/checker.go, whose errors are kept word by word. */
import type { CallExpr, ComprehensionExpr, Expr, IdentExpr, ListExpr, MapExpr, SelectExpr, StructExpr } from './ast.ts';
import { qualifiedName } from './ast.ts';
import type { LocatedMessage } from './cel-error.ts';
import { compileError } from './cel-error.ts';
import type { CelType } from './cel-type.ts';
import {
  celTypes,
  fieldOf,
  formatType,
  isDynamic,
  listType,
  mapType,
  optionalType,
  optionalValue,
  sameType,
  typeParam,
} from './cel-type.ts';
import type { Declarations, Resolved } from './check-environment.ts';
import { resolveFunction, resolveGlobal, resolveMessage, Scopes } from './check-environment.ts';
import type { CheckedCall, CheckedExpr } from './checked-expr.ts';
import type { CelFunction, MessageType, Overload } from './library.ts';
import { mostGeneral, rebuild, TypeInference } from './type-inference.ts';
import { typeOf } from './value-type.ts';

/** Checks `expr`. Throws a `CelError` with every mistake. */
export function checkExpression(source: string, expr: Expr, declarations: Declarations): CheckedExpr {
  const checker = new Checker(declarations);
  checker.check(expr);
  if (checker.errors.length > 0) throw compileError(source, checker.errors);
  return checker.result(expr);
}

class Checker {
  readonly errors: LocatedMessage[] = [];
  readonly #declarations: Declarations;
  readonly #inference = new TypeInference();
  readonly #scopes = new Scopes();
  readonly #types = new Map<number, CelType>();
  readonly #names = new Map<number, Resolved>();
  readonly #calls = new Map<number, CheckedCall>();
  readonly #messages = new Map<number, MessageType>();

  constructor(declarations: Declarations) {
    this.#declarations = declarations;
  }

  result(expr: Expr): CheckedExpr {
    const types = new Map<number, CelType>();
    for (const [id, type] of this.#types) types.set(id, this.#inference.substitute(type, true));
    return { expr, types, names: this.#names, calls: this.#calls, messages: this.#messages };
  }

  check(expr: Expr): CelType {
    const type = this.#typeOf(expr);
    this.#types.set(expr.id, type);
    return type;
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return typeOf(expr.value);
      case 'ident':
        return this.#ident(expr);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
    }
  }

  #error(at: number, message: string): CelType {
    this.errors.push({ at, message });
    return celTypes.error;
  }

  #undeclared(at: number, name: string): CelType {
    return this.#error(at, `undeclared reference to '${name}' (in container '${this.#declarations.container}')`);
  }

  #mismatch(at: number, expected: CelType, found: CelType): CelType {
    return this.#error(at, `expected type '${formatType(expected)}' but found '${formatType(found)}'`);
  }

  #ident({ id, at, name }: IdentExpr): CelType {
    const local = name.startsWith('.') ? undefined : this.#scopes.find(name);
    if (local) return local;
    const resolved = resolveGlobal(this.#declarations, name);
    if (!resolved) return this.#undeclared(at, name);
    this.#names.set(id, resolved);
    return resolved.type;
  }

  #select(expr: SelectExpr): CelType {
    const name = qualifiedName(expr);
    const head = name?.split('.', 1)[0] ?? '';
    if (name !== undefined && (head === '' || !this.#scopes.find(head))) {
      const resolved = resolveGlobal(this.#declarations, name);
      if (resolved) {
        this.#names.set(expr.id, resolved);
        return resolved.type;
      }
    }
    const type = this.#field(expr, expr.operand, { name: expr.field, optional: false });
    return expr.testOnly ? celTypes.bool : this.#inference.substitute(type);
  }

  #field(expr: Expr, operand: Expr, field: { readonly name: string; readonly optional: boolean }): CelType {
    const operandType = this.#inference.substitute(this.check(operand));
    const inner = optionalValue(operandType);
    const result = this.#fieldType(expr, inner ?? operandType, field.name);
    return inner || field.optional ? optionalType(result) : result;
  }

  #fieldType({ at }: Expr, type: CelType, name: string): CelType {
    switch (type.kind) {
      case 'map':
        return type.value;
      case 'object': {
        const field = fieldOf(type.fields(), name);
        return field ? field.type : this.#error(at, `undefined field '${name}'`);
      }
      case 'param':
        this.#inference.assignable(celTypes.dyn, type);
        return celTypes.dyn;
      default:
        if (!isDynamic(type) && type.kind !== 'error') {
          this.#error(at, `type '${formatType(type)}' does not support field selection`);
        }
        return celTypes.dyn;
    }
  }

  #call(expr: CallExpr): CelType {
    const { name, target, args, at } = expr;
    const [operand, field] = args;
    if (name === '_?._' && operand && field?.kind === 'literal' && typeof field.value === 'string') {
      this.#types.set(field.id, celTypes.string);
      return this.#inference.substitute(this.#field(expr, operand, { name: field.value, optional: true }));
    }
    for (const arg of args) this.check(arg);
    if (!target) {
      const found = resolveFunction(this.#declarations, name);
      return found ? this.#overloads(expr, found, true) : this.#undeclared(at, name);
    }
    const prefix = qualifiedName(target);
    const qualified = prefix === undefined ? undefined : resolveFunction(this.#declarations, `${prefix}.${name}`);
    if (qualified) return this.#overloads(expr, qualified, true);
    this.check(target);
    const found = resolveFunction(this.#declarations, name);
    return found ? this.#overloads(expr, found, false) : this.#undeclared(at, name);
  }

  #overloads(expr: CallExpr, declared: CelFunction, qualified: boolean): CelType {
    const receiver = qualified ? undefined : expr.target;
    const args = receiver ? [receiver, ...expr.args] : expr.args;
    const types = args.map((arg) => this.#known(arg));
    if (declared.name === '_&&_' || declared.name === '_||_') return this.#logic(expr, declared, types);
    const matching: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of declared.overloads) {
      if (overload.member !== (receiver !== undefined) || overload.args.length !== args.length) continue;
      const signature = this.#instantiate(overload);
      if (!this.#inference.allAssignable(types, signature.args)) continue;
      matching.push(overload);
      const type = this.#inference.substitute(signature.result);
      if (!result) result = type;
      else if (!isDynamic(result) && !sameType(result, type)) result = celTypes.dyn;
    }
    if (!result) return this.#noOverload(expr, declared.name, receiver !== undefined);
    this.#calls.set(expr.id, { function: declared, overloads: matching, qualified });
    return result;
  }

  #noOverload(expr: CallExpr, name: string, member: boolean): CelType {
    const shown = (arg: Expr): string => formatType(this.#inference.substitute(this.#known(arg), true));
    const receiver = member && expr.target ? `${shown(expr.target)}.` : '';
    const signature = `${receiver}(${expr.args.map(shown).join(', ')})`;
    return this.#error(expr.at, `found no matching overload for '${name}' applied to '${signature}'`);
  }

  #logic(expr: CallExpr, declared: CelFunction, types: readonly CelType[]): CelType {
    let type: CelType = celTypes.bool;
    for (const [index, argType] of types.entries()) {
      if (this.#inference.assignable(argType, celTypes.bool)) continue;
      type = this.#mismatch(expr.args[index]?.at ?? expr.at, celTypes.bool, argType);
    }
    this.#calls.set(expr.id, { function: declared, overloads: declared.overloads, qualified: true });
    return type;
  }

  /** The overload with type variables of its own in place of its parameters. */
  #instantiate({ args, result }: Overload): { readonly args: readonly CelType[]; readonly result: CelType } {
    const fresh = new Map<string, CelType>();
    const change = (type: CelType): CelType => {
      if (type.kind !== 'param') return rebuild(type, change);
      let variable = fresh.get(type.name);
      if (!variable) fresh.set(type.name, (variable = this.#inference.newVariable()));
      return variable;
    };
    return { args: args.map(change), result: change(result) };
  }

  #known(expr: Expr): CelType {
    return this.#types.get(expr.id) ?? typeParam('unchecked');
  }

  #list(expr: ListExpr): CelType {
    let type: CelType | undefined;
    for (const [index, element] of expr.elements.entries()) {
      const found = this.check(element);
      type = this.#join(type, expr.optional.has(index) ? this.#unwrapped(element, found) : found);
    }
    return listType(type ?? this.#inference.newVariable());
  }

  #unwrapped(expr: Expr, type: CelType): CelType {
    const inner = optionalValue(type);
    if (!inner && !isDynamic(type)) this.#mismatch(expr.at, optionalType(type), type);
    return inner ?? type;
  }

  #map(expr: MapExpr): CelType {
    let [key, value]: (CelType | undefined)[] = [];
    for (const entry of expr.entries) {
      key = this.#join(key, this.check(entry.key));
      const found = this.check(entry.value);
      value = this.#join(value, entry.optional ? this.#unwrapped(entry.value, found) : found);
    }
    return mapType(key ?? this.#inference.newVariable(), value ?? this.#inference.newVariable());
  }

  /** The type of elements so far and one more. Whether literals may mix types is for `validate-literals.ts` to say. */
  #join(previous: CelType | undefined, current: CelType): CelType {
    if (!previous) return current;
    if (this.#inference.assignable(previous, current)) return mostGeneral(previous, current);
    return celTypes.dyn;
  }

  #struct(expr: StructExpr): CelType {
    const resolved = resolveMessage(this.#declarations, expr.name);
    if (!resolved) return this.#undeclared(expr.at, expr.name);
    const { message, other } = resolved;
    if (!message) return this.#error(expr.at, `'${formatType(other ?? celTypes.error)}' is not a message type`);
    this.#messages.set(expr.id, message);
    const fields = message.type.fields();
    for (const { at, name, value, optional } of expr.fields) {
      const found = this.check(value);
      const type = optional ? this.#unwrapped(value, found) : found;
      const declared = fields.get(name)?.type;
      if (!declared) this.#error(at, `undefined field '${name}'`);
      else if (!this.#inference.assignable(declared, type)) {
        const [expected, provided] = [formatType(declared), formatType(type)];
        this.#error(at, `expected type of field '${name}' is '${expected}' but provided type is '${provided}'`);
      }
    }
    return message.type;
  }

  #comprehension(expr: ComprehensionExpr): CelType {
    this.check(expr.range);
    const accumulator = this.check(expr.initial);
    const range = this.#inference.substitute(this.#known(expr.range));
    const [first, second] = this.#rangeTypes(expr, range);
    return this.#scopes.within([[expr.accumulator, accumulator]], () => {
      const loop: (readonly [string, CelType])[] = [[expr.variable, first]];
      if (expr.variable2 !== undefined) loop.push([expr.variable2, second]);
      this.#scopes.within(loop, () => {
        this.#expect(expr.condition, celTypes.bool);
        this.#expect(expr.step, accumulator);
      });
      return this.#inference.substitute(this.check(expr.result));
    });
  }

  #expect(expr: Expr, expected: CelType): void {
    const found = this.check(expr);
    if (!this.#inference.assignable(expected, found)) this.#mismatch(expr.at, expected, found);
  }

  #rangeTypes({ range, variable2 }: ComprehensionExpr, type: CelType): readonly [CelType, CelType] {
    switch (type.kind) {
      case 'list':
        return variable2 === undefined ? [type.element, celTypes.error] : [celTypes.int, type.element];
      case 'map':
        return [type.key, type.value];
      case 'dyn':
      case 'any':
      case 'error':
      case 'param':
        this.#inference.assignable(celTypes.dyn, type);
        return [celTypes.dyn, celTypes.dyn];
      default:
        this.#error(
          range.at,
          `expression of type '${formatType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [celTypes.error, celTypes.error];
    }
  }
}
