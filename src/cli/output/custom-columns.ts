import { CommandError } from '../command/command-error.ts';
import { goValueText } from './json-output.ts';
import { compilePath } from './jsonpath.ts';

/** Prints objects as the columns that a specification such as `NAME:.metadata.name,NODE:.spec.nodeName` names. */
export interface CustomColumns {
  readonly header: string;
  row(object: unknown): string;
}

/** Compiles a column specification. */
export function compileCustomColumns(specification: string): CustomColumns {
  if (specification === '') throw new CommandError('custom-columns format specified but no custom columns given');
  return columnsOf(
    specification.split(',').map((part) => {
      const [name, path, ...more] = part.split(':');
      if (!name || path === undefined || more.length > 0) {
        throw new CommandError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
      }
      return { name, path };
    }),
  );
}

/** Compiles a column file: a line of headers, and below it a line of paths. */
export function compileColumnFile(text: string): CustomColumns {
  const [headers = '', paths = ''] = text.split('\n');
  const names = headers.trim().split(/\s+/);
  const given = paths.trim().split(/\s+/);
  if (names.length !== given.length) {
    throw new CommandError(
      `number of headers (${names.length}) and field specifications (${given.length}) don't match`,
    );
  }
  return columnsOf(names.map((name, at) => ({ name, path: given[at] ?? '' })));
}

function columnsOf(columns: readonly { readonly name: string; readonly path: string }[]): CustomColumns {
  const finders = columns.map(({ path }) => compilePath(path));
  return {
    header: columns.map(({ name }) => name).join('\t'),
    row: (object) => finders.map((find) => cellOf(find(object))).join('\t'),
  };
}

function cellOf(values: readonly unknown[]): string {
  return values.length === 0
    ? '<none>'
    : values.map((value) => (value === null ? '<none>' : goValueText(value))).join(',');
}
