import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandError } from '../command/command-error.ts';
import type { CustomColumns } from './custom-columns.ts';
import { toPrettyJson } from './json-output.ts';

/** What `-o` asks for, with everything after `=`. */
export interface OutputFormat {
  /** '' and `wide` are tables for people. */
  readonly name: string;
  readonly argument: string;
}

/** How objects are printed when no table is asked for. */
export type ObjectPrinter =
  | { readonly kind: 'text'; render(object: unknown): string }
  | { readonly kind: 'columns'; readonly columns: CustomColumns };

const formats = [
  'custom-columns',
  'custom-columns-file',
  'go-template',
  'go-template-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'kyaml',
  'name',
  'template',
  'templatefile',
  'wide',
  'yaml',
];

/** Reads the value of `-o`, and of `--template`. Throws for a format that does not exist. */
export function parseOutputFormat(output: string, template = '', allowed: readonly string[] = formats): OutputFormat {
  if (output === '' && template !== '') return { name: 'go-template', argument: template };
  const equals = output.indexOf('=');
  const name = equals < 0 ? output : output.slice(0, equals);
  const argument = equals < 0 ? template : output.slice(equals + 1);
  if (name !== '' && !allowed.includes(name)) {
    throw new CommandError(
      `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: ${allowed.join(',')}`,
    );
  }
  return { name, argument };
}

/** The formats of verbs that print what they changed. */
export const changeFormats: readonly string[] = formats.filter(
  (format) => format !== 'wide' && !format.startsWith('custom'),
);

/** How objects are printed, beside the format. */
export interface PrinterOptions {
  /** JSON keys as in maps; false keeps their order, as in kinds that kubectl knows. Default: true. */
  readonly sorted?: boolean;
  /** What a template names and is not there prints nothing; else it is an error. Default: true. */
  readonly allowMissing?: boolean;
}

/**
 * The printer of a format; undefined for the tables. `cwd` is where files are looked for.
 */
export async function createObjectPrinter(
  format: OutputFormat,
  cwd: string,
  { sorted = true, allowMissing = true }: PrinterOptions = {},
): Promise<ObjectPrinter | undefined> {
  const { name, argument } = format;
  const file = (): string => readFileSync(resolve(cwd, argument), 'utf8');
  switch (name) {
    case '':
    case 'wide':
      return undefined;
    case 'json':
      return { kind: 'text', render: (object) => toPrettyJson(object, sorted) };
    case 'yaml':
      return yamlPrinter();
    case 'kyaml': {
      const { toKyaml } = await import('./kyaml-output.ts');
      return { kind: 'text', render: (object) => toKyaml(object, sorted) };
    }
    case 'jsonpath':
      return jsonPathPrinter(required(argument), allowMissing);
    case 'jsonpath-file':
      return jsonPathPrinter(file(), allowMissing);
    case 'jsonpath-as-json':
      return jsonPathAsJsonPrinter(required(argument));
    case 'custom-columns':
      return { kind: 'columns', columns: (await import('./custom-columns.ts')).compileCustomColumns(argument) };
    case 'custom-columns-file':
      return { kind: 'columns', columns: (await import('./custom-columns.ts')).compileColumnFile(file()) };
    case 'go-template':
    case 'template':
      return goTemplatePrinter(required(argument));
    case 'go-template-file':
    case 'templatefile':
      return goTemplatePrinter(file());
    default:
      throw new CommandError(`the output format "${name}" is not one of objects`);
  }
}

function required(argument: string): string {
  if (argument === '') throw new CommandError('template format specified but no template given');
  return argument;
}

/** A YAML printer divides documents by `---`, from the second on. */
async function yamlPrinter(): Promise<ObjectPrinter> {
  const { toYaml } = await import('./yaml-output.ts');
  let printed = false;
  return {
    kind: 'text',
    render(object) {
      const divider = printed ? '---\n' : '';
      printed = true;
      return divider + toYaml(object);
    },
  };
}

async function jsonPathPrinter(source: string, allowMissing: boolean): Promise<ObjectPrinter> {
  const { compileJsonPath } = await import('./jsonpath.ts');
  const template = compileTemplate(source, () => compileJsonPath(source, { allowMissing }));
  return { kind: 'text', render: (object) => executeTemplate(source, () => template.render(object)) };
}

async function jsonPathAsJsonPrinter(source: string): Promise<ObjectPrinter> {
  const { compileJsonPath } = await import('./jsonpath.ts');
  const template = compileTemplate(source, () => compileJsonPath(source));
  return { kind: 'text', render: (object) => toPrettyJson(template.find(object).flat()) };
}

async function goTemplatePrinter(source: string): Promise<ObjectPrinter> {
  const { compileGoTemplate } = await import('./go-template/go-template.ts');
  const template = compileGoTemplate(source);
  return { kind: 'text', render: (object) => template(object) };
}

function compileTemplate<T>(source: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    throw new CommandError(
      `error parsing jsonpath ${source}, ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

function executeTemplate(source: string, execute: () => string): string {
  try {
    return execute();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`error executing jsonpath ${JSON.stringify(source)}: Error executing template: ${reason}.`, {
      cause: error,
    });
  }
}
