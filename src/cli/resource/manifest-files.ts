import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { messageOf } from '../../base/errors.ts';
import type { CliIo } from '../command/cli-io.ts';
import { CommandError } from '../command/command-error.ts';
import { withContext } from '../command/error-text.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { asKubeObject, isList, itemsOf } from './kube-object.ts';
import type { KubeObject } from './kube-object.ts';
import { parseYamlStream } from './yaml-input.ts';

/** An object out of a manifest. */
export interface ManifestObject {
  /** The file or URL, `STDIN` for `-`. */
  readonly source: string;
  readonly object: KubeObject;
}

/** Reads the objects of `-f` arguments: files, folders, URLs and `-`. */
export async function readManifests(
  names: readonly string[],
  options: { readonly recursive: boolean; readonly io: Pick<CliIo, 'stdin' | 'cwd'> },
): Promise<readonly ManifestObject[]> {
  const objects: ManifestObject[] = [];
  for (const name of names) {
    for await (const { source, text } of sourcesOf(name, options)) objects.push(...parseManifest(source, text));
  }
  return objects;
}

interface SourceText {
  readonly source: string;
  readonly text: string;
}

async function* sourcesOf(
  name: string,
  { recursive, io }: { readonly recursive: boolean; readonly io: Pick<CliIo, 'stdin' | 'cwd'> },
): AsyncGenerator<SourceText> {
  if (name === '-') yield { source: 'STDIN', text: await readText(io.stdin) };
  else if (/^https?:\/\//.test(name)) yield { source: name, text: await download(name) };
  else {
    for (const path of filesUnder(resolve(io.cwd, name), name, { recursive, top: true })) {
      yield { source: path, text: readFileSync(resolve(io.cwd, path), 'utf8') };
    }
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new CommandError(
      `unable to read URL "${url}", server reported ${response.status} ${response.statusText}, status code=${response.status}`,
    );
  }
  return response.text();
}

function filesUnder(path: string, shown: string, options: { recursive: boolean; top: boolean }): readonly string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new CommandError(`the path "${shown}" does not exist`);
  if (!stat.isDirectory()) return options.top || /\.(json|ya?ml)$/.test(path) ? [shown] : [];
  if (!options.top && !options.recursive) return [];
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesUnder(join(path, name), join(shown, name), { ...options, top: false }));
}

function parseManifest(source: string, text: string): readonly ManifestObject[] {
  try {
    return parseYamlStream(text).flatMap((document) => flatten(source, document));
  } catch (error) {
    throw withContext(`error parsing ${source}`, error);
  }
}

function flatten(source: string, document: unknown): readonly ManifestObject[] {
  if (!isJsonObject(document)) {
    throw new CommandError(`json: cannot unmarshal ${typeof document} into Go value of type map[string]interface {}`);
  }
  const object = asKubeObject(document);
  return isList(document) ? itemsOf(object).flatMap((item) => flatten(source, item)) : [{ source, object }];
}

/** Throws unless apiVersion and kind are there, worded as kubectl's validation. */
export function requireTypeOf({ source, object }: ManifestObject): void {
  const missing = (['apiVersion', 'kind'] as const).filter(
    (field) => typeof object[field] !== 'string' || object[field] === '',
  );
  if (missing.length === 0) return;
  const said = missing.map((field) => `${field} not set`).join(', ');
  const listed = missing.length > 1 ? `[${said}]` : said;
  throw new CommandError(
    `error validating "${source}": error validating data: ${listed}; if you choose to ignore these errors, turn validation off with --validate=false`,
  );
}

/** Explains a failure with one object of a manifest. */
export function manifestFailure(action: string, { source }: ManifestObject, error: unknown): unknown {
  return messageOf(error).startsWith('error when') ? error : withContext(`error when ${action} "${source}"`, error);
}
