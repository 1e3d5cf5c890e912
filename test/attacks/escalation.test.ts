/** Ways to more rights than one has. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { Secret } from '../../src/api/core/secret.ts';
import { Service } from '../../src/api/core/service.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { ClusterRole } from '../../src/api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../src/api/rbac/cluster-role-binding.ts';
import { Role } from '../../src/api/rbac/role.ts';
import { RoleBinding } from '../../src/api/rbac/role-binding.ts';
import type { PolicyRule } from '../../src/api/rbac/role.ts';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import type { Attacker, Reply } from './attacker.ts';

let cluster: AttackCluster;
/** Admin of namespace `mine` by the bootstrap role, with nothing elsewhere. */
let tenant: Attacker;
/** May edit `mine`. */
let editor: Attacker;

const rbac = 'rbac.authorization.k8s.io';
const rbacPath = '/apis/rbac.authorization.k8s.io/v1';
const mine = { namespace: 'mine' };

beforeAll(async () => {
  cluster = await attackCluster();
  const { own } = cluster;
  for (const name of ['mine', 'theirs']) await own.create(Namespace, { metadata: { name } });
  await own.create(Secret, { metadata: { name: 'treasure', namespace: 'theirs' }, stringData: { key: 'gold' } });
  await own.create(ServiceAccount, { metadata: { name: 'boss', namespace: 'theirs' } });
  await own.create(ServiceAccount, { metadata: { name: 'worker', namespace: 'mine' } });
  for (const role of ['admin', 'edit'])
    await own.create(RoleBinding, {
      metadata: { name: role, namespace: 'mine' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'User', apiGroup: rbac, name: `${role}-of-mine` }],
    });
  tenant = await cluster.user('admin-of-mine');
  editor = await cluster.user('edit-of-mine');
  expect((await tenant.get('/api/v1/namespaces/mine/secrets')).status).toBe(200);
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** Refused, and nothing of the treasure in the answer. */
async function forbidden(reply: Promise<Reply>, ...more: readonly number[]): Promise<void> {
  const { status, text } = await reply;
  expect([403, ...more], text).toContain(status);
  expect(text).not.toContain('Z29sZA==');
}

const everything: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

function role(name: string, rules: readonly PolicyRule[], more: object = {}): object {
  return { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name, ...mine }, rules, ...more };
}

function binding(name: string, roleName: string, kind = 'ClusterRole', subject = 'admin-of-mine'): object {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name, ...mine },
    roleRef: { apiGroup: rbac, kind, name: roleName },
    subjects: [{ kind: 'User', apiGroup: rbac, name: subject }],
  };
}

const roles = `${rbacPath}/namespaces/mine/roles`;
const bindings = `${rbacPath}/namespaces/mine/rolebindings`;

