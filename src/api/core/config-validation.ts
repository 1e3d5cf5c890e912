/** Validation of ConfigMaps and Secrets. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, required, tooLong } from '../../machinery/field-error.ts';
import { configMapKeyErrors } from '../../machinery/formats.ts';
import type { DraftMeta } from '../../machinery/meta.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';

const largest = 1024 * 1024;

type Texts = Readonly<Record<string, string>>;

interface ConfigMapData {
  readonly data?: Texts | undefined;
  readonly binaryData?: Texts | undefined;
  readonly immutable?: boolean | undefined;
}

interface SecretData extends Omit<ConfigMapData, 'binaryData'> {
  readonly type: string;
  readonly metadata: DraftMeta;
}

/** What is wrong with a ConfigMap. */
export function configMapErrors(
  object: ConfigMapData,
  { old }: { readonly old?: ConfigMapData | undefined },
): FieldError[] {
  const { data = {}, binaryData = {} } = object;
  const doubled = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key));
  return [
    ...(old ? immutabilityErrors(object, old, ['data', 'binaryData']) : []),
    ...keyErrors(data, 'data'),
    ...keyErrors(binaryData, 'binaryData'),
    ...doubled.map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...sizeErrors(dataBytes(data, binaryBytes(binaryData))),
  ];
}

/** What is wrong with a Secret. */
export function secretErrors(object: SecretData, { old }: { readonly old?: SecretData | undefined }): FieldError[] {
  const { data = {} } = object;
  return [
    ...(old ? immutabilityErrors(object, old, ['data']) : []),
    ...(old && old.type !== object.type ? [invalid('type', object.type, 'field is immutable')] : []),
    ...keyErrors(data, 'data'),
    ...sizeErrors(binaryBytes(data)),
    ...secretTypeErrors(object),
  ];
}

function immutabilityErrors<T extends ConfigMapData>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (!old.immutable) return [];
  const detail = 'field is immutable when `immutable` is set';
  const changed = fields.filter((field) => !equalJson(object[field] ?? {}, old[field] ?? {}));
  return [...(object.immutable ? [] : ['immutable']), ...changed].map((field) => forbidden(field, detail));
}

function keyErrors(data: Texts, path: string): FieldError[] {
  return Object.keys(data).flatMap((key) =>
    configMapKeyErrors(key).map((detail) => invalid(`${path}[${key}]`, key, detail)),
  );
}

/** Upstream's path of the whole object prints as `[]`. */
function sizeErrors(bytes: number): FieldError[] {
  return bytes > largest ? [tooLong('[]', '', largest)] : [];
}

/** The bytes of texts and `more`; about, where they can't be too many. */
function dataBytes(data: Texts, more: number): number {
  // No text has more than three bytes for each of its characters, and counting takes longer than the rest of the validation.
  const most = Object.values(data).reduce((total, value) => total + 3 * value.length, more);
  if (most <= largest) return most;
  const encoder = new TextEncoder();
  return Object.values(data).reduce((total, value) => total + encoder.encode(value).length, more);
}

function binaryBytes(data: Texts): number {
  return Object.values(data).reduce((total, value) => {
    const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
    return total + (value.length / 4) * 3 - padding;
  }, 0);
}

const accountAnnotation = 'kubernetes.io/service-account.name';
/** Keys that Secrets of a type must have. */
const neededKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

function secretTypeErrors({ type, data = {}, metadata }: SecretData): FieldError[] {
  if (type === 'kubernetes.io/service-account-token') {
    const named = (metadata.annotations?.[accountAnnotation] ?? '') !== '';
    return named ? [] : [required(`metadata.annotations[${accountAnnotation}]`)];
  }
  if (type === 'kubernetes.io/basic-auth') {
    const hasOne = 'username' in data || 'password' in data;
    return hasOne ? [] : [required('data[username]'), required('data[password]')];
  }
  const errors = (neededKeys[type] ?? [])
    .filter((key) => data[key] === undefined)
    .map((key) => required(`data[${key}]`));
  if (errors.length > 0 || !type.startsWith('kubernetes.io/dockerc')) return errors;
  const [key = ''] = neededKeys[type] ?? [];
  return isJson(data[key] ?? '') ? [] : [invalid(`data[${key}]`, '<secret contents redacted>', 'invalid character')];
}

function isJson(base64: string): boolean {
  try {
    JSON.parse(atob(base64));
    return true;
  } catch {
    return false;
  }
}
