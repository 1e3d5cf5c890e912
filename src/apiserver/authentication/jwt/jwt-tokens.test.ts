import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../base/fake-clock.ts';
import { silentLogger } from '../../../base/logger.ts';
import type { User } from '../../ports.ts';
import type { AuthenticationConfiguration, JwtConfiguration } from './authentication-configuration.ts';
import { validateAuthentication } from './authentication-validation.ts';
import { JwtTokens } from './jwt-tokens.ts';
import { testIssuer } from './testing/test-issuer.ts';

const username = { claim: 'sub', prefix: 'oidc:' };

function compiled(...jwt: readonly JwtConfiguration[]) {
  const configuration: AuthenticationConfiguration = { apiVersion: '', kind: '', jwt };
  const { faults, jwt: found } = validateAuthentication(configuration, []);
  expect(faults).toEqual([]);
  return found;
}

type Changes = Partial<Omit<JwtConfiguration, 'issuer'>> & { readonly issuer?: Partial<JwtConfiguration['issuer']> };

async function setUp({ issuer, ...changes }: Changes = {}, algorithms?: readonly string[]) {
  const clock = new FakeClock();
  const provider = await testIssuer(() => clock.now());
  const stop = new AbortController();
  const options = { fetch: provider.fetch, clock, log: silentLogger, signal: stop.signal, algorithms };
  const jwt = { issuer: { url: provider.url, audiences: ['app'], ...issuer }, claimMappings: { username }, ...changes };
  const tokens = new JwtTokens(compiled(jwt), options);
  await clock.advance(0);
  const who = async (claims?: Readonly<Record<string, unknown>>, header?: object): Promise<User | undefined> =>
    (await tokens.verify(await provider.sign(claims, { ...header }), ['api']))?.user;
  return { clock, provider, tokens, who, stop, jwt };
}

const sub = 'ann';
type Mapped = readonly [Changes, Readonly<Record<string, unknown>>, User | string];

