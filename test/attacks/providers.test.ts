/** Tokens of identity providers that must open nothing, and providers that do what none should. */
import { createHmac, createPublicKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { JwtConfiguration } from '../../src/apiserver/authentication/jwt/authentication-configuration.ts';
import { createAuthority } from '../../src/machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../src/machinery/x509/certificate-authority.ts';
import { attackCluster, issuer } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import type { Reply } from './attacker.ts';
import { evilServer } from './evil-server.ts';
import type { EvilServer } from './evil-server.ts';
import { believed, identityProvider } from './identity-provider.ts';
import type { IdentityProvider, ProviderFaults } from './identity-provider.ts';

const shared = 'c2hhcmVkLXNlY3JldC1vZi1hLWNhcmVsZXNzLXByb3ZpZGVy';
const address = { email: 'ann@example.com', email_verified: true, groups: 'devs' };
const mischief = ['redirect', 'hang', 'endless', 'garbage', 'giant-headers', 'half', 'switches', 'nothing'];

let cluster: AttackCluster;
let authority: KeyPair;
/** `free` gives names and groups as they are, but for what its rules refuse; `mail` believes addresses. */
let [good, free, mail, plain]: readonly IdentityProvider[] = [];
/** Paths that were asked for without TLS. */
const plainly: string[] = [];
let evil: EvilServer;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  authority = await createAuthority('providers', Date.now());
  const careless = [{ kty: 'oct', kid: 'shared', k: shared }];
  const make = async (faults: ProviderFaults = {}) => stack.use(await identityProvider(authority, faults));
  const insecure = createServer((request, response) => {
    plainly.push(request.url ?? '');
    response.end(JSON.stringify({ keys: [plain!.jwk] }));
  });
  await new Promise<void>((resolve) => insecure.listen(0, '127.0.0.1', resolve));
  stack.defer(() => void insecure.close());
  const keysAt = `http://127.0.0.1:${(insecure.address() as AddressInfo).port}/keys`;
  [good, free, mail, plain] = await Promise.all([make({ published: careless }), make(), make(), make({ keysAt })]);
  evil = stack.use(await evilServer(authority, ['127.0.0.1']));
  const configuration = (url: string, more: object = {}): JwtConfiguration => ({
    issuer: { url, audiences: ['cluster'], certificateAuthority: authority.certificate, ...more },
    claimMappings: {
      username: { claim: 'sub', prefix: 'good:' },
      groups: { claim: 'groups', prefix: 'good:' },
    },
  });
  const authenticators = believed(
    configuration(good.url),
    configuration(plain.url),
    {
      ...configuration(free.url),
      claimMappings: { username: { expression: 'claims.sub' }, groups: { expression: 'claims.?groups.orValue([])' } },
      userValidationRules: [
        { expression: "!user.username.startsWith('system:')", message: 'the name is reserved' },
        { expression: "user.groups.all(group, !group.startsWith('system:'))", message: 'the group is reserved' },
      ],
    },
    {
      ...configuration(mail.url),
      claimMappings: {
        username: { expression: "claims.email_verified ? claims.email : ''" },
        groups: { expression: "claims.groups.split(',')" },
      },
    },
    ...mischief.map((does) =>
      configuration(`https://${does}.example`, { discoveryURL: `https://127.0.0.1:${evil.port}/${does}` }),
    ),
  );
  cluster = stack.use(await attackCluster({ parts: { jwt: { authenticators } } }));
  // They are looked for beside requests.
  const isFound = async (provider: IdentityProvider, claims = {}): Promise<boolean> =>
    (await show(await provider.sign(claims))).status === 201;
  await vi.waitUntil(() => isFound(good!), { timeout: 10_000 });
  await vi.waitUntil(() => isFound(free!), { timeout: 10_000 });
  await vi.waitUntil(() => isFound(mail!, address), { timeout: 10_000 });
  await vi.waitUntil(() => plain!.heard.length > 0, { timeout: 10_000 });
});
afterAll(() => stack.disposeAsync());

function show(token: string): Promise<Reply> {
  return cluster.anonymous.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    headers: { authorization: `Bearer ${token}` },
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
}

