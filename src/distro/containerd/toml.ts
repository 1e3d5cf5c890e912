/** A value of a TOML document; maps become tables, undefined values are left out. */
export type TomlValue = string | number | boolean | readonly string[] | TomlTable | undefined;

/** A table of a TOML document. */
export interface TomlTable {
  readonly [key: string]: TomlValue;
}

/** Writes a table as TOML 1.0: plain values first, as the format asks, then tables by their full names. */
export function formatToml(table: TomlTable, path: readonly string[] = []): string {
  const entries = Object.entries(table).filter(([, value]) => value !== undefined);
  const values = entries.flatMap(([key, value]) => (isTable(value) ? [] : [`${keyOf(key)} = ${format(value)}\n`]));
  const tables = entries.flatMap(([key, value]) => (isTable(value) ? [formatToml(value, [...path, key])] : []));
  const header =
    path.length > 0 && (values.length > 0 || tables.length === 0) ? `\n[${path.map(keyOf).join('.')}]\n` : '';
  return header + values.join('') + tables.join('');
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value);
}

/** TOML's basic strings escape as JSON's do. */
function format(value: TomlValue): string {
  return Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : JSON.stringify(value);
}

function keyOf(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}