test('nobody writes a role that allows more than they may, in any way of writing it', async () => {
  const excess: readonly PolicyRule[][] = [
    [everything],
    [{ verbs: ['get'], apiGroups: [''], resources: ['nodes'] }],
    [{ verbs: ['*'], apiGroups: [''], resources: ['secrets'] }],
    [{ verbs: ['impersonate'], apiGroups: [''], resources: ['users'] }],
    [{ verbs: ['escalate'], apiGroups: [rbac], resources: ['roles'] }],
    [{ verbs: ['bind'], apiGroups: [rbac], resources: ['clusterroles'], resourceNames: ['cluster-admin'] }],
    [{ verbs: ['get'], apiGroups: [''], resources: ['pods', '*/proxy'] }],
  ];
  const kept = role('kept', [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]);
  expect((await tenant.post(roles, kept)).status).toBe(201);
  for (const rules of excess) {
    await forbidden(tenant.post(roles, role('more', rules)));
    await forbidden(tenant.post(`${roles}?dryRun=All`, role('more', rules)));
    await forbidden(tenant.put(`${roles}/kept`, role('kept', rules)));
    await forbidden(tenant.patch(`${roles}/kept`, { rules }));
    const add = [{ op: 'add', path: '/rules/-', value: rules[0] }];
    const json = { headers: { 'content-type': 'application/json-patch+json' }, body: JSON.stringify(add) };
    await forbidden(tenant.ask('PATCH', `${roles}/kept`, json));
    const apply = {
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify(role('kept', rules)),
    };
    await forbidden(tenant.ask('PATCH', `${roles}/kept?fieldManager=a&force=true`, apply));
  }
  const { rules } = await cluster.own.get(Role, { ...mine, name: 'kept' });
  expect(rules).toEqual([{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]);
});

test('nobody binds a role that allows more than they may', async () => {
  for (const name of ['cluster-admin', 'system:node', 'system:kube-controller-manager', 'system:kubelet-api-admin'])
    await forbidden(tenant.post(bindings, binding('more', name)));
  await forbidden(tenant.post(bindings, binding('more', 'not-there')), 404);
  await forbidden(
    tenant.post(`${rbacPath}/clusterrolebindings`, { ...binding('more', 'admin'), kind: 'ClusterRoleBinding' }),
  );
  await forbidden(
    tenant.patch(`${bindings}/admin`, { roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' } }),
    422,
  );
  // A role that was allowed and grows later, by somebody who may, is their decision; one's own role stays what it was.
  await forbidden(
    tenant.post(bindings, {
      ...binding('more', 'cluster-admin'),
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'cluster-admin' },
    }),
    404,
  );
  for (const apiGroup of ['', 'RBAC.authorization.k8s.io', 'x'])
    await forbidden(
      tenant.post(bindings, {
        ...binding('more', 'x'),
        roleRef: { apiGroup, kind: 'ClusterRole', name: 'cluster-admin' },
      }),
      422,
    );
});

test('who only edits a namespace grants nothing there', async () => {
  await forbidden(editor.post(roles, role('x', [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }])));
  await forbidden(editor.post(bindings, binding('x', 'view')));
});

test('aggregation is not a way to more', async () => {
  const helper = await roleless('aggregator', [
    { verbs: ['get', 'create', 'update', 'patch'], apiGroups: [rbac], resources: ['clusterroles'] },
  ]);
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  const metadata = { name: 'sneaked', labels };
  const clusterRole = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata };
  await forbidden(helper.post(`${rbacPath}/clusterroles`, { ...clusterRole, rules: [everything] }));
  const all = { clusterRoleSelectors: [{ matchLabels: {} }] };
  await forbidden(helper.post(`${rbacPath}/clusterroles`, { ...clusterRole, rules: [], aggregationRule: all }));
  await forbidden(helper.patch(`${rbacPath}/clusterroles/view`, { aggregationRule: all }));
  await forbidden(helper.patch(`${rbacPath}/clusterroles/edit`, { rules: [everything] }));
  await forbidden(
    helper.patch(`${rbacPath}/clusterroles/cluster-admin`, {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    }),
  );
});

/** Somebody who may do in the whole cluster what the rules say, and nothing else. */
async function roleless(name: string, rules: readonly PolicyRule[]): Promise<Attacker> {
  await cluster.own.create(ClusterRole, { metadata: { name }, rules: [...rules] });
  await cluster.own.create(ClusterRoleBinding, {
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', apiGroup: rbac, name }],
  });
  return cluster.user(name);
}

