import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { messageOf } from '../../base/errors.ts';
import { decodeStrictly } from '../../machinery/decode-strictly.ts';
import { fieldErrorsText } from '../../machinery/field-error.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { EncryptionConfiguration } from './encryption-configuration.ts';
import { contentHash } from './file-hash.ts';
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
    return { configuration: parse(bytes.toString()), hash: contentHash(bytes) };
  } catch (error) {
    throw new Error(`the encryption provider configuration file ${path} can't be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function parse(yaml: string): EncryptionConfiguration {
  if (yaml.trim() === '') throw new Error('it is empty');
  const document = load(yaml);
  if (!isJsonObject(document) || document['kind'] !== kind || document['apiVersion'] !== apiVersion)
    throw new Error(`it must be an ${kind} of apiVersion ${apiVersion}`);
  const decoded = decodeStrictly(EncryptionConfiguration.node, document, { version: 'v1', kind });
  const configuration = decoded as EncryptionConfiguration;
  const faults = fieldErrorsText(validateEncryptionConfiguration(configuration));
  if (faults !== undefined) throw new Error(faults);
  return configuration;
}
