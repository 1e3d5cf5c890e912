import { expect, test } from 'vitest';
import { ConfigMap } from '../../../api/core/config-map.ts';
import { Namespace } from '../../../api/core/namespace.ts';
import { Pod } from '../../../api/core/pod.ts';
import { MutatingWebhookConfiguration } from '../../../api/admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingWebhookConfiguration } from '../../../api/admissionregistration/validating-webhook-configuration.ts';
import { apiServerUser } from '../../authentication/users.ts';
import type { TestServer } from '../../testing/test-server.ts';
import { testServer } from '../../testing/test-server.ts';
import { patchAnswer, webhookServer } from '../../testing/webhook-server.ts';
import type { WebhookServer } from '../../testing/webhook-server.ts';
import { createWebhookClient } from '../../webhooks/webhook-client.ts';
import { createMutatingWebhooks } from './mutating-webhooks.ts';
import { createValidatingWebhooks } from './validating-webhooks.ts';

function serverWithWebhooks(): Promise<TestServer> {
  return testServer({
    parts({ resources, random, log, resolveService }) {
      const parts = { call: createWebhookClient(resolveService), resources, random, log };
      return { admission: [createMutatingWebhooks(parts), createValidatingWebhooks(parts)] };
    },
  });
}

const everything = { operations: ['*'] as const, apiGroups: [''], apiVersions: ['v1'], resources: ['*'] };

/** A webhook of a configuration: every write of the core group, unless told otherwise. */
function webhook(server: WebhookServer, path: string, more: object = {}) {
  return {
    name: `${path.slice(1)}.example.com`,
    clientConfig: { url: server.url + path, caBundle: server.caBundle },
    rules: [everything],
    sideEffects: 'None' as const,
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Fail' as const,
    ...more,
  };
}

const configMap = (name: string, data = {}) => ({ metadata: { name, namespace: 'default' }, data });

test('a mutating webhook changes what is stored, and sees who asks for what', async () => {
  await using hooks = await webhookServer({
    '/mutate': () => patchAnswer([{ op: 'add', path: '/data/stage', value: 'one' }]),
  });
  await using server = await serverWithWebhooks();
  await server.client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'm' },
    webhooks: [webhook(hooks, '/mutate')],
  });
  const made = await server.client.create(ConfigMap, configMap('a', { own: '1' }));
  expect(made.data).toEqual({ own: '1', stage: 'one' });
  expect(hooks.heard).toMatchObject([
    { operation: 'CREATE', name: 'a', namespace: 'default', kind: { group: '', version: 'v1', kind: 'ConfigMap' } },
  ]);
  expect(hooks.heard[0]?.object).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { own: '1' } });
});

test('what a webhook leaves out gets its default, and what it makes up is dropped', async () => {
  const container = { name: 'extra', image: 'x', unheardOf: true };
  await using hooks = await webhookServer({
    '/mutate': () => patchAnswer([{ op: 'add', path: '/spec/initContainers', value: [container] }]),
  });
  await using server = await serverWithWebhooks();
  await server.client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'm' },
    webhooks: [webhook(hooks, '/mutate')],
  });
  const pod = await server.client.create(Pod, {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  expect(pod.spec.initContainers?.[0]).toMatchObject({ name: 'extra', terminationMessagePolicy: 'File' });
  expect(pod.spec.initContainers?.[0]).not.toHaveProperty('unheardOf');
});

test('webhooks run in the order of their names; one that wishes it sees what later ones changed', async () => {
  const add = (key: string) => patchAnswer([{ op: 'add', path: `/data/${key}`, value: 'yes' }]);
  await using hooks = await webhookServer({ '/first': () => add('first'), '/second': () => add('second') });
  await using server = await serverWithWebhooks();
  const { client } = server;
  await client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'b' },
    webhooks: [webhook(hooks, '/second')],
  });
  await client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'a' },
    webhooks: [webhook(hooks, '/first', { reinvocationPolicy: 'IfNeeded' })],
  });
  await client.create(ConfigMap, configMap('a', { own: '1' }));
  expect(hooks.heard.map(({ object }) => object?.['data'])).toEqual([
    { own: '1' },
    { own: '1', first: 'yes' },
    { own: '1', first: 'yes', second: 'yes' },
  ]);
});

test('a validating webhook refuses with its own words and code, and may warn', async () => {
  await using hooks = await webhookServer({
    '/deny': ({ name }) =>
      name === 'bad'
        ? { allowed: false, status: { message: 'the name is bad', code: 403, reason: 'Forbidden' } }
        : { allowed: true, warnings: ['mind the gap'] },
    '/silent': () => ({ allowed: false }),
  });
  await using server = await serverWithWebhooks();
  const { client } = server;
  await client.create(ValidatingWebhookConfiguration, {
    metadata: { name: 'v' },
    webhooks: [
      webhook(hooks, '/deny'),
      webhook(hooks, '/silent', { objectSelector: { matchLabels: { silent: 'true' } } }),
    ],
  });
  await expect(client.create(ConfigMap, configMap('bad'))).rejects.toMatchObject({
    code: 403,
    message: 'admission webhook "deny.example.com" denied the request: the name is bad',
  });
  const silent = { metadata: { name: 'x', namespace: 'default', labels: { silent: 'true' } } };
  await expect(client.create(ConfigMap, silent)).rejects.toMatchObject({
    code: 400,
    message: 'admission webhook "silent.example.com" denied the request without explanation',
  });
  await expect(client.create(ConfigMap, configMap('good'))).resolves.toBeDefined();
  await client.delete(ConfigMap, { namespace: 'default', name: 'good' });
  expect(hooks.heard.at(-1)).toMatchObject({ operation: 'DELETE', object: null, oldObject: { kind: 'ConfigMap' } });
});

