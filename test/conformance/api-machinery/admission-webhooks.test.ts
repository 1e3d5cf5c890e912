import { afterAll, expect } from 'vitest';
import { MutatingWebhookConfiguration } from '../../../src/api/admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingWebhookConfiguration } from '../../../src/api/admissionregistration/validating-webhook-configuration.ts';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { patchAnswer, webhookServer } from '../../../src/apiserver/testing/webhook-server.ts';
import type { ReviewRequest, WebhookAnswer, WebhookServer } from '../../../src/apiserver/testing/webhook-server.ts';
import { openSpdyCommand, openWebSocketCommand } from '../../../src/client/streaming/remote-command-client.ts';
import { conformance, eventually, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';
import { customDefinition } from './custom-definition.ts';

afterAll(stopCluster);

// Upstream runs its webhook in a pod behind a Service; here it listens on the loopback, and configurations give its URL.
type Name = Parameters<typeof conformance>[0];
type Short<T> = T extends `AdmissionWebhook [Privileged:ClusterAdmin] ${infer Rest}` ? Rest : never;

interface Webhooks extends Conformance {
  readonly server: WebhookServer;
  /** A webhook at a path, for the objects of the test's namespace. */
  hook(path: string, more?: object): object;
  validate(...webhooks: readonly object[]): Promise<ValidatingWebhookConfiguration>;
  mutate(...webhooks: readonly object[]): Promise<MutatingWebhookConfiguration>;
}

const rule = (resource: string, group = '', version = 'v1', operations: readonly string[] = ['CREATE']) => ({
  operations,
  apiGroups: [group],
  apiVersions: [version],
  resources: [resource],
});

const data = ({ object }: ReviewRequest) => (object?.['data'] ?? {}) as Readonly<Record<string, string>>;
const set = (key: string, value: string): object => ({ op: 'add', path: `/data/${key}`, value });

const answers: Readonly<Record<string, (request: ReviewRequest) => WebhookAnswer | undefined>> = {
  '/configmaps': (request) =>
    data(request)['webhook-e2e-test'] === 'webhook-disallow'
      ? { allowed: false, status: { message: 'the configmap contains unwanted key and value' } }
      : { allowed: true },
  '/pods': ({ object }) => {
    const spec = object?.['spec'] as { readonly containers: readonly { readonly name: string }[] } | undefined;
    return spec?.containers.some(({ name }) => name.includes('webhook-disallow'))
      ? { allowed: false, status: { message: 'the pod contains unwanted container name' } }
      : { allowed: true };
  },
  '/deny': () => ({ allowed: false, status: { message: 'this webhook denies all requests' } }),
  '/mutating-configmaps': (request) =>
    data(request)['mutation-start'] === 'yes' ? patchAnswer([set('mutation-stage-1', 'yes')]) : { allowed: true },
  '/mutating-configmaps-2': (request) =>
    data(request)['mutation-stage-1'] === 'yes' ? patchAnswer([set('mutation-stage-2', 'yes')]) : { allowed: true },
  '/mutating-pods': () =>
    patchAnswer([
      {
        op: 'add',
        path: '/spec/initContainers',
        value: [{ name: 'webhook-added-init-container', image: 'webhook-added-image' }],
      },
    ]),
  '/custom-resource': (request) => {
    const wanted = (request.operation === 'DELETE' ? request.oldObject : request.object) as {
      data?: Record<string, string>;
    };
    return wanted.data?.['webhook-e2e-test'] === 'webhook-disallow'
      ? { allowed: false, status: { message: 'the custom resource contains unwanted data' } }
      : { allowed: true };
  },
  '/mutating-custom-resource': (request) => {
    const done = data(request);
    const patch = [
      ...(done['mutation-start'] === 'yes' ? [set('mutation-stage-1', 'yes')] : []),
      ...(done['mutation-stage-1'] === 'yes' ? [set('mutation-stage-2', 'yes')] : []),
    ];
    return patchAnswer(patch);
  },
  '/crd': ({ object }) => {
    const metadata = object?.['metadata'] as { readonly labels?: Record<string, string> } | undefined;
    return metadata?.labels?.['webhook-e2e-test'] === 'webhook-disallow'
      ? { allowed: false, status: { message: 'the crd contains unwanted label' } }
      : { allowed: true };
  },
  '/attach': ({ name }) =>
    name === 'to-be-attached-pod'
      ? { allowed: false, status: { message: `attaching to pod '${name}' is not allowed` } }
      : { allowed: true },
  '/always-allow-delay-5s': () => undefined,
  '/no-such-webhook': () => 404,
};

function webhookTest(name: Short<Name>, run: (context: Webhooks) => Promise<void>): void {
  conformance(`AdmissionWebhook [Privileged:ClusterAdmin] ${name}` as Name, async (context) => {
    await using server = await webhookServer(answers);
    const { client, namespace } = context;
    const metadata = { name: `e2e-${namespace}`, labels: { 'e2e-list-test-uuid': namespace } };
    const all = await client.list(ValidatingWebhookConfiguration);
    expect(all.items).toEqual([]);
    try {
      await run({
        ...context,
        server,
        hook: (path, more) => ({
          name: `${path.slice(1)}.k8s.io`,
          clientConfig: { url: server.url + path, caBundle: server.caBundle },
          sideEffects: 'None',
          admissionReviewVersions: ['v1', 'v1beta1'],
          namespaceSelector: { matchLabels: { 'e2e-run': namespace } },
          ...more,
        }),
        validate: (...webhooks) => client.create(ValidatingWebhookConfiguration, { metadata, webhooks } as never),
        mutate: (...webhooks) => client.create(MutatingWebhookConfiguration, { metadata, webhooks } as never),
      });
    } finally {
      await client.deleteCollection(ValidatingWebhookConfiguration);
      await client.deleteCollection(MutatingWebhookConfiguration);
    }
  });
}

const map = (namespace: string, name: string, content: Record<string, string> = {}) => ({
  metadata: { name, namespace },
  data: content,
});
const disallowed = { 'webhook-e2e-test': 'webhook-disallow' };

webhookTest('should include webhook resources in discovery documents', async ({ client }) => {
  const all = (await client.json({ path: '/apis' })) as { groups: { name: string; versions: { version: string }[] }[] };
  const group = all.groups.find(({ name }) => name === 'admissionregistration.k8s.io');
  expect(group?.versions.map(({ version }) => version)).toContain('v1');
  const path = '/apis/admissionregistration.k8s.io/v1';
  const { resources } = (await client.json({ path })) as { resources: { name: string }[] };
  const names = resources.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']));
});

webhookTest('should be able to deny pod and configmap creation', async ({ client, namespace, hook, validate }) => {
  await validate(
    hook('/pods', { rules: [rule('pods')] }),
    hook('/configmaps', { rules: [rule('configmaps', '', 'v1', ['CREATE', 'UPDATE'])] }),
  );
  const pod = (name: string) => ({
    metadata: { name: 'p', namespace },
    spec: { containers: [{ name, image: 'pause' }] },
  });
  const created = eventually(() => client.create(Pod, pod('webhook-disallow')).catch((error: Error) => error.message));
  expect(await created).toContain('the pod contains unwanted container name');
  await expect(client.create(ConfigMap, map(namespace, 'bad', disallowed))).rejects.toThrow(
    'the configmap contains unwanted key and value',
  );
  const allowed = await client.create(ConfigMap, map(namespace, 'allowed'));
  await expect(client.update(ConfigMap, { ...allowed, data: disallowed })).rejects.toThrow('unwanted key and value');
  const body = { data: disallowed };
  await expect(client.patch(ConfigMap, { namespace, name: 'allowed' }, { type: 'merge', body })).rejects.toThrow(
    'unwanted key',
  );
});

async function denyCustom({ client, namespace, hook, validate, ...context }: Webhooks): Promise<void> {
  await using definition = await customDefinition({ client, namespace, ...context });
  const { group, plural, kind, path } = definition;
  await validate(hook('/custom-resource', { rules: [rule(plural, group, 'v1', ['CREATE', 'UPDATE', 'DELETE'])] }));
  const object = (name: string, content: object) =>
    JSON.stringify({ apiVersion: `${group}/v1`, kind, metadata: { name, namespace }, data: content });
  const create = (name: string, content: object) =>
    client.json({ method: 'POST', path: path(), body: object(name, content) });
  await expect(create('cr-instance-1', disallowed)).rejects.toThrow('the custom resource contains unwanted data');
  await create('cr-instance-2', { 'webhook-e2e-test': 'webhook-allow' });
  const headers = { 'content-type': 'application/merge-patch+json' };
  const one = `${path()}/cr-instance-2`;
  const patch = client.json({ method: 'PATCH', path: one, headers, body: JSON.stringify({ data: disallowed }) });
  await expect(patch).rejects.toThrow('the custom resource contains unwanted data');
  await client.json({ method: 'DELETE', path: one });
}

webhookTest('should be able to deny attaching pod', async ({ client, cluster, namespace, hook, validate, signal }) => {
  const spec = { containers: [{ name: 'container1', image: 'pause' }] };
  await client.create(Pod, { metadata: { name: 'to-be-attached-pod', namespace }, spec });
  await eventually(async () => {
    const { status } = await client.get(Pod, { name: 'to-be-attached-pod', namespace });
    expect(status.phase).toBe('Running');
  });
  await validate(hook('/attach', { rules: [rule('pods/attach', '', 'v1', ['CONNECT'])] }));
  const path = `/api/v1/namespaces/${namespace}/pods/to-be-attached-pod/attach?stdin=true&container=container1`;
  const { ca = '', certificate } = cluster.connection;
  const streams = { stdin: true, stdout: false, stderr: false, tty: false };
  const options = { url: new URL(cluster.url + path), tls: { ca, ...certificate }, ...streams, signal };
  for (const attach of [openWebSocketCommand, openSpdyCommand]) {
    await expect(attach(options)).rejects.toThrow("attaching to pod 'to-be-attached-pod' is not allowed");
  }
  expect(await client.get(Pod, { name: 'to-be-attached-pod', namespace })).toMatchObject({ spec });
});

webhookTest('should be able to deny custom resource creation, update and deletion', denyCustom);

webhookTest('should deny crd creation', async ({ client, namespace, hook, validate }) => {
  const rules = [rule('customresourcedefinitions', 'apiextensions.k8s.io')];
  await validate(hook('/crd', { rules, namespaceSelector: {}, objectSelector: { matchLabels: disallowed } }));
  const group = `${namespace}.example.com`;
  const body = JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `denied.${group}`, labels: disallowed },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'denied', kind: 'Denied' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  });
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await expect(client.json({ method: 'POST', path, body })).rejects.toThrow('the crd contains unwanted label');
});

