/** What is wrong with an AuthorizationConfiguration. Source: apiserver's pkg/apis/apiserver/validation. */
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { compileAccessCondition } from '../../apiserver/authorization/webhook/match-conditions.ts';
import { messageOf } from '../../base/errors.ts';
import { formatDuration, parseDuration } from '../../machinery/duration.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors } from '../../machinery/formats.ts';
import type {
  AuthorizationConfiguration,
  AuthorizationWebhook,
  AuthorizerConfiguration,
} from './authorization-configuration.ts';

/** Every type of authorizer, in the order in which errors name them. */
export const authorizerTypes = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'] as const;
const maxConditions = 64;
const longestTimeout = 30_000;

/** What is wrong with the file's content, and with the files that it names. */
export function validateAuthorizationConfiguration({
  authorizers = [],
}: AuthorizationConfiguration): readonly FieldError[] {
  const types = new Set<string>();
  const names = new Set<string>();
  const errors = authorizers.flatMap((authorizer, index) => {
    const own = authorizerErrors(authorizer, `authorizers[${index}]`, { types, names });
    types.add(authorizer.type ?? '');
    names.add(authorizer.name ?? '');
    return own;
  });
  if (authorizers.length > 0) return errors;
  return [required('authorizers', 'at least one authorization mode must be defined')];
}

interface Seen {
  readonly types: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

function authorizerErrors(
  { type = '', name = '', webhook }: AuthorizerConfiguration,
  path: string,
  { types, names }: Seen,
): readonly FieldError[] {
  if (type === '') return [required(`${path}.type`)];
  if (!authorizerTypes.some((known) => known === type)) return [notSupported(`${path}.type`, type, authorizerTypes)];
  if (types.has(type) && type !== 'Webhook') return [duplicate(`${path}.type`, type)];
  const errors = nameErrors(name, `${path}.name`, names);
  if (type !== 'Webhook') {
    const detail = 'may only be specified when type=Webhook';
    return webhook ? [...errors, invalid(`${path}.webhook`, 'non-null', detail)] : errors;
  }
  if (!webhook) return [...errors, required(`${path}.webhook`, 'required when type=Webhook')];
  return [...errors, ...webhookErrors(webhook, path)];
}

function nameErrors(name: string, path: string, names: ReadonlySet<string>): readonly FieldError[] {
  if (name === '') return [required(path)];
  if (names.has(name)) return [duplicate(path, name)];
  const errors = dns1123SubdomainErrors(name);
  return errors.length === 0 ? [] : [invalid(path, name, `authorizer name is invalid: ${errors.join(', ')}`)];
}

/** Upstream names the webhook's fields as though they were the authorizer's. */
function webhookErrors(webhook: AuthorizationWebhook, path: string): readonly FieldError[] {
  const { failurePolicy = '', subjectAccessReviewVersion: version = '', matchConditions = [] } = webhook;
  const { matchConditionSubjectAccessReviewVersion: conditionVersion = '' } = webhook;
  return [
    ...timeoutErrors(webhook.timeout ?? '0s', `${path}.timeout`),
    ...ttlErrors(webhook.authorizedTTL, `${path}.authorizedTTL`),
    ...ttlErrors(webhook.unauthorizedTTL, `${path}.unauthorizedTTL`),
    ...oneOf(version, `${path}.subjectAccessReviewVersion`, ['v1', 'v1beta1']),
    ...conditionVersionErrors(conditionVersion, `${path}.matchConditionSubjectAccessReviewVersion`, matchConditions),
    ...oneOf(failurePolicy, `${path}.failurePolicy`, ['NoOpinion', 'Deny']),
    ...connectionErrors(webhook.connectionInfo, `${path}.connectionInfo`),
    ...conditionErrors(matchConditions, `${path}.matchConditions`),
  ];
}

function timeoutErrors(value: string, path: string): readonly FieldError[] {
  const ms = parseDuration(value);
  if (ms === 0) return [required(path)];
  return ms < 0 || ms > longestTimeout ? [invalid(path, formatDuration(ms), 'must be > 0s and <= 30s')] : [];
}

function ttlErrors(value: string, path: string): readonly FieldError[] {
  const ms = parseDuration(value);
  return ms < 0 ? [invalid(path, formatDuration(ms), 'must be > 0s')] : [];
}

function oneOf(value: string, path: string, known: readonly string[]): readonly FieldError[] {
  if (value === '') return [required(path)];
  return known.includes(value) ? [] : [notSupported(path, value, known)];
}

type Conditions = NonNullable<AuthorizationWebhook['matchConditions']>;

function conditionVersionErrors(version: string, path: string, conditions: Conditions): readonly FieldError[] {
  if (version === '')
    return conditions.length > 0 ? [required(path, 'required if match conditions are specified')] : [];
  return version === 'v1' ? [] : [notSupported(path, version, ['v1'])];
}

function connectionErrors(
  { type = '', kubeConfigFile }: AuthorizationWebhook['connectionInfo'],
  path: string,
): readonly FieldError[] {
  switch (type) {
    case 'InClusterConfig':
      if (kubeConfigFile === undefined) return [];
      return [invalid(`${path}.kubeConfigFile`, kubeConfigFile, 'can only be set when type=KubeConfigFile')];
    case 'KubeConfigFile':
      return fileErrors(kubeConfigFile, `${path}.kubeConfigFile`);
    default:
      return oneOf(type, `${path}.type`, ['InClusterConfig', 'KubeConfigFile']);
  }
}

function fileErrors(file: string | undefined, path: string): readonly FieldError[] {
  if (!file) return [required(path)];
  if (!isAbsolute(file)) return [invalid(path, file, 'must be an absolute path')];
  try {
    return statSync(file).isFile() ? [] : [invalid(path, file, 'must be a regular file')];
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = missing ? `stat ${file}: no such file or directory` : messageOf(error);
    return [invalid(path, file, `error loading file: ${why}`)];
  }
}

function conditionErrors(conditions: Conditions, path: string): readonly FieldError[] {
  if (conditions.length > maxConditions) return [tooMany(path, conditions.length, maxConditions)];
  const seen = new Set<string>();
  return conditions.flatMap(({ expression = '' }, index) => {
    const own = `${path}[${index}].expression`;
    if (expression.trim() === '') return [required(own)];
    if (seen.has(expression)) return [duplicate(own, expression)];
    seen.add(expression);
    try {
      compileAccessCondition(expression);
      return [];
    } catch (error) {
      return [invalid(own, expression, messageOf(error))];
    }
  });
}
