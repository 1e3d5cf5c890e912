/** Bootstrap tokens that must open nothing, and nodes that want more than to join. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateSigningRequest } from '../../src/api/certificates/certificate-signing-request.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Secret } from '../../src/api/core/secret.ts';
import { ClusterRoleBinding } from '../../src/api/rbac/cluster-role-binding.ts';
import { csrApproving } from '../../src/controllers/certificates/csr-approving.ts';
import { csrSigning } from '../../src/controllers/certificates/csr-signing.ts';
import { nodeCertificateApproving } from '../../src/controllers/certificates/node-approving.ts';
import { createAuthority } from '../../src/machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../src/machinery/x509/certificate-authority.ts';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import type { Reply } from './attacker.ts';

const secret = '0123456789abcdef';
const csrs = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const later = '2100-01-01T00:00:00Z';

let cluster: AttackCluster;
let signer: KeyPair;
beforeAll(async () => {
  signer = await createAuthority('signer', Date.now());
  const controllers = [
    csrApproving,
    nodeCertificateApproving({ foreignNetworks: [] }),
    csrSigning({ authority: () => signer }),
  ];
  cluster = await attackCluster({ controllers, parts: { bootstrapTokens: true } });
  await cluster.own.create(Namespace, { metadata: { name: 'tenant' } });
  await store('joins1', { 'auth-extra-groups': 'system:bootstrappers:joining' });
  await store('guest1', {});
  await bind('system:node-bootstrapper', 'system:bootstrappers');
  await bind('system:certificates.k8s.io:certificatesigningrequests:nodeclient', 'system:bootstrappers:joining');
});
afterAll(() => cluster[Symbol.asyncDispose]());

function bind(name: string, group: string): Promise<ClusterRoleBinding> {
  return cluster.own.create(ClusterRoleBinding, {
    metadata: { name: name.replaceAll(':', '-') },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: group }],
  });
}

interface Stored {
  readonly namespace?: string;
  readonly type?: string;
  readonly name?: string;
}

/** Keeps a token that is right, but for what is said here. */
async function store(id: string, fields: Record<string, string>, where: Stored = {}): Promise<void> {
  const { namespace = 'kube-system', type = 'bootstrap.kubernetes.io/token', name = `bootstrap-token-${id}` } = where;
  const right = { 'token-id': id, 'token-secret': secret, 'usage-bootstrap-authentication': 'true', expiration: later };
  const stringData = { ...right, ...fields };
  await cluster.own.create(Secret, { metadata: { namespace, name }, type, stringData });
}

function ask(token: string, method: string, path: string, body?: object): Promise<Reply> {
  return cluster.anonymous.ask(method, path, {
    headers: { authorization: `Bearer ${token}` },
    ...(body ? { body } : {}),
  });
}

const whoami = (token: string): Promise<Reply> =>
  ask(token, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  });

async function refused(token: string): Promise<void> {
  const { status, text } = await whoami(token);
  expect(status, `${token} ${text}`).toBe(401);
  expect(JSON.parse(text)).toMatchObject({ reason: 'Unauthorized', message: 'Unauthorized' });
}

test('a good token is a bootstrapper, so that the others fail for their faults', async () => {
  const { status, text } = await whoami(`joins1.${secret}`);
  expect([status, text]).toEqual([201, expect.stringContaining('"system:bootstrap:joins1"')]);
  expect(JSON.parse(text)).toMatchObject({
    status: {
      userInfo: { groups: ['system:bootstrappers', 'system:bootstrappers:joining', 'system:authenticated'] },
    },
  });
});

