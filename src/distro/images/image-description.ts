import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { load } from 'js-yaml';
import { messageOf } from '../../base/errors.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { ImageConfig } from './image-config.ts';

/** What `kubets image build` needs to know. */
export interface ImageDescription {
  /** The folder that becomes the root file system, absolute. */
  readonly from: string;
  readonly config: ImageConfig;
}

type Reader = (value: unknown, key: string) => Partial<ImageConfig>;

const workingDir: Reader = (value, key) => ({ workingDir: absolute(scalar(value, key), key) });

const readers: Readonly<Record<string, Reader>> = {
  entrypoint: (value, key) => ({ entrypoint: command(value, key) }),
  cmd: (value, key) => ({ cmd: command(value, key) }),
  env: (value, key) => ({ env: pairs(value, key) }),
  labels: (value, key) => ({ labels: pairs(value, key) }),
  user: (value, key) => ({ user: scalar(value, key) }),
  workingDir,
  workdir: workingDir,
  stopSignal: (value, key) => ({ stopSignal: scalar(value, key) }),
  ports: (value, key) => ({ exposedPorts: strings(value, key).map((text) => port(text, key)) }),
};

/**
 * The description that the flags of `kubets image build` give: `--file` names a YAML map, the other flags go before
 * what it says. Throws UsageError with what would be right.
 */
export function readImageDescription(options: Readonly<Record<string, unknown>>): ImageDescription {
  const { file } = options;
  const { from, ...described } = typeof file === 'string' ? readDescriptionFile(file) : {};
  const flags = Object.entries(options).filter(([key, value]) => Object.hasOwn(readers, key) && value !== undefined);
  // A command in one flag is a program and its arguments; in the file a text is for the shell.
  const words = (value: unknown): unknown => (typeof value === 'string' ? value.split(/\s+/).filter(Boolean) : value);
  const split = flags.map(([key, value]) => [key, key === 'entrypoint' || key === 'cmd' ? words(value) : value]);
  const folder = options['from'] ?? from;
  if (typeof folder !== 'string') {
    throw new UsageError('an image needs a root file system: name its folder with --from, or as "from" in the --file');
  }
  return { from: resolve(folder), config: { ...described, ...imageConfigOf(Object.fromEntries(split)) } };
}

function readDescriptionFile(file: string): ImageConfig & { readonly from?: string | undefined } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--file ${file} can't be read: ${messageOf(error)}`, { cause: error });
  }
  const { from, ...config } = parseImageDescription(text, file);
  // As everywhere, a path in a file starts where the file lies.
  return from === undefined ? config : { ...config, from: resolve(dirname(file), from) };
}

/**
 * Reads a description: a YAML map of `from`, `entrypoint`, `cmd`, `env`, `labels`, `user`, `workingDir`, `ports` and
 * `stopSignal`. `source` names the file in errors. Throws UsageError with what would be right.
 */
export function parseImageDescription(
  text: string,
  source: string,
): ImageConfig & { readonly from?: string | undefined } {
  try {
    const value = text.trim() === '' ? {} : load(text);
    if (!isMap(value)) throw new UsageError('the description must be a map, such as "entrypoint: [/app]"');
    const { from, ...rest } = value;
    return { ...imageConfigOf(rest), ...(from === undefined ? {} : { from: scalar(from, 'from') }) };
  } catch (error) {
    const what = error instanceof UsageError ? `: ${error.message}` : ` is not YAML: ${messageOf(error)}`;
    throw new UsageError(`${source}${what}`, { cause: error });
  }
}

function imageConfigOf(values: Readonly<Record<string, unknown>>): ImageConfig {
  return Object.entries(values).reduce<ImageConfig>((config, [key, part]) => {
    const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (!reader) throw new UsageError(`${key} is not known; known are from, ${Object.keys(readers).join(', ')}`);
    return part === undefined || part === null ? config : { ...config, ...reader(part, key) };
  }, {});
}

/** A list is run as it is, a text by the shell, as in a Dockerfile. */
function command(value: unknown, key: string): readonly string[] {
  return typeof value === 'string' ? ['/bin/sh', '-c', value] : strings(value, key);
}

function strings(value: unknown, key: string): readonly string[] {
  if (Array.isArray(value)) return value.map((item) => scalar(item, key));
  throw new UsageError(`${key} must be a list, such as [a, b], not ${JSON.stringify(value)}`);
}

function pairs(value: unknown, key: string): Readonly<Record<string, string>> {
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, scalar(item, key)]));
  return Object.fromEntries(strings(value, key).map((item) => pair(item, key)));
}

function pair(item: string, key: string): readonly [string, string] {
  const at = item.indexOf('=');
  if (at > 0) return [item.slice(0, at), item.slice(at + 1)];
  throw new UsageError(`${key} must have the form NAME=VALUE, not ${JSON.stringify(item)}`);
}

function scalar(value: unknown, key: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new UsageError(`${key} must be a text, not ${JSON.stringify(value)}`);
}

function absolute(path: string, key: string): string {
  if (path.startsWith('/')) return path;
  throw new UsageError(`${key} must be an absolute path, such as /srv, not ${path}`);
}

function port(text: string, key: string): string {
  if (/^\d{1,5}(\/(tcp|udp|sctp))?$/.test(text)) return text.includes('/') ? text : `${text}/tcp`;
  throw new UsageError(`${key} must be ports such as 80 or 53/udp, not ${text}`);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
