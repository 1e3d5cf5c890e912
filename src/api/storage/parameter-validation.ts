/** Validation of what classes of volumes say to their drivers. Source: kubernetes' storage validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, required, tooLong } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';

const maxParameters = 512;
/** All keys and values together, in bytes. */
export const maxParameterBytes = 256 * 1024;

type Texts = Readonly<Record<string, string>>;

/** What is wrong with the name of a provisioner or driver. */
export function provisionerErrors(provisioner: string, path: string): FieldError[] {
  if (provisioner === '') return [required(path)];
  const name = provisioner.toLowerCase();
  return qualifiedNameErrors(name).map((detail) => invalid(path, name, detail));
}

/** What is wrong with the parameters of a class. */
export function parametersErrors(parameters: Texts, path: string): FieldError[] {
  if (Object.keys(parameters).length > maxParameters) return [tooLong(path, '', maxParameters)];
  return [
    ...('' in parameters ? [invalid(path, '', 'field can not be empty.')] : []),
    ...(bytesOf(parameters) > maxParameterBytes ? [tooLong(path, '', maxParameterBytes)] : []),
  ];
}

/** The length of all keys and values. */
export function bytesOf(texts: Texts): number {
  return Object.entries(texts).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
}

/** What is wrong with a change of a field that nobody may change. */
export function unchanged(value: unknown, old: unknown, path: string): FieldError[] {
  return equalJson(value, old) ? [] : [forbidden(path, `updates to ${path} are forbidden.`)];
}
