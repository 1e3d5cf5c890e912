import { expect, test } from 'vitest';
import { MutatingWebhookConfiguration } from '../../api/admissionregistration/mutating-webhook-configuration.ts';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { isEstablished } from '../../api/apiextensions/definition-conditions.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { createMutatingWebhooks } from '../admission/webhooks/mutating-webhooks.ts';
import { testServer } from '../testing/test-server.ts';
import { patchAnswer, webhookServer } from '../testing/webhook-server.ts';
import { createWebhookClient } from '../webhooks/webhook-client.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: { data: { type: 'object', additionalProperties: { type: 'string' } } },
};

test('an admission webhook sees custom resources in the version that it knows, and what it makes up is pruned', async () => {
  await using hooks = await webhookServer({
    '/mutate': () =>
      patchAnswer([
        { op: 'add', path: '/data/seen', value: 'yes' },
        { op: 'add', path: '/unheardOf', value: 1 },
      ]),
  });
  await using c = await testServer({
    parts: ({ resources, random, log, resolveService }) => ({
      admission: [createMutatingWebhooks({ call: createWebhookClient(resolveService), resources, random, log })],
    }),
  });
  const version = (name: string) => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: { openAPIV3Schema: schema },
  });
  await c.client.create(CustomResourceDefinition, {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [version('v1'), version('v2')],
    },
  });
  await expect
    .poll(async () => isEstablished(await c.client.get(CustomResourceDefinition, { name: 'foos.example.com' })))
    .toBe(true);
  await c.client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'm' },
    webhooks: [
      {
        name: 'm.example.com',
        clientConfig: { url: `${hooks.url}/mutate`, caBundle: hooks.caBundle },
        rules: [{ operations: ['CREATE'], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['foos'] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  const second = c.server.resources.find('example.com', 'v2', 'foos');
  if (!second) throw new Error('foos are not served');
  const made = await c.client.create(second, { metadata: { name: 'a' }, data: {} } as never);
  expect(made).toMatchObject({ apiVersion: 'example.com/v2', data: { seen: 'yes' } });
  expect(made).not.toHaveProperty('unheardOf');
  expect(hooks.heard[0]?.object).toMatchObject({ apiVersion: 'example.com/v1', kind: 'Foo' });
});
