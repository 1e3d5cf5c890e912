/** What a stolen identity of a node must not reach. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { Secret } from '../../src/api/core/secret.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { testNode } from '../../src/distro/testing/fake-kubelet.ts';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import type { Attacker, Reply } from './attacker.ts';

let cluster: AttackCluster;
/** The kubelet of node `n1`, on which pod `p1` runs with secret `s1`; `p2` with `s2` runs on `n2`. */
let n1: Attacker;
const secrets = '/api/v1/namespaces/work/secrets';
const pods = '/api/v1/namespaces/work/pods';

beforeAll(async () => {
  cluster = await attackCluster({ parts: { disabledAdmission: ['ServiceAccount'] } });
  const { own } = cluster;
  for (const name of ['work', 'kube-node-lease', 'other'])
    await own.create(Namespace, { metadata: { name } }).catch(() => undefined);
  for (const index of [1, 2]) {
    const metadata = { name: `s${index}`, namespace: 'work' };
    await own.create(Node, testNode(`n${index}`));
    await own.create(Secret, { metadata, stringData: { key: 'gold' } });
    await own.create(ConfigMap, { metadata: { ...metadata, name: `c${index}` }, data: { key: 'gold' } });
    await own.create(ServiceAccount, { metadata: { ...metadata, name: `a${index}` } });
    await own.create(Pod, {
      metadata: { ...metadata, name: `p${index}` },
      spec: {
        nodeName: `n${index}`,
        serviceAccountName: `a${index}`,
        containers: [{ name: 'c', image: 'i' }],
        volumes: [
          { name: 's', secret: { secretName: `s${index}` } },
          { name: 'm', configMap: { name: `c${index}` } },
          { name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
        ],
      },
    });
  }
  n1 = await cluster.user('system:node:n1', 'system:nodes');
});
afterAll(() => cluster[Symbol.asyncDispose]());

async function forbidden(reply: Promise<Reply>, ...more: readonly number[]): Promise<void> {
  const { status, text } = await reply;
  expect([403, ...more], text).toContain(status);
  expect(text).not.toMatch(/Z29sZA==|gold/);
}

test('a node reads the secrets and config maps of its own pods, and no others', async () => {
  expect((await n1.get(`${secrets}/s1`)).status).toBe(200);
  for (const path of [
    '/s2',
    '',
    '/not-there',
    '?fieldSelector=metadata.name%3Ds2',
    '?limit=1',
    '?watch=1&timeoutSeconds=1',
  ])
    await forbidden(n1.get(secrets + path));
  for (const path of [
    '/api/v1/secrets',
    '/api/v1/configmaps',
    '/api/v1/watch/secrets',
    '/api/v1/namespaces/work/configmaps/c2',
    '/api/v1/namespaces/work/configmaps',
  ])
    await forbidden(n1.get(path));
  await forbidden(n1.patch(`${secrets}/s1`, { stringData: { key: 'x' } }));
  await forbidden(n1.ask('DELETE', `${secrets}/s1`));
});

test('a node that is none, or says it is another, reads nothing', async () => {
  for (const [name, ...groups] of [
    ['system:node:n1'],
    ['system:node:', 'system:nodes'],
    ['system:node', 'system:nodes'],
    ['n1', 'system:nodes'],
    ['system:node:N1', 'system:nodes'],
    ['system:node:n3', 'system:nodes'],
    ['system:node:n1 ', 'system:nodes'],
  ] as const) {
    const attacker = await cluster.user(name, ...groups);
    await forbidden(attacker.get(`${secrets}/s1`), 401);
    await forbidden(attacker.patch('/api/v1/nodes/n1', { metadata: { labels: { a: 'b' } } }), 401);
  }
});

test('a node changes its own node only, and not what keeps others safe from it', async () => {
  await forbidden(n1.patch('/api/v1/nodes/n2', { metadata: { labels: { a: 'b' } } }));
  await forbidden(
    n1.patch('/api/v1/nodes/n2/status', { status: { addresses: [{ type: 'InternalIP', address: '192.0.2.66' }] } }),
  );
  await forbidden(n1.post('/api/v1/nodes', { metadata: { name: 'n9' } }));
  await forbidden(n1.ask('DELETE', '/api/v1/nodes/n2'));
  const own = '/api/v1/nodes/n1';
  for (const label of [
    'node-restriction.kubernetes.io/tier',
    'a.node-restriction.kubernetes.io/tier',
    'node-role.kubernetes.io/control-plane',
    'example.kubernetes.io/x',
    'k8s.io/x',
  ])
    await forbidden(n1.patch(own, { metadata: { labels: { [label]: 'x' } } }));
  await forbidden(n1.patch(own, { spec: { taints: [], unschedulable: false } }), 200);
  await forbidden(n1.patch(own, { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }));
  await forbidden(
    n1.patch(`${own}/status`, { metadata: { labels: { 'node-restriction.kubernetes.io/tier': 'x' } } }),
    200,
  );
  await forbidden(
    n1.patch(own, { spec: { configSource: { configMap: { name: 'c2', namespace: 'work', kubeletConfigKey: 'k' } } } }),
    200,
    400,
    422,
  );
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c2', uid: '7' };
  await forbidden(n1.patch(own, { metadata: { ownerReferences: [owner] } }));
  const { metadata, spec } = await cluster.own.get(Node, { name: 'n1' });
  expect(Object.keys(metadata.labels ?? {}).filter((label) => label.includes('restriction'))).toEqual([]);
  expect((spec.taints ?? []).map(({ key }) => key)).toEqual(['node.kubernetes.io/not-ready']);
  expect(metadata.ownerReferences).toBeUndefined();
});

test('a node touches the pods of others in no way', async () => {
  await forbidden(n1.ask('DELETE', `${pods}/p2`));
  await forbidden(n1.patch(`${pods}/p2/status`, { status: { phase: 'Failed' } }));
  await forbidden(n1.patch(`${pods}/p1`, { metadata: { labels: { app: 'bank' } } }));
  await forbidden(n1.patch(`${pods}/p1/status`, { metadata: { labels: { app: 'bank' } } }), 200);
  expect((await cluster.own.get(Pod, { namespace: 'work', name: 'p1' })).metadata.labels ?? {}).toEqual({});
  await forbidden(n1.post(`${pods}/p2/eviction`, { metadata: { name: 'p2', namespace: 'work' } }));
  await forbidden(n1.post(`${pods}/p2/binding`, { metadata: { name: 'p2' }, target: { kind: 'Node', name: 'n1' } }));
  await forbidden(
    n1.patch(`${pods}/p1/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } }),
  );
  for (const part of ['exec', 'attach', 'portforward', 'proxy', 'log'])
    await forbidden(n1.get(`${pods}/p2/${part}?command=id&stdout=1`));
  await forbidden(n1.ask('DELETE', pods));
});

test('a mirror pod brings its node nothing that it did not have', async () => {
  const mirror = (name: string, spec: object, metadata: object = {}): Promise<Reply> =>
    n1.post(pods, {
      metadata: {
        name,
        annotations: { 'kubernetes.io/config.mirror': 'x' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid: uid }],
        ...metadata,
      },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], ...spec },
    });
  const { uid } = (await cluster.own.get(Node, { name: 'n1' })).metadata;
  await forbidden(mirror('m1', { volumes: [{ name: 's', secret: { secretName: 's2' } }] }));
  await forbidden(mirror('m2', { volumes: [{ name: 's', configMap: { name: 'c2' } }] }));
  await forbidden(mirror('m3', { volumes: [{ name: 's', projected: { sources: [{ secret: { name: 's2' } }] } }] }));
  await forbidden(mirror('m4', { serviceAccountName: 'a2' }));
  await forbidden(mirror('m5', { volumes: [{ name: 's', persistentVolumeClaim: { claimName: 'd' } }] }));
  await forbidden(mirror('m6', { containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 's2' } }] }] }));
  await forbidden(mirror('m7', { nodeName: 'n2' }));
  await forbidden(mirror('m8', { nodeName: undefined }));
  await forbidden(mirror('m9', {}, { annotations: {} }));
  await forbidden(mirror('m10', {}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n2', uid }] }));
  await forbidden(
    mirror(
      'm11',
      {},
      { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid, controller: true }] },
    ),
  );
  // Devices of others (CVE-2025-4563).
  await forbidden(mirror('m12', { resourceClaims: [{ name: 'd', resourceClaimName: 'theirs' }] }));
  await forbidden(n1.get(`${secrets}/s2`));
});

test('a node gets tokens for its own pods’ accounts only, bound to those pods', async () => {
  const account = (name: string): string => `/api/v1/namespaces/work/serviceaccounts/${name}/token`;
  const pod = async (name: string): Promise<object> => {
    const { uid } = (await cluster.own.get(Pod, { namespace: 'work', name })).metadata;
    return { kind: 'Pod', apiVersion: 'v1', name, uid };
  };
  const request = (boundObjectRef?: object): object => ({ spec: boundObjectRef ? { boundObjectRef } : {} });
  await forbidden(n1.post(account('a1'), request()));
  await forbidden(n1.post(account('a1'), request({ kind: 'Secret', apiVersion: 'v1', name: 's1' })));
  await forbidden(n1.post(account('a1'), request({ kind: 'Node', apiVersion: 'v1', name: 'n1' })));
  await forbidden(n1.post(account('a2'), request(await pod('p2'))));
  await forbidden(n1.post(account('a2'), request(await pod('p1'))), 400);
  await forbidden(n1.post(account('a1'), request({ ...(await pod('p1')), uid: 'x' })), 409);
  await forbidden(
    n1.post('/api/v1/namespaces/kube-system/serviceaccounts/default/token', request(await pod('p1'))),
    404,
  );
  const spec = { boundObjectRef: await pod('p1'), audiences: ['vault'] };
  await forbidden(n1.post(account('a1'), { spec }));
  const { status, text } = await n1.post(account('a1'), request(await pod('p1')));
  expect([status, text]).toEqual([201, expect.stringContaining('"token"')]);
});

test('a node asks for certificates of its own name only, and signs none', async () => {
  const csr = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const client = {
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: ['digital signature', 'client auth'],
  };
  const serving = { signerName: 'kubernetes.io/kubelet-serving', usages: ['digital signature', 'server auth'] };
  for (const [name, spec, subject] of [
    ['other-client', client, [{ O: ['system:nodes'] }, { CN: ['system:node:n2'] }]],
    ['masters', client, [{ O: ['system:nodes', 'system:masters'] }, { CN: ['system:node:n1'] }]],
    ['other-serving', serving, [{ O: ['system:nodes'] }, { CN: ['system:node:n2'] }]],
    [
      'any',
      { ...client, signerName: 'kubernetes.io/kube-apiserver-client' },
      [{ O: ['system:masters'] }, { CN: ['admin'] }],
    ],
  ] as const) {
    const body = { metadata: { name }, spec: { ...spec, request: await pkcs10(subject) } };
    const { status, text } = await n1.post(csr, body);
    // Where it may ask, nobody says yes: see the controllers' tests.
    expect([201, 403], `${name} ${text}`).toContain(status);
    await forbidden(
      n1.patch(`${csr}/${name}/approval`, { status: { conditions: [{ type: 'Approved', status: 'True' }] } }),
      404,
    );
    await forbidden(n1.patch(`${csr}/${name}/status`, { status: { certificate: 'eA==' } }), 404);
  }
  expect(
    (
      await n1.post(csr, {
        metadata: { name: 'm' },
        spec: {
          ...client,
          signerName: 'kubernetes.io/kube-apiserver-client',
          request: await pkcs10([{ O: ['system:masters'] }, { CN: ['x'] }]),
        },
      })
    ).status,
  ).toBe(403);
});

async function pkcs10(subject: x509.JsonName | readonly object[]): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject as x509.JsonName,
    keys,
    signingAlgorithm: algorithm,
  });
  return Buffer.from(made.toString('pem')).toString('base64');
}

test('a node holds its own lease, CSINode and slices only', async () => {
  const lease = (namespace: string, name: string): Promise<Reply> =>
    n1.post(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, { metadata: { name, namespace } });
  await forbidden(lease('kube-node-lease', 'n2'));
  await forbidden(lease('kube-system', 'n1'));
  await forbidden(lease('kube-system', 'kube-scheduler'));
  expect((await lease('kube-node-lease', 'n1')).status).toBe(201);
  await forbidden(n1.post('/apis/storage.k8s.io/v1/csinodes', { metadata: { name: 'n2' }, spec: { drivers: [] } }));
  await forbidden(
    n1.post('/apis/resource.k8s.io/v1/resourceslices', {
      metadata: { name: 's' },
      spec: { nodeName: 'n2', driver: 'd.example.com', pool: { name: 'p', resourceSliceCount: 1, generation: 1 } },
    }),
    400,
    422,
  );
});

test('a node changes nothing of the cluster', async () => {
  for (const path of [
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    '/api/v1/namespaces',
    '/api/v1/namespaces/work/serviceaccounts',
    '/apis/apps/v1/namespaces/work/daemonsets',
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    '/apis/apiregistration.k8s.io/v1/apiservices',
  ])
    await forbidden(n1.post(path, { metadata: { name: 'x' } }));
  for (const path of [
    '/api/v1/nodes/n2/proxy/pods',
    '/api/v1/nodes/n1/proxy/pods',
    '/metrics',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ])
    await forbidden(n1.get(path));
  expect((await n1.get('/api/v1/namespaces', { 'Impersonate-User': 'admin' })).status).toBe(403);
});