test.each<[string, Record<string, string>, Stored?]>([
  ['that has expired', { expiration: '2020-01-01T00:00:00Z' }],
  ['whose end nobody can read', { expiration: 'never' }],
  ['that is for signing only', { 'usage-bootstrap-authentication': 'false', 'usage-bootstrap-signing': 'true' }],
  ['that is for nothing', { 'usage-bootstrap-authentication': '' }],
  ['whose usage is nearly right', { 'usage-bootstrap-authentication': 'TRUE' }],
  ['whose id is another', { 'token-id': 'joins1' }],
  ['without an id', { 'token-id': '' }],
  ['without a secret', { 'token-secret': '' }],
  ['whose secret is another', { 'token-secret': `${secret.slice(0, -1)}x` }],
  ['whose secret only begins so', { 'token-secret': `${secret}0` }],
  ['of a group of the system', { 'auth-extra-groups': 'system:masters' }],
  ['of a group of the system besides', { 'auth-extra-groups': 'system:bootstrappers:a,system:nodes' }],
  ['of a group that begins nearly right', { 'auth-extra-groups': 'system:bootstrappersx' }],
  ['of a group over two lines', { 'auth-extra-groups': 'system:bootstrappers:a\nsystem:masters' }],
  ['of another type', {}, { type: 'Opaque' }],
  ['in another namespace', {}, { namespace: 'tenant' }],
  ['by another name', {}, { name: 'bootstrap-token-other' }],
])('a bootstrap token %s opens nothing', async (what, fields, where) => {
  const id = Buffer.from(what)
    .reduce((sum, byte) => (sum * 31 + byte) % 36 ** 6, 7)
    .toString(36)
    .padStart(6, '0');
  await store(id, fields, where);
  await refused(`${id}.${secret}`);
});

test('nothing but the whole token opens anything', async () => {
  const id = 'joins1';
  for (const token of [
    ...[`${id}.`, `.${secret}`, id, `${id}.${secret}.`, `${id}.${secret}x`, `${id}.${secret.slice(0, -1)}`],
    ...[`${id.toUpperCase()}.${secret}`, `${id}.${secret.toUpperCase()}`, `${id}${secret}`, `${id}:${secret}`],
    ...[`../${id}.${secret}`, `%6aoins1.${secret}`, `bootstrap-token-${id}.${secret}`, `${id}.0000000000000000`],
    ...[`nobody.${secret}`, `__prot.${secret}`, `${id}.${'0'.repeat(10_000)}`],
  ])
    await refused(token);
});

test('a token dies with its Secret, and with its usage', async () => {
  await store('mortal', {});
  expect((await whoami(`mortal.${secret}`)).status).toBe(201);
  const key = { namespace: 'kube-system', name: 'bootstrap-token-mortal' };
  const body = { stringData: { 'usage-bootstrap-authentication': 'false' } };
  await cluster.own.patch(Secret, key, { type: 'merge', body });
  await refused(`mortal.${secret}`);
  await cluster.own.delete(Secret, key);
  await refused(`mortal.${secret}`);
});

test('a bootstrapper asks for certificates, and does nothing else', async () => {
  const token = `joins1.${secret}`;
  for (const [method, path, body] of [
    ['GET', '/api/v1/secrets'],
    ['GET', `/api/v1/namespaces/kube-system/secrets/bootstrap-token-joins1`],
    ['GET', '/api/v1/nodes'],
    ['POST', '/api/v1/nodes', { metadata: { name: 'n' } }],
    ['GET', '/api/v1/pods'],
    ['PUT', '/apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval', { metadata: { name: 'x' } }],
    ['POST', '/api/v1/namespaces/kube-system/serviceaccounts/default/token', {}],
    ['GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles'],
  ] as const) {
    const { status, text } = await ask(token, method, path, body);
    expect(status, `${method} ${path} ${text}`).toBe(403);
  }
  const headers = { authorization: `Bearer ${token}`, 'impersonate-user': 'system:node:n1' };
  expect((await cluster.anonymous.ask('GET', '/api/v1/nodes', { headers })).status).toBe(403);
});

interface Asked {
  readonly subject?: readonly Record<string, readonly string[]>[];
  readonly names?: readonly { readonly type: x509.GeneralNameType; readonly value: string }[];
  readonly signerName?: string;
  readonly usages?: readonly string[];
  readonly token?: string;
  readonly spec?: object;
}

const joining = [{ O: ['system:nodes'] }, { CN: ['system:node:new'] }];
const subjectOf = (...subject: Record<string, readonly string[]>[]): Asked => ({ subject });

