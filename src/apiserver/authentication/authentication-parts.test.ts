import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TokenRequest } from '../../api/authentication/token-request.ts';
import { TokenReview } from '../../api/authentication/token-review.ts';
import { SelfSubjectReview } from '../../api/authentication/self-subject-review.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { testAuthority } from '../../machinery/testing/test-certificates.ts';
import { standardParts } from '../standard-parts.ts';
import type { StandardPartsOptions } from '../standard-parts.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';
import { createKubeconfigWebhook } from '../webhooks/kubeconfig-webhook.ts';
import { validateAuthentication } from './jwt/authentication-validation.ts';
import type { CompiledJwt } from './jwt/authentication-validation.ts';
import { testIssuer } from './jwt/testing/test-issuer.ts';
import { issueLegacyToken } from './legacy-tokens.ts';
import { signingKey } from './signing-keys.ts';

const pemOf = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const [oldKey, newKey] = [pemOf(), pemOf()];
const issuer = 'https://kubernetes.default.svc.cluster.local';
const namespace = 'default';

function start(more: Partial<StandardPartsOptions> = {}): Promise<TestServer> {
  const parts = standardParts({
    ...{ issuer, signingKey: oldKey, serviceCIDRs: ['10.96.0.0/24'], serverAddress: '127.0.0.1:6443' },
    disabledAdmission: ['ServiceAccount'],
    ...more,
  });
  return testServer({ parts });
}

const whoHas = async ({ server }: TestServer, token: string) =>
  server.authenticator.authenticate({ headers: { authorization: `Bearer ${token}` } });

/** Asks for a token of the account `bot`. */
async function tokenOf({ client }: TestServer, spec: Partial<TokenRequest['spec']> = {}, metadata: object = {}) {
  const key = { namespace, name: 'bot' };
  const object = { metadata, spec } as unknown as TokenRequest;
  return client.createSubresource(ServiceAccount, key, { subresource: 'token', kind: TokenRequest, object });
}

const payloadOf = (token = ''): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Readonly<Record<string, unknown>>;

const bot = { metadata: { name: 'bot', namespace } };
const podOf = (more: object = {}) => ({
  metadata: { name: 'p', namespace },
  spec: { containers: [{ name: 'c', image: 'i:1' }], serviceAccountName: 'bot', ...more },
});

test('a token is put together as it is asked for', async () => {
  await using server = await start();
  const account = await server.client.create(ServiceAccount, bot);
  const request = await tokenOf(server, { audiences: ['vault'], expirationSeconds: 700 });
  const now = server.clock.now();
  expect(request).toMatchObject({
    metadata: { name: 'bot', namespace, uid: account.metadata.uid },
    spec: { audiences: ['vault'], expirationSeconds: 700 },
  });
  expect(Date.parse(request.status.expirationTimestamp ?? '')).toBe(Math.floor(now / 1000) * 1000 + 700_000);
  expect(payloadOf(request.status.token)).toMatchObject({
    iss: issuer,
    aud: ['vault'],
    sub: 'system:serviceaccount:default:bot',
    exp: Math.floor(now / 1000) + 700,
    'kubernetes.io': { namespace, serviceaccount: { name: 'bot', uid: account.metadata.uid } },
  });
  expect((await tokenOf(server)).spec).toEqual({ audiences: [issuer], expirationSeconds: 3600 });
});

const refusedRequests: Readonly<Record<string, readonly [spec: object, metadata: object, message: string]>> = {
  'a short life': [
    { expirationSeconds: 599 },
    {},
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
  ],
  'a very long life': [
    { expirationSeconds: 2 ** 32 + 1 },
    {},
    'spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
  ],
  'another name': [
    {},
    { name: 'other' },
    'TokenRequest.authentication.k8s.io "bot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
  ],
  'another account of the name': [
    {},
    { uid: 'gone' },
    'Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "bot": the UID in the token request (gone) does not match the UID of the service account (',
  ],
  'an object that nothing is bound to': [
    { boundObjectRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'x' } },
    {},
    'cannot bind token to object of type /v1, Kind=ConfigMap',
  ],
  'a kind of another group': [
    { boundObjectRef: { apiVersion: 'apps/v1', kind: 'Pod', name: 'x' } },
    {},
    'cannot bind token to object of type apps/v1, Kind=Pod',
  ],
  'a pod that is not there': [
    { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'x' } },
    {},
    'pods "x" not found',
  ],
  'a node that is not there': [
    { boundObjectRef: { apiVersion: 'v1', kind: 'Node', name: 'x' } },
    {},
    'nodes "x" not found',
  ],
  "another account's pod": [
    { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'foreign' } },
    {},
    'cannot bind token for serviceaccount "bot" to pod running with different serviceaccount name.',
  ],
  'a pod that was made anew': [
    { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'old' } },
    {},
    'Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated',
  ],
};

