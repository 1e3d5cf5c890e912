import { CommandError } from '../command/command-error.ts';
import { goValueText } from '../output/json-output.ts';
import type { ApiResource } from '../resource/discovery.ts';
import { elementOf, resolved, typeName } from './open-api.ts';
import type { OpenApiDocument, OpenApiSchema } from './open-api.ts';

/** What is to be explained. */
export interface ExplainOptions {
  readonly resource: ApiResource;
  readonly schema: OpenApiSchema;
  /** Fields below the kind. */
  readonly path: readonly string[];
  readonly recursive: boolean;
}

const width = 80;

/** The explanation of a kind or of one of its fields. Source: kubectl's plaintext template for OpenAPI v3. */
export function explainText(document: OpenApiDocument, options: ExplainOptions): string {
  const { resource, path, recursive } = options;
  let field: OpenApiSchema = options.schema;
  for (const name of path) {
    const next = elementOf(document, field).properties?.[name];
    if (!next) throw new CommandError(`field ${JSON.stringify(name)} does not exist`);
    field = next;
  }
  const head = [
    ...(resource.group === '' ? [] : [`GROUP:      ${resource.group}`]),
    `KIND:       ${resource.kind}`,
    `VERSION:    ${resource.version}`,
    '',
  ];
  const whole = resolved(document, field);
  const element = elementOf(document, field);
  const lines = [...head];
  if (path.length > 0) lines.push(`FIELD: ${path.at(-1)} <${typeName(document, field)}>`, '');
  lines.push(...enumLines(whole, ''));
  lines.push('DESCRIPTION:', ...description(whole.description ?? element.description, '    '), '');
  if (element.properties) {
    lines.push('FIELDS:');
    lines.push(...(recursive ? fieldTree(document, element, { level: 1, seen: [] }) : fieldList(document, element)));
  }
  return `${lines.join('\n')}\n${element.properties && recursive ? '\n' : ''}${element.properties ? '' : '\n'}`;
}

function fieldList(document: OpenApiDocument, schema: OpenApiSchema): readonly string[] {
  return fieldsOf(schema).flatMap(([name, field]) => [
    fieldLine(document, { name, field, schema, indent: '  ' }),
    ...enumLines(resolved(document, field), '  '),
    ...description(resolved(document, field).description, '    '),
    '',
  ]);
}

function fieldTree(
  document: OpenApiDocument,
  schema: OpenApiSchema,
  { level, seen }: { readonly level: number; readonly seen: readonly OpenApiSchema[] },
): readonly string[] {
  const indent = '  '.repeat(level);
  return fieldsOf(schema).flatMap(([name, field]) => {
    const below = elementOf(document, field);
    const circular = seen.includes(below);
    return [
      fieldLine(document, { name, field, schema, indent }),
      ...enumLines(resolved(document, field), indent),
      ...(below.properties && !circular ? fieldTree(document, below, { level: level + 1, seen: [...seen, below] }) : []),
    ];
  });
}

function fieldsOf(schema: OpenApiSchema): readonly (readonly [string, OpenApiSchema])[] {
  return Object.entries(schema.properties ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function fieldLine(
  document: OpenApiDocument,
  { name, field, schema, indent }: { readonly name: string; readonly field: OpenApiSchema; readonly schema: OpenApiSchema; readonly indent: string },
): string {
  const required = schema.required?.includes(name) ? ' -required-' : '';
  return `${indent}${name}\t<${typeName(document, field)}>${required}`;
}

function enumLines({ enum: values }: OpenApiSchema, indent: string): readonly string[] {
  if (!values?.length) return [];
  return [`${indent}enum: ${values.map((value) => goValueText(value)).join(', ')}`];
}

function description(text: string | undefined, indent: string): readonly string[] {
  if (!text) return [`${indent}<no description>`];
  return text.split('\n').flatMap((paragraph) => (paragraph.trim() === '' ? [indent] : wrapped(paragraph, indent)));
}

function wrapped(paragraph: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/).filter((one) => one !== '')) {
    if (line !== '' && line.length + 1 + word.length > width - indent.length) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}
