/** `JSONPatch{op: 'add', …}` of mutating policies. Source: apiserver's pkg/cel/mutation, pkg/cel/library/jsonpatch.go. */
import { traversalCost } from '../call-cost.ts';
import type { CelField } from '../cel-type.ts';
import { celTypes, objectType } from '../cel-type.ts';
import type { CelLibrary, MessageType } from '../library.ts';
import { globalOverload } from '../library.ts';
import { CelMessage } from '../values.ts';

const { string, dyn } = celTypes;
const fields = new Map<string, CelField>([
  ['op', { name: 'op', type: string }],
  ['path', { name: 'path', type: string }],
  ['from', { name: 'from', type: string }],
  ['value', { name: 'value', type: dyn }],
]);
const patchType = objectType('JSONPatch', () => fields);
const patch: MessageType = { type: patchType, construct: (values) => new CelMessage(patchType, values) };

const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** JSON patches as values. */
export const jsonPatch: CelLibrary = {
  name: 'json-patch',
  message: (name) => (name === 'JSONPatch' ? patch : undefined),
  functions: [
    {
      name: 'jsonpatch.escapeKey',
      cost: traversalCost(0, { result: true }),
      overloads: [globalOverload('string_jsonpatch_escapeKey_string', [string], string, escapeKey)],
    },
  ],
};