test('token requests are refused in upstream words', async () => {
  await using server = await start();
  await server.client.create(ServiceAccount, bot);
  await server.client.create(Pod, podOf());
  await server.client.create(Pod, {
    ...podOf({ serviceAccountName: 'other' }),
    metadata: { name: 'foreign', namespace },
  });
  for (const [name, [spec, metadata, message]] of Object.entries(refusedRequests)) {
    await expect(tokenOf(server, spec, metadata), name).rejects.toThrow(message);
  }
});

test('a token of a pod says on which node it is, and lives a year where clients are not known to read it again', async () => {
  await using server = await start();
  await server.client.create(ServiceAccount, bot);
  const node = await server.client.create(Node, { metadata: { name: 'n1' } });
  const pod = await server.client.create(Pod, podOf({ nodeName: 'n1' }));
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: pod.metadata.uid };
  const asked = await tokenOf(server, { boundObjectRef, expirationSeconds: 3607 });
  const now = Math.floor(server.clock.now() / 1000);
  expect(payloadOf(asked.status.token)).toMatchObject({
    exp: now + 365 * 86_400,
    'kubernetes.io': { warnafter: now + 3607, node: { name: 'n1', uid: node.metadata.uid }, pod: { name: 'p' } },
  });
  expect(Date.parse(asked.status.expirationTimestamp ?? '')).toBe((now + 3607) * 1000);
  expect(await whoHas(server, asked.status.token ?? '')).toMatchObject({
    extra: {
      'authentication.kubernetes.io/node-name': ['n1'],
      'authentication.kubernetes.io/node-uid': [node.metadata.uid],
      'authentication.kubernetes.io/pod-name': ['p'],
      'authentication.kubernetes.io/pod-uid': [pod.metadata.uid],
      'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)],
    },
  });
  const elsewhere = await tokenOf(server, { boundObjectRef, expirationSeconds: 3607, audiences: ['vault'] });
  expect(payloadOf(elsewhere.status.token)).toMatchObject({ exp: now + 3607 });
  const notes: string[] = [];
  const use = async () =>
    server.server.authenticator.authenticate({
      headers: { authorization: `Bearer ${asked.status.token}` },
      annotate: (key, value) => notes.push(`${key}=${value}`),
    });
  await use();
  expect(notes).toEqual([]);
  await server.clock.advance(3_700_000);
  await use();
  expect(notes).toEqual([
    'authentication.k8s.io/stale-token=subject: system:serviceaccount:default:bot, seconds after warning threshold: 93',
  ]);
  // For as long as it is used, but not with every request.
  await use();
  await server.clock.advance(10_000);
  await use();
  const counted = server.server.metrics.render().match(/^serviceaccount_\w+ \d+/gm);
  expect(counted).toEqual([
    ...['serviceaccount_legacy_tokens_total 0', 'serviceaccount_stale_tokens_total 2'],
    'serviceaccount_valid_tokens_total 1',
  ]);
  await server.client.delete(Pod, { namespace, name: 'p' }, { gracePeriodSeconds: 0 });
  await expect.poll(() => whoHas(server, asked.status.token ?? '').catch(() => 'refused')).toBe('refused');
});

test('tokens that are bound to a node or a secret die with it', async () => {
  await using server = await start();
  await server.client.create(ServiceAccount, bot);
  await server.client.create(Node, { metadata: { name: 'n1' } });
  await server.client.create(Secret, { metadata: { name: 's', namespace } });
  const toNode =
    (await tokenOf(server, { boundObjectRef: { apiVersion: 'v1', kind: 'Node', name: 'n1' } })).status.token ?? '';
  const toSecret =
    (await tokenOf(server, { boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 's' } })).status.token ?? '';
  for (const token of [toNode, toSecret]) expect(await whoHas(server, token)).toBeDefined();
  await server.client.delete(Node, { name: 'n1' });
  await server.client.delete(Secret, { namespace, name: 's' });
  for (const token of [toNode, toSecret]) {
    await expect(whoHas(server, token)).rejects.toMatchObject({
      cause: '[invalid bearer token, service account token has been invalidated]',
    });
  }
});

test('tokens live no longer than the server allows', async () => {
  await using server = await start({ serviceAccounts: { maxSeconds: 3600, extend: false } });
  await server.client.create(ServiceAccount, bot);
  const { spec, status } = await tokenOf(server, { expirationSeconds: 7200 });
  expect(spec.expirationSeconds).toBe(3600);
  expect(payloadOf(status.token)).toMatchObject({ exp: Math.floor(server.clock.now() / 1000) + 3600 });
});