test('a webhook that can not be asked fails the request, or is passed over, as its policy says', async () => {
  await using hooks = await webhookServer({ '/redirect': () => 302, '/hang': () => undefined });
  await using server = await serverWithWebhooks();
  const { client } = server;
  const create = (webhooks: object[]) =>
    client.create(ValidatingWebhookConfiguration, { metadata: { name: 'v' }, webhooks: webhooks as never });
  const configuration = await create([webhook(hooks, '/redirect')]);
  await expect(client.create(ConfigMap, configMap('a'))).rejects.toMatchObject({
    code: 500,
    message: expect.stringContaining(
      'failed calling webhook "redirect.example.com": failed to call webhook: Post "https',
    ),
  });
  expect(hooks.heard).toHaveLength(1);
  await client.update(ValidatingWebhookConfiguration, {
    ...configuration,
    webhooks: [webhook(hooks, '/redirect', { failurePolicy: 'Ignore' })],
  });
  await expect(client.create(ConfigMap, configMap('a'))).resolves.toBeDefined();
  await client.delete(ValidatingWebhookConfiguration, { name: 'v' });
  await create([webhook(hooks, '/hang', { timeoutSeconds: 1 })]);
  await expect(client.create(ConfigMap, configMap('b'))).rejects.toThrow('context deadline exceeded');
});

test('the namespace decides by its labels; a namespace itself by its own', async () => {
  await using hooks = await webhookServer({ '/deny': () => ({ allowed: false }) });
  await using server = await serverWithWebhooks();
  const { client } = server;
  await client.create(Namespace, { metadata: { name: 'watched', labels: { guard: 'on' } } });
  await client.create(ValidatingWebhookConfiguration, {
    metadata: { name: 'v' },
    webhooks: [webhook(hooks, '/deny', { namespaceSelector: { matchLabels: { guard: 'on' } } })],
  });
  await expect(client.create(ConfigMap, configMap('free'))).resolves.toBeDefined();
  const inside = { metadata: { name: 'a', namespace: 'watched' } };
  await expect(client.create(ConfigMap, inside)).rejects.toThrow('denied the request');
  const other = { metadata: { name: 'other', labels: { guard: 'on' } } };
  await expect(client.create(Namespace, other)).rejects.toThrow('denied the request');
});

test('dry runs reach webhooks, all of which are without side effects then', async () => {
  await using hooks = await webhookServer({ '/some': () => ({ allowed: true }) });
  await using server = await serverWithWebhooks();
  const { client } = server;
  await client.create(ValidatingWebhookConfiguration, {
    metadata: { name: 'v' },
    webhooks: [webhook(hooks, '/some', { sideEffects: 'NoneOnDryRun' })],
  });
  await client.create(ConfigMap, configMap('a'), { dryRun: true });
  expect(hooks.heard).toMatchObject([{ dryRun: true }]);
  const some = { metadata: { name: 'w' }, webhooks: [webhook(hooks, '/some', { sideEffects: 'Some' })] };
  await expect(client.create(ValidatingWebhookConfiguration, some)).rejects.toThrow('Unsupported value: "Some"');
});

test('no webhook can keep anyone from mending the webhooks', async () => {
  await using hooks = await webhookServer({ '/deny': () => ({ allowed: false }) });
  await using server = await serverWithWebhooks();
  const { client } = server;
  const all = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] };
  const made = await client.create(ValidatingWebhookConfiguration, {
    metadata: { name: 'v' },
    webhooks: [webhook(hooks, '/deny', { rules: [all] })],
  });
  await client.update(ValidatingWebhookConfiguration, { ...made, metadata: { ...made.metadata, labels: { a: 'b' } } });
  await client.delete(ValidatingWebhookConfiguration, { name: 'v' });
  expect(hooks.heard).toEqual([]);
});

test('the audit event says which webhooks were asked, what they changed and noted, and which could not be asked', async () => {
  await using hooks = await webhookServer({
    '/mutate': () => ({
      ...(patchAnswer([{ op: 'add', path: '/data/stage', value: 'one' }]) as object),
      auditAnnotations: { seen: 'yes' },
    }),
    '/failing': () => 500,
  });
  await using server = await serverWithWebhooks();
  await server.client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'm' },
    webhooks: [webhook(hooks, '/failing', { failurePolicy: 'Ignore' }), webhook(hooks, '/mutate')],
  });
  const notes: string[] = [];
  const annotate = (key: string, value: string, level = 'Metadata') => void notes.push(`${level} ${key}=${value}`);
  const call = { user: apiServerUser, resource: ConfigMap, namespace: 'default', annotate };
  await server.server.api.create(call, { value: () => configMap('a', { own: '1' }), duplicates: [] });
  expect(notes.filter((note) => !note.includes('authorization'))).toEqual([
    'Metadata failed-open.mutation.webhook.admission.k8s.io/round_0_index_0=failing.example.com',
    'Metadata mutation.webhook.admission.k8s.io/round_0_index_0={"configuration":"m","webhook":"failing.example.com","mutated":false}',
    'Metadata mutate.example.com/seen=yes',
    'Request patch.webhook.admission.k8s.io/round_0_index_1={"configuration":"m","webhook":"mutate.example.com","patch":[{"op":"add","path":"/data/stage","value":"one"}],"patchType":"JSONPatch"}',
    'Metadata mutation.webhook.admission.k8s.io/round_0_index_1={"configuration":"m","webhook":"mutate.example.com","mutated":true}',
  ]);
});
