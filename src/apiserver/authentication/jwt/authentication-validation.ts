/** What an AuthenticationConfiguration must be, in upstream's words. Source: apiserver's apis/apiserver/validation. */
import { X509Certificate } from 'node:crypto';
import { messageOf } from '../../../base/errors.ts';
import { domainPrefixedPathErrors } from '../../../machinery/domain-path.ts';
import { duplicate, invalid, required, tooMany } from '../../../machinery/field-error.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import type {
  AuthenticationConfiguration,
  ClaimMappings,
  ClaimValidationRule,
  JwtConfiguration,
  PrefixedClaimOrExpression,
  UserValidationRule,
} from './authentication-configuration.ts';
import { compileClaimExpression } from './claim-expressions.ts';
import type { ClaimExpression, ExpressionSubject } from './claim-expressions.ts';
import { issuerFaults } from './issuer-validation.ts';

/** A rule as it is checked. */
export interface CompiledRule {
  readonly expression: ClaimExpression;
  readonly message: string;
}

/** A configuration of one issuer with its expressions. */
export interface CompiledJwt {
  readonly configuration: JwtConfiguration;
  readonly username: ClaimExpression | undefined;
  readonly groups: ClaimExpression | undefined;
  readonly uid: ClaimExpression | undefined;
  readonly extra: readonly { readonly key: string; readonly expression: ClaimExpression }[];
  readonly claimRules: readonly CompiledRule[];
  readonly userRules: readonly CompiledRule[];
}

/** A configuration, taken apart. */
export interface ValidatedAuthentication {
  readonly faults: readonly FieldError[];
  /** Complete where there are no faults. */
  readonly jwt: readonly CompiledJwt[];
}

const mostIssuers = 64;

/** Compiles a configuration, and says all that is wrong with it. `disallowed`: issuers whose tokens have their own way. */
export function validateAuthentication(
  { jwt = [], anonymous }: AuthenticationConfiguration,
  disallowed: readonly string[],
): ValidatedAuthentication {
  if (jwt.length > mostIssuers) return { faults: [tooMany('jwt', jwt.length, mostIssuers)], jwt: [] };
  const faults: FieldError[] = [];
  const [issuers, discoveries] = [new Set<string>(), new Set<string>()];
  const compiled = jwt.map((configuration, index) => {
    const field = `jwt[${index}]`;
    const { url, discoveryURL } = configuration.issuer;
    const found = compileJwt(configuration, field, { disallowed, faults });
    if (issuers.has(url)) faults.push(duplicate(`${field}.issuer.url`, url));
    issuers.add(url);
    if (discoveryURL) {
      if (discoveries.has(discoveryURL)) faults.push(duplicate(`${field}.issuer.discoveryURL`, discoveryURL));
      discoveries.add(discoveryURL);
    }
    return found;
  });
  if (anonymous && !anonymous.enabled && anonymous.conditions?.length) {
    const detail = 'enabled should be set to true when conditions are defined';
    faults.push(invalid('anonymous.conditions', anonymous.conditions, detail));
  }
  return { faults, jwt: compiled };
}

interface Judging {
  readonly disallowed: readonly string[];
  readonly faults: FieldError[];
}

function compileJwt(configuration: JwtConfiguration, field: string, { disallowed, faults }: Judging): CompiledJwt {
  const { issuer, claimValidationRules = [], claimMappings, userValidationRules = [] } = configuration;
  faults.push(...issuerFaults(issuer, `${field}.issuer`, disallowed), ...authorityFault(issuer, `${field}.issuer`));
  const judge = new ExpressionJudge(faults);
  const claimRules = judge.claimRules(claimValidationRules, `${field}.claimValidationRules`);
  const mappings = judge.mappings(claimMappings, { field: `${field}.claimMappings`, claimRules });
  const userRules = judge.userRules(userValidationRules, `${field}.userValidationRules`);
  return { configuration, ...mappings, claimRules, userRules };
}

function authorityFault({ certificateAuthority }: JwtConfiguration['issuer'], field: string): readonly FieldError[] {
  if (!certificateAuthority) return [];
  const fault = (detail: string): readonly FieldError[] => [
    invalid(`${field}.certificateAuthority`, '<omitted>', detail),
  ];
  const blocks = certificateAuthority.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    return certificates.length === 0 ? fault('data does not contain any valid RSA or ECDSA certificates') : [];
  } catch (error) {
    return fault(messageOf(error));
  }
}

class ExpressionJudge {
  readonly #faults: FieldError[];

  constructor(faults: FieldError[]) {
    this.#faults = faults;
  }