/** Refused, and without a word about why, or what the token was. */
async function refused(token: string, why = ''): Promise<void> {
  const { status, text } = await show(token);
  expect(status, `${why} ${text}`).toBe(401);
  expect(JSON.parse(text)).toMatchObject({ reason: 'Unauthorized', message: 'Unauthorized' });
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const soon = (): number => Math.floor(Date.now() / 1000) + 600;

/** The token with its claims changed under the same signature. */
async function altered(change: Readonly<Record<string, unknown>>): Promise<string> {
  const [head = '', body = '', signature = ''] = (await good!.sign()).split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
  return `${head}.${encoded({ ...claims, ...change })}.${signature}`;
}

test('a good token is who it says, so that the others fail for their faults', async () => {
  const { status, text } = await show(await good!.sign({ groups: ['devs'] }));
  expect([status, text]).toEqual([201, expect.stringContaining('"good:ann"')]);
  expect(text).toContain('"good:devs"');
  expect((await show(await free!.sign({ sub: 'bob' }))).text).toContain('"bob"');
});

test('a token of another issuer opens nothing, whoever signed it', async () => {
  for (const iss of [
    ...[free!.url, `${good!.url}/`, good!.url.toUpperCase(), good!.url.replace('https', 'http'), 'https://elsewhere'],
    ...[issuer, 'kubernetes/serviceaccount', 'accounts.google.com', '', '__proto__', 'constructor'],
  ])
    await refused(await good!.sign({ iss }), iss);
  for (const iss of [[good!.url], { url: good!.url }, null, 1]) await refused(await good!.sign({ iss }), String(iss));
});

test('a token for another audience, or for none, opens nothing', async () => {
  for (const aud of [
    'other',
    'Cluster',
    'cluster ',
    ['a', 'b'],
    [],
    '',
    null,
    { cluster: true },
    [['cluster']],
    undefined,
  ])
    await refused(await good!.sign({ aud }), JSON.stringify(aud));
});

test('a token out of its time, or whose time is no number, opens nothing', async () => {
  const now = Math.floor(Date.now() / 1000);
  for (const claims of [
    ...[{ exp: now - 5 }, { exp: 0 }, { exp: -1 }, { exp: undefined }, { exp: null }, { exp: `${now + 600}` }],
    ...[{ nbf: now + 3600 }, { exp: [now + 600] }],
  ] as const)
    await refused(await good!.sign(claims as never).catch(() => 'a.b.c'), JSON.stringify(claims));
  // jose does not sign some of these, so here they are without a signature that could be right.
  for (const exp of [null, '9999999999', true]) await refused(await altered({ exp }));
});

test('a token that nobody signed, or whose words were changed, opens nothing', async () => {
  const [head = '', body = '', signature = ''] = (await good!.sign()).split('.');
  for (const alg of ['none', 'None', 'NONE', '', 'RS', 'RS256 ', null])
    for (const end of ['', signature]) await refused(`${encoded({ alg, kid: 'one' })}.${body}.${end}`, `alg ${alg}`);
  await refused(`${head}.${body}.`);
  await refused(`${head}.${body}.${signature}.${signature}`);
  await refused(`${head}.${body}.${Buffer.alloc(256).toString('base64url')}`);
  for (const change of [{ sub: 'admin' }, { groups: ['devs'] }, { exp: 9_999_999_999 }, { aud: ['cluster', 'x'] }])
    await refused(await altered(change), JSON.stringify(change));
});

test('a public key is no shared secret, and a shared secret that a provider publishes is no key', async () => {
  const der = createPublicKey(await exportSPKI(good!.publicKey)).export({ type: 'spki', format: 'der' });
  const pem = await exportSPKI(good!.publicKey);
  const secrets = [pem, pem.trim(), der, JSON.stringify(good!.jwk), Buffer.from(good!.jwk.n ?? '', 'base64url')];
  const payload = encoded({ iss: good!.url, aud: 'cluster', sub: 'ann', exp: soon() });
  const attempts = [
    ...secrets.map((secret) => ({ secret, kid: 'one' })),
    { secret: Buffer.from(shared, 'base64url'), kid: 'shared' },
  ];
  for (const { secret, kid } of attempts) {
    for (const [alg, digest] of [
      ['HS256', 'sha256'],
      ['HS512', 'sha512'],
      ['RS256', 'sha256'],
    ] as const) {
      const head = encoded({ alg, kid });
      await refused(
        `${head}.${payload}.${createHmac(digest, secret).update(`${head}.${payload}`).digest('base64url')}`,
      );
    }
  }
});

test('a token brings no key of its own, and nobody is asked whom it names', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const place = `https://127.0.0.1:${evil.port}/brought`;
  for (const header of [
    ...[{ jwk }, { jwk: { ...jwk, kid: 'one' }, kid: 'one' }, { jku: place, kid: 'mine' }, { jku: place, kid: 'one' }],
    ...[{ x5u: place }, { x5u: 'file:///etc/passwd', x5c: ['MIIB'] }, { kid: place }, { kid: '../../dev/null' }],
    ...[{ kid: '__proto__' }, { kid: "' OR 1=1 --" }, { kid: '' }, { kid: 'one' }, { kid: 'o'.repeat(4000) }],
  ]) {
    const token = await new SignJWT({ iss: good!.url, aud: 'cluster', sub: 'admin', exp: soon() })
      .setProtectedHeader({ alg: 'ES256', ...header })
      .sign(privateKey);
    await refused(token, JSON.stringify(header));
  }
  // Neither for claims that a token says are elsewhere, as long as nobody has verified it.
  const sources = { _claim_names: { groups: 'src' }, _claim_sources: { src: { endpoint: place } } };
  await refused(await altered(sources));
  expect(evil.heard.filter(({ url }) => url.includes('brought'))).toEqual([]);
});

