import 'reflect-metadata';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import { resourceAttributes } from '../authorization/attributes.ts';
import type { User } from '../ports.ts';
import { fakeClient } from '../testing/fake-client.ts';
import { createAuthentication } from './authentication.ts';
import { createCertificateAuthenticator } from './certificate-authenticator.ts';
import { createIssuerDiscovery } from './issuer-discovery.ts';
import { createLegacyTokens, issueLegacyToken } from './legacy-tokens.ts';
import { selfSubjectReviews, tokenReviews } from './reviews.ts';
import { createServiceAccountTokens } from './service-account-tokens.ts';
import { signingKey, verificationKey } from './signing-keys.ts';
import {
  audienceAgnostic,
  createStaticTokens,
  createTokenAuthenticator,
  createTokenVerifier,
} from './token-authenticator.ts';
import type { TokenSource } from './token-authenticator.ts';
import { tokenRequests } from './token-request.ts';
import { anonymousUser } from './users.ts';

const issuer = 'https://kubernetes.default.svc.cluster.local';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function setUp() {
  const clock = new FakeClock();
  const client = fakeClient();
  const signing = signingKey(pem);
  const authority = { issuer, signing, keys: [signing], audiences: [issuer] };
  const tokens = createServiceAccountTokens(authority, { client, clock });
  const verifier = createTokenVerifier([tokens], clock);
  const authenticator = createTokenAuthenticator(verifier, [issuer]);
  client.put(ServiceAccount, { metadata: { name: 'bot', namespace: 'ci' } });
  const request = tokenRequests({ authority, client, clock, random: seededRandom() });
  const issue = async (spec: object, user: User = anonymousUser): Promise<string> => {
    const attributes = resourceAttributes(user, {
      verb: 'create',
      resource: 'serviceaccounts',
      subresource: 'token',
      namespace: 'ci',
      name: 'bot',
    });
    const body = { apiVersion: 'v1', kind: 'TokenRequest', metadata: {}, spec } as unknown as ApiObject;
    const { status } = await request.create(body, { attributes, dryRun: false });
    return (status as { token: string }).token;
  };
  const whoHas = async (token: string) => authenticator.authenticate({ headers: { authorization: `Bearer ${token}` } });
  return { clock, client, authority, verifier, issue, whoHas };
}

function staticAuthenticator(source: TokenSource) {
  return createTokenAuthenticator(createTokenVerifier([audienceAgnostic(source, ['x'])], new FakeClock()), ['x']);
}

async function clientCertificate(subject: string, usage: x509.ExtendedKeyUsage): Promise<Buffer> {
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.ExtendedKeyUsageExtension([usage])],
  });
  return Buffer.from(certificate.rawData);
}

test('a client certificate names its user and groups', async () => {
  const der = await clientCertificate('CN=ann,O=devs,O=ops', x509.ExtendedKeyUsage.clientAuth);
  const chain = createAuthentication({ authenticators: [createCertificateAuthenticator()] });
  const user = await chain.authenticate({ headers: {}, certificate: der });
  expect(user).toMatchObject({ name: 'ann' });
  expect([...(user?.groups ?? [])].sort()).toEqual(['devs', 'ops', 'system:authenticated']);
});

test('a server certificate is no proof of a client', async () => {
  const der = await clientCertificate('CN=ann', x509.ExtendedKeyUsage.serverAuth);
  const authenticator = createCertificateAuthenticator();
  expect(() => authenticator.authenticate({ headers: {}, certificate: der })).toThrow('Unauthorized');
});

test('without credentials the user is anonymous, or nobody where that is off', async () => {
  expect(await createAuthentication({ authenticators: [] }).authenticate({ headers: {} })).toEqual(anonymousUser);
  const strict = createAuthentication({ authenticators: [], anonymous: false });
  expect(await strict.authenticate({ headers: {} })).toBeUndefined();
});

test('static tokens name users', async () => {
  const source = createStaticTokens('# comment\nsecret,ann,1,"devs,ops"\nother,bob,2\n');
  const authenticator = staticAuthenticator(source);
  const withToken = async (token: string) =>
    authenticator.authenticate({ headers: { authorization: `Bearer ${token}` } });
  expect(await withToken('secret')).toEqual({ name: 'ann', uid: '1', groups: ['devs', 'ops'] });
  expect(await withToken('other')).toEqual({ name: 'bob', uid: '2', groups: [] });
  await expect(withToken('wrong')).rejects.toMatchObject({ reason: 'Unauthorized', code: 401 });
  expect(await authenticator.authenticate({ headers: {} })).toBeUndefined();
});

test('a browser may send its token as a WebSocket protocol', async () => {
  const authenticator = staticAuthenticator(createStaticTokens('secret,ann,1'));
  const encoded = Buffer.from('secret').toString('base64url');
  const protocols = `v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.${encoded}`;
  expect(await authenticator.authenticate({ headers: { 'sec-websocket-protocol': protocols } })).toMatchObject({
    name: 'ann',
  });
});

test('a service account token works until it expires', async () => {
  const { clock, issue, whoHas } = setUp();
  const token = await issue({ expirationSeconds: 600 });
  expect(await whoHas(token)).toMatchObject({
    name: 'system:serviceaccount:ci:bot',
    uid: 'uid-bot',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:ci'],
  });
  await clock.advance(599_000);
  expect(await whoHas(token)).toBeDefined();
  await clock.advance(2_000);
  await expect(whoHas(token)).rejects.toMatchObject({ reason: 'Unauthorized' });
});