  #compile(
    text: string,
    field: string,
    kind: { readonly subject: ExpressionSubject; readonly isCondition: boolean },
  ): ClaimExpression | undefined {
    try {
      return compileClaimExpression(text, kind);
    } catch (error) {
      this.#faults.push(invalid(field, text, messageOf(error)));
      return undefined;
    }
  }

  claimRules(rules: readonly ClaimValidationRule[], field: string): readonly CompiledRule[] {
    const [claims, expressions] = [new Set<string>(), new Set<string>()];
    return rules.flatMap((rule, index) => {
      const at = `${field}[${index}]`;
      const { claim = '', requiredValue, expression = '', message = '' } = rule;
      if (claim !== '' && expression !== '') {
        this.#faults.push(invalid(at, claim, "claim and expression can't both be set"));
        return [];
      }
      if (claim === '' && expression === '') {
        this.#faults.push(required(at, 'claim or expression is required'));
        return [];
      }
      if (claim !== '') {
        if (message) this.#faults.push(invalid(`${at}.message`, message, 'may not be specified when claim is set'));
        if (claims.has(claim)) this.#faults.push(duplicate(`${at}.claim`, claim));
        claims.add(claim);
        return [];
      }
      if (requiredValue) {
        const detail = 'may not be specified when expression is set';
        this.#faults.push(invalid(`${at}.requiredValue`, requiredValue, detail));
      }
      return this.#rule({ expression, message }, { at, seen: expressions, subject: 'claims' });
    });
  }

  userRules(rules: readonly UserValidationRule[], field: string): readonly CompiledRule[] {
    const seen = new Set<string>();
    return rules.flatMap(({ expression, message = '' }, index) => {
      const at = `${field}[${index}]`;
      if (expression !== '') return this.#rule({ expression, message }, { at, seen, subject: 'user' });
      this.#faults.push(required(`${at}.expression`));
      return [];
    });
  }

  #rule(
    { expression, message }: { readonly expression: string; readonly message: string },
    { at, seen, subject }: { readonly at: string; readonly seen: Set<string>; readonly subject: ExpressionSubject },
  ): readonly CompiledRule[] {
    if (seen.has(expression)) {
      this.#faults.push(duplicate(`${at}.expression`, expression));
      return [];
    }
    seen.add(expression);
    const compiled = this.#compile(expression, `${at}.expression`, { subject, isCondition: true });
    return compiled ? [{ expression: compiled, message }] : [];
  }

  mappings(
    mappings: ClaimMappings,
    { field, claimRules }: { readonly field: string; readonly claimRules: readonly CompiledRule[] },
  ): Pick<CompiledJwt, 'username' | 'groups' | 'uid' | 'extra'> {
    const username = this.#mapping(mappings.username, `${field}.username`, true);
    const groups = this.#mapping(mappings.groups ?? {}, `${field}.groups`, false);
    const uid = this.#uid(mappings.uid ?? {}, `${field}.uid`);
    const extra = this.#extra(mappings.extra ?? [], `${field}.extra`);
    const verifying = [username, ...claimRules.map(({ expression }) => expression), ...extra.map((e) => e.expression)];
    if (username?.claims.has('email') && !verifying.some((expression) => expression?.claims.has('email_verified'))) {
      const detail =
        'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';
      this.#faults.push(invalid(`${field}.username.expression`, username.text, detail));
    }
    return { username, groups, uid, extra };
  }

  #mapping(
    { claim = '', prefix, expression = '' }: PrefixedClaimOrExpression,
    field: string,
    isRequired: boolean,
  ): ClaimExpression | undefined {
    if (claim !== '' && expression !== '') {
      this.#faults.push(invalid(field, '', "claim and expression can't both be set"));
    } else if (claim === '' && expression === '') {
      if (isRequired) this.#faults.push(required(field, 'claim or expression is required'));
    } else if (expression !== '') {
      if (prefix !== undefined) {
        this.#faults.push(invalid(`${field}.prefix`, prefix, 'may not be specified when expression is set'));
      }
      return this.#compile(expression, `${field}.expression`, { subject: 'claims', isCondition: false });
    } else if (prefix === undefined) {
      const detail = 'prefix is required when claim is set. It can be set to an empty string to disable prefixing';
      this.#faults.push(required(`${field}.prefix`, detail));
    }
    return undefined;
  }

  #uid({ claim = '', expression = '' }: NonNullable<ClaimMappings['uid']>, field: string): ClaimExpression | undefined {
    if (expression === '') return undefined;
    if (claim === '') {
      return this.#compile(expression, `${field}.expression`, { subject: 'claims', isCondition: false });
    }
    this.#faults.push(invalid(field, '', "claim and expression can't both be set"));
    return undefined;
  }

  #extra(mappings: NonNullable<ClaimMappings['extra']>, field: string): CompiledJwt['extra'] {
    const seen = new Set<string>();
    return mappings.flatMap(({ key, valueExpression }, index) => {
      const at = `${field}[${index}]`;
      this.#faults.push(...keyFaults(key, `${at}.key`));
      if (seen.has(key)) {
        this.#faults.push(duplicate(`${at}.key`, key));
        return [];
      }
      seen.add(key);
      if (valueExpression === '') {
        this.#faults.push(required(`${at}.valueExpression`));
        return [];
      }
      const kind = { subject: 'claims', isCondition: false } as const;
      const expression = this.#compile(valueExpression, `${at}.valueExpression`, kind);
      return expression ? [{ key, expression }] : [];
    });
  }
}

function keyFaults(key: string, field: string): readonly FieldError[] {
  const reserved = 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use';
  const isReserved = /(?:^|\.)(?:kubernetes\.io|k8s\.io)$/.test(
    key.includes('/') ? key.slice(0, key.indexOf('/')) : '',
  );
  return [
    ...(key === '' ? [required(field)] : []),
    ...(key === '' ? [] : domainPrefixedPathErrors(key).map(({ value, detail }) => invalid(field, value, detail))),
    ...(key === key.toLowerCase() ? [] : [invalid(field, key, 'must be lowercase')]),
    ...(isReserved ? [invalid(field, key, reserved)] : []),
  ];
}
