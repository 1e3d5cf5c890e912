import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { messageOf } from '../../base/errors.ts';
import { decodeStruct } from '../../machinery/decode.ts';
import { fieldErrorText } from '../../machinery/field-error.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { EncryptionConfiguration } from './encryption-configuration.ts';
import { validateEncryptionConfiguration } from './encryption-validation.ts';

/** A configuration that is well-formed, and the hash of the bytes it was read from. */
export interface LoadedEncryptionConfiguration {
  readonly configuration: EncryptionConfiguration;
  readonly hash: string;
}

const kind = 'EncryptionConfiguration';
const apiVersion = 'apiserver.config.k8s.io/v1';

/** Reads the file of `--encryption-provider-config`. Throws an Error that names it and says all that is wrong with it. */
export function loadEncryptionConfiguration(path: string): LoadedEncryptionConfiguration {
  try {
    const bytes = readFileSync(path);
    return { configuration: parse(bytes.toString()), hash: hashOf(bytes) };
  } catch (error) {
    throw new Error(`the encryption provider configuration file ${path} can't be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The hash of what is in the file now; undefined if it can't be read. */
export function encryptionConfigurationHash(path: string): string | undefined {
  try {
    return hashOf(readFileSync(path));
  } catch {
    return undefined;
  }
}

/** Keys are in the file: only its hash is remembered to tell when it changes. */
function hashOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function parse(yaml: string): EncryptionConfiguration {
  if (yaml.trim() === '') throw new Error('it is empty');
  const document = load(yaml);
  if (!isJsonObject(document) || document['kind'] !== kind || document['apiVersion'] !== apiVersion)
    throw new Error(`it must be an ${kind} of apiVersion ${apiVersion}`);
  const { object, unknown } = decodeStruct(EncryptionConfiguration.node, document, { version: 'v1', kind });
  if (unknown.length > 0) throw new Error(`strict decoding error: ${unknown.join(', ')}`);
  const configuration = object as EncryptionConfiguration;
  const errors = validateEncryptionConfiguration(configuration).map(fieldErrorText);
  if (errors.length > 0) throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`);
  return configuration;
}
