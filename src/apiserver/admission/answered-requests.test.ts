/** What is answered and not stored passes admission as what it is: a Binding, an Eviction, a TokenRequest that is created. */
import { expect, test } from 'vitest';
import { ValidatingAdmissionPolicy } from '../../api/admissionregistration/validating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from '../../api/admissionregistration/validating-admission-policy-binding.ts';
import { TokenRequest } from '../../api/authentication/token-request.ts';
import { SelfSubjectReview } from '../../api/authentication/self-subject-review.ts';
import { Binding } from '../../api/core/binding.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { Eviction } from '../../api/policy/eviction.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { testServer } from '../testing/test-server.ts';

const namespace = 'default';
const key = { namespace, name: 'p' };
const pod = { metadata: key, spec: { containers: [{ name: 'c', image: 'i' }] } };
const target = { kind: 'Node', name: 'n1' };

test('policies see bindings, evictions and requests for tokens, and nothing of what they do to pods', async () => {
  await using cluster = await testCluster([], { disabledAdmission: ['ServiceAccount'] });
  const { client } = cluster;
  await client.create(Pod, pod);
  await client.create(ServiceAccount, { metadata: { namespace, name: 'bot' } });
  const resources = ['pods/eviction', 'pods/binding', 'serviceaccounts/token', 'pods', 'pods/status'];
  const operations = ['CREATE', 'UPDATE', 'DELETE'];
  const seen = ['operation', 'kind.kind', 'resource.resource', 'subResource', 'name'].map((path) => `request.${path}`);
  await client.create(ValidatingAdmissionPolicy, {
    metadata: { name: 'policy' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [{ operations, apiGroups: [''], apiVersions: ['v1'], resources }] },
      matchConditions: [{ name: 'subresources', expression: "request.subResource != ''" }],
      validations: [
        {
          expression: "has(object.metadata.labels) && 'ok' in object.metadata.labels",
          messageExpression: seen.join(" + ' ' + "),
        },
      ],
    },
  } as never);
  await client.create(ValidatingAdmissionPolicyBinding, {
    metadata: { name: 'binding' },
    spec: { policyName: 'policy', validationActions: ['Deny'] },
  });
  await cluster.settle();
  const bind = (labels?: Record<string, string>): Promise<unknown> =>
    client.createSubresource(Pod, key, {
      subresource: 'binding',
      kind: Binding,
      object: { metadata: { name: 'p', namespace, labels }, target },
    });
  const evict = (labels?: Record<string, string>): Promise<unknown> =>
    client.createSubresource(Pod, key, {
      subresource: 'eviction',
      kind: Eviction,
      object: { metadata: { name: 'p', namespace, labels } },
    });
  const token = client.createSubresource(
    ServiceAccount,
    { namespace, name: 'bot' },
    { subresource: 'token', kind: TokenRequest, object: { metadata: { name: 'bot' }, spec: { audiences: [] } } },
  );
  await expect(token).rejects.toThrow('denied request: CREATE TokenRequest serviceaccounts token bot');
  await expect(bind()).rejects.toThrow('denied request: CREATE Binding pods binding p');
  await expect(evict()).rejects.toThrow('denied request: CREATE Eviction pods eviction p');
  expect((await client.get(Pod, key)).spec.nodeName).toBeUndefined();
  await bind({ ok: 'yes' });
  expect((await client.get(Pod, key)).spec.nodeName).toBe('n1');
  await evict({ ok: 'yes' });
  expect((await client.get(Pod, key)).metadata.deletionTimestamp).toBeDefined();
});

test('a binding tells its pod where its node is, and a dry run binds nothing', async () => {
  await using cluster = await testCluster([], { disabledAdmission: ['ServiceAccount'] });
  const { client } = cluster;
  const labels = { 'topology.kubernetes.io/zone': 'z', 'topology.kubernetes.io/rack': 'k' };
  await client.create(Node, { metadata: { name: 'n1', labels } });
  await client.create(Pod, { ...pod, metadata: { ...key, labels: { app: 'a' } } });
  const binding = { metadata: { name: 'p', namespace }, target };
  await client.create(Binding, binding, { dryRun: true });
  expect((await client.get(Pod, key)).spec.nodeName).toBeUndefined();
  await client.createSubresource(Pod, key, { subresource: 'binding', kind: Binding, object: binding });
  const bound = await client.get(Pod, key);
  expect(bound.spec.nodeName).toBe('n1');
  expect(bound.metadata.labels).toEqual({ app: 'a', 'topology.kubernetes.io/zone': 'z' });
});

test('reviews pass admission as well', async () => {
  const seen: string[] = [];
  const watcher: AdmissionPlugin = {
    name: 'Watcher',
    validate: ({ operation, resource }) => void seen.push(`${operation} ${resource.kind}`),
  };
  await using server = await testServer({
    parts: () => ({
      admission: [watcher],
      virtualResources: [{ resource: SelfSubjectReview, verb: 'create', create: async (object) => ({ ...object }) }],
    }),
  });
  seen.length = 0;
  await server.client.create(SelfSubjectReview, { metadata: {} });
  expect(seen).toEqual(['CREATE SelfSubjectReview']);
});
