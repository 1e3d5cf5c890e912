/** Bearer tokens that must open nothing. */
import { createHmac, createPublicKey } from 'node:crypto';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { Secret } from '../../src/api/core/secret.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { issueToken } from '../../src/apiserver/authentication/issue-token.ts';
import { signingKey } from '../../src/apiserver/authentication/signing-keys.ts';
import type { KubernetesClaims } from '../../src/apiserver/authentication/service-account-claims.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import { testNode } from '../../src/distro/testing/fake-kubelet.ts';
import { attackCluster, issuer } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';

let cluster: AttackCluster;
beforeAll(async () => {
  cluster = await attackCluster({ parts: { staticTokens: 'static-secret,carol,7\n' } });
  await cluster.own.create(ServiceAccount, { metadata: { name: 'robot', namespace: 'default' } });
});
afterAll(() => cluster[Symbol.asyncDispose]());

const whoami = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

/** What the server answers to who shows a token. */
function show(token: string, scheme = 'Bearer'): Promise<{ status: number; text: string }> {
  return cluster.anonymous.ask('POST', whoami, { headers: { authorization: `${scheme} ${token}` }, body: review });
}

async function claims(more: Partial<KubernetesClaims> = {}): Promise<KubernetesClaims> {
  const { metadata } = await cluster.own.get(ServiceAccount, { namespace: 'default', name: 'robot' });
  return { namespace: 'default', serviceaccount: { name: metadata.name, uid: metadata.uid }, ...more };
}

interface Forgery {
  readonly audiences?: readonly string[];
  /** Milliseconds from now at which it is issued. */
  readonly issued?: number;
  readonly issuer?: string;
  readonly claims?: Partial<KubernetesClaims>;
}

/** A token with the cluster's own signature. */
async function signed(forgery: Forgery = {}): Promise<string> {
  const signing = signingKey(cluster.signingKey);
  const authority = { issuer: forgery.issuer ?? issuer, signing, keys: [signing], audiences: [issuer] };
  const clock = { now: () => Date.now() + (forgery.issued ?? 0) };
  const asked = {
    claims: await claims(forgery.claims),
    audiences: forgery.audiences ?? [issuer],
    lifetimeSeconds: 600,
  };
  const { token } = await issueToken(authority, asked, { clock: clock as never, random: systemRandom });
  return token;
}

