/** Ways around a right: through policies, kinds of one's own, and writes that are more than they say. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Secret } from '../../src/api/core/secret.ts';
import { ClusterRoleBinding } from '../../src/api/rbac/cluster-role-binding.ts';
import { ClusterRole } from '../../src/api/rbac/cluster-role.ts';
import { RoleBinding } from '../../src/api/rbac/role-binding.ts';
import { Role } from '../../src/api/rbac/role.ts';
import type { PolicyRule } from '../../src/api/rbac/role.ts';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import type { Attacker } from './attacker.ts';

let cluster: AttackCluster;
beforeAll(async () => {
  cluster = await attackCluster();
  await cluster.own.create(Secret, {
    metadata: { name: 'treasure', namespace: 'kube-system' },
    stringData: { key: 'gold' },
  });
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** Somebody with these rights everywhere. */
async function holder(name: string, rules: readonly PolicyRule[]): Promise<Attacker> {
  await cluster.own.create(ClusterRole, { metadata: { name }, rules: [...rules] });
  await cluster.own.create(ClusterRoleBinding, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name }],
  });
  const attacker = await cluster.user(name);
  await expect.poll(async () => (await attacker.get('/api/v1/configmaps')).status).toBe(200);
  return attacker;
}

const readsMaps: PolicyRule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] };

test('a policy shows its author no object that they may not read', async () => {
  const registration = 'admissionregistration.k8s.io';
  const path = `/apis/${registration}/v1`;
  const author = await holder('author', [{ verbs: ['*'], apiGroups: [registration], resources: ['*'] }, readsMaps]);
  const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };
  const policy = (name: string, kind: string, apiVersion = 'v1'): object => ({
    metadata: { name },
    spec: {
      paramKind: { apiVersion, kind },
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: 'params == null', messageExpression: 'string(params.data)' }],
    },
  });
  const mutation = { patchType: 'JSONPatch', jsonPatch: { expression: '[]' } };
  const changing = (name: string, kind: string): object => ({
    metadata: { name },
    spec: {
      paramKind: { apiVersion: 'v1', kind },
      matchConstraints: { resourceRules: [rule] },
      mutations: [mutation],
      reinvocationPolicy: 'Never',
    },
  });
  const binding = (name: string, policyName: string, paramRef: object): object => ({
    metadata: { name },
    spec: {
      policyName,
      validationActions: ['Deny'],
      paramRef: { name: 'treasure', namespace: 'kube-system', parameterNotFoundAction: 'Allow', ...paramRef },
    },
  });
  const [policies, bindings] = [`${path}/validatingadmissionpolicies`, `${path}/validatingadmissionpolicybindings`];
  for (const refused of [
    author.post(policies, policy('p', 'Secret')),
    author.post(policies, policy('p', 'Nothing')),
    author.post(policies, policy('p', 'Nothing', 'example.com/v1')),
    author.post(`${path}/mutatingadmissionpolicies`, changing('p', 'Secret')),
    author.post(bindings, binding('b', 'absent', {})),
    author.post(`${path}/mutatingadmissionpolicybindings`, binding('b', 'absent', {})),
  ]) {
    const { status, text } = await refused;
    expect([status, text]).toEqual([422, expect.stringContaining('"FieldValueForbidden"')]);
  }
  // What they may read they may use; that is no way to more either.
  expect((await author.post(policies, policy('maps', 'ConfigMap'))).status).toBe(201);
  expect((await author.post(bindings, binding('maps', 'maps', {}))).status).toBe(201);
  const change = { spec: { paramKind: { kind: 'Secret' } } };
  expect((await author.patch(`${policies}/maps`, change)).status).toBe(422);
  // The same of policies that others made.
  expect((await cluster.admin.post(policies, policy('theirs', 'Secret'))).status).toBe(201);
  for (const paramRef of [{}, { namespace: undefined }, { name: undefined, selector: {} }])
    expect((await author.post(bindings, binding('b', 'theirs', paramRef))).status).toBe(422);
  expect((await author.patch(`${bindings}/maps`, { spec: { policyName: 'theirs' } })).status).toBe(422);
  // What they were given is theirs to change otherwise.
  expect((await author.patch(`${bindings}/maps`, { metadata: { labels: { a: 'b' } } })).status).toBe(200);
  const { text } = await cluster.admin.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'm' } });
  expect(text).not.toContain('Z29sZA');
});

