import { expect, test } from 'vitest';
import { decodeStruct } from '../../../machinery/decode.ts';
import { fieldErrorText } from '../../../machinery/field-error.ts';
import { AuthenticationConfiguration } from './authentication-configuration.ts';
import { validateAuthentication } from './authentication-validation.ts';

const issuer = { url: 'https://a.example', audiences: ['app'] };
const byClaim = { username: { claim: 'sub', prefix: '' } };

type Json = Readonly<Record<string, unknown>>;

function faultsOf(configuration: Json, disallowed: readonly string[] = []): readonly string[] {
  const as = { version: 'v1', kind: 'AuthenticationConfiguration' };
  const { object, unknown } = decodeStruct(AuthenticationConfiguration.node, configuration, as);
  expect(unknown).toEqual([]);
  return validateAuthentication(object as AuthenticationConfiguration, disallowed).faults.map(fieldErrorText);
}

/** The faults of a configuration of one issuer, of which something differs from a good one. */
function oneFaults(changed: Json): readonly string[] {
  return faultsOf({ jwt: [{ issuer, claimMappings: byClaim, ...changed }] });
}

const issuers: Readonly<Record<string, readonly [Json, ...string[]]>> = {
  'a good one': [{}],
  'its URL is missing': [{ url: '' }, 'jwt[0].issuer.url: Required value'],
  'not over TLS': [
    { url: 'http://a.example' },
    'jwt[0].issuer.url: Invalid value: "http://a.example": URL scheme must be https',
  ],
  'no scheme': [{ url: 'a.example' }, 'jwt[0].issuer.url: Invalid value: "a.example": URL scheme must be https'],
  'a password in it': [
    { url: 'https://u:p@a.example' },
    'jwt[0].issuer.url: Invalid value: "https://u:p@a.example": URL must not contain a username or password',
  ],
  'a query and a fragment': [
    { url: 'https://a.example?q#f' },
    'jwt[0].issuer.url: Invalid value: "https://a.example?q#f": URL must not contain a query',
    'jwt[0].issuer.url: Invalid value: "https://a.example?q#f": URL must not contain a fragment',
  ],
  'discovery where it is anyway': [
    { discoveryURL: 'https://a.example/' },
    'jwt[0].issuer.discoveryURL: Invalid value: "https://a.example/": discoveryURL must be different from URL',
  ],
  'no audience': [
    { audiences: [] },
    'jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required',
  ],
  'an empty audience and one twice': [
    { audiences: ['a', '', 'a'], audienceMatchPolicy: 'MatchAny' },
    'jwt[0].issuer.audiences[1]: Required value',
    'jwt[0].issuer.audiences[2]: Duplicate value: "a"',
  ],
  'several audiences without a policy': [
    { audiences: ['a', 'b'] },
    'jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences',
  ],
  'another policy': [
    { audienceMatchPolicy: 'MatchAll' },
    'jwt[0].issuer.audienceMatchPolicy: Invalid value: "MatchAll": audienceMatchPolicy must be empty or MatchAny for single audience',
  ],
  'an authority that is none': [
    { certificateAuthority: 'x' },
    'jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates',
  ],
  'the cluster as its way': [{ egressSelectorType: 'cluster' }],
  'a way that there is not': [
    { egressSelectorType: 'elsewhere' },
    'jwt[0].issuer.egressSelectorType: Invalid value: "elsewhere": egress selector must be either controlplane or cluster',
  ],
};

test.each(Object.entries(issuers))('an issuer: %s', (_, [changed, ...faults]) => {
  expect(oneFaults({ issuer: { ...issuer, ...changed } })).toEqual(faults);
});