/** The parts of a good token, changed and put together again. */
async function altered(
  change: (parts: { header: Record<string, unknown>; payload: Record<string, unknown>; signature: string }) => void,
): Promise<string> {
  const [head = '', body = '', signature = ''] = (await signed()).split('.');
  const parts = {
    header: JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>,
    payload: JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>,
    signature,
  };
  change(parts);
  return `${encoded(parts.header)}.${encoded(parts.payload)}.${parts.signature}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Refused, and without a word about why, or what the token was. */
async function refused(token: string, scheme?: string): Promise<void> {
  const { status, text } = await show(token, scheme);
  expect(status, text).toBe(401);
  expect(JSON.parse(text)).toMatchObject({ kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' });
}

test('a good token is who it says, so that the others fail for their faults', async () => {
  const { status, text } = await show(await signed());
  expect(status).toBe(201);
  expect(text).toContain('system:serviceaccount:default:robot');
  expect((await show('static-secret')).text).toContain('carol');
});

test('a token for another audience opens nothing', async () => {
  await refused(await signed({ audiences: ['vault'] }));
  await refused(await signed({ audiences: [`${issuer}/`, issuer.toUpperCase(), ''] }));
});

test('a token that has expired, or is of the future, opens nothing', async () => {
  await refused(await signed({ issued: -601_000 }));
  await refused(await signed({ issued: 3_600_000 }));
});

test('a token without an expiry, or with one that is no number, opens nothing', async () => {
  const signing = signingKey(cluster.signingKey);
  const resigned = (payload: Record<string, unknown>): Promise<string> =>
    new SignJWT(payload).setProtectedHeader({ alg: signing.algorithm, kid: signing.id }).sign(signing.privateKey);
  const own = { iss: issuer, aud: [issuer], 'kubernetes.io': await claims() };
  await refused(await resigned(own));
  await refused(await resigned({ ...own, exp: '9999999999' }).catch(() => 'a.b.c'));
  await refused(await resigned({ iss: issuer, aud: [issuer], exp: 9_999_999_999 }));
  await refused(await resigned({ ...own, exp: 9_999_999_999, 'kubernetes.io': { namespace: 'default' } }));
});

test('a token of another issuer opens nothing, whoever signed it', async () => {
  await refused(await signed({ issuer: 'https://elsewhere' }));
  await refused(await signed({ issuer: `${issuer}/` }));
  await refused(await signed({ issuer: 'kubernetes/serviceaccount' }));
});

test('a token that nobody signed opens nothing', async () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
    const token = await altered((parts) => {
      parts.header = { alg, typ: 'JWT' };
      parts.signature = '';
    });
    await refused(token);
  }
  await refused(await altered((parts) => void delete parts.header['alg']));
  await refused(await altered((parts) => void (parts.signature = '')));
});

test('a token signed with the public key as a shared secret opens nothing', async () => {
  const publicKey = createPublicKey(cluster.signingKey);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const secrets = [
    pem,
    pem.trim(),
    publicKey.export({ type: 'spki', format: 'der' }),
    JSON.stringify(publicKey.export({ format: 'jwk' })),
  ];
  for (const secret of secrets) {
    for (const [alg, digest] of [
      ['HS256', 'sha256'],
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
    ] as const) {
      const head = encoded({ alg, kid: signingKey(cluster.signingKey).id });
      const body = (await signed()).split('.')[1]!;
      const signature = createHmac(digest, secret).update(`${head}.${body}`).digest('base64url');
      await refused(`${head}.${body}.${signature}`);
    }
  }
});

test('a token brings no key of its own: not by jwk, jku, x5u, x5c nor kid', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const { id } = signingKey(cluster.signingKey);
  const headers = [
    { jwk },
    { jwk: { ...jwk, kid: id }, kid: id },
    { jku: `https://127.0.0.1:${cluster.port}/keys`, kid: 'mine' },
    { x5u: 'file:///etc/passwd', x5c: ['MIIB'] },
    { kid: '../../../../dev/null' },
    { kid: "x' OR '1'='1" },
    { kid: '__proto__' },
    { kid: '' },
    { kid: id },
    { b64: false, crit: ['b64'] },
    { crit: ['unknown'], unknown: true },
  ];
  for (const header of headers) {
    const token = await new SignJWT({ 'kubernetes.io': await claims() })
      .setProtectedHeader({ alg: 'ES256', ...header })
      .setIssuer(issuer)
      .setAudience([issuer])
      .setExpirationTime('1h')
      .sign(privateKey)
      .catch(() => undefined);
    if (token !== undefined) await refused(token);
  }
});

test('who changes a word of a token has none', async () => {
  await refused(await altered(({ payload }) => void (payload['sub'] = 'system:serviceaccount:kube-system:default')));
  await refused(
    await altered(({ payload }) => {
      const own = payload['kubernetes.io'] as { namespace: string };
      own.namespace = 'kube-system';
    }),
  );
  await refused(await altered(({ payload }) => void (payload['exp'] = 9_999_999_999)));
  await refused(await altered((parts) => void (parts.signature = 'AAAA'.repeat(21) + 'AA')));
  // An all-zero ECDSA signature, which careless verifiers take for anything (CVE-2022-21449).
  await refused(await altered((parts) => void (parts.signature = Buffer.alloc(64).toString('base64url'))));
});

