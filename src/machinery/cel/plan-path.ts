/** Compiles paths: fields, keys and indexes after a head. */
import type { CallExpr, Expr, SelectExpr } from './ast.ts';
import { fieldsOf } from './adapt.ts';
import { fail } from './cel-error.ts';
import { fieldOf } from './cel-type.ts';
import type { Step } from './frame.ts';
import type { Plan } from './plan.ts';
import { pathPlan } from './plan.ts';
import type { Planner } from './planner.ts';
import { selectField, selectIndex, selectOptional } from './selection.ts';
import type { CelValue, ObjectField } from './values.ts';
import { CelObject, CelOptional } from './values.ts';

/** Plans `operand.a.b.c` as one step. */
export function planPath(planner: Planner, expr: SelectExpr): Plan {
  const names: string[] = [];
  const fields: (ObjectField | undefined)[] = [];
  let operand: Expr = expr;
  while (operand.kind === 'select' && !operand.testOnly && !planner.checked.names.has(operand.id)) {
    names.unshift(operand.field);
    const type = planner.typeOf(operand.operand);
    fields.unshift(type.kind === 'object' ? fieldOf(fieldsOf(type), operand.field) : undefined);
    operand = operand.operand;
  }
  const head = planner.plan(operand);
  const typed = fields.filter((field) => field !== undefined && !(field.name in Object.prototype));
  const known = typed.length === names.length ? (typed as ObjectField[]) : undefined;
  const resolve = known ? typedPath(head.resolve, names, known) : dynamicPath(head.resolve, names);
  return pathPlan(resolve, head.path === 'condition' ? 'condition' : 'variable');
}

/** Where every field is declared, the JSON is read without values in between. */
function typedPath(head: Step, names: readonly string[], fields: readonly ObjectField[]): Step {
  const cost = names.length;
  const last = fields.length - 1;
  const adapt = fields[last]?.adapt ?? ((): CelValue => null);
  const keys = fields.map(({ name }) => name);
  const lastNullable = fields.length === 1 && fields[last]?.nullable === true;
  return (frame) => {
    const value = head(frame);
    if (!(value instanceof CelObject)) return followFields(value, names, frame);
    frame.cost += cost;
    let json: unknown = value.json;
    for (let index = 0; index <= last; index++) {
      // Every value on the way belongs to an object of the schema, or else the next look finds nothing.
      json = (json as Record<string, unknown>)[keys[index] ?? ''];
      if (json === undefined || (json === null && !lastNullable) || (index < last && typeof json !== 'object')) {
        fail(`no such key: ${names[index]}`);
      }
    }
    return adapt(json);
  };
}

function dynamicPath(head: Step, names: readonly string[]): Step {
  return (frame) => followFields(head(frame), names, frame);
}

function followFields(head: CelValue, names: readonly string[], frame: { cost: number }): CelValue {
  let value = head;
  for (const name of names) {
    const before = value;
    value = selectField(value, name);
    // What an optional doesn't have is not charged.
    if (!(before instanceof CelOptional) || (value instanceof CelOptional && value.value !== undefined)) frame.cost++;
  }
  return value;
}

/** Plans `operand[index]`, `operand[?index]` and `operand.?field`. */
export function planIndex(planner: Planner, expr: CallExpr, optional: boolean): Plan {
  const [operandExpr, indexExpr] = expr.args;
  if (!operandExpr || !indexExpr) throw new RangeError('index without operands');
  const operand = planner.plan(operandExpr);
  const index = planner.plan(indexExpr).resolve;
  const path = operand.path === 'condition' ? 'condition' : 'variable';
  const head = operand.resolve;
  if (optional) {
    return pathPlan((frame) => {
      const value = head(frame);
      if (value instanceof CelOptional && value.value === undefined) return value;
      const found = selectOptional(value, index(frame));
      if (found.value !== undefined) frame.cost++;
      return found;
    }, path);
  }
  return pathPlan((frame) => {
    const value = head(frame);
    if (value instanceof CelOptional && value.value === undefined) return value;
    const found = selectIndex(value, index(frame));
    if (!(found instanceof CelOptional) || found.value !== undefined) frame.cost++;
    return found;
  }, path);
}
