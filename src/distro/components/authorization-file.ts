import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { messageOf } from '../../base/errors.ts';
import { decodeStrictly } from '../../machinery/decode-strictly.ts';
import { fieldErrorsText } from '../../machinery/field-error.ts';
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
  const decoded = decodeStrictly(AuthorizationConfiguration.node, document, { version, kind });
  const configuration = decoded as AuthorizationConfiguration;
  const faults = fieldErrorsText(validateAuthorizationConfiguration(configuration));
  if (faults !== undefined) throw new Error(faults);
  return configuration;
}