test('a token dies with its account', async () => {
  const doomed = await cluster.own.create(ServiceAccount, { metadata: { name: 'doomed', namespace: 'default' } });
  const { name, uid } = doomed.metadata;
  const token = await signed({ claims: { serviceaccount: { name, uid } } });
  expect((await show(token)).status).toBe(201);
  await cluster.own.delete(ServiceAccount, { namespace: 'default', name });
  await refused(token);
  await cluster.own.create(ServiceAccount, { metadata: { name, namespace: 'default' } });
  await refused(token);
});

test('a token dies with the pod, secret or node that it is bound to, and with its namesake', async () => {
  const metadata = { name: 'bound', namespace: 'default' };
  const key = { namespace: 'default', name: 'bound' };
  const spec = { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'i' }] };
  const kinds = {
    pod: {
      make: () => cluster.own.create(Pod, { metadata, spec }),
      drop: () => cluster.own.delete(Pod, key, { gracePeriodSeconds: 0 }),
    },
    secret: { make: () => cluster.own.create(Secret, { metadata }), drop: () => cluster.own.delete(Secret, key) },
    node: {
      make: () => cluster.own.create(Node, testNode('bound')),
      drop: () => cluster.own.delete(Node, { name: 'bound' }),
    },
  };
  for (const [kind, { make, drop }] of Object.entries(kinds)) {
    const made = (await make()) as { metadata: { name: string; uid: string } };
    const { name, uid } = made.metadata;
    const token = await signed({ claims: { [kind]: { name, uid } } });
    expect((await show(token)).status, kind).toBe(201);
    await drop();
    await refused(token);
    await make();
    await refused(token);
    await drop();
  }
});

test('a token that is not there, too long or no token at all opens nothing and costs nothing', async () => {
  const odd = [
    'x',
    '..',
    '...',
    'a.b.c',
    `${'A'.repeat(6000)}.${'B'.repeat(6000)}.C`,
    'eyJ.eyJ.',
    '-',
    '%00',
    'null',
    'static-secre',
    'static-secret,',
  ];
  for (const token of odd) await refused(token);
  expect((await show('QQ==', 'Basic')).text).toContain('system:anonymous');
});

test('a wrong token is not made good by a right certificate, nor by anonymity', async () => {
  const strike = { headers: { authorization: 'Bearer wrong' }, body: review };
  expect((await cluster.anonymous.ask('GET', '/healthz', { headers: strike.headers })).status).toBe(401);
  const several = await cluster.anonymous.raw(
    `GET /api/v1/secrets HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer wrong\r\nAuthorization: Bearer ${await signed()}\r\nConnection: close\r\n\r\n`,
  );
  expect(several).toMatch(/^HTTP\/1\.1 (400|401) /);
});

test('the token in a WebSocket subprotocol is held to the same', async () => {
  const ask = (token: string): Promise<{ status: number; text: string }> => {
    const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
    return cluster.anonymous.ask('POST', whoami, { headers: { 'sec-websocket-protocol': protocol }, body: review });
  };
  expect((await ask(await signed())).status).toBe(201);
  expect((await ask(await signed({ audiences: ['vault'] }))).status).toBe(401);
  expect((await ask('nobody')).status).toBe(401);
});

test('nothing of a token is in the log, also at --v=10, nor in an event or a metric', async () => {
  const good = await signed();
  const bad = await signed({ issued: -601_000 });
  await show(good);
  await show(bad);
  await cluster.anonymous.get(`/api/v1/pods?token=${good}`, { authorization: `Bearer ${bad}` });
  const metrics = await cluster.admin.get('/metrics');
  const events = await cluster.admin.get('/api/v1/events');
  for (const text of [cluster.log.join(''), metrics.text, events.text]) {
    for (const token of [good, bad]) for (const part of token.split('.').slice(1)) expect(text).not.toContain(part);
    expect(text).not.toContain('static-secret');
    expect(text).not.toContain('PRIVATE KEY');
  }
});