webhookTest(
  'should unconditionally reject operations on fail closed webhook',
  async ({ client, namespace, hook, validate }) => {
    await validate(hook('/no-such-webhook', { rules: [rule('configmaps')], failurePolicy: 'Fail' }));
    await expect(client.create(ConfigMap, map(namespace, 'foo'))).rejects.toMatchObject({ reason: 'InternalError' });
  },
);

webhookTest('should honor timeout', async ({ client, namespace, hook, validate }) => {
  const slow = (timeoutSeconds: number, failurePolicy: string): object =>
    hook('/always-allow-delay-5s', { rules: [rule('configmaps')], timeoutSeconds, failurePolicy });
  await validate(slow(1, 'Fail'));
  const create = (name: string) => client.create(ConfigMap, map(namespace, name));
  await expect(create('e2e-test-1')).rejects.toThrow('context deadline exceeded');
  await client.deleteCollection(ValidatingWebhookConfiguration);
  await validate(slow(1, 'Ignore'));
  await expect(create('e2e-test-2')).resolves.toBeDefined();
});

webhookTest('should mutate configmap', async ({ client, namespace, hook, mutate }) => {
  const rules = [rule('configmaps')];
  await mutate(hook('/mutating-configmaps', { rules }), hook('/mutating-configmaps-2', { rules }));
  const made = await client.create(ConfigMap, map(namespace, 'to-be-mutated', { 'mutation-start': 'yes' }));
  expect(made.data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
});

webhookTest("should mutate everything except 'skip-me' configmaps", async ({ client, namespace, hook, mutate }) => {
  const matchConditions = [{ name: 'skip-me', expression: "object.metadata.name != 'skip-me'" }];
  await mutate(hook('/mutating-configmaps', { rules: [rule('configmaps')], matchConditions }));
  const create = (name: string) => client.create(ConfigMap, map(namespace, name, { 'mutation-start': 'yes' }));
  expect((await create('skip-me')).data).toEqual({ 'mutation-start': 'yes' });
  expect((await create('not-me')).data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes' });
});

webhookTest('should mutate pod and apply defaults after mutation', async ({ client, namespace, hook, mutate }) => {
  await mutate(hook('/mutating-pods', { rules: [rule('pods')] }));
  const spec = { containers: [{ name: 'example', image: 'pause' }] };
  const pod = await eventually(() => client.create(Pod, { metadata: { name: 'mutated', namespace }, spec }));
  expect(pod.spec.initContainers).toMatchObject([
    { name: 'webhook-added-init-container', terminationMessagePath: '/dev/termination-log' },
  ]);
});

/** Mutates a custom object; with `pruned`, of a kind whose schema lacks what the webhook adds. */
async function mutateCustom(context: Webhooks, versions?: readonly object[]): Promise<unknown> {
  const { client, hook, mutate } = context;
  await using definition = await customDefinition(context, { versions });
  const { group, plural, kind, path } = definition;
  await mutate(
    hook('/mutating-custom-resource', { rules: [rule(plural, group)] }),
    hook('/mutating-custom-resource', { name: 'again.k8s.io', rules: [rule(plural, group)] }),
  );
  const body = JSON.stringify({
    apiVersion: `${group}/v1`,
    kind,
    metadata: { name: 'cr' },
    data: { 'mutation-start': 'yes' },
  });
  const made = (await client.json({ method: 'POST', path: path(), body })) as { readonly data: unknown };
  return made.data;
}

webhookTest('should mutate custom resource', async (context) => {
  expect(await mutateCustom(context)).toEqual({
    'mutation-start': 'yes',
    'mutation-stage-1': 'yes',
    'mutation-stage-2': 'yes',
  });
});

const text = { type: 'string' };
const prunedSchema = {
  openAPIV3Schema: {
    type: 'object',
    properties: { data: { type: 'object', properties: { 'mutation-start': text, 'mutation-stage-1': text } } },
  },
};

webhookTest('should mutate custom resource with pruning', async (context) => {
  const versions = [{ name: 'v1', served: true, storage: true, schema: prunedSchema }];
  expect(await mutateCustom(context, versions)).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes' });
});

webhookTest('should mutate custom resource with different stored version', async (context) => {
  const keeps = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const versions = [
    { name: 'v1', served: true, storage: false, schema: keeps },
    { name: 'v2', served: true, storage: true, schema: keeps },
  ];
  expect(await mutateCustom(context, versions)).toMatchObject({ 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
});

webhookTest(
  'should not be able to mutate or prevent deletion of webhook configuration objects',
  async ({ client, hook, validate, mutate, server }) => {
    const own = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'];
    const rules = [{ ...rule('*', 'admissionregistration.k8s.io', '*', ['*']), resources: own }];
    const everywhere = { rules, namespaceSelector: {}, failurePolicy: 'Fail' };
    const made = await validate(hook('/deny', everywhere));
    await mutate(hook('/mutating-configmaps', everywhere));
    await client.create(ValidatingWebhookConfiguration, {
      metadata: { name: `${made.metadata.name}-dummy` },
      webhooks: [],
    });
    await client.delete(ValidatingWebhookConfiguration, { name: `${made.metadata.name}-dummy` });
    expect(server.heard).toEqual([]);
  },
);

webhookTest('patching/updating a validating webhook should work', async ({ client, namespace, hook, validate }) => {
  const rules = [rule('configmaps')];
  const made = await validate(hook('/configmaps', { rules }));
  const create = (at: string) => client.create(ConfigMap, map(namespace, at, disallowed));
  await expect(create('a')).rejects.toThrow('unwanted key');
  const never = [{ ...rules[0]!, operations: ['UPDATE'] }];
  const updated = await client.update(ValidatingWebhookConfiguration, {
    ...made,
    webhooks: [{ ...made.webhooks![0]!, rules: never }],
  });
  await expect(create('a')).resolves.toBeDefined();
  const body = [{ op: 'replace', path: '/webhooks/0/rules/0/operations/0', value: 'CREATE' }];
  await client.patch(ValidatingWebhookConfiguration, { name: updated.metadata.name }, { type: 'json', body });
  await expect(create('b')).rejects.toThrow('unwanted key');
});

webhookTest('patching/updating a mutating webhook should work', async ({ client, namespace, hook, mutate }) => {
  const rules = [rule('configmaps')];
  const made = await mutate(hook('/mutating-configmaps', { rules }));
  const create = async (at: string) =>
    (await client.create(ConfigMap, map(namespace, at, { 'mutation-start': 'yes' }))).data;
  expect(await create('a')).toHaveProperty('mutation-stage-1');
  const never = [{ ...rules[0]!, operations: ['UPDATE'] }];
  await client.update(MutatingWebhookConfiguration, {
    ...made,
    webhooks: [{ ...made.webhooks![0]!, rules: never }],
  });
  expect(await create('b')).not.toHaveProperty('mutation-stage-1');
  const body = [{ op: 'replace', path: '/webhooks/0/rules/0/operations/0', value: 'CREATE' }];
  await client.patch(MutatingWebhookConfiguration, { name: made.metadata.name }, { type: 'json', body });
  expect(await create('c')).toHaveProperty('mutation-stage-1');
});

webhookTest('listing validating webhooks should work', async ({ client, namespace, hook, validate }) => {
  await validate(hook('/configmaps', { rules: [rule('configmaps')] }));
  const labelSelector = `e2e-list-test-uuid=${namespace}`;
  expect((await client.list(ValidatingWebhookConfiguration, { labelSelector })).items).toHaveLength(1);
  await expect(client.create(ConfigMap, map(namespace, 'a', disallowed))).rejects.toThrow('unwanted key');
  await client.deleteCollection(ValidatingWebhookConfiguration, { labelSelector });
  await expect(client.create(ConfigMap, map(namespace, 'a', disallowed))).resolves.toBeDefined();
});

webhookTest('listing mutating webhooks should work', async ({ client, namespace, hook, mutate }) => {
  await mutate(hook('/mutating-configmaps', { rules: [rule('configmaps')] }));
  const labelSelector = `e2e-list-test-uuid=${namespace}`;
  expect((await client.list(MutatingWebhookConfiguration, { labelSelector })).items).toHaveLength(1);
  const create = async (at: string) =>
    (await client.create(ConfigMap, map(namespace, at, { 'mutation-start': 'yes' }))).data;
  expect(await create('a')).toHaveProperty('mutation-stage-1');
  await client.deleteCollection(MutatingWebhookConfiguration, { labelSelector });
  expect(await create('b')).not.toHaveProperty('mutation-stage-1');
});

const conditions = [{ name: 'expression-1', expression: "object.metadata.namespace == 'production'" }];
const invalidConditions = [{ name: 'invalid-expression-1', expression: '... [] bad expression' }];

webhookTest(
  'should be able to create and update validating webhook configurations with match conditions',
  async ({ client, hook, validate }) => {
    const made = await validate(hook('/configmaps', { rules: [rule('configmaps')], matchConditions: conditions }));
    expect(made.webhooks?.[0]?.matchConditions).toEqual(conditions);
    const other = [{ name: 'expression-2', expression: "object.metadata.namespace == 'staging'" }];
    const updated = await client.update(ValidatingWebhookConfiguration, {
      ...made,
      webhooks: [{ ...made.webhooks![0]!, matchConditions: other }],
    });
    expect(updated.webhooks?.[0]?.matchConditions).toEqual(other);
  },
);

webhookTest(
  'should be able to create and update mutating webhook configurations with match conditions',
  async ({ client, hook, mutate }) => {
    const made = await mutate(
      hook('/mutating-configmaps', { rules: [rule('configmaps')], matchConditions: conditions }),
    );
    expect(made.webhooks?.[0]?.matchConditions).toEqual(conditions);
    const other = [{ name: 'expression-2', expression: "object.metadata.namespace == 'staging'" }];
    const updated = await client.update(MutatingWebhookConfiguration, {
      ...made,
      webhooks: [{ ...made.webhooks![0]!, matchConditions: other }],
    });
    expect(updated.webhooks?.[0]?.matchConditions).toEqual(other);
  },
);

webhookTest(
  'should reject validating webhook configurations with invalid match conditions',
  async ({ hook, validate }) => {
    const bad = hook('/configmaps', { rules: [rule('configmaps')], matchConditions: invalidConditions });
    await expect(validate(bad)).rejects.toThrow('compilation failed');
  },
);

webhookTest('should reject mutating webhook configurations with invalid match conditions', async ({ hook, mutate }) => {
  const bad = hook('/mutating-configmaps', { rules: [rule('configmaps')], matchConditions: invalidConditions });
  await expect(mutate(bad)).rejects.toThrow('compilation failed');
});