const mappings: Readonly<Record<string, readonly [Json, ...string[]]>> = {
  'all by expressions': [
    {
      username: { expression: "'x:' + claims.sub" },
      groups: { expression: 'claims.roles' },
      uid: { expression: 'claims.id' },
      extra: [{ key: 'acme.io/tenant', valueExpression: 'claims.tenant' }],
    },
  ],
  'no username': [{ username: {} }, 'jwt[0].claimMappings.username: Required value: claim or expression is required'],
  'claim and expression': [
    { username: { claim: 'a', expression: 'claims.b', prefix: '' }, uid: { claim: 'a', expression: 'claims.b' } },
    `jwt[0].claimMappings.username: Invalid value: "": claim and expression can't both be set`,
    `jwt[0].claimMappings.uid: Invalid value: "": claim and expression can't both be set`,
  ],
  'no prefix': [
    { username: { claim: 'sub' }, groups: { claim: 'groups' } },
    'jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
    'jwt[0].claimMappings.groups.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
  ],
  'a prefix for an expression': [
    { username: { expression: 'claims.sub', prefix: '' } },
    'jwt[0].claimMappings.username.prefix: Invalid value: "": may not be specified when expression is set',
  ],
  'an expression about nothing': [
    { username: { expression: 'foo.bar' } },
    `jwt[0].claimMappings.username.expression: Invalid value: "foo.bar": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo.bar\n | ^`,
  ],
  'an address that nobody has verified': [
    { username: { expression: 'claims.email' } },
    'jwt[0].claimMappings.username.expression: Invalid value: "claims.email": claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
  ],
  'an address that is verified by an extra': [
    {
      username: { expression: 'claims.?email.orValue(claims.sub)' },
      extra: [{ key: 'acme.io/verified', valueExpression: 'string(claims.email_verified)' }],
    },
  ],
  'keys of extras': [
    {
      ...byClaim,
      extra: [
        { key: 'plain', valueExpression: 'claims.a' },
        { key: 'acme.io/Upper', valueExpression: 'claims.a' },
        { key: 'authentication.kubernetes.io/x', valueExpression: 'claims.a' },
        { key: 'k8s.io/x', valueExpression: '' },
        { key: 'plain', valueExpression: 'claims.a' },
        { key: '', valueExpression: 'claims.a' },
      ],
    },
    'jwt[0].claimMappings.extra[0].key: Invalid value: "plain": must be a domain-prefixed path (such as "acme.io/foo")',
    'jwt[0].claimMappings.extra[1].key: Invalid value: "acme.io/Upper": must be lowercase',
    'jwt[0].claimMappings.extra[2].key: Invalid value: "authentication.kubernetes.io/x": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
    'jwt[0].claimMappings.extra[3].key: Invalid value: "k8s.io/x": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
    'jwt[0].claimMappings.extra[3].valueExpression: Required value',
    'jwt[0].claimMappings.extra[4].key: Invalid value: "plain": must be a domain-prefixed path (such as "acme.io/foo")',
    'jwt[0].claimMappings.extra[4].key: Duplicate value: "plain"',
    'jwt[0].claimMappings.extra[5].key: Required value',
  ],
};

test.each(Object.entries(mappings))('mappings: %s', (_, [claimMappings, ...faults]) => {
  expect(oneFaults({ claimMappings })).toEqual(faults);
});

test('rules about claims and users', () => {
  expect(
    oneFaults({
      claimValidationRules: [
        { claim: 'a', requiredValue: 'b' },
        { claim: 'a', message: 'm' },
        { claim: 'a', expression: 'true' },
        {},
        { expression: 'claims.a == 1', requiredValue: 'b' },
        { expression: 'claims.a == 1' },
        { expression: 'claims.a' },
      ],
      userValidationRules: [
        { expression: "!user.username.startsWith('system:')", message: 'reserved' },
        { expression: '' },
        { expression: 'user.name == ""' },
        { expression: 'user.uid' },
        { expression: "!user.username.startsWith('system:')" },
      ],
    }),
  ).toEqual([
    'jwt[0].claimValidationRules[1].message: Invalid value: "m": may not be specified when claim is set',
    'jwt[0].claimValidationRules[1].claim: Duplicate value: "a"',
    `jwt[0].claimValidationRules[2]: Invalid value: "a": claim and expression can't both be set`,
    'jwt[0].claimValidationRules[3]: Required value: claim or expression is required',
    'jwt[0].claimValidationRules[4].requiredValue: Invalid value: "b": may not be specified when expression is set',
    'jwt[0].claimValidationRules[5].expression: Duplicate value: "claims.a == 1"',
    'jwt[0].claimValidationRules[6].expression: Invalid value: "claims.a": must evaluate to bool',
    'jwt[0].userValidationRules[1].expression: Required value',
    `jwt[0].userValidationRules[2].expression: Invalid value: "user.name == \\"\\"": compilation failed: ERROR: <input>:1:5: undefined field 'name'\n | user.name == ""\n | ....^`,
    'jwt[0].userValidationRules[3].expression: Invalid value: "user.uid": must evaluate to bool',
    `jwt[0].userValidationRules[4].expression: Duplicate value: "!user.username.startsWith('system:')"`,
  ]);
});

test('issuers are different ones, and not those of service accounts', () => {
  const jwt = { issuer: { ...issuer, discoveryURL: 'https://d.example' }, claimMappings: byClaim };
  expect(faultsOf({ jwt: [jwt, jwt] }, ['https://z.example', 'https://a.example'])).toEqual([
    'jwt[0].issuer.url: Invalid value: "https://a.example": URL must not overlap with disallowed issuers: [https://a.example https://z.example]',
    'jwt[1].issuer.url: Invalid value: "https://a.example": URL must not overlap with disallowed issuers: [https://a.example https://z.example]',
    'jwt[1].issuer.url: Duplicate value: "https://a.example"',
    'jwt[1].issuer.discoveryURL: Duplicate value: "https://d.example"',
  ]);
  expect(faultsOf({ jwt: Array.from({ length: 65 }, () => jwt) })).toEqual([
    'jwt: Too many: 65: must have at most 64 items',
  ]);
});

test('nobody is anonymous under conditions where nobody is anonymous', () => {
  expect(faultsOf({ anonymous: { enabled: true, conditions: [{ path: '/livez' }] } })).toEqual([]);
  expect(faultsOf({ anonymous: { enabled: false, conditions: [{ path: '/livez' }] } })).toEqual([
    'anonymous.conditions: Invalid value: [{"path":"/livez"}]: enabled should be set to true when conditions are defined',
  ]);
});