const mapped: Readonly<Record<string, Mapped>> = {
  'a claim with its prefix': [{}, { sub }, { name: 'oidc:ann', groups: [] }],
  'the id of the token': [
    {},
    { sub, jti: 'x1' },
    { name: 'oidc:ann', groups: [], extra: { 'authentication.kubernetes.io/credential-id': ['JTI=x1'] } },
  ],
  'no such claim': [{}, {}, 'oidc: parse username claims "sub": claim not present'],
  'a claim that is no text': [
    {},
    { sub: 7 },
    'oidc: parse username claims "sub": json: cannot unmarshal number into Go value of type string',
  ],
  'an empty name': [
    { claimMappings: { username: { claim: 'sub', prefix: '' } } },
    { sub: '' },
    'oidc: empty username is not allowed',
  ],
  'an address that is verified': [
    { claimMappings: { username: { claim: 'email', prefix: '' } } },
    { email: 'a@b.c', email_verified: true },
    { name: 'a@b.c', groups: [] },
  ],
  'an address about which nothing is said': [
    { claimMappings: { username: { claim: 'email', prefix: '' } } },
    { email: 'a@b.c' },
    { name: 'a@b.c', groups: [] },
  ],
  'an address that is not verified': [
    { claimMappings: { username: { claim: 'email', prefix: '' } } },
    { email: 'a@b.c', email_verified: false },
    'oidc: email not verified',
  ],
  'a truth that is a text': [
    { claimMappings: { username: { claim: 'email', prefix: '' } } },
    { email: 'a@b.c', email_verified: 'true' },
    "oidc: parse 'email_verified' claim: json: cannot unmarshal string into Go value of type bool",
  ],
  'groups and a uid by claims': [
    { claimMappings: { username, groups: { claim: 'roles', prefix: 'r:' }, uid: { claim: 'id' } } },
    { sub, roles: ['a', 'b'], id: '7' },
    { name: 'oidc:ann', uid: '7', groups: ['r:a', 'r:b'] },
  ],
  'one group that is no list': [
    { claimMappings: { username, groups: { claim: 'role', prefix: '' } } },
    { sub, role: 'a' },
    { name: 'oidc:ann', groups: ['a'] },
  ],
  'groups that are none': [
    { claimMappings: { username, groups: { claim: 'roles', prefix: '' } } },
    { sub, roles: [1] },
    'oidc: parse groups claim "roles": json: cannot unmarshal array into Go value of type string',
  ],
  'no uid': [
    { claimMappings: { username, uid: { claim: 'id' } } },
    { sub },
    'oidc: parse uid claim "id": claim not present',
  ],
  'all by expressions': [
    {
      claimMappings: {
        username: { expression: "claims.sub + '@' + claims.org.name" },
        groups: { expression: "claims.roles.split(',') + ['']" },
        uid: { expression: 'string(int(claims.id))' },
        extra: [
          { key: 'acme.io/tenant', valueExpression: 'claims.acme__dot__io.tenant' },
          { key: 'acme.io/none', valueExpression: "''" },
          { key: 'acme.io/scopes', valueExpression: "claims.scopes.map(s, s + '!')" },
        ],
      },
    },
    { sub, org: { name: 'acme' }, roles: 'a,b', id: 7, 'acme.io': { tenant: 't' }, scopes: ['x', 'y'] },
    {
      name: 'ann@acme',
      uid: '7',
      groups: ['a', 'b'],
      extra: { 'acme.io/tenant': ['t'], 'acme.io/scopes': ['x!', 'y!'] },
    },
  ],
  'an expression that makes no name': [
    { claimMappings: { username: { expression: 'claims.id' } } },
    { id: 7 },
    'oidc: error evaluating username claim expression: username claim expression must return a string',
  ],
  'an expression that makes an empty name': [
    { claimMappings: { username: { expression: "''" } } },
    {},
    'oidc: empty username via CEL expression is not allowed',
  ],
  'an expression about a claim that is not there': [
    { claimMappings: { username: { expression: 'claims.nick' } } },
    { sub },
    "oidc: error evaluating username claim expression: expression 'claims.nick' resulted in error: no such key: nick",
  ],
  'groups that are a number': [
    { claimMappings: { username, groups: { expression: 'claims.id' } } },
    { sub, id: 7 },
    'oidc: error evaluating group claim expression: expression must return a string or a list of strings',
  ],
  'a claim that is required': [
    { claimValidationRules: [{ claim: 'hd', requiredValue: 'acme' }] },
    { sub, hd: 'acme' },
    { name: 'oidc:ann', groups: [] },
  ],
  'a claim that is required and not there': [
    { claimValidationRules: [{ claim: 'hd', requiredValue: 'acme' }] },
    { sub },
    'oidc: required claim hd not present in ID token',
  ],
  'another value than is required': [
    { claimValidationRules: [{ claim: 'hd', requiredValue: 'acme' }] },
    { sub, hd: 'other' },
    'oidc: required claim hd value does not match. Got = other, want = acme',
  ],
  'a rule about claims': [
    { claimValidationRules: [{ expression: 'claims.exp - claims.iat <= 300', message: 'it lives too long' }] },
    { sub },
    "oidc: error evaluating claim validation expression: validation expression 'claims.exp - claims.iat <= 300' failed: it lives too long",
  ],
  'rules about the user': [
    {
      claimMappings: { username: { claim: 'sub', prefix: '' }, groups: { claim: 'roles', prefix: '' } },
      userValidationRules: [
        { expression: "user.groups.all(g, !g.startsWith('system:'))", message: 'groups of the system are reserved' },
      ],
    },
    { sub, roles: ['system:masters'] },
    "oidc: error evaluating user info validation rule: validation expression 'user.groups.all(g, !g.startsWith('system:'))' failed: groups of the system are reserved",
  ],
  'rules about extras of the user': [
    {
      claimMappings: { username, extra: [{ key: 'acme.io/tenant', valueExpression: 'claims.tenant' }] },
      userValidationRules: [{ expression: "user.extra.acme__dot__io__slash__tenant == ['t'] && user.uid == ''" }],
    },
    { sub, tenant: 't' },
    { name: 'oidc:ann', groups: [], extra: { 'acme.io/tenant': ['t'] } },
  ],
};

test.each(Object.entries(mapped))('mapped: %s', async (_, [changes, claims, outcome]) => {
  const { who } = await setUp(changes);
  if (typeof outcome === 'string') await expect(who(claims)).rejects.toThrow(new Error(outcome));
  else expect(await who(claims)).toEqual(outcome);
});

