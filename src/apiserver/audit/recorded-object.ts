/** Objects as events hold them. */
import { isJsonObject } from '../../machinery/schema.ts';

/**
 * The JSON of an object of a kind for an event: without bearer tokens, which upstream would record, and without managed fields
 * if those are to be omitted. Undefined for what is no JSON.
 */
export function recordedObject(kind: string, value: unknown, omitManagedFields: boolean): string | undefined {
  const safe = withoutToken(kind, value);
  return JSON.stringify(omitManagedFields ? withoutManagedFields(safe) : safe);
}

/** Whether objects of a kind may hold a token, so that their bytes can't be taken as they are. */
export function mayHoldToken(kind: string): boolean {
  return kind in tokenPlaces;
}

/** Where tokens stand, by kind: who has the log must not be able to act as whom it is about. */
const tokenPlaces: Readonly<Record<string, 'spec' | 'status'>> = { TokenRequest: 'status', TokenReview: 'spec' };

function withoutToken(kind: string, value: unknown): unknown {
  const place = tokenPlaces[kind];
  if (place === undefined || !isJsonObject(value)) return value;
  const { [place]: part, ...others } = value;
  if (!isJsonObject(part)) return others;
  const { token: _token, ...rest } = part;
  return { ...others, [place]: rest };
}

function withoutManagedFields(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const { items, rows } = value;
  const own = withoutOwn(value);
  if (Array.isArray(items)) return { ...own, items: items.map(withoutOwn) };
  if (!Array.isArray(rows)) return own;
  return {
    ...own,
    rows: rows.map((row: unknown) => (isJsonObject(row) ? { ...row, object: withoutOwn(row['object']) } : row)),
  };
}

function withoutOwn(value: unknown): object {
  if (!isJsonObject(value) || !isJsonObject(value['metadata'])) return value as object;
  const { managedFields: _managedFields, ...metadata } = value['metadata'];
  return { ...value, metadata };
}
