/** Names of field managers. Source: meta/v1 validation. */
import { invalid, tooLong } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';

/** The longest name. */
export const maxFieldManagerBytes = 128;

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** What is wrong with a name. */
export function fieldManagerErrors(name: string, field: string): FieldError[] {
  const errors = Buffer.byteLength(name) > maxFieldManagerBytes ? [tooLong(field, '', maxFieldManagerBytes)] : [];
  let position = 0;
  for (const character of name) {
    if (!printable.test(character)) {
      const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
      errors.push(invalid(field, name, `invalid character ${code} (at position ${position})`));
    }
    position += Buffer.byteLength(character);
  }
  return errors;
}