const refusals: Readonly<Record<string, readonly [claims: object, string, header?: object]>> = {
  'for another audience': [{ aud: 'other' }, 'oidc: verify token: oidc: expected audience "app" got ["other"]'],
  'for no audience': [{ aud: undefined }, 'oidc: verify token: oidc: expected audience "app" got []'],
  expired: [{ exp: 1 }, 'oidc: verify token: oidc: token is expired (Token Expiry: 1970-01-01 00:00:01 +0000 UTC)'],
  'without an end': [
    { exp: undefined },
    'oidc: verify token: oidc: token is expired (Token Expiry: 0001-01-01 00:00:00 +0000 UTC)',
  ],
  'of the future': [{ nbf: 4_000_000_000 }, 'before the nbf (not before) time: 2096-10-02 07:06:40 +0000 UTC'],
  'by a key that the issuer does not have': [
    {},
    'oidc: verify token: failed to verify signature: failed to verify id token signature',
    { kid: 'key-9' },
  ],
};

test.each(Object.entries(refusals))('a token is refused: %s', async (_, [claims, message, header]) => {
  const { who } = await setUp();
  await expect(who({ sub, ...claims }, header)).rejects.toThrow(message);
});

test('tokens without a signature, or signed with a public key as a secret, are refused', async () => {
  const { tokens, provider } = await setUp();
  const [, payload = '', signature = ''] = (await provider.sign({ sub })).split('.');
  const encoded = (header: object): string => Buffer.from(JSON.stringify(header)).toString('base64url');
  const secret = provider.documents.get(`${provider.url}/keys`) as string;
  const hmac = `${encoded({ alg: 'HS256', kid: 'key-1' })}.${payload}`;
  const forged = [
    `${encoded({ alg: 'none' })}.${payload}.`,
    `${encoded({ alg: 'none' })}.${payload}.${signature}`,
    `${hmac}.${createHmac('sha256', secret).update(hmac).digest('base64url')}`,
    `${encoded({ alg: 'ES256', kid: 'key-1', crit: ['x'], x: 1 })}.${payload}.${signature}`,
  ];
  for (const token of forged) await expect(tokens.verify(token, ['api'])).rejects.toThrow('oidc: verify token:');
  await expect(tokens.verify(forged[0]!, ['api'])).rejects.toThrow(
    'oidc: id token signed with unsupported algorithm, expected ["ES256" "ES384" "ES512" "PS256" "PS384" "PS512" "RS256" "RS384" "RS512"] got "none"',
  );
});

test('only algorithms that are asked for are accepted', async () => {
  const { who } = await setUp({}, ['RS256']);
  await expect(who({ sub })).rejects.toThrow('unsupported algorithm, expected ["RS256"] got "ES256"');
});

test('any of several audiences does', async () => {
  const { who } = await setUp({ issuer: { audiences: ['app', 'web'], audienceMatchPolicy: 'MatchAny' } });
  expect(await who({ sub, aud: ['x', 'web'] })).toMatchObject({ name: 'oidc:ann' });
  await expect(who({ sub, aud: ['x'] })).rejects.toThrow('oidc: expected audience in ["app" "web"] got ["x"]');
});

test('tokens of others are not asked about', async () => {
  const { tokens, provider } = await setUp();
  const asked = provider.asked.length;
  expect(await tokens.verify(await provider.sign({ iss: 'https://other.example' }), ['api'])).toBeUndefined();
  for (const token of ['', 'a.b', 'a.b.c', '{}.{}.{}', 'opaque']) {
    expect(await tokens.verify(token, ['api'])).toBeUndefined();
  }
  expect(provider.asked).toHaveLength(asked);
});

test('new keys are found, those that were withdrawn are forgotten, and nobody makes the issuer be asked all the time', async () => {
  const { who, provider, clock, tokens } = await setUp();
  const keys = (): number => provider.asked.filter((url) => url.endsWith('/keys')).length;
  const old = await provider.sign({ sub, exp: clock.now() / 1000 + 7200 });
  expect(await who({ sub })).toBeDefined();
  expect(keys()).toBe(1);
  await provider.rotate(true);
  await expect(who({ sub })).rejects.toThrow('failed to verify id token signature');
  expect(keys()).toBe(1);
  await clock.advance(10_000);
  expect(await who({ sub })).toBeDefined();
  expect(keys()).toBe(2);
  for (let index = 0; index < 20; index++) await expect(who({ sub }, { kid: `x${index}` })).rejects.toThrow();
  expect(keys()).toBe(2);
  await provider.rotate(false);
  expect(await tokens.verify(old, ['api'])).toBeDefined();
  await clock.advance(600_000);
  await tokens.verify(old, ['api']);
  await clock.advance(0);
  await expect(tokens.verify(old, ['api'])).rejects.toThrow('failed to verify id token signature');
});

