import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { CommandError } from '../command/command-error.ts';

/** The sources of a ConfigMap's or Secret's data. */
export interface KeyValueSources {
  readonly files: readonly string[];
  readonly literals: readonly string[];
  readonly envFiles: readonly string[];
}

/** Where the sources are read, and for which kind of object. */
export interface KeyValueContext {
  readonly cwd: string;
  /** Gives the values of env-file lines without one. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly kind: string;
  readonly name: string;
}

const keyForm = /^[-._a-zA-Z0-9]+$/;

/** Reads `--from-file`, `--from-literal` and `--from-env-file`. Throws for what is missing, malformed or twice there. */
export function readKeyValues(
  sources: KeyValueSources,
  { cwd, env, kind, name }: KeyValueContext,
): ReadonlyMap<string, Buffer> {
  if (sources.envFiles.length > 0 && (sources.files.length > 0 || sources.literals.length > 0)) {
    throw new CommandError('from-env-file cannot be combined with from-file or from-literal');
  }
  const data = new Map<string, Buffer>();
  const add = (key: string, value: Buffer): void => {
    if (!keyForm.test(key)) {
      throw new CommandError(
        `"${key}" is not a valid key name for a ${kind}: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      );
    }
    if (data.has(key)) {
      throw new CommandError(
        `cannot add key "${key}", another key by that name already exists in Data for ${kind} "${name}"`,
      );
    }
    data.set(key, value);
  };
  for (const literal of sources.literals) add(...literalPair(literal));
  for (const file of sources.files) for (const [key, value] of filePairs(file, cwd)) add(key, value);
  for (const file of sources.envFiles) for (const [key, value] of envPairs(resolve(cwd, file), env)) add(key, value);
  return data;
}

function literalPair(literal: string): [string, Buffer] {
  const equals = literal.indexOf('=');
  if (equals <= 0) throw new CommandError(`invalid literal source ${literal}, expected key=value`);
  const value = literal.slice(equals + 1);
  const quoted = /^(['"])(.*)\1$/s.exec(value);
  return [literal.slice(0, equals), Buffer.from(quoted?.[2] ?? value)];
}

function filePairs(source: string, cwd: string): readonly [string, Buffer][] {
  const parts = source.split('=');
  if (parts.length > 2) throw new CommandError("key names or file paths cannot contain '='");
  const [first = '', second] = parts;
  if (second === '') throw new CommandError(`file path for key name "${first}" missing`);
  if (first === '' && second !== undefined) throw new CommandError(`key name for file path "${second}" missing`);
  const shown = second ?? first;
  const path = resolve(cwd, shown);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new CommandError(`error reading ${shown}: no such file or directory`);
  if (!stat.isDirectory()) return [[second === undefined ? basename(path) : first, readFileSync(path)]];
  if (second !== undefined) throw new CommandError('cannot give a key name for a directory path');
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, Buffer] => [entry.name, readFileSync(join(path, entry.name))]);
}

function envPairs(path: string, env: KeyValueContext['env']): readonly [string, Buffer][] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(`open ${path}: no such file or directory`, { cause: error });
  }
  return text
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): [string, Buffer] => {
      const equals = line.indexOf('=');
      return equals < 0
        ? [line, Buffer.from(env[line] ?? '')]
        : [line.slice(0, equals), Buffer.from(line.slice(equals + 1))];
    });
}
