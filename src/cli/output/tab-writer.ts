/** How columns are aligned. Source: Go's text/tabwriter. */
export interface TabWriterOptions {
  readonly minWidth: number;
  readonly padding: number;
  /** A column is never narrower than it was before the last flush, so that watch output stays aligned. */
  readonly rememberWidths?: boolean;
}

/** The alignment of kubectl's tables. */
export const tableColumns: TabWriterOptions = { minWidth: 6, padding: 3, rememberWidths: true };

/** The alignment inside `kubectl describe`. */
export const describeColumns: TabWriterOptions = { minWidth: 0, padding: 2 };

/** Aligns tab-terminated cells: a column is a run of lines that all have a cell there. Text stays until `flush`. */
export class TabWriter {
  readonly #options: TabWriterOptions;
  readonly #write: (text: string) => void;
  #pending = '';
  #remembered: readonly number[] = [];

  constructor(write: (text: string) => void, options: TabWriterOptions = tableColumns) {
    this.#write = write;
    this.#options = options;
  }

  write(text: string): void {
    this.#pending += text;
  }

  flush(): void {
    if (this.#pending === '') return;
    const { text, widths } = align(this.#pending, this.#options, this.#remembered);
    this.#pending = '';
    if (this.#options.rememberWidths) this.#remembered = widths;
    this.#write(text);
  }

  /** Starts a table of its own: the widths so far are forgotten. */
  forgetWidths(): void {
    this.#remembered = [];
  }
}

/** Aligns a whole text at once. */
export function alignColumns(text: string, options: TabWriterOptions): string {
  return align(text, options, []).text;
}

function align(
  text: string,
  options: TabWriterOptions,
  remembered: readonly number[],
): { readonly text: string; readonly widths: readonly number[] } {
  const rows = withoutCommands(text)
    .split('\n')
    .map((line) => line.split('\t'));
  const paddings = rows.map((row): number[] => row.map(() => 0));
  const widths: number[] = [...remembered];
  const columns = Math.max(...rows.map((row) => row.length)) - 1;
  for (let column = 0; column < columns; column += 1) {
    for (let start = 0; start < rows.length; start += 1) {
      if (!hasCell(rows[start], column)) continue;
      let end = start;
      let width = options.minWidth;
      for (; end < rows.length && hasCell(rows[end], column); end += 1) {
        width = Math.max(width, cellWidth(rows[end]?.[column]) + options.padding);
      }
      if (options.rememberWidths) width = Math.max(width, remembered[column] ?? 0);
      widths[column] = Math.max(width, widths[column] ?? 0);
      for (let row = start; row < end; row += 1) {
        const spare = paddings[row];
        if (spare) spare[column] = width - cellWidth(rows[row]?.[column]);
      }
      start = end;
    }
  }
  const lines = rows.map((row, at) =>
    row.map((cell, column) => cell + ' '.repeat(paddings[at]?.[column] ?? 0)).join(''),
  );
  return { text: lines.join('\n'), widths };
}

/** Objects may hold what a terminal takes for commands; shown as upstream shows it (CVE-2021-25743). */
function withoutCommands(text: string): string {
  return text.replaceAll('\x1b', '^[').replaceAll('\r', '\\r');
}

/** Whether a line has a tab-terminated cell in this column; the last cell of a line belongs to none. */
function hasCell(row: readonly string[] | undefined, column: number): boolean {
  return row !== undefined && column < row.length - 1;
}

function cellWidth(cell: string | undefined): number {
  return cell === undefined ? 0 : /^[\x20-\x7e]*$/.test(cell) ? cell.length : [...cell].length;
}
