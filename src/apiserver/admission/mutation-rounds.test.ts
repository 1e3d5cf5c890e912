import { expect, test } from 'vitest';
import { MutatingAdmissionPolicy } from '../../api/admissionregistration/mutating-admission-policy.ts';
import { MutatingAdmissionPolicyBinding } from '../../api/admissionregistration/mutating-admission-policy-binding.ts';
import { MutatingWebhookConfiguration } from '../../api/admissionregistration/mutating-webhook-configuration.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { testServer } from '../testing/test-server.ts';
import { patchAnswer, webhookServer } from '../testing/webhook-server.ts';
import type { WebhookAnswer } from '../testing/webhook-server.ts';
import { createWebhookClient } from '../webhooks/webhook-client.ts';
import { createMutatingPolicies } from './policies/mutating-policies.ts';
import { createServiceAccountAdmission } from './service-account.ts';
import { createMutatingWebhooks } from './webhooks/mutating-webhooks.ts';

/** A server where a webhook, and whatever is given, changes objects. */
async function serverWithWebhook(
  answer: () => WebhookAnswer,
  { resources: kind = 'configmaps', later = [] }: { resources?: string; later?: readonly AdmissionPlugin[] } = {},
) {
  const hooks = await webhookServer({ '/mutate': answer });
  const server = await testServer({
    parts: ({ resources, random, log, clock, resolveService }) => ({
      admission: [
        createServiceAccountAdmission({ clock, random }),
        createMutatingPolicies(resources),
        createMutatingWebhooks({ call: createWebhookClient(resolveService), resources, random, log }),
        ...later,
      ],
    }),
  });
  await server.client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'm' },
    webhooks: [
      {
        name: 'm.example.com',
        clientConfig: { url: `${hooks.url}/mutate`, caBundle: hooks.caBundle },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: [kind] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  return {
    hooks,
    server,
    client: server.client,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await hooks[Symbol.asyncDispose]();
    },
  };
}

async function countBefore(
  { client }: Awaited<ReturnType<typeof serverWithWebhook>>,
  reinvocationPolicy: 'Never' | 'IfNeeded',
): Promise<void> {
  const expression = "Object{data: {'seen': string(size(object.data))}}";
  await client.create(MutatingAdmissionPolicy, {
    metadata: { name: 'count' },
    spec: {
      reinvocationPolicy,
      matchConstraints: {
        resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
      },
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    },
  });
  await client.create(MutatingAdmissionPolicyBinding, { metadata: { name: 'count' }, spec: { policyName: 'count' } });
}

const add = () => patchAnswer([{ op: 'add', path: '/data/added', value: 'yes' }]);
const map = { metadata: { name: 'a', namespace: 'default' }, data: { own: '1' } };

test.each([
  ['IfNeeded', '3'],
  ['Never', '1'],
] as const)('a policy with %s sees what a webhook changes after it, or not', async (reinvocationPolicy, seen) => {
  await using c = await serverWithWebhook(add);
  await countBefore(c, reinvocationPolicy);
  const made = await c.client.create(ConfigMap, map);
  expect(made.data).toEqual({ own: '1', seen, added: 'yes' });
  expect(c.hooks.heard).toHaveLength(1);
});

test('nobody is asked again when nothing was changed', async () => {
  let asked = 0;
  const later = { name: 'Later', admit: () => void asked++ };
  await using c = await serverWithWebhook(() => ({ allowed: true }), { later: [later] });
  await countBefore(c, 'IfNeeded');
  const { data } = await c.client.create(ConfigMap, { ...map, data: { own: '1', seen: '2' } });
  expect(data).toEqual({ own: '1', seen: '2' });
  expect([c.hooks.heard.length, asked > 0]).toEqual([1, true]);
});

test('the server itself looks again at what webhooks have made: their containers, too, get a token', async () => {
  const container = { name: 'injected', image: 'i' };
  const inject = () => patchAnswer([{ op: 'add', path: '/spec/containers/-', value: container }]);
  const turns: string[] = [];
  const later: AdmissionPlugin = {
    name: 'Later',
    admit: ({ resource, operation }) => void (resource === Pod && operation === 'CREATE' && turns.push('later')),
  };
  await using c = await serverWithWebhook(inject, { resources: 'pods', later: [later] });
  await c.client.create(ServiceAccount, { metadata: { name: 'default', namespace: 'default' } });
  const pod = await c.client.create(Pod, {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'own', image: 'i' }] },
  });
  const mounts = pod.spec.containers.map(({ name, volumeMounts = [] }) => [name, volumeMounts.map((one) => one.name)]);
  const volumes = pod.spec.volumes?.map(({ name }) => name);
  expect(volumes).toHaveLength(1);
  expect(mounts).toEqual([
    ['own', volumes],
    ['injected', volumes],
  ]);
  // What follows the webhooks, such as the allocation of addresses, has one turn, after all of them.
  expect(turns).toEqual(['later']);
});
