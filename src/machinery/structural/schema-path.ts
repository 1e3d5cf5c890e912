/** Paths through schemas such as `.spec.foo['x-y']`. Source: ValidFieldPath of apiextensions' schema/cel. */
import type { JsonSchema } from './json-schema.ts';
import { additionalSchema, propertySchema } from './json-schema.ts';

/** Where a path leads: the names on the way, whether each is a field or a key of a map, and the schema there. */
export interface SchemaPath {
  readonly path: readonly string[];
  /** As errors show it, without a leading dot: `spec.foo[key]`. */
  readonly text: string;
  readonly schema: JsonSchema;
}

/** Follows a path; `indexes` allows `['name']`. */
export function schemaAtPath(
  root: JsonSchema,
  source: string,
  { indexes = true }: { readonly indexes?: boolean } = {},
): SchemaPath | { readonly error: string } {
  let schema = root;
  let text = '';
  const path: string[] = [];
  for (let rest = source; rest !== '';) {
    const step = nextStep(rest, indexes);
    if ('error' in step) return step;
    const isField = schema.properties !== undefined;
    const next = isField ? propertySchema(schema, step.name) : mapValues(schema);
    if (!next) return { error: 'does not refer to a valid field' };
    text += isField ? `${text === '' ? '' : '.'}${step.name}` : `[${step.name}]`;
    path.push(step.name);
    schema = next;
    rest = rest.slice(step.length);
  }
  return { path, text, schema };
}

function mapValues(schema: JsonSchema): JsonSchema | undefined {
  return additionalSchema(schema) ?? (schema.additionalProperties === true ? {} : undefined);
}

/** What letters mean after a backslash. */
const controls: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

type Step = { readonly name: string; readonly length: number } | { readonly error: string };

function nextStep(rest: string, indexes: boolean): Step {
  if (rest.startsWith('.')) {
    const name = /^[^.[\]]*/.exec(rest.slice(1))?.[0] ?? '';
    return name === '' ? { error: 'unexpected end of JSON path' } : { name, length: name.length + 1 };
  }
  if (!rest.startsWith('[')) return { error: `expected [ or . but got: ${/^[^.[\]]*/.exec(rest)?.[0] || rest[0]}` };
  if (!indexes) return { error: 'array notation is not allowed' };
  const quoted = /^\['((?:[^'\\]|\\.)*)'(.?)/s.exec(rest);
  if (!quoted) {
    const token = /^[^.[\]]*/.exec(rest.slice(1))?.[0] ?? '';
    return { error: token === '' ? 'unexpected end of JSON path' : `expected single quoted string but got ${token}` };
  }
  if (quoted[2] === '') return { error: 'unexpected end of JSON path' };
  if (quoted[2] !== ']') return { error: `expected ] but got ${quoted[2]}` };
  return {
    name: (quoted[1] ?? '').replaceAll(/\\(.)/gs, (_, letter: string) => controls[letter] ?? letter),
    length: quoted[0].length,
  };
}