test('wrong tokens without number make nobody ask the provider without number', async () => {
  const before = good!.heard.length;
  const { privateKey } = await generateKeyPair('RS256');
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const claims = { iss: good!.url, aud: 'cluster', sub: `a${index}`, exp: soon() };
      const signing = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: `k${index}` });
      await refused(await signing.sign(privateKey));
    }),
  );
  expect(good!.heard.length - before).toBeLessThanOrEqual(1);
});

test('a token that is too long is refused before it is read', async () => {
  const long = await good!.sign({ padding: 'x'.repeat(20_000) });
  expect((await show(long)).status).toBe(431);
  await refused(`${'A'.repeat(5000)}.${encoded({ iss: good!.url, x: 'y'.repeat(3000) })}.${'B'.repeat(1000)}`);
});

test('a prefix keeps whatever a provider says from being a name of the system', async () => {
  for (const claims of [
    { sub: 'system:admin', groups: ['system:masters'] },
    { sub: 'admin', groups: 'system:masters' },
    { sub: 'system:serviceaccount:kube-system:default', groups: ['system:serviceaccounts', 'system:nodes'] },
    { sub: 'x\nsystem:masters', groups: ['a\nsystem:masters', ' system:masters', 'system:masters\u0000'] },
  ]) {
    const token = await good!.sign(claims);
    const { status, text } = await show(token);
    expect(status, text).toBe(201);
    const user = (JSON.parse(text) as { status: { userInfo: { username: string; groups: string[] } } }).status.userInfo;
    expect(user.username).toMatch(/^good:/);
    expect(user.groups.filter((group) => !group.startsWith('good:'))).toEqual(['system:authenticated']);
    const secrets = await cluster.anonymous.get('/api/v1/secrets', { authorization: `Bearer ${token}` });
    expect(secrets.status).toBe(403);
  }
});

test('where there is no prefix, rules refuse names and groups of the system', async () => {
  for (const claims of [
    { sub: 'system:admin' },
    { sub: 'system:node:n1', groups: ['devs'] },
    { sub: 'bob', groups: ['system:masters'] },
    { sub: 'bob', groups: ['devs', 'system:nodes'] },
    { sub: 'bob', groups: 'system:masters' },
    { sub: '' },
    { sub: ['system:admin'] },
    { sub: { startsWith: true } },
    { sub: 7 },
    { sub: undefined },
    { sub: 'bob', groups: [['system:masters']] },
    { sub: 'bob', groups: { 'system:masters': true } },
  ])
    await refused(await free!.sign(claims), JSON.stringify(claims));
});

test('expressions that fail, or make no user, make nobody', async () => {
  expect((await show(await mail!.sign(address))).text).toContain('ann@example.com');
  for (const claims of [
    { ...address, email_verified: false },
    { ...address, email_verified: 'true' },
    { ...address, email_verified: undefined },
    { ...address, email: undefined },
    { ...address, email: ['system:admin'] },
    { ...address, groups: undefined },
    { ...address, groups: ['a'] },
  ])
    await refused(await mail!.sign(claims), JSON.stringify(claims));
});

test('a provider that redirects, hangs, never ends or talks nonsense is believed by nobody and stops nobody', async () => {
  await expect.poll(() => new Set(evil.heard.map(({ url }) => url)).size, { timeout: 10_000 }).toBe(mischief.length);
  for (const does of mischief) await refused(await good!.sign({ iss: `https://${does}.example` }), does);
  expect(evil.heard.map(({ url }) => url)).not.toContain('/followed');
  expect(evil.sent()).toBeLessThan(32 * 1024 * 1024);
  expect((await show(await good!.sign({ sub: 'eve' }))).status).toBe(201);
  expect((await cluster.admin.get('/readyz')).status).toBe(200);
});

test('a provider is asked over TLS only, wherever its documents point to', async () => {
  await refused(await plain!.sign());
  expect(plainly).toEqual([]);
  const mapping = { claimMappings: { username: { claim: 'sub', prefix: '' } } };
  for (const [url, wrong] of [
    ['http://127.0.0.1', 'URL scheme must be https'],
    ['file:///etc/kubernetes', 'URL scheme must be https'],
    ['https://user:secret@issuer.example', 'URL must not contain a username or password'],
    ['https://issuer.example?a=b', 'URL must not contain a query'],
    ['https://issuer.example#a', 'URL must not contain a fragment'],
    [issuer, 'URL must not overlap with disallowed issuers'],
  ] as const)
    expect(() => believed({ issuer: { url, audiences: ['a'] }, ...mapping }), url).toThrow(wrong);
});

test('nothing of a token is in the log, whoever issued it', async () => {
  const tokens = [
    await good!.sign({ sub: 'logged' }),
    await good!.sign({ aud: 'other' }),
    await altered({ sub: 'root' }),
  ];
  for (const token of tokens) await show(token);
  const log = cluster.log.join('');
  for (const token of tokens) for (const part of token.split('.').slice(1)) expect(log).not.toContain(part);
  expect(log).not.toContain(shared);
});
