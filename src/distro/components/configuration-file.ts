import { load } from 'js-yaml';
import { messageOf } from '../../base/errors.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { UsageError } from '../config/cluster-config.ts';
import { readFlagFile } from './common-flags.ts';
import type { FlagTable, FlagValues } from './flag.ts';
import type { ParsedFlags } from './parse-flags.ts';

/** How a configuration file says what flags say: paths of its fields, and the flags that they mean. */
export interface ConfigurationFile {
  readonly apiVersion: string;
  readonly kind: string;
  /** Flag names by the path of a field. */
  readonly fields: Readonly<Record<string, string>>;
  /** Fields that may only have one value, with the reason. */
  readonly fixed: Readonly<Record<string, readonly [value: unknown, why: string]>>;
  /** Fields in which 0 is a value like any other; elsewhere it counts as not said. */
  readonly zeroCounts: readonly string[];
}

/**
 * The values of flags with those of a configuration file for the flags that were not given. What is zero or empty in
 * the file counts as not said, as upstream has it. Throws a UsageError that names the field.
 */
export function withConfiguration<F extends FlagTable>(
  parsed: ParsedFlags<F>,
  flags: F,
  source: { readonly path: string; readonly format: ConfigurationFile },
): FlagValues<F> {
  const { path, format } = source;
  const values = { ...parsed.values };
  for (const [field, value] of fieldsOf(readDocument(path, format), format)) {
    const name = format.fields[field];
    const flag = name === undefined ? undefined : flags[name];
    if (name === undefined || !flag) checkFixed({ field, value, path, format });
    else if (!parsed.given.has(name))
      Object.assign(values, { [name]: flag.parse([textOf(value)], `${field} in ${path}`) });
  }
  return values;
}

function readDocument(path: string, { apiVersion, kind }: ConfigurationFile): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = load(readFlagFile(path, '--config'));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--config ${path} is no YAML: ${messageOf(error)}`, { cause: error });
  }
  if (isJsonObject(document) && document['apiVersion'] === apiVersion && document['kind'] === kind) return document;
  throw new UsageError(`--config ${path} must be a ${kind} of apiVersion ${apiVersion}`);
}

/** The fields that say something, by path; maps that a flag takes whole are not taken apart. */
function fieldsOf(
  object: Readonly<Record<string, unknown>>,
  format: ConfigurationFile,
  prefix = '',
): (readonly [string, unknown])[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    if (prefix === '' && (key === 'apiVersion' || key === 'kind')) return [];
    if (format.fields[path] === undefined && isJsonObject(value)) return fieldsOf(value, format, `${path}.`);
    return isUnsaid(value, path, format) ? [] : [[path, value]];
  });
}

function isUnsaid(value: unknown, path: string, { fields, fixed, zeroCounts }: ConfigurationFile): boolean {
  if (value === false) return fields[path] === undefined && fixed[path] === undefined;
  if (value === 0) return !zeroCounts.includes(path);
  if (value === null || value === undefined || value === '' || value === '0s') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function checkFixed(field: {
  readonly field: string;
  readonly value: unknown;
  readonly path: string;
  readonly format: ConfigurationFile;
}): void {
  const { field: name, value, path, format } = field;
  const fixed = format.fixed[name];
  if (fixed === undefined) {
    const known = Object.keys(format.fields).join(', ');
    throw new UsageError(`--config ${path} has ${name}, which kubets does not have; it has ${known}`);
  }
  const [only, why] = fixed;
  if (JSON.stringify(value) !== JSON.stringify(only))
    throw new UsageError(`${name} in ${path} must be ${JSON.stringify(only)}: ${why}`);
}

/** A value as its flag would be given it. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  if (!isJsonObject(value)) return scalarText(value);
  const { key, effect } = value;
  if (key !== undefined && effect !== undefined) {
    const taint = value['value'] ? `=${scalarText(value['value'])}` : '';
    return `${scalarText(key)}${taint}:${scalarText(effect)}`;
  }
  return Object.entries(value)
    .map(([name, amount]) => `${name}=${scalarText(amount)}`)
    .join(',');
}

function scalarText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