test('when keys and issuer change, tokens of before go on being believed, and others find all keys', async () => {
  await using before = await start({ issuer: 'https://former.example' });
  await before.client.create(ServiceAccount, bot);
  const { uid } = (await before.client.get(ServiceAccount, { namespace, name: 'bot' })).metadata;
  const token = (await tokenOf(before)).status.token ?? '';
  await using after = await start({
    signingKey: newKey,
    verificationKeys: [`${pemOf()}\n${oldKey}`],
    serviceAccounts: { formerIssuers: ['https://former.example'], jwksUri: 'https://keys.example/jwks' },
  });
  await after.client.create(ServiceAccount, bot);
  // Both servers make the same identifiers.
  expect(await whoHas(after, token)).toMatchObject({ name: 'system:serviceaccount:default:bot', uid });
  const document = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
    for (const handler of after.server.documents) {
      const found = await handler.handle({ method: 'GET', path, query: new URLSearchParams(), headers: {} });
      if (found) return JSON.parse(String(found.body)) as Readonly<Record<string, unknown>>;
    }
    throw new Error(`${path} is not there`);
  };
  expect(await document('/.well-known/openid-configuration')).toMatchObject({
    issuer,
    jwks_uri: 'https://keys.example/jwks',
  });
  const keys = (await document('/openid/v1/jwks')) as unknown as JSONWebKeySet;
  expect(keys.keys.map(({ kid }) => kid)).toHaveLength(3);
  const now = new Date(before.clock.now());
  expect((await jwtVerify(token, createLocalJWKSet(keys), { currentDate: now })).payload.iss).toBe(
    'https://former.example',
  );
  expect((await tokenOf(after)).spec.audiences).toEqual([issuer, 'https://former.example']);
});

