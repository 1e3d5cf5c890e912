import { goValueText } from '../output/json-output.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { writeAnnotations, writeLabels } from './meta-lines.ts';

const skipped = new Set(
  ['managedFields', 'name', 'namespace', 'labels', 'annotations'].map((field) => `.metadata.${field}`),
);
const acronyms = new Set(['API', 'URL', 'UID', 'OSB', 'GUID']);

/** An object of a kind that kubectl does not know by heart: all its fields, with speaking names. */
export async function describeGeneric(object: KubeObject, { writer }: DescribeContext): Promise<void> {
  writer.line(0, `Name:\t${object.metadata.name}`);
  writer.line(0, `Namespace:\t${object.metadata.namespace ?? ''}`);
  writeLabels(writer, 'Labels', object.metadata.labels);
  writeAnnotations(writer, 'Annotations', object.metadata.annotations);
  writeFields(writer, object, { level: 0, path: '' });
}

function writeFields(
  writer: DescribeWriter,
  content: object,
  { level, path }: { readonly level: number; readonly path: string },
): void {
  for (const [field, value] of Object.entries(content).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const here = `${path}.${field}`;
    if (skipped.has(here)) continue;
    if (Array.isArray(value)) {
      writer.line(level, `${speakingName(field)}:`);
      for (const child of value as readonly unknown[]) {
        if (typeof child === 'object' && child !== null) writeFields(writer, child, { level: level + 1, path: here });
        else writer.line(level + 1, goValueText(child));
      }
    } else if (typeof value === 'object' && value !== null) {
      writer.line(level, `${speakingName(field)}:`);
      writeFields(writer, value as object, { level: level + 1, path: here });
    } else writer.line(level, `${speakingName(field)}:\t${goValueText(value)}`);
  }
}

/** `creationTimestamp` as `Creation Timestamp`. */
export function speakingName(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field;
  return (field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[^\p{L}]+/gu) ?? [field])
    .map((part) =>
      acronyms.has(part.toUpperCase())
        ? part.toUpperCase()
        : part.toLowerCase().replace(/^./u, (first) => first.toUpperCase()),
    )
    .join(' ');
}
