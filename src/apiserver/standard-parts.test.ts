import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { Pod } from '../api/core/pod.ts';
import { Namespace } from '../api/core/namespace.ts';
import { Node } from '../api/core/node.ts';
import { Service } from '../api/core/service.ts';
import { ServiceAccount } from '../api/core/service-account.ts';
import { ClusterRole } from '../api/rbac/cluster-role.ts';
import { RoleBinding } from '../api/rbac/role-binding.ts';
import { TokenRequest } from '../api/authentication/token-request.ts';
import { SelfSubjectAccessReview } from '../api/authorization/self-subject-access-review.ts';
import { standardParts } from './standard-parts.ts';
import { testServer } from './testing/test-server.ts';
import type { TestServer } from './testing/test-server.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function startServer(): Promise<TestServer> {
  return testServer({
    parts: standardParts({
      issuer: 'https://kubernetes.default.svc.cluster.local',
      signingKey,
      serviceCIDRs: ['10.96.0.0/24'],
      serverAddress: '127.0.0.1:6443',
    }),
  });
}

const ann = { name: 'ann', groups: ['devs', 'system:authenticated'] };
const namespace = 'default';
const pod = (name: string) => ({ metadata: { name, namespace }, spec: { containers: [{ name: 'c', image: 'i:1' }] } });

test('a user may do nothing until a binding says so, and then what it says', async () => {
  await using server = await startServer();
  const client = server.server.client(ann);
  await expect(client.list(Pod, { namespace })).rejects.toThrow(
    'pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "default"',
  );
  await server.client.create(RoleBinding, {
    metadata: { name: 'devs', namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'Group', name: 'devs' }],
  });
  await expect.poll(() => client.list(Pod, { namespace }).catch(() => undefined)).toMatchObject({ items: [] });
  await expect(client.create(Pod, pod('a'))).rejects.toMatchObject({ reason: 'Forbidden' });
  const question = { spec: { resourceAttributes: { verb: 'delete', resource: 'pods', namespace } }, metadata: {} };
  expect((await client.create(SelfSubjectAccessReview, question)).status.allowed).toBe(false);
});

test('nobody makes a role that grants more than they have', async () => {
  await using server = await startServer();
  await server.client.create(RoleBinding, {
    metadata: { name: 'devs', namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
    subjects: [{ kind: 'User', name: 'ann' }],
  });
  const client = server.server.client(ann);
  const grant = (role: string) =>
    client.create(RoleBinding, {
      metadata: { name: `to-${role}`, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    });
  await expect
    .poll(() =>
      grant('view').then(
        () => 'granted',
        (error: Error) => error.message,
      ),
    )
    .toBe('granted');
  await expect(grant('cluster-admin')).rejects.toThrow('is attempting to grant RBAC permissions not currently held');
});

test('a pod gets its account, token, priority and tolerations, and a Service its address', async () => {
  await using server = await startServer();
  await server.client.create(ServiceAccount, { metadata: { name: 'default', namespace } });
  const { spec } = await server.client.create(Pod, pod('a'));
  expect(spec).toMatchObject({ serviceAccountName: 'default', priority: 0 });
  expect(spec.volumes?.[0]?.name).toMatch(/^kube-api-access-/);
  expect(spec.tolerations).toHaveLength(2);
  const services = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      server.client.create(Service, {
        metadata: { name, namespace },
        spec: { type: 'NodePort', ports: [{ port: 80 }] },
      }),
    ),
  );
  expect(new Set(services.map((service) => service.spec.clusterIP)).size).toBe(3);
  expect(new Set(services.map((service) => service.spec.ports?.[0]?.nodePort)).size).toBe(3);
});

test('a kubelet writes its own node only, and gets tokens for its own pods only', async () => {
  await using server = await startServer();
  const kubelet = server.server.client({ name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] });
  expect((await kubelet.create(Node, { metadata: { name: 'n1' } })).spec.taints).toHaveLength(1);
  await expect(kubelet.create(Node, { metadata: { name: 'n2' } })).rejects.toThrow(
    'is not allowed to modify node "n2"',
  );
  await server.client.create(ServiceAccount, { metadata: { name: 'default', namespace } });
  const own = await server.client.create(Pod, { ...pod('own'), spec: { ...pod('own').spec, nodeName: 'n1' } });
  const foreign = await server.client.create(Pod, { ...pod('other'), spec: { ...pod('other').spec, nodeName: 'n2' } });
  const tokenFor = ({ metadata: { name, uid } }: Pod) =>
    kubelet.createSubresource(
      ServiceAccount,
      { namespace, name: 'default' },
      {
        subresource: 'token',
        kind: TokenRequest,
        object: { metadata: {}, spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } } },
      },
    );
  const { token = '' } = (await tokenFor(own)).status;
  const headers = { authorization: `Bearer ${token}` };
  expect(await server.server.authenticator.authenticate({ headers })).toMatchObject({
    name: 'system:serviceaccount:default:default',
  });
  await expect(tokenFor(foreign)).rejects.toMatchObject({ reason: 'Forbidden' });
});

test('the bootstrap roles are there, and namespaces of the system can not be deleted', async () => {
  await using server = await startServer();
  const { items } = await server.client.list(ClusterRole);
  const names = items.map(({ metadata }) => metadata.name);
  expect(names).toEqual(expect.arrayContaining(['admin', 'cluster-admin', 'edit', 'system:node', 'view']));
  await expect(server.client.delete(Namespace, { name: 'kube-system' })).rejects.toThrow(
    'this namespace may not be deleted',
  );
});
