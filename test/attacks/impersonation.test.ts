/** Acting as others without the right to. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClusterRole } from '../../src/api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../src/api/rbac/cluster-role-binding.ts';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import type { Attacker, Strike } from './attacker.ts';

let cluster: AttackCluster;
let eve: Attacker;
/** May act as user ann and group dev, with the extra `scope: read`. */
let helper: Attacker;

beforeAll(async () => {
  cluster = await attackCluster();
  eve = await cluster.user('eve', 'dev');
  helper = await cluster.user('helper');
  const rbac = 'rbac.authorization.k8s.io';
  const rules = [
    { verbs: ['impersonate'], apiGroups: [''], resources: ['users'], resourceNames: ['ann'] },
    { verbs: ['impersonate'], apiGroups: [''], resources: ['groups'], resourceNames: ['dev'] },
    {
      verbs: ['impersonate'],
      apiGroups: ['authentication.k8s.io'],
      resources: ['userextras/scope'],
      resourceNames: ['read'],
    },
  ];
  await cluster.own.create(ClusterRole, { metadata: { name: 'helper' }, rules });
  await cluster.own.create(ClusterRoleBinding, {
    metadata: { name: 'helper' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'helper' },
    subjects: [{ kind: 'User', apiGroup: rbac, name: 'helper' }],
  });
});
afterAll(() => cluster[Symbol.asyncDispose]());

const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

function act(by: Attacker, headers: NonNullable<Strike['headers']>): Promise<{ status: number; text: string }> {
  return by.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { headers, body });
}

async function forbidden(by: Attacker, headers: NonNullable<Strike['headers']>): Promise<void> {
  const { status, text } = await act(by, headers);
  expect([400, 403], `${JSON.stringify(headers)} ${text}`).toContain(status);
  expect(text).not.toContain('"userInfo"');
}

test('nobody acts as another without the right to, in any spelling of the header', async () => {
  for (const name of ['Impersonate-User', 'impersonate-user', 'IMPERSONATE-USER', 'iMpErSoNaTe-UsEr'])
    for (const value of [
      'admin',
      'ann',
      'system:admin',
      'system:serviceaccount:kube-system:default',
      'system:node:n',
      'system:anonymous',
    ])
      await forbidden(eve, { [name]: value });
});

test('a header that only looks like one changes nobody', async () => {
  for (const name of ['Impersonate_User', 'X-Impersonate-User', 'Impersonate-User-'])
    expect((await act(eve, { [name]: 'admin' })).text, name).not.toContain('"username":"admin"');
});

test('groups, uids and extras need a user, and a right each', async () => {
  await forbidden(eve, { 'Impersonate-Group': 'system:masters' });
  await forbidden(helper, { 'Impersonate-Group': 'dev' });
  await forbidden(helper, { 'Impersonate-Uid': '7' });
  await forbidden(helper, { 'Impersonate-Extra-Scope': 'read' });
  await forbidden(helper, { 'Impersonate-User': '', 'Impersonate-Group': 'system:masters' });
  const ann = { 'Impersonate-User': 'ann' };
  await forbidden(helper, { ...ann, 'Impersonate-Group': 'system:masters' });
  await forbidden(helper, { ...ann, 'Impersonate-Group': ['dev', 'system:masters'] });
  await forbidden(helper, { ...ann, 'Impersonate-Group': 'dev, system:masters' });
  await forbidden(helper, { ...ann, 'Impersonate-Group': 'dev,system:masters' });
  await forbidden(helper, { ...ann, 'Impersonate-Uid': '7' });
  await forbidden(helper, { ...ann, 'Impersonate-Extra-Scope': 'write' });
  await forbidden(helper, { ...ann, 'Impersonate-Extra-Scope': ['read', 'write'] });
  expect((await act(helper, { ...ann, 'Impersonate-Group': 'dev', 'Impersonate-Extra-Scope': 'read' })).text).toContain(
    '"username":"ann"',
  );
});

test('two users in one request are none of whom one may be', async () => {
  await forbidden(helper, { 'Impersonate-User': 'ann, admin' });
  const heard = await helper.raw(
    'GET /api/v1/secrets HTTP/1.1\r\nHost: a\r\nImpersonate-User: ann\r\nImpersonate-User: admin\r\nConnection: close\r\n\r\n',
  );
  expect(heard).toMatch(/^HTTP\/1\.1 (400|403) /);
});

test('the key of an extra is what it is decoded to, and nothing else happens by it', async () => {
  const ann = { 'Impersonate-User': 'ann' };
  const keys = [
    'authentication.kubernetes.io%2Fnode-name',
    '%53cope%2f..',
    'scope%00',
    '%',
    '%zz',
    '%ff',
    '__proto__',
    'constructor',
    'toString',
    '',
  ];
  for (const key of keys) await forbidden(helper, { ...ann, [`Impersonate-Extra-${key}`]: 'read' });
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('naming the headers in Connection does not take them away', async () => {
  for (const header of ['Impersonate-User', 'impersonate-user, close', 'Authorization']) {
    const heard = await eve.raw(
      `GET /api/v1/namespaces HTTP/1.1\r\nHost: a\r\nConnection: ${header}, close\r\nImpersonate-User: admin\r\n\r\n`,
    );
    expect(heard).toMatch(/^HTTP\/1\.1 403 /);
  }
});

test('who acts as another has no more rights than the other, and keeps none of their own', async () => {
  expect((await cluster.admin.get('/api/v1/secrets', { 'Impersonate-User': 'ann' })).status).toBe(403);
  expect(
    (
      await cluster.admin.get('/api/v1/secrets', {
        'Impersonate-User': 'ann',
        'Impersonate-Group': 'system:authenticated',
      })
    ).status,
  ).toBe(403);
  // Acting as somebody who may act as others is not a way to them.
  const { status } = await cluster.admin.get('/api/v1/secrets', { 'Impersonate-User': 'helper' });
  expect(status).toBe(403);
});
