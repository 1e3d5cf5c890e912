import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { messageOf } from '../../base/errors.ts';
import { decodeStruct } from '../../machinery/decode.ts';
import { fieldErrorText } from '../../machinery/field-error.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { AuthorizationConfiguration } from './authorization-configuration.ts';
import { validateAuthorizationConfiguration } from './authorization-validation.ts';

const kind = 'AuthorizationConfiguration';
const group = 'apiserver.config.k8s.io';
const versions = ['v1', 'v1beta1', 'v1alpha1'];

/** Reads the file of `--authorization-config`. Throws an Error that says all that is wrong with it. */
export function loadAuthorizationConfiguration(path: string): AuthorizationConfiguration {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`failed to load AuthorizationConfiguration from file: ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function parse(yaml: string): AuthorizationConfiguration {
  if (yaml.trim() === '') throw new Error('it is empty');
  const document = load(yaml);
  const [ofGroup, version = ''] = isJsonObject(document) ? String(document['apiVersion']).split('/') : [];
  if (!isJsonObject(document) || document['kind'] !== kind || ofGroup !== group || !versions.includes(version))
    throw new Error(`it must be an ${kind} of apiVersion ${group}/v1`);
  const { object, unknown } = decodeStruct(AuthorizationConfiguration.node, document, { version, kind });
  if (unknown.length > 0) throw new Error(`strict decoding error: ${unknown.join(', ')}`);
  const configuration = object as AuthorizationConfiguration;
  const errors = validateAuthorizationConfiguration(configuration).map(fieldErrorText);
  if (errors.length > 0) throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`);
  return configuration;
}
