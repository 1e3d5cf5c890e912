/**
 * The way from kubectl's client-side apply to server-side apply: the annotation says what it applied.
 * Source: apimachinery's lastAppliedManager and lastAppliedUpdater.
 */
import { isJsonObject } from '../schema.ts';
import { configuredFields } from './apply-configuration.ts';
import { difference, fieldPaths, hasField, setOfPath, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { CheckReport } from './merge-type.ts';
import type { ManagerConflict } from './transfer-ownership.ts';
import type { VersionedType } from './versioned-objects.ts';

/** Where client-side apply remembers what it applied. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The field manager whose applies take over from client-side apply. */
export const kubectlManager = 'kubectl';

/** The conflicts that remain: fields that client-side apply set and that are still as it set them are kubectl's own. */
export function conflictsBesideLastApplied(
  conflicts: readonly ManagerConflict[],
  live: object,
  versions: VersionedType,
): readonly ManagerConflict[] {
  const allowed = lastAppliedFields(live, versions);
  if (!allowed) return conflicts;
  return conflicts.flatMap((conflict) => {
    const paths = fieldPaths(conflict.fields).filter((path) => !hasField(allowed, path));
    const fields = paths.map(setOfPath).reduce<FieldSet | undefined>(union, undefined);
    return fields ? [{ ...conflict, fields }] : [];
  });
}

/** The fields that client-side apply set and that are as they were then; undefined if it never did. */
function lastAppliedFields(live: object, versions: VersionedType): FieldSet | undefined {
  const configuration = parsed(annotationOf(live));
  if (!isJsonObject(configuration) || configuration['apiVersion'] !== versions.apiVersion) return undefined;
  const report = new CheckReport();
  versions.type.check(configuration, report);
  if (report.errors.length > 0) return undefined;
  const set = configuredFields(configuration, versions);
  const changes = versions.type.compare(configuration, live);
  if (!changes) return set;
  return difference(difference(difference(set, changes.modified), changes.added), changes.removed);
}

function parsed(text: string | undefined): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function annotationOf(object: object): string | undefined {
  const value = annotationsOf(object)[lastAppliedAnnotation];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function annotationsOf(object: object): Readonly<Record<string, unknown>> {
  const { metadata } = object as { readonly metadata?: unknown };
  const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined;
  return isJsonObject(annotations) ? annotations : {};
}

/** All keys and values of annotations together, in bytes. */
const maxAnnotationBytes = 256 * 1024;

/** The object with the annotation kept up to date, if it has one: client-side apply may be used again. */
export function withLastApplied(object: object, configuration: object): object {
  if (annotationOf(object) === undefined) return object;
  const { [lastAppliedAnnotation]: _old, ...annotations } = annotationsOf(object);
  const text = lastAppliedText(configuration);
  const bytes = Object.entries({ ...annotations, [lastAppliedAnnotation]: text })
    .map(([key, value]) => Buffer.byteLength(key) + Buffer.byteLength(value))
    .reduce((sum, size) => sum + size, 0);
  const { metadata } = object as { readonly metadata: object };
  const kept = bytes > maxAnnotationBytes ? annotations : { ...annotations, [lastAppliedAnnotation]: text };
  return { ...object, metadata: { ...metadata, annotations: kept } };
}

function lastAppliedText(configuration: object): string {
  const { metadata } = configuration as { readonly metadata?: unknown };
  if (!isJsonObject(metadata) || !isJsonObject(metadata['annotations'])) return goJson(configuration);
  const { [lastAppliedAnnotation]: _old, ...annotations } = metadata['annotations'];
  return goJson({ ...configuration, metadata: { ...metadata, annotations } });
}

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** JSON as Go's encoder writes it: sorted, escaped for HTML, with a newline at the end. */
function goJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    isJsonObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
  return `${text.replaceAll(/[<>&\u2028\u2029]/g, (character) => escapes[character]!)}\n`;
}