async function request(name: string, asked: Asked): Promise<Reply> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: (asked.subject ?? joining) as x509.JsonName,
    keys: await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']),
    signingAlgorithm: algorithm,
    extensions: asked.names ? [new x509.SubjectAlternativeNameExtension([...asked.names])] : [],
  });
  const spec = {
    request: Buffer.from(made.toString('pem')).toString('base64'),
    signerName: asked.signerName ?? 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: asked.usages ?? ['digital signature', 'client auth'],
    ...asked.spec,
  };
  return ask(asked.token ?? `joins1.${secret}`, 'POST', csrs, { metadata: { name }, spec });
}

const greedy: Readonly<Record<string, Asked>> = {
  'another-group': subjectOf({ O: ['system:nodes', 'system:masters'] }, { CN: ['system:node:new'] }),
  'no-group': subjectOf({ CN: ['system:node:new'] }),
  'another-name': subjectOf({ O: ['system:nodes'] }, { CN: ['admin'] }),
  'two-names': subjectOf({ O: ['system:nodes'] }, { CN: ['system:node:new'] }, { CN: ['admin'] }),
  'a-host': { names: [{ type: 'dns', value: 'kubernetes.default.svc' }] },
  'an-address': { names: [{ type: 'ip', value: '10.96.0.1' }] },
  'a-mailbox': { names: [{ type: 'email', value: 'root@example.com' }] },
  'an-identity': { names: [{ type: 'url', value: 'spiffe://cluster/admin' }] },
  'a-server': { usages: ['digital signature', 'client auth', 'server auth'] },
  'an-authority': { usages: ['digital signature', 'client auth', 'cert sign'] },
  'a-kubelet-that-serves': {
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
    names: [{ type: 'dns', value: 'new' }],
  },
  'any-client': { signerName: 'kubernetes.io/kube-apiserver-client', subject: [{ CN: ['admin'] }] },
  'any-signer': { signerName: 'example.com/any' },
  // What a request says of who makes it is not believed.
  'an-alias': {
    token: `guest1.${secret}`,
    spec: { username: 'system:node:new', groups: ['system:bootstrappers:joining', 'system:nodes'], uid: 'x' },
  },
  'a-guest': { token: `guest1.${secret}` },
};

test('a bootstrapper gets the certificate of a kubelet, if it may, and no other', async () => {
  for (const [name, asked] of Object.entries(greedy)) expect((await request(name, asked)).status, name).toBe(201);
  const masters = subjectOf({ O: ['system:masters'] }, { CN: ['admin'] });
  const refusal = await request('masters', { ...masters, signerName: 'kubernetes.io/kube-apiserver-client' });
  expect([refusal.status, refusal.text]).toEqual([403, expect.stringContaining('system:masters')]);
  expect((await request('good', {})).status).toBe(201);
  const found = (name: string) => cluster.own.get(CertificateSigningRequest, { name });
  await expect.poll(async () => (await found('good')).status.certificate, { timeout: 10_000 }).toBeTruthy();
  for (const name of Object.keys(greedy)) {
    const { status, spec } = await found(name);
    expect([name, status.certificate, status.conditions ?? []]).toEqual([name, undefined, []]);
    expect(spec.username).toMatch(/^system:bootstrap:(joins1|guest1)$/);
    // Nor does it say yes itself.
    const yes = { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'r', message: 'm' }] } };
    const token = `joins1.${secret}`;
    expect((await ask(token, 'PUT', `${csrs}/${name}/approval`, { metadata: { name }, ...yes })).status).toBe(403);
    const signed = { metadata: { name }, status: { certificate: 'eA==' } };
    expect((await ask(token, 'PUT', `${csrs}/${name}/status`, signed)).status).toBe(403);
  }
});

test('a token is in no log, error or metric, also at --v=10', async () => {
  await whoami(`joins1.${secret}`);
  await refused(`joins1.0000000000000000`);
  const { text } = await cluster.admin.get('/metrics');
  for (const told of [cluster.log.join(''), text]) expect(told).not.toContain(secret);
});