test('a right to a part is none to the whole, nor the reverse', async () => {
  await cluster.own.create(Pod, {
    metadata: { name: 'p', namespace: 'mine' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  const pod = '/api/v1/namespaces/mine/pods/p';
  const status = await roleless('status-only', [
    { verbs: ['get', 'patch', 'update'], apiGroups: [''], resources: ['pods/status'] },
  ]);
  await forbidden(status.get(pod));
  await forbidden(status.patch(pod, { metadata: { labels: { a: 'b' } } }));
  const { text } = await status.patch(`${pod}/status`, { spec: { containers: [{ name: 'c', image: 'evil' }] } });
  expect(text).not.toContain('evil');
  const whole = await roleless('whole-only', [
    { verbs: ['get', 'list', 'patch', 'update'], apiGroups: [''], resources: ['pods'] },
  ]);
  for (const part of ['exec', 'attach', 'portforward', 'proxy', 'log', 'proxy/'])
    await forbidden(whole.get(`${pod}/${part}?command=id&stdout=1`));
  for (const part of ['ephemeralcontainers', 'status', 'resize'])
    await forbidden(whole.patch(`${pod}/${part}`, { spec: {} }));
  for (const part of ['eviction', 'binding'])
    await forbidden(whole.post(`${pod}/${part}`, { metadata: { name: 'p' } }));
  // Ephemeral containers, service account, node and images' rights are not changed through the whole.
  for (const spec of [
    { ephemeralContainers: [{ name: 'e', image: 'evil' }] },
    { serviceAccountName: 'boss' },
    { nodeName: 'n' },
    { hostPID: true },
  ]) {
    const { status: code } = await whole.patch(pod, { spec });
    expect([200, 403, 422]).toContain(code);
  }
  const { spec } = await cluster.own.get(Pod, { ...mine, name: 'p' });
  expect(spec.ephemeralContainers ?? []).toEqual([]);
  expect([spec.nodeName, spec.hostPID]).toEqual([undefined, undefined]);
});

test('a right by name is for that name, however it is spelled', async () => {
  const named = await roleless('named', [
    { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['secrets'], resourceNames: ['public'] },
  ]);
  const theirs = '/api/v1/namespaces/theirs/secrets';
  for (const path of [
    '',
    '/treasure',
    '/public%2f..%2ftreasure',
    '/public/../treasure',
    '/%70ublic/..%2ftreasure',
    '/treasure?name=public',
    '//treasure',
    '/public%00',
    '/./treasure',
  ])
    await forbidden(named.get(theirs + path), 400, 404);
  for (const query of [
    'fieldSelector=metadata.name%3Dpublic,metadata.name%3Dtreasure',
    'fieldSelector=metadata.name!%3Dpublic',
    'labelSelector=metadata.name%3Dpublic',
    'fieldSelector=metadata.name%3Dpublic&watch=0',
    'fieldSelector=metadata.name%3Dtreasure&fieldSelector=metadata.name%3Dpublic',
  ]) {
    const { status, text } = await named.get(`${theirs}?${query}`);
    expect([200, 400, 403], query).toContain(status);
    expect(text, query).not.toContain('Z29sZA==');
  }
  await forbidden(named.get('/api/v1/secrets?limit=1'));
  await forbidden(named.get('/api/v1/watch/secrets'));
  await forbidden(named.get('/api/v1/watch/namespaces/theirs/secrets/treasure'));
});

test('nobody reads one kind through another, by its version, its case or a table', async () => {
  const paths = [
    '/api/v1/namespaces/theirs/secrets/treasure',
    '/api/v1/namespaces/theirs/Secrets/treasure',
    '/api/v1/namespaces/THEIRS/secrets/treasure',
    '/api/V1/namespaces/theirs/secrets/treasure',
    '/API/v1/namespaces/theirs/secrets/treasure',
    '/api/v1/namespaces/mine/../theirs/secrets/treasure',
    '/api/v1/namespaces/mine%2f..%2ftheirs/secrets/treasure',
    '/api/v1/namespaces/mine/secrets/..%2f..%2ftheirs%2fsecrets%2ftreasure',
    '/apis/../api/v1/namespaces/theirs/secrets/treasure',
    '/apis//v1/namespaces/theirs/secrets/treasure',
    '/api/v1/./namespaces/theirs/secrets/treasure',
    '/api/v1/namespaces//secrets/treasure',
    '/api/v1/secrets/treasure',
    '/api/v1/namespaces/theirs/secrets/treasure/',
    '/api/v1/namespaces/theirs/secrets/treasure/status',
    '/api/v1/namespaces/theirs/secrets;a=b/treasure',
    '/api/v1/namespaces/theirs/secrets/treasure%20',
    '/api/v1/namespaces/theirs/secrets/treasure%ff',
    '/api/v1/namespaces/theirs/secrets/tre%C3%A4sure',
    `/api/v1/namespaces/theirs/secrets/${'a'.repeat(7000)}`,
    `/api/v1/namespaces/theirs/secrets/treasure?${'a=b&'.repeat(1000)}`,
    '/openapi/v3/../../api/v1/namespaces/theirs/secrets/treasure',
    '/healthz/../api/v1/namespaces/theirs/secrets/treasure',
    '/version/%2e%2e/api/v1/namespaces/theirs/secrets/treasure',
  ];
  const table = 'application/json;as=Table;g=meta.k8s.io;v=v1';
  for (const path of paths) {
    await forbidden(tenant.get(path), 400, 404, 414, 431);
    await forbidden(tenant.get(path, { accept: table }), 400, 404, 414, 431);
    await forbidden(tenant.get(path, { accept: 'application/vnd.kubernetes.protobuf' }), 400, 404, 414, 431);
  }
});

test('names that are paths are names of nothing', async () => {
  for (const name of [
    '..',
    '.',
    'a/b',
    'a%b',
    '../theirs',
    'a\0b',
    'a\nb',
    'ä',
    'A',
    'a'.repeat(300),
    '-a',
    'a.',
    '${HOME}',
    '$(id)',
    '%2e%2e',
    'a:b',
  ]) {
    for (const [path, body] of [
      ['/api/v1/namespaces/mine/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }],
      ['/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }],
    ] as const) {
      const { status, text } = await cluster.admin.post(path, body);
      expect([400, 422], `${JSON.stringify(name)} ${text}`).toContain(status);
    }
    // Also where a name may be anything but a path.
    if (/^\.\.?$|[/%]/.test(name)) {
      const { status } = await cluster.admin.post(roles, { ...role(name, []), metadata: { name, ...mine } });
      expect([400, 422], name).toContain(status);
    }
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...mine } };
    const apply = { headers: { 'content-type': 'application/apply-patch+yaml' }, body: JSON.stringify(applied) };
    const path = `/api/v1/namespaces/mine/configmaps/${encodeURIComponent(name)}?fieldManager=a`;
    expect([400, 404, 405, 422], name).toContain((await cluster.admin.ask('PATCH', path, apply)).status);
  }
  await forbidden(
    tenant.post('/api/v1/namespaces/mine/configmaps', { metadata: { name: 'a', namespace: 'theirs' } }),
    400,
  );
});

test('who may create pods or accounts in one namespace gets no token of another', async () => {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  await forbidden(tenant.post('/api/v1/namespaces/theirs/serviceaccounts/boss/token', request));
  await forbidden(cluster.anonymous.post('/api/v1/namespaces/mine/serviceaccounts/worker/token', request));
  const whole = await roleless('accounts-only', [{ verbs: ['*'], apiGroups: [''], resources: ['serviceaccounts'] }]);
  await forbidden(whole.post('/api/v1/namespaces/theirs/serviceaccounts/boss/token', request));
  // A Secret that asks for a token of an account of another namespace gets none.
  const annotations = { 'kubernetes.io/service-account.name': 'boss' };
  await tenant.post('/api/v1/namespaces/mine/secrets', {
    metadata: { name: 'fish', annotations },
    type: 'kubernetes.io/service-account-token',
  });
  const fish = await tenant.get('/api/v1/namespaces/mine/secrets/fish');
  expect(fish.text).not.toContain('"token"');
});

test('reviews tell nobody more than they may know', async () => {
  const spec = { user: 'admin', resourceAttributes: { verb: 'get', resource: 'secrets' } };
  await forbidden(tenant.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec }));
  await forbidden(tenant.post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x' } }));
  await forbidden(
    tenant.post('/apis/authorization.k8s.io/v1/namespaces/theirs/localsubjectaccessreviews', {
      spec: { ...spec, resourceAttributes: { ...spec.resourceAttributes, namespace: 'theirs' } },
    }),
  );
});

test('what one asks about paths is not remembered as an answer about objects', async () => {
  const paths = await roleless('paths', [{ verbs: ['get'], nonResourceURLs: ['*'] }]);
  const asking = (path: string): Promise<Reply> =>
    paths.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      spec: { nonResourceAttributes: { verb: 'get', path } },
    });
  expect((await asking('/secrets/ theirs')).text).toContain('"allowed":true');
  await forbidden(paths.get('/api/v1/namespaces/theirs/secrets/treasure'));
});

