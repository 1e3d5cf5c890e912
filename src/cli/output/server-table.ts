import type { DraftMeta } from '../../machinery/meta.ts';
import { goValueText } from './json-output.ts';

/** A column of a Table. Source: meta.k8s.io/v1. */
export interface TableColumn {
  readonly name: string;
  readonly type?: string;
  readonly format?: string;
  /** Above 0: shown with `-o wide` only. */
  readonly priority?: number;
}

/** A row of a Table. */
export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object?: { readonly metadata?: DraftMeta; readonly [field: string]: unknown };
}

/** What the server answers when asked for a Table. */
export interface ServerTable {
  readonly kind: 'Table';
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions?: readonly TableColumn[];
  readonly rows?: readonly TableRow[];
}

/** The media type that asks for a Table. */
export const acceptTable =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

/** What is shown of a table. */
export interface TableOptions {
  readonly wide: boolean;
  readonly noHeaders: boolean;
  readonly withNamespace: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  /** `deployment.apps`: goes before every name. */
  readonly kindPrefix?: string | undefined;
}

/** Whether an answer is a Table. */
export function isTable(value: unknown): value is ServerTable {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Table';
}

/** The table of objects that the server gave no columns for: their names and ages. */
export function plainTable(
  objects: readonly { readonly metadata: DraftMeta }[],
  age: (time: string | undefined) => string,
): ServerTable {
  return {
    kind: 'Table',
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name' },
      { name: 'Age', type: 'string' },
    ],
    rows: objects.map((object) => ({
      cells: [object.metadata.name, age(object.metadata.creationTimestamp)],
      object,
    })),
  };
}

/** Writes tables as tab-separated lines. Headers come with the first rows and when the columns change. */
export class TablePrinter {
  readonly #options: TableOptions;
  #columns: readonly TableColumn[] = [];
  #headersOf = '';

  constructor(options: TableOptions) {
    this.#options = options;
  }

  /** `event` leads every row with the type of a watch event. */
  print(table: ServerTable, event?: string): string {
    if (table.columnDefinitions?.length) this.#columns = table.columnDefinitions;
    const rows = table.rows ?? [];
    if (rows.length === 0) return '';
    const signature = this.#columns.map((column) => column.name).join('\t');
    const headers = !this.#options.noHeaders && signature !== this.#headersOf;
    this.#headersOf = signature;
    // As wide as the longest type, so that later lines stay aligned.
    const lines = rows.map((row) => this.#row(row, event?.padEnd('MODIFIED'.length)));
    return [...(headers ? [this.#header(event)] : []), ...lines].map((line) => `${line}\n`).join('');
  }

  #header(event: string | undefined): string {
    const { withNamespace, labelColumns, showLabels } = this.#options;
    return [
      ...(event === undefined ? [] : ['EVENT']),
      ...(withNamespace ? ['NAMESPACE'] : []),
      ...this.#columns.filter((column) => this.#shows(column)).map((column) => column.name.toUpperCase()),
      ...labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase()),
      ...(showLabels ? ['LABELS'] : []),
    ].join('\t');
  }

  #row(row: TableRow, event: string | undefined): string {
    const { withNamespace, labelColumns, showLabels, kindPrefix } = this.#options;
    const meta = row.object?.metadata;
    const nameColumn = kindPrefix
      ? this.#columns.findIndex((one) => one.format === 'name' && one.type === 'string')
      : -1;
    const cells = this.#columns.flatMap((column, at) => {
      if (!this.#shows(column)) return [];
      const text = cellText(row.cells[at]);
      return [at === nameColumn ? `${kindPrefix}/${text}` : text];
    });
    return [
      ...(event === undefined ? [] : [event]),
      ...(withNamespace ? [meta?.namespace ?? ''] : []),
      ...cells,
      ...labelColumns.map((label) => meta?.labels?.[label] ?? ''),
      ...(showLabels ? [labelsText(meta?.labels)] : []),
    ].join('\t');
  }

  #shows(column: TableColumn): boolean {
    return this.#options.wide || (column.priority ?? 0) === 0;
  }
}

/** Labels as `--show-labels` lists them. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0) return '<none>';
  return entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  const text = typeof cell === 'string' ? cell : goValueText(cell);
  // What follows a line break would disturb the alignment of all that comes after.
  const broken = text.search(/[\f\n\r]/);
  return broken < 0 ? text : `${text.slice(0, broken)}...`;
}