test('a token dies with the object it is bound to', async () => {
  const { client, issue, whoHas } = setUp();
  const pod = { metadata: { name: 'p', namespace: 'ci' }, spec: { serviceAccountName: 'bot', nodeName: 'n1' } };
  client.put(Pod, pod);
  const token = await issue({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'uid-p' } });
  expect((await whoHas(token))?.extra).toMatchObject({
    'authentication.kubernetes.io/pod-name': ['p'],
    'authentication.kubernetes.io/node-name': ['n1'],
  });
  client.put(Pod, { ...pod, metadata: { ...pod.metadata, uid: 'another' } });
  await expect(whoHas(token)).rejects.toMatchObject({ reason: 'Unauthorized' });
  client.remove(Pod, { namespace: 'ci', name: 'p' });
  await expect(whoHas(token)).rejects.toMatchObject({ reason: 'Unauthorized' });
});

test('a token for another audience is not for the API server', async () => {
  const { issue, whoHas, verifier, authority } = setUp();
  const token = await issue({ audiences: ['vault'] });
  await expect(whoHas(token)).rejects.toMatchObject({ reason: 'Unauthorized' });
  const review = tokenReviews(verifier, authority.audiences);
  const ask = (spec: object) =>
    review.create(
      { spec } as unknown as ApiObject,
      resourceAttributes(anonymousUser, { verb: 'create', resource: 'x' }),
    );
  expect((await ask({ token, audiences: ['vault', 'other'] }))['status']).toMatchObject({
    authenticated: true,
    audiences: ['vault'],
    user: { username: 'system:serviceaccount:ci:bot' },
  });
  const refused = (await ask({ token }))['status'];
  expect(refused).not.toHaveProperty('authenticated');
  expect(refused).toMatchObject({ error: expect.stringContaining('invalid bearer token') as string });
});

test('a forged or tampered token is refused', async () => {
  const { issue, whoHas } = setUp();
  const token = await issue({});
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const forged = Buffer.from(JSON.stringify({ ...claims, exp: 9e9 })).toString('base64url');
  await expect(whoHas(`${header}.${forged}.${signature}`)).rejects.toMatchObject({ reason: 'Unauthorized' });
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  await expect(whoHas(`${none}.${forged}.`)).rejects.toMatchObject({ reason: 'Unauthorized' });
});

test('token requests are checked', async () => {
  const { client, issue } = setUp();
  await expect(issue({ expirationSeconds: 5 })).rejects.toThrow(
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
  );
  client.put(Pod, { metadata: { name: 'p', namespace: 'ci' }, spec: { serviceAccountName: 'default' } });
  const bound = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p' } };
  await expect(issue(bound)).rejects.toThrow('different serviceaccount name');
  client.put(Pod, { metadata: { name: 'q', namespace: 'ci' }, spec: { serviceAccountName: 'bot', nodeName: 'n2' } });
  const kubelet = { name: 'system:node:n1', groups: ['system:nodes'] };
  await expect(issue({}, kubelet)).rejects.toThrow('not bound to a pod');
  const foreign = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'q' } };
  await expect(issue(foreign, kubelet)).rejects.toThrow('a different node');
  const stale = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'q', uid: 'old' } };
  await expect(issue(stale)).rejects.toMatchObject({ reason: 'Conflict' });
});

test('others can verify tokens with the published keys', async () => {
  const { authority, clock, issue } = setUp();
  const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const keys = [...authority.keys, verificationKey(ec.publicKey)];
  const discovery = createIssuerDiscovery({ ...authority, keys }, { serverUrl: 'https://127.0.0.1:6443' });
  const get = async (path: string) =>
    discovery.handle({ method: 'GET', path, query: new URLSearchParams(), headers: {} });
  const configuration = JSON.parse(String((await get('/.well-known/openid-configuration'))?.body)) as Record<
    string,
    unknown
  >;
  expect(configuration).toMatchObject({ issuer, jwks_uri: 'https://127.0.0.1:6443/openid/v1/jwks' });
  expect(configuration['id_token_signing_alg_values_supported']).toEqual(['ES256', 'RS256']);
  const published = JSON.parse(String((await get('/openid/v1/jwks'))?.body)) as Parameters<typeof createLocalJWKSet>[0];
  const { payload } = await jwtVerify(await issue({}), createLocalJWKSet(published), {
    currentDate: new Date(clock.now()),
  });
  expect(payload.sub).toBe('system:serviceaccount:ci:bot');
  expect(published.keys.every((key) => !('d' in key))).toBe(true);
});

test('the token in a Secret lives as long as the Secret holds it', async () => {
  const { client, clock, authority } = setUp();
  const secret = { name: 'bot-token', namespace: 'ci' };
  const token = await issueLegacyToken(authority.signing, {
    namespace: 'ci',
    serviceAccount: { name: 'bot', uid: 'uid-bot' },
    secret,
  });
  const source = createLegacyTokens(authority, { client, clock, log: silentLogger });
  const verified = async (...asked: Parameters<TokenSource['verify']>) => source.verify(...asked);
  await expect(verified(token, [issuer])).rejects.toThrow('invalidated');
  client.put(Secret, { metadata: secret, data: { token: Buffer.from(token).toString('base64') } });
  expect((await verified(token, [issuer]))?.user.name).toBe('system:serviceaccount:ci:bot');
  await expect(verified(`${token.slice(0, -4)}AAAA`, [issuer])).rejects.toThrow('signature verification failed');
  client.put(Secret, { metadata: secret, data: {} });
  await expect(verified(token, [issuer])).rejects.toThrow("Token does not match server's copy");
});

test('whoami tells who is asking', async () => {
  const review = selfSubjectReviews(new FakeClock());
  const attributes = resourceAttributes({ name: 'ann', groups: ['devs'] }, { verb: 'create', resource: 'x' });
  const answer = await review.create({ metadata: {} } as unknown as ApiObject, attributes);
  expect(answer['status']).toEqual({ userInfo: { username: 'ann', groups: ['devs'] } });
});