test('certificates are approved and signed only by those who may, for that signer', async () => {
  const csr = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const approver = await roleless('approver', [
    {
      verbs: ['get', 'list', 'create', 'update', 'patch'],
      apiGroups: ['certificates.k8s.io'],
      resources: [
        'certificatesigningrequests',
        'certificatesigningrequests/approval',
        'certificatesigningrequests/status',
      ],
    },
    {
      verbs: ['approve', 'sign'],
      apiGroups: ['certificates.k8s.io'],
      resources: ['signers'],
      resourceNames: ['example.com/mine'],
    },
  ]);
  const request = (name: string, signerName: string, organization: string): object => ({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: pkcs10[organization],
      signerName,
      usages: ['client auth'],
      username: 'admin',
      groups: ['system:masters'],
      uid: '7',
    },
  });
  await forbidden(approver.post(csr, request('masters', 'kubernetes.io/kube-apiserver-client', 'system:masters')));
  const made = await approver.post(csr, request('dev', 'kubernetes.io/kube-apiserver-client', 'dev'));
  expect(made.status, made.text).toBe(201);
  // Who asks is filled in, whatever was said.
  expect(JSON.parse(made.text)).toMatchObject({ spec: { username: 'approver' } });
  expect(JSON.parse(made.text)).not.toMatchObject({ spec: { groups: expect.arrayContaining(['system:masters']) } });
  const condition = { type: 'Approved', status: 'True', reason: 'Mine', message: 'm' };
  const conditions = [condition];
  await forbidden(approver.patch(`${csr}/dev/approval`, { status: { conditions } }));
  await forbidden(
    approver.patch(`${csr}/dev/status`, { status: { certificate: Buffer.from('x').toString('base64') } }),
    422,
  );
  // Approval is not slipped in by another way.
  await approver.patch(`${csr}/dev`, { status: { conditions } });
  await approver.patch(`${csr}/dev/status`, { status: { conditions } });
  await approver.patch(`${csr}/dev`, { spec: { username: 'admin', groups: ['system:masters'] } });
  const { text } = await approver.get(`${csr}/dev`);
  expect(text).not.toContain('"Approved"');
  expect(text).not.toContain('"username":"admin"');
});