test('an issuer that is not there yet is looked for, and one that is another is not believed', async () => {
  const { who, provider, clock } = await setUp({ issuer: { discoveryURL: 'https://inside.example/found' } });
  await expect(who({ sub })).rejects.toThrow('oidc: authenticator not initialized');
  provider.documents.set('https://inside.example/found', JSON.stringify({ issuer: 'https://other.example' }));
  await clock.advance(10_000);
  await expect(who({ sub })).rejects.toThrow('oidc: authenticator not initialized');
  const found = provider.documents.get(`${provider.url}/.well-known/openid-configuration`) as string;
  provider.documents.set('https://inside.example/found', found);
  await clock.advance(10_000);
  expect(await who({ sub })).toMatchObject({ name: 'oidc:ann' });
});

test('groups may be elsewhere, signed by whoever keeps them', async () => {
  const { who, provider } = await setUp({ claimMappings: { username, groups: { claim: 'groups', prefix: '' } } });
  const at = (endpoint: string) => ({
    sub,
    _claim_names: { groups: 'src' },
    _claim_sources: { src: { endpoint, access_token: 'let-me' } },
  });
  const shown: (string | undefined)[] = [];
  const signed = await provider.sign({ groups: ['a', 'b'] });
  provider.documents.set('https://groups.example/ann', ({ token }) => {
    shown.push(token);
    return signed;
  });
  expect(await who(at('https://groups.example/ann'))).toMatchObject({ groups: ['a', 'b'] });
  expect(shown).toEqual(['let-me']);
  provider.documents.set('https://groups.example/bob', await provider.sign({}));
  await expect(who(at('https://groups.example/bob'))).rejects.toThrow(
    'oidc: could not expand distributed claims: jwt returned by distributed claim endpoint "https://groups.example/bob" did not contain claim: groups',
  );
  provider.documents.set('https://groups.example/eve', await provider.sign({ groups: ['a'], aud: 'other' }));
  await expect(who(at('https://groups.example/eve'))).rejects.toThrow(
    'verify distributed claim token: oidc: expected audience',
  );
  await expect(who({ sub, _claim_names: { groups: 'src' } })).rejects.toThrow('oidc: no claim sources');
  expect(await who({ sub, groups: ['own'], _claim_names: { groups: 'src' } })).toMatchObject({ groups: ['own'] });
});

test('other issuers take the place of those there were, once they are there', async () => {
  const { tokens, who, provider, clock, jwt } = await setUp();
  const next = { ...jwt, claimMappings: { username: { claim: 'sub', prefix: 'next:' } } };
  const replacing = tokens.replace(compiled(next));
  await clock.advance(1_000);
  await replacing;
  expect(await who({ sub })).toMatchObject({ name: 'next:ann' });
  const gone = { ...next, issuer: { url: 'https://gone.example', audiences: ['app'] } };
  const refused = expect(tokens.replace(compiled(gone))).rejects.toThrow(
    'oidc: authenticator for issuer "https://gone.example" is not healthy: 404 Not Found',
  );
  await clock.advance(61_000);
  await refused;
  expect(await who({ sub })).toMatchObject({ name: 'next:ann' });
  await tokens.replace([]);
  expect(await tokens.verify(await provider.sign({ sub }), ['api'])).toBeUndefined();
});

test('an answer is believed for ten seconds, and not beyond the token', async () => {
  const { tokens, provider, clock } = await setUp();
  const answer = await tokens.verify(await provider.sign({ sub, exp: clock.now() / 1000 + 5 }), ['api']);
  expect(answer).toMatchObject({ audiences: ['api'] });
  expect(answer?.isCurrent?.()).toBe(true);
  await clock.advance(6_000);
  expect(answer?.isCurrent?.()).toBe(false);
  const longer = await tokens.verify(await provider.sign({ sub }), ['api']);
  await clock.advance(9_000);
  expect(longer?.isCurrent?.()).toBe(true);
  await clock.advance(1_000);
  expect(longer?.isCurrent?.()).toBe(false);
});
