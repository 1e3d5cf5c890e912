/** Secret: settings that few may read. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { bool, bytes, map, text } from '../../machinery/schema.ts';
import { secretErrors } from './config-validation.ts';

/** Base64 of a text's UTF-8 form, without Node's built-ins: the dashboard uses the kinds too. */
function base64(value: string): string {
  return btoa(Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte)).join(''));
}

export const Secret = defineResource({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  fields: {
    data: map(2, bytes).optional(),
    type: text(3).default('Opaque').omitEmpty(),
    stringData: map(4, text).optional(),
    immutable: bool(5).optional(),
  },
  columns: { Type: ({ type }) => type, Data: ({ data }) => Object.keys(data ?? {}).length },
  selectableFields: { type: ({ type }) => type },
  validate: secretErrors,
  defaults(secret) {
    if (!secret.stringData) return;
    const encoded = Object.entries(secret.stringData).map(([key, value]) => [key, base64(value)] as const);
    secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
    delete secret.stringData;
  },
});
export type Secret = ObjectOf<typeof Secret>;
