/** Lists as tables for humans, and objects reduced to their metadata. Source: meta.k8s.io/v1. */
import type { ApiObject, Column, ColumnOptions, Resource } from '../../machinery/resource.ts';
import { ageOf } from '../../machinery/human-duration.ts';

/** How much of each object a table row carries along. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** Options of a table. `metadata` is that of the list; `withColumns` false leaves the header out (later watch events). */
export interface TableOptions {
  readonly includeObject?: IncludeObject | undefined;
  /** Epoch milliseconds, for ages. */
  readonly now: number;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly withColumns?: boolean | undefined;
  /** Of meta.k8s.io; by default v1. */
  readonly version?: string | undefined;
}

interface NamedColumn extends ColumnOptions<ApiObject> {
  readonly name: string;
}

const descriptions: Readonly<Record<string, string>> = {
  Name: 'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  Age: 'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
};

const nameColumn: NamedColumn = { name: 'Name', format: 'name', value: (object) => object.metadata.name };
const ageColumn: NamedColumn = {
  name: 'Age',
  value: (object, now) => ageOf(object.metadata.creationTimestamp, now),
};

const columnsOfKinds = new WeakMap<Resource, readonly NamedColumn[]>();

/**
 * The columns of a kind. Name comes first and Age after the last narrow column by themselves; a kind that states an own
 * `Age` decides its place, and one that states `Name` states all its columns.
 */
export function tableColumns(resource: Resource): readonly NamedColumn[] {
  let columns = columnsOfKinds.get(resource);
  if (!columns) columnsOfKinds.set(resource, (columns = arrangeColumns(resource)));
  return columns;
}

function arrangeColumns(resource: Resource): readonly NamedColumn[] {
  const stated = Object.entries(resource.columns ?? {}).map(([name, column]) => named(name, column));
  if (resource.custom) return [nameColumn, ...stated];
  if (stated.some(({ name }) => name === 'Name')) return stated;
  if (stated.some(({ name }) => name === 'Age')) return [nameColumn, ...stated];
  const wide = stated.filter((column) => column.wide);
  return [nameColumn, ...stated.filter((column) => !column.wide), ageColumn, ...wide];
}

function named(name: string, column: Column<ApiObject>): NamedColumn {
  const options = typeof column === 'function' ? { value: column } : column;
  return { ...(name === 'Name' ? { format: 'name' } : {}), ...options, name };
}

/** The meta.k8s.io/v1 Table of some objects of one kind. */
export function renderTable(
  resource: Resource,
  objects: readonly ApiObject[],
  options: TableOptions,
): Record<string, unknown> {
  const columns = tableColumns(resource);
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version ?? 'v1'}`,
    metadata: options.metadata ?? {},
    columnDefinitions: options.withColumns === false ? null : columns.map(definition),
    rows: objects.map((object) => renderRow(columns, object, options)),
  };
}

function definition(column: NamedColumn): object {
  return {
    name: column.name,
    type: column.type ?? 'string',
    format: column.format ?? '',
    description: column.description ?? descriptions[column.name] ?? '',
    priority: column.priority ?? (column.wide ? 1 : 0),
  };
}

function renderRow(columns: readonly NamedColumn[], object: ApiObject, options: TableOptions): object {
  const include = options.includeObject ?? 'Metadata';
  const carried =
    include === 'Object' ? object : include === 'Metadata' ? partialMetadata(object, options.version) : undefined;
  return {
    cells: columns.map((column) => column.value(object, options.now) ?? null),
    ...(isFinishedPod(object) ? { conditions: [completed(object)] } : {}),
    ...(carried ? { object: carried } : {}),
  };
}

function isFinishedPod(object: ApiObject): object is ApiObject & { status: { phase: string; reason?: string } } {
  if (object.kind !== 'Pod' || !('status' in object)) return false;
  const { phase } = object.status as { phase?: string };
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Tells clients that a row is over. Source: printers' podSuccessConditions and podFailedConditions. */
function completed({ status }: { readonly status: { phase: string } }): object {
  const message = status.phase === 'Succeeded' ? 'The pod has completed successfully.' : 'The pod failed.';
  return { type: 'Completed', status: 'True', reason: status.phase, message };
}

/** An object reduced to its metadata. `version` is that of meta.k8s.io. */
export function partialMetadata(object: ApiObject, version = 'v1'): ApiObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}
