/** Checks that every enumerated field has one of its values, for any kind, from its schema. */
import type { FieldError } from './field-error.ts';
import { notSupported } from './field-error.ts';
import type { SchemaNode, StructNode } from './schema.ts';

type Check = (value: unknown, path: string, errors: FieldError[]) => void;

const compiled = new WeakMap<SchemaNode, Check | null>();
const inProgress = new Set<SchemaNode>();

/**
 * What is wrong with the enumerated fields of a decoded object. Empty strings are left to the kind's own validation, as an
 * absent value.
 */
export function enumErrors(node: StructNode, object: unknown): FieldError[] {
  const errors: FieldError[] = [];
  checkOf(node)?.(object, '', errors);
  return errors;
}

/** The check of a node; null where nothing below it is enumerated, so that whole subtrees are skipped. */
function checkOf(node: SchemaNode): Check | null {
  const known = compiled.get(node);
  if (known !== undefined) return known;
  // A recursive struct refers to a check that does not exist yet.
  if (inProgress.has(node)) return (value, path, errors) => checkOf(node)?.(value, path, errors);
  inProgress.add(node);
  const check = compile(node);
  inProgress.delete(node);
  compiled.set(node, check);
  return check;
}

function compile(node: SchemaNode): Check | null {
  switch (node.kind) {
    case 'struct':
      return compileStruct(node);
    case 'list': {
      const check = checkOf(node.items);
      if (!check) return null;
      return (value, path, errors) =>
        (value as readonly unknown[]).forEach((item, i) => check(item, `${path}[${i}]`, errors));
    }
    case 'map': {
      const check = checkOf(node.values);
      if (!check) return null;
      return (value, path, errors) => {
        for (const [key, item] of Object.entries(value as object)) check(item, `${path}[${key}]`, errors);
      };
    }
    case 'string': {
      if (!node.values) return null;
      const values = [...node.values].sort();
      return (value, path, errors) => {
        if (value !== '' && !values.includes(String(value))) errors.push(notSupported(path, value, values));
      };
    }
    default:
      return null;
  }
}

function compileStruct(node: StructNode): Check | null {
  const checks = Object.entries(node.fields).flatMap(([name, field]) => {
    const check = checkOf(field.type);
    return check ? [{ name, check }] : [];
  });
  if (checks.length === 0) return null;
  return (value, path, errors) => {
    const object = value as Readonly<Record<string, unknown>>;
    for (const { name, check } of checks) {
      const member = object[name];
      if (member !== undefined && member !== null) check(member, path === '' ? name : `${path}.${name}`, errors);
    }
  };
}
