import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { AuthenticationConfiguration } from '../../apiserver/authentication/jwt/authentication-configuration.ts';
import type { AnonymousConfiguration } from '../../apiserver/authentication/jwt/authentication-configuration.ts';
import { validateAuthentication } from '../../apiserver/authentication/jwt/authentication-validation.ts';
import type { CompiledJwt } from '../../apiserver/authentication/jwt/authentication-validation.ts';
import { messageOf } from '../../base/errors.ts';
import { decodeStrictly } from '../../machinery/decode-strictly.ts';
import { fieldErrorsText } from '../../machinery/field-error.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { contentHash } from './file-hash.ts';

/** A configuration that can be used. */
export interface LoadedAuthentication {
  readonly jwt: readonly CompiledJwt[];
  readonly anonymous: AnonymousConfiguration | undefined;
  /** Of the file's bytes: it tells when they change. */
  readonly hash: string;
}

const kind = 'AuthenticationConfiguration';
const group = 'apiserver.config.k8s.io';
const versions = ['v1', 'v1beta1', 'v1alpha1'];

/**
 * Reads the file of `--authentication-config`; `disallowed` are issuers whose tokens are verified otherwise. Throws an Error
 * that names the file and says all that is wrong with it.
 */
export function loadAuthentication(path: string, disallowed: readonly string[]): LoadedAuthentication {
  const { configuration, hash } = read(path);
  return { ...usable(configuration, disallowed), anonymous: configuration.anonymous, hash };
}

/** Compiles a configuration. Throws an Error that says all that is wrong with it. */
export function usable(
  configuration: AuthenticationConfiguration,
  disallowed: readonly string[],
): Pick<LoadedAuthentication, 'jwt'> {
  const { faults, jwt } = validateAuthentication(configuration, disallowed);
  const text = fieldErrorsText(faults);
  if (text !== undefined) throw new Error(`invalid authentication configuration: ${text}`);
  return { jwt };
}

function read(path: string): { readonly configuration: AuthenticationConfiguration; readonly hash: string } {
  try {
    const bytes = readFileSync(path);
    return { configuration: parse(bytes.toString()), hash: contentHash(bytes) };
  } catch (error) {
    const file = JSON.stringify(path);
    throw new Error(`failed to load authentication configuration from file ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function parse(yaml: string): AuthenticationConfiguration {
  if (yaml.trim() === '') throw new Error('empty config data');
  const document = load(yaml);
  if (!isJsonObject(document)) throw new Error(`it must be an ${kind} of apiVersion ${group}/v1`);
  const { apiVersion, kind: found } = document;
  const version = typeof apiVersion === 'string' ? apiVersion.slice(group.length + 1) : '';
  if (found !== kind || apiVersion !== `${group}/${version}` || !versions.includes(version)) {
    throw new Error(`it must be an ${kind} of apiVersion ${group}/v1`);
  }
  return decodeStrictly(AuthenticationConfiguration.node, document, { version, kind }) as AuthenticationConfiguration;
}
