import { CommandError } from '../command/command-error.ts';
import { goValueText } from '../output/json-output.ts';
import type { ApiResource } from '../resource/discovery.ts';
import { descriptionsOf, elementOf, resolved, typeName } from './open-api.ts';
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

/** How many values of an enumeration are shown beside a field. */
const shownValues = 4;

/** The lines above every explanation, which come even when the field does not exist. */
export function explainHead({ resource }: Pick<ExplainOptions, 'resource'>): string {
  const group = resource.group === '' ? '' : `GROUP:      ${resource.group}\n`;
  return `${group}KIND:       ${resource.kind}\nVERSION:    ${resource.version}\n\n`;
}

/** The explanation of a kind or of one of its fields. Source: kubectl's plaintext template for OpenAPI v3. */
export function explainText(document: OpenApiDocument, options: ExplainOptions): string {
  const { path, recursive } = options;
  let field: OpenApiSchema = options.schema;
  for (const name of path) {
    const next = elementOf(document, field).properties?.[name];
    if (!next) throw new CommandError(`field ${JSON.stringify(name)} does not exist`);
    field = next;
  }
  const whole = resolved(document, field);
  const element = elementOf(document, field);
  const lines: string[] = [];
  if (path.length > 0) {
    const values = (whole.enum ?? []).map((value) => `    ${goValueText(value)}`);
    lines.push(
      `FIELD: ${path.at(-1)} <${typeName(document, field)}>`,
      ...(values.length > 0 ? ['ENUM:', ...values] : ['']),
      '',
    );
  }
  const texts = descriptionsOf(document, field).flatMap((text) => description(text, '    '));
  lines.push('DESCRIPTION:', ...(texts.length > 0 ? [...texts, '    '] : ['    <empty>']));
  if (element.properties) {
    lines.push('FIELDS:');
    lines.push(...(recursive ? fieldTree(document, element, { level: 1, seen: [] }) : fieldList(document, element)));
  }
  return `${lines.join('\n')}\n\n`;
}

function fieldList(document: OpenApiDocument, schema: OpenApiSchema): readonly string[] {
  return fieldsOf(schema).flatMap(([name, field]) => [
    fieldLine(document, { name, field, schema, indent: '  ' }),
    ...enumLines(resolved(document, field), '  '),
    ...description(field.description, '    '),
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
      ...(below.properties && !circular
        ? fieldTree(document, below, { level: level + 1, seen: [...seen, below] })
        : []),
    ];
  });
}

function fieldsOf(schema: OpenApiSchema): readonly (readonly [string, OpenApiSchema])[] {
  return Object.entries(schema.properties ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function fieldLine(
  document: OpenApiDocument,
  {
    name,
    field,
    schema,
    indent,
  }: { readonly name: string; readonly field: OpenApiSchema; readonly schema: OpenApiSchema; readonly indent: string },
): string {
  const required = schema.required?.includes(name) ? ' -required-' : '';
  return `${indent}${name}\t<${typeName(document, field)}>${required}`;
}

function enumLines({ enum: values }: OpenApiSchema, indent: string): readonly string[] {
  if (!values?.length) return [];
  const shown = values.slice(0, shownValues).map((value) => goValueText(value) || '""');
  return [`${indent}enum: ${shown.join(', ')}${values.length > shownValues ? ', ....' : ''}`];
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
