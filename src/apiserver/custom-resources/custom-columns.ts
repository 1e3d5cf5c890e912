/** The columns of custom resources. Source: apiextensions' registry/customresource/tableconvertor. */
import type { DefinitionVersion, PrinterColumn } from '../../api/apiextensions/custom-resource-definition.ts';
import { ageOf } from '../../machinery/human-duration.ts';
import { compilePath } from '../../machinery/jsonpath/jsonpath.ts';
import type { ApiObject, Cell, ColumnOptions } from '../../machinery/resource.ts';
import { sortedCopy } from '../../machinery/structural/prune.ts';

/** The columns behind the name: those that a version states, or the age. */
export function customColumns({
  additionalPrinterColumns = [],
}: DefinitionVersion): Record<string, ColumnOptions<ApiObject>> {
  const columns = additionalPrinterColumns.length > 0 ? additionalPrinterColumns : [ageColumn];
  return Object.fromEntries(columns.map((column) => [column.name, columnOf(column)]));
}

const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  jsonPath: '.metadata.creationTimestamp',
};

const types = { integer: 'integer', number: 'number', boolean: 'boolean', date: 'date' } as const;

function columnOf({ type, format, description, priority, jsonPath }: PrinterColumn): ColumnOptions<ApiObject> {
  const find = finder(jsonPath);
  return {
    value: (object, now) => cellOf(find(object), type, now),
    type: types[type as keyof typeof types] ?? 'string',
    wide: (priority ?? 0) > 0,
    priority: priority ?? 0,
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    ...(format === undefined ? {} : { format }),
  };
}

/** Finds the values at a path; one that is malformed finds nothing. */
function finder(jsonPath: string): (object: unknown) => readonly unknown[] {
  try {
    const find = compilePath(jsonPath);
    return (object) => {
      try {
        return find(object);
      } catch {
        return [];
      }
    };
  } catch {
    return () => [];
  }
}

/** Columns of text show all values, others the first. */
function cellOf(values: readonly unknown[], type: string, now: number): Cell {
  const [value] = values;
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : longCell(value);
    case 'number':
      return typeof value === 'number' ? value : longCell(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageOf(value, now);
    default:
      return values.map(textOf).join(' ');
  }
}

function textOf(value: unknown): string {
  if (value === null) return '<nil>';
  return typeof value === 'object' ? JSON.stringify(sortedCopy(value)) : String(value);
}

/** What a number can't hold is shown all the same. */
function longCell(value: unknown): Cell {
  return typeof value === 'bigint' ? (value as unknown as number) : null;
}
