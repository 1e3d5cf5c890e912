import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { fakeKubelet } from '../../distro/testing/fake-kubelet.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import { rootCAPublisher } from '../serviceaccount/root-ca.ts';
import { serviceAccountController } from '../serviceaccount/service-account.ts';
import { tokenSecretController } from '../serviceaccount/token-secret.ts';
import { widgetKind } from '../testing/custom-kind.ts';
import { podOf } from '../testing/workloads.ts';
import { namespaceController } from './namespace.ts';

const team = { metadata: { name: 'team' } };

test('a deleted namespace is emptied and goes', async () => {
  await using c = await testCluster([namespaceController]);
  const namespace = await c.create(Namespace, team);
  const content = await c.create(ConfigMap, { metadata: { name: 'a', namespace: 'team' } });
  const elsewhere = await c.create(ConfigMap, { metadata: { name: 'a' } });
  await c.client.delete(Namespace, { name: 'team' });
  await c.settle();
  expect(await c.find(content)).toBeUndefined();
  expect(await c.find(namespace)).toBeUndefined();
  expect(await c.find(elsewhere)).toBeDefined();
});

test('custom resources go with their namespace', async () => {
  await using c = await testCluster([namespaceController]);
  const Widget = await widgetKind(c);
  const namespace = await c.create(Namespace, team);
  await c.create(Widget, { metadata: { name: 'w', namespace: 'team' } });
  const elsewhere = { namespace: 'default', name: 'w' };
  await c.create(Widget, { metadata: elsewhere });
  await c.client.delete(Namespace, { name: 'team' });
  await c.settle();
  expect(await c.find(namespace)).toBeUndefined();
  expect(await c.find(Widget, { namespace: 'team', name: 'w' })).toBeUndefined();
  expect(await c.find(Widget, elsewhere)).toBeDefined();
});

test('a namespace says what it waits for, and goes when that has gone', async () => {
  await using c = await testCluster([namespaceController, ...fakeKubelet({ stopAfter: 8000 })]);
  const namespace = await c.create(Namespace, team);
  await c.create(Pod, { ...podOf('slow', { node: 'node-1' }), metadata: { name: 'slow', namespace: 'team' } });
  await c.create(ConfigMap, { metadata: { name: 'held', namespace: 'team', finalizers: ['example.com/hold'] } });
  await c.client.delete(Namespace, { name: 'team' });
  await c.settle();
  const waiting = await c.find(namespace);
  expect(waiting?.status.phase).toBe('Terminating');
  const messages = Object.fromEntries((waiting?.status.conditions ?? []).map(({ type, message }) => [type, message]));
  expect(messages['NamespaceContentRemaining']).toBe(
    'Some resources are remaining: configmaps. has 1 resource instances, pods. has 1 resource instances',
  );
  expect(messages['NamespaceFinalizersRemaining']).toBe(
    'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  );
  await c.client.patch(
    ConfigMap,
    { namespace: 'team', name: 'held' },
    { type: 'merge', body: { metadata: { finalizers: null } } },
  );
  // Long before the pod's grace period is over, and soon after the pod is gone.
  await c.advance('11s');
  expect(await c.find(namespace)).toBeUndefined();
});

test('every namespace has the default service account and the root CA, again after they were deleted', async () => {
  await using c = await testCluster([serviceAccountController, rootCAPublisher(() => 'PEM')]);
  await c.create(Namespace, team);
  const account = await c.find(ServiceAccount, { namespace: 'team', name: 'default' });
  expect(account).toBeDefined();
  expect((await c.find(ConfigMap, { namespace: 'team', name: 'kube-root-ca.crt' }))?.data).toEqual({ 'ca.crt': 'PEM' });
  await c.client.delete(ServiceAccount, { namespace: 'team', name: 'default' });
  await c.client.patch(
    ConfigMap,
    { namespace: 'team', name: 'kube-root-ca.crt' },
    { type: 'merge', body: { data: { 'ca.crt': 'wrong' } } },
  );
  await c.settle();
  expect((await c.find(ServiceAccount, { namespace: 'team', name: 'default' }))?.metadata.uid).not.toBe(
    account?.metadata.uid,
  );
  expect((await c.find(ConfigMap, { namespace: 'team', name: 'kube-root-ca.crt' }))?.data).toEqual({ 'ca.crt': 'PEM' });
});

test('another root CA comes to every namespace when aggregated servers are told, and otherwise within minutes', async () => {
  let ca = 'PEM';
  await using c = await testCluster([rootCAPublisher(() => ca)]);
  await c.create(Namespace, team);
  const published = async () => (await c.find(ConfigMap, { namespace: 'team', name: 'kube-root-ca.crt' }))?.data;
  expect(await published()).toEqual({ 'ca.crt': 'PEM' });
  ca = 'two';
  const metadata = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
  await c.create(ConfigMap, { metadata, data: { 'client-ca-file': ca } });
  expect(await published()).toEqual({ 'ca.crt': 'two' });
  ca = 'three';
  await c.advance('5m');
  expect(await published()).toEqual({ 'ca.crt': 'three' });
});

test('a namespace with its service account goes although that is made again and again', async () => {
  await using c = await testCluster([namespaceController, serviceAccountController, rootCAPublisher(() => 'PEM')]);
  const namespace = await c.create(Namespace, team);
  await c.client.delete(Namespace, { name: 'team' });
  await c.eventually(async () => expect(await c.find(namespace)).toBeUndefined());
});

test('a token secret is filled for its service account and deleted with it', async () => {
  const sign = async (subject: { serviceAccount: { name: string }; secret: { name: string } }): Promise<string> =>
    `${subject.serviceAccount.name}/${subject.secret.name}`;
  await using c = await testCluster([tokenSecretController({ ca: () => 'PEM', sign })]);
  const account = await c.create(ServiceAccount, { metadata: { name: 'robot' } });
  const secret = await c.create(Secret, {
    metadata: { name: 'token', annotations: { 'kubernetes.io/service-account.name': 'robot' } },
    type: 'kubernetes.io/service-account-token',
  });
  const filled = await c.find(secret);
  const text = Object.fromEntries(
    Object.entries(filled?.data ?? {}).map(([k, v]) => [k, Buffer.from(v, 'base64').toString()]),
  );
  expect(text).toEqual({ token: 'robot/token', 'ca.crt': 'PEM', namespace: 'default' });
  expect(filled?.metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(account.metadata.uid);
  await c.client.delete(ServiceAccount, { namespace: 'default', name: 'robot' });
  await c.settle();
  expect(await c.find(secret)).toBeUndefined();
});
