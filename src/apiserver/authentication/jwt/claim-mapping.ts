/** Who the claims of a verified token speak for. Source: apiserver's plugin/pkg/authenticator/token/oidc. */
import { messageOf } from '../../../base/errors.ts';
import { CelList } from '../../../machinery/cel/values.ts';
import type { CelValue } from '../../../machinery/cel/values.ts';
import type { User } from '../../ports.ts';
import type { CompiledJwt, CompiledRule } from './authentication-validation.ts';
import type { ClaimExpression } from './claim-expressions.ts';
import { claimsValue } from './claims-value.ts';
import type { ClaimsMap } from './claims-value.ts';

/** The claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

/** The user that a configuration makes of claims. Throws an Error, in upstream's words, where it makes none. */
export function userOfClaims(compiled: CompiledJwt, claims: Claims): User {
  const value = claimsValue(claims);
  const name = usernameOf(compiled, claims, value);
  const groups = groupsOf(compiled, claims, value);
  const uid = uidOf(compiled, claims, value);
  const extra = extraOf(compiled, claims, value);
  const user = {
    name,
    ...(uid === '' ? {} : { uid }),
    groups,
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
  checkRequired(compiled, claims);
  checkRules(compiled.claimRules, value, 'claim validation expression');
  checkRules(compiled.userRules, user, 'user info validation rule');
  return user;
}

function usernameOf({ configuration, username }: CompiledJwt, claims: Claims, value: ClaimsMap): string {
  if (username) {
    const name = textOf(username, value, 'username');
    if (name === '') throw new Error('oidc: empty username via CEL expression is not allowed');
    return name;
  }
  const { claim = '', prefix = '' } = configuration.claimMappings.username;
  const name = within(`oidc: parse username claims ${JSON.stringify(claim)}`, () => claimText(claims, claim));
  if (claim === 'email') checkVerified(claims);
  if (prefix + name === '') throw new Error('oidc: empty username is not allowed');
  return prefix + name;
}

/** Addresses that nobody has verified can be anybody's. Source: OpenID Connect Core 1.0, standard claims. */
function checkVerified(claims: Claims): void {
  if (!Object.hasOwn(claims, 'email_verified')) return;
  const verified = claims['email_verified'];
  if (typeof verified !== 'boolean' && verified !== null) {
    throw new Error(`oidc: parse 'email_verified' claim: ${mismatch(verified, 'bool')}`);
  }
  if (!verified) throw new Error('oidc: email not verified');
}

function groupsOf({ configuration, groups }: CompiledJwt, claims: Claims, value: ClaimsMap): readonly string[] {
  const { claim = '', prefix = '' } = configuration.claimMappings.groups ?? {};
  if (claim !== '' && Object.hasOwn(claims, claim)) {
    const names = within(`oidc: parse groups claim ${JSON.stringify(claim)}`, () => textsOf(claims[claim]));
    return names.map((name) => prefix + name);
  }
  if (!groups) return [];
  return within('oidc: error evaluating group claim expression', () => stringList(groups.evaluate(value)));
}

function uidOf({ configuration, uid }: CompiledJwt, claims: Claims, value: ClaimsMap): string {
  const { claim = '' } = configuration.claimMappings.uid ?? {};
  if (claim !== '') return within(`oidc: parse uid claim ${JSON.stringify(claim)}`, () => claimText(claims, claim));
  return uid ? textOf(uid, value, 'uid') : '';
}

function extraOf({ extra }: CompiledJwt, claims: Claims, value: ClaimsMap): Record<string, readonly string[]> {
  const { jti } = claims;
  const values: Record<string, readonly string[]> = {};
  if (typeof jti === 'string' && jti !== '') values['authentication.kubernetes.io/credential-id'] = [`JTI=${jti}`];
  for (const { key, expression } of extra) {
    const result = expression.evaluate(value);
    const texts = within(`oidc: error evaluating extra claim expression: ${expression.text}`, () => stringList(result));
    if (texts.length > 0) values[key] = texts;
  }
  return values;
}

function checkRequired({ configuration }: CompiledJwt, claims: Claims): void {
  for (const { claim = '', requiredValue = '' } of configuration.claimValidationRules ?? []) {
    if (claim === '') continue;
    if (!Object.hasOwn(claims, claim)) throw new Error(`oidc: required claim ${claim} not present in ID token`);
    const found = within(`oidc: parse claim ${claim}`, () => claimText(claims, claim));
    if (found !== requiredValue) {
      throw new Error(`oidc: required claim ${claim} value does not match. Got = ${found}, want = ${requiredValue}`);
    }
  }
}

function checkRules(rules: readonly CompiledRule[], subject: ClaimsMap | User, what: string): void {
  for (const { expression, message } of rules) {
    within(`oidc: error evaluating ${what}`, () => {
      const value = expression.evaluate(subject);
      if (typeof value !== 'boolean') throw new Error('validation expression must return a boolean');
      if (!value) throw new Error(`validation expression '${expression.text}' failed: ${message}`);
    });
  }
}

/** Does something, and says of its failure what it was for. */
function within<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Error(`${what}: ${messageOf(error)}`, { cause: error });
  }
}

function textOf(expression: ClaimExpression, value: ClaimsMap, part: string): string {
  return within(`oidc: error evaluating ${part} claim expression`, () => {
    const text = expression.evaluate(value);
    if (typeof text !== 'string') throw new Error(`${part} claim expression must return a string`);
    return text;
  });
}

/** A text, or texts; what is empty is not there. */
function stringList(value: CelValue): readonly string[] {
  if (value === null) return [];
  const values = value instanceof CelList ? [...value.values()] : [value];
  return values.flatMap((item) => {
    if (typeof item !== 'string') throw new Error('expression must return a string or a list of strings');
    return item === '' ? [] : [item];
  });
}

/** A claim as Go's decoder would put it into a string. */
function claimText(claims: Claims, name: string): string {
  if (!Object.hasOwn(claims, name)) throw new Error('claim not present');
  return goText(claims[name]);
}

function goText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  throw new Error(mismatch(value, 'string'));
}

/** A claim that may be one text or several. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' || item === null))
    return value.map(goText);
  return value === null ? [] : [goText(value)];
}

/** Source: encoding/json's UnmarshalTypeError. */
function mismatch(value: unknown, wanted: string): string {
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${found} into Go value of type ${wanted}`;
}
