/** `Object{spec: Object.spec{…}}` of mutating policies: objects without a schema. Source: apiserver's pkg/cel/mutation. */
import { fail } from '../cel-error.ts';
import type { CelField } from '../cel-type.ts';
import { celTypes, objectType } from '../cel-type.ts';
import type { CelLibrary, MessageType } from '../library.ts';
import { CelList, CelMessage } from '../values.ts';
import type { CelValue } from '../values.ts';

/** Any name is a field, of any type. */
class AnyFields extends Map<string, CelField> {
  override get(name: string): CelField {
    return { name, type: celTypes.dyn };
  }

  override has(): boolean {
    return true;
  }
}

const anyFields = new AnyFields();

function messageType(name: string): MessageType {
  const type = objectType(name, () => anyFields);
  return { type, construct: (values) => new CelMessage(type, values) };
}

/** Objects as values; the type of a part is named by its path: `Object.spec.template`. */
export const objectConstruction: CelLibrary = {
  name: 'object-construction',
  message: (name) => (name === 'Object' || name.startsWith('Object.') ? messageType(name) : undefined),
};

/** Fails when a part of an object is of the type of another part. */
export function checkPartTypes(value: CelValue, path = 'Object'): void {
  if (value instanceof CelList) for (const item of value.values()) checkPartTypes(item, path);
  if (!(value instanceof CelMessage)) return;
  if (value.type.name !== path)
    fail(
      `type mismatch: unexpected type name "${value.type.name}", expected "${path}", which matches field name path from root Object type`,
    );
  for (const [name, part] of value.values) checkPartTypes(part, `${path}.${name}`);
}