test('a kind of one’s own takes the place of no other', async () => {
  const definer = await holder('definer', [
    { verbs: ['*'], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] },
    { verbs: ['*'], apiGroups: ['example.com', ''], resources: ['configmaps'] },
    readsMaps,
  ]);
  const definition = (group: string, version: string, plural: string, kind: string): object => ({
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });
  const read = async (path: string): Promise<string> => (await cluster.admin.get(path)).text;
  const places = ['/apis/apps/v1', '/apis/rbac.authorization.k8s.io/v1', '/apis/batch/v1', '/api/v1'];
  const before = await Promise.all(places.map(read));
  for (const [group, version, plural, kind] of [
    ['apps', 'v1', 'deployments', 'Deployment'],
    ['apps', 'v1', 'daemons', 'Deployment'],
    ['batch', 'v1', 'jobs', 'Job'],
    ['rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole'],
    ['', 'v1', 'secrets', 'Secret'],
  ] as const)
    await definer.post(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      definition(group, version, plural, kind),
    );
  // One that is nobody's is there, so the others have been looked at.
  await definer.post(
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    definition('example.com', 'v1', 'configmaps', 'ConfigMap'),
  );
  await expect.poll(async () => (await definer.get('/apis/example.com/v1/configmaps')).status).toBe(200);
  expect(await Promise.all(places.map(read))).toEqual(before);
  // A deployment is still what it was: it must have a template.
  const empty = await cluster.admin.post('/apis/apps/v1/namespaces/default/deployments', { metadata: { name: 'd' } });
  expect(empty.status).toBe(422);
  // Two kinds of one name are two kinds, in the store too.
  await cluster.own.create(ConfigMap, { metadata: { name: 'same', namespace: 'default' }, data: { a: 'b' } });
  const own = { apiVersion: 'example.com/v1', kind: 'ConfigMap', metadata: { name: 'same' }, data: { a: 'c' } };
  expect((await definer.post('/apis/example.com/v1/namespaces/default/configmaps', own)).status).toBe(201);
  expect((await cluster.own.get(ConfigMap, { namespace: 'default', name: 'same' })).data).toEqual({ a: 'b' });
});

test('the rest of a list is not the rest of another', async () => {
  await cluster.own.create(Namespace, { metadata: { name: 'mine' } });
  await cluster.own.create(Role, {
    metadata: { name: 'reader', namespace: 'mine' },
    rules: [{ verbs: ['list', 'watch'], apiGroups: [''], resources: ['secrets'] }],
  });
  await cluster.own.create(RoleBinding, {
    metadata: { name: 'reader', namespace: 'mine' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'reader' }],
  });
  for (const name of ['a', 'b'])
    await cluster.own.create(Secret, { metadata: { name, namespace: 'mine' }, stringData: { key: name } });
  const reader = await cluster.user('reader');
  const path = '/api/v1/namespaces/mine/secrets';
  await expect.poll(async () => (await reader.get(path)).status).toBe(200);
  const { metadata } = JSON.parse((await reader.get(`${path}?limit=1`)).text) as {
    metadata: { continue: string; resourceVersion: string };
  };
  const rv = Number(metadata.resourceVersion);
  const starts = [
    '',
    'a',
    'kube-system/',
    'kube-system/treasure',
    '../kube-system/',
    'mine/../kube-system/',
    'zzz',
    '\uffff',
  ];
  for (const start of starts) {
    for (const version of [rv, -1, 1]) {
      const forged = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start })).toString('base64url');
      const { status, text } = await reader.get(`${path}?limit=10&continue=${forged}`);
      expect([200, 400, 410], `${start} ${text}`).toContain(status);
      expect(text).not.toContain('treasure"');
      expect(text).not.toContain('Z29sZA');
    }
  }
  const others = await reader.get(`/api/v1/secrets?continue=${metadata.continue}`);
  expect(others.status).toBe(403);
  const rest = await reader.get(`${path}?continue=${metadata.continue}`);
  expect([rest.status, rest.text]).toEqual([200, expect.stringContaining('"name":"b"')]);
});

test('who may change objects makes and removes none', async () => {
  const changer = await holder('changer', [
    readsMaps,
    {
      verbs: ['update', 'patch'],
      apiGroups: ['', 'coordination.k8s.io'],
      resources: ['configmaps', 'leases', 'events'],
    },
  ]);
  const maps = '/api/v1/namespaces/default/configmaps';
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' } };
  const applied = (path: string, body: object) =>
    changer.ask('PATCH', path, {
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify(body),
    });
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'made' } };
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  for (const attempt of [
    applied(`${maps}/made?fieldManager=a`, map),
    applied(`${maps}/made?fieldManager=a&force=true`, map),
    applied(`${maps}/made?fieldManager=a&dryRun=All`, map),
    applied(`${leases}/made?fieldManager=a`, lease),
    changer.put(`${leases}/made`, lease),
    changer.put(`${maps}/made`, map),
    changer.post(maps, map),
    changer.ask('DELETE', maps),
  ]) {
    const { status, text } = await attempt;
    expect([403, 404], text).toContain(status);
  }
  // Neither by taking the last finalizer off, which removes what others have deleted only.
  await cluster.own.create(ConfigMap, {
    metadata: { name: 'kept', namespace: 'default', finalizers: ['a.example/b'] },
  });
  await changer.patch(`${maps}/kept`, { metadata: { deletionTimestamp: '2020-01-01T00:00:00Z', finalizers: [] } });
  const kept = await cluster.own.get(ConfigMap, { namespace: 'default', name: 'kept' });
  expect(kept.metadata.deletionTimestamp).toBeUndefined();
});
