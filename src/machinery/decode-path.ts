/** Where a decode stands, and how its errors name the place. Source: Go's encoding/json, sigs.k8s.io/json. */

/** A step into a field of a struct. */
export interface FieldStep {
  readonly name: string;
  readonly struct: string;
}

/** A step into a field, a list element or a map entry. */
export type PathStep = FieldStep | number | { readonly key: string };

/** The state of one decode. */
export interface DecodeContext {
  readonly path: PathStep[];
  readonly unknown: string[];
}

/** A JSON value of the wrong type. */
export class TypeMismatch extends Error {
  readonly found: string;
  readonly type: string;

  constructor(found: string, type: string) {
    super(`json: cannot unmarshal ${found} into Go value of type ${type}`);
    this.found = found;
    this.type = type;
  }
}

/** The error for `value` where Go expects `type`. */
export function typeMismatch(value: unknown, type: string): TypeMismatch {
  return new TypeMismatch(jsonTypeOf(value, type), type);
}

/** Go's sentence for a mismatch at the place where the decode stopped. */
export function describeMismatch(
  error: TypeMismatch,
  context: DecodeContext,
  as: { readonly version: string; readonly kind: string },
): string {
  const fields = context.path.filter((step): step is FieldStep => typeof step === 'object' && 'struct' in step);
  const last = fields.at(-1);
  if (!last) return `json: cannot unmarshal ${error.found} into Go value of type ${as.version}.${as.kind}`;
  const path = fields.map((step) => step.name).join('.');
  return `json: cannot unmarshal ${error.found} into Go struct field ${last.struct}.${path} of type ${error.type}`;
}

/** The dotted form: `spec.containers[0].name`. */
export function joinPath(path: readonly PathStep[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += `${text === '' ? '' : '.'}${'key' in step ? step.key : step.name}`;
  }
  return text;
}

function jsonTypeOf(value: unknown, type: string): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint')
    return /^(int|float)/.test(type) ? `number ${value}` : 'number';
  return typeof value === 'string' ? 'string' : 'object';
}