test('the use of tokens in Secrets is noted, and those marked as invalid are refused', async () => {
  await using server = await start();
  const account = await server.client.create(ServiceAccount, bot);
  const subject = { namespace, serviceAccount: { name: 'bot', uid: account.metadata.uid }, secret: { name: 's' } };
  const token = await issueLegacyToken(signingKey(oldKey), subject);
  const secret = {
    metadata: { name: 's', namespace, annotations: { 'kubernetes.io/service-account.name': 'bot' } },
    type: 'kubernetes.io/service-account-token',
    data: { token: Buffer.from(token).toString('base64') },
  };
  await server.client.create(Secret, secret);
  const notes: string[] = [];
  const use = async () =>
    server.server.authenticator.authenticate({
      headers: { authorization: `Bearer ${token}` },
      annotate: (key, value) => notes.push(`${key}=${value}`),
    });
  expect(await use()).toMatchObject({ name: 'system:serviceaccount:default:bot', uid: account.metadata.uid });
  expect(notes).toContain('authentication.k8s.io/legacy-token-manual-secret=s');
  const labels = async () => (await server.client.get(Secret, { namespace, name: 's' })).metadata.labels;
  const today = new Date(server.clock.now()).toISOString().slice(0, 10);
  expect(await labels()).toEqual({ 'kubernetes.io/legacy-token-last-used': today });
  await server.clock.advance(2 * 86_400_000);
  await use();
  expect((await labels())?.['kubernetes.io/legacy-token-last-used']).not.toBe(today);
  const body = { metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': today } } };
  await server.client.patch(Secret, { namespace, name: 's' }, { type: 'merge', body });
  await expect(use()).rejects.toMatchObject({
    cause: expect.stringContaining(
      "the token in secret default/s for service account default/bot has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the 'kubernetes.io/legacy-token-invalid-since' label from the secret to temporarily allow use of this token",
    ) as string,
  });
  const tracking = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' };
  expect((await server.client.get(ConfigMap, tracking)).data).toEqual({ since: today });
});

test('reviews tell whose a token is, for the audience that is asked about', async () => {
  await using server = await start({ staticTokens: 'secret,ann,1,"devs"' });
  await server.client.create(ServiceAccount, bot);
  const vault = (await tokenOf(server, { audiences: ['vault'] })).status.token ?? '';
  const review = async (spec: object) =>
    (await server.client.create(TokenReview, { metadata: {}, spec } as unknown as TokenReview)).status;
  expect(await review({ token: vault, audiences: ['x', 'vault'] })).toMatchObject({
    ...{ authenticated: true, audiences: ['vault'] },
    user: {
      username: 'system:serviceaccount:default:bot',
      groups: expect.arrayContaining(['system:authenticated']) as string[],
    },
  });
  expect(await review({ token: vault })).toEqual({
    user: {},
    error: `[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["${issuer}"]]`,
  });
  expect(await review({ token: 'secret' })).toMatchObject({ user: { username: 'ann', uid: '1' }, audiences: [issuer] });
  // A token that knows no audience is for the server alone.
  expect(await review({ token: 'secret', audiences: ['vault'] })).toEqual({ user: {}, error: 'invalid bearer token' });
  await expect(review({ token: '' })).rejects.toThrow('token is required for TokenReview in authentication');
});

test('whoami tells all that is known of a user', async () => {
  await using server = await start();
  const user = { name: 'ann', uid: '7', groups: ['devs', 'system:authenticated'], extra: { 'acme.io/a': ['b'] } };
  const { status } = await server.server.client(user).create(SelfSubjectReview, { metadata: {} });
  const { groups } = user;
  expect(status.userInfo).toEqual({ username: 'ann', uid: '7', groups, extra: { 'acme.io/a': ['b'] } });
});

test('nobody is anonymous but where it is said', async () => {
  await using server = await start({ anonymous: { enabled: true, paths: new Set(['/livez']) } });
  const at = async (path: string) => server.server.authenticator.authenticate({ headers: {}, path });
  expect(await at('/livez')).toMatchObject({ name: 'system:anonymous' });
  expect(await at('/livez/ping')).toBeUndefined();
  expect(await at('/api/v1/pods')).toBeUndefined();
});

let authority: Awaited<ReturnType<typeof testAuthority>>;
let elsewhere: { readonly url: string; readonly paths: string[]; close(): Promise<unknown> };
const documents = new Map<string, string>();
beforeAll(async () => {
  authority = await testAuthority();
  const paths: string[] = [];
  const server = createServer(await authority.server(), (request, response) => {
    paths.push(request.url ?? '');
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'GET') return void response.end(documents.get(request.url ?? ''));
      const review = JSON.parse(body) as { readonly spec: { readonly token: string } };
      const authenticated = review.spec.token === 'opaque';
      response.end(
        JSON.stringify({ ...review, status: { authenticated, user: authenticated ? { username: 'eve' } : {} } }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  elsewhere = {
    paths,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
});
afterAll(() => elsewhere.close());

test('tokens of others: an issuer over TLS, then a webhook, each after whom the server knows itself', async () => {
  const times = { now: () => 0 };
  const provider = await testIssuer(() => times.now(), elsewhere.url);
  for (const [url, text] of provider.documents) documents.set(url.slice(elsewhere.url.length), text as string);
  const configuration = {
    issuer: { url: elsewhere.url, audiences: ['app'], certificateAuthority: authority.cert },
    claimMappings: { username: { claim: 'sub', prefix: 'oidc:' } },
  };
  const { jwt } = validateAuthentication({ apiVersion: '', kind: '', jwt: [configuration] }, []);
  let change: ((next: readonly CompiledJwt[]) => Promise<void>) | undefined;
  await using server = await start({
    jwt: { authenticators: jwt, follow: async (next) => void (change = next) },
    tokenWebhook: {
      call: createKubeconfigWebhook({ servers: [`${elsewhere.url}/review`], ca: authority.cert }),
      ...({ version: 'v1', cacheTtl: 0 } as const),
    },
    staticTokens: 'secret,ann,1',
  });
  times.now = () => server.clock.now();
  await server.client.create(ServiceAccount, bot);
  const token = await provider.sign({ sub: 'zoe' });
  await expect
    .poll(() => whoHas(server, token).catch(() => undefined))
    .toMatchObject({
      name: 'oidc:zoe',
      groups: ['system:authenticated'],
    });
  elsewhere.paths.length = 0;
  expect(await whoHas(server, 'secret')).toMatchObject({ name: 'ann' });
  expect(await whoHas(server, (await tokenOf(server)).status.token ?? '')).toBeDefined();
  expect(await whoHas(server, token)).toMatchObject({ name: 'oidc:zoe' });
  expect(elsewhere.paths).toEqual([]);
  expect(await whoHas(server, 'opaque')).toMatchObject({ name: 'eve' });
  expect(elsewhere.paths).toEqual(['/review']);
  await expect(whoHas(server, 'unknown')).rejects.toMatchObject({
    reason: 'Unauthorized',
    cause: 'invalid bearer token',
  });
  await change?.([]);
  await server.clock.advance(10_001);
  await expect(whoHas(server, token)).rejects.toMatchObject({ reason: 'Unauthorized' });
});

test('who is remembered is known without waiting', async () => {
  await using server = await start();
  await server.client.create(ServiceAccount, bot);
  const token = (await tokenOf(server)).status.token ?? '';
  const ask = () => server.server.authenticator.authenticate({ headers: { authorization: `Bearer ${token}` } });
  const first = await ask();
  expect(ask()).toBe(first);
  await server.client.delete(ServiceAccount, { namespace, name: 'bot' });
  await expect(ask()).rejects.toMatchObject({ cause: '[invalid bearer token, serviceaccounts "bot" not found]' });
});