/** Base64 of PEM of requests for `CN=eve` in an organization. */
const pkcs10: Record<string, string> = {};
beforeAll(async () => {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  for (const organization of ['dev', 'system:masters']) {
    const made = await x509.Pkcs10CertificateRequestGenerator.create({
      name: [{ O: [organization] }, { CN: ['eve'] }],
      keys,
      signingAlgorithm: algorithm,
    });
    pkcs10[organization] = Buffer.from(made.toString('pem')).toString('base64');
  }
});

test('nobody sends the traffic of others elsewhere (CVE-2020-8554)', async () => {
  const { own } = cluster;
  const ports = [{ port: 53 }];
  await own.create(Service, { metadata: { name: 'lb', namespace: 'mine' }, spec: { type: 'LoadBalancer', ports } });
  const ingress = [{ ip: '192.0.2.53' }];
  await forbidden(
    editor.patch('/api/v1/namespaces/mine/services/lb/status', { status: { loadBalancer: { ingress } } }),
  );
  await editor.patch('/api/v1/namespaces/mine/services/lb', { status: { loadBalancer: { ingress } } });
  expect((await own.get(Service, { ...mine, name: 'lb' })).status.loadBalancer.ingress ?? []).toEqual([]);
  const body = { metadata: { name: 'hijack' }, spec: { ports, externalIPs: ['192.0.2.53'] } };
  await forbidden(editor.post('/api/v1/namespaces/mine/services', body));
  await forbidden(editor.patch('/api/v1/namespaces/mine/services/lb', { spec: { externalIPs: ['192.0.2.53'] } }));
  // Endpoints of one's own choice, neither (CVE-2021-25740).
  await forbidden(
    editor.post('/apis/discovery.k8s.io/v1/namespaces/mine/endpointslices', {
      metadata: { name: 'e' },
      addressType: 'IPv4',
      endpoints: [],
    }),
  );
  await forbidden(editor.post('/api/v1/namespaces/mine/endpoints', { metadata: { name: 'e' } }));
});

test('the namespaces’ admin does not change what holds the namespace', async () => {
  await forbidden(
    tenant.patch('/api/v1/namespaces/mine', {
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    }),
  );
  await forbidden(tenant.post('/api/v1/namespaces/mine/resourcequotas', { metadata: { name: 'q' } }));
  await forbidden(tenant.post('/api/v1/namespaces/mine/limitranges', { metadata: { name: 'l' } }));
  await forbidden(tenant.post('/api/v1/persistentvolumes', { metadata: { name: 'v' } }));
  await forbidden(tenant.get('/api/v1/nodes'));
  await forbidden(tenant.get('/api/v1/nodes/n/proxy/pods'));
  for (const path of ['/metrics', '/logs/', '/debug/pprof/', '/configz', '/flagz', '/statusz'])
    await forbidden(tenant.get(path));
});
