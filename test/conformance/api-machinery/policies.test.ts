import { afterAll, expect } from 'vitest';
import { MutatingAdmissionPolicyBinding } from '../../../src/api/admissionregistration/mutating-admission-policy-binding.ts';
import { MutatingAdmissionPolicy } from '../../../src/api/admissionregistration/mutating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from '../../../src/api/admissionregistration/validating-admission-policy-binding.ts';
import { ValidatingAdmissionPolicy } from '../../../src/api/admissionregistration/validating-admission-policy.ts';
import { Deployment } from '../../../src/api/apps/deployment.ts';
import { conformance, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';

afterAll(stopCluster);

const deployments = { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] };

function deploy({ client, namespace }: Conformance, name: string, replicas: number): Promise<Deployment> {
  const labels = { app: name };
  return client.create(Deployment, {
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  });
}

/** What makes a policy be about the namespace of the test only. */
function ownNamespace({ namespace }: Conformance): object {
  return { namespaceSelector: { matchLabels: { 'e2e-run': namespace } } };
}

async function validate(context: Conformance, spec: object): Promise<void> {
  const { client, namespace: name } = context;
  const matchConstraints = { resourceRules: [deployments], ...ownNamespace(context) };
  await client.create(ValidatingAdmissionPolicy, { metadata: { name }, spec: { matchConstraints, ...spec } });
  await client.create(ValidatingAdmissionPolicyBinding, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  });
}

const validating = 'ValidatingAdmissionPolicy [Privileged:ClusterAdmin]';

conformance(`${validating} should validate against a Deployment`, async (context) => {
  await validate(context, {
    validations: [
      {
        expression: 'object.spec.replicas > 1',
        messageExpression: "'wants replicas > 1, got ' + string(object.spec.replicas)",
      },
      { expression: 'namespaceObject.metadata.name == request.namespace', message: 'Internal error! Other namespace.' },
    ],
  });
  await expect(deploy(context, 'replicated', 2)).resolves.toBeDefined();
  await expect(deploy(context, 'non-replicated', 1)).rejects.toMatchObject({
    reason: 'Invalid',
    message: expect.stringContaining('wants replicas > 1, got 1'),
  });
});

conformance(`${validating} should allow expressions to refer variables.`, async (context) => {
  await validate(context, {
    variables: [
      { name: 'replicas', expression: 'object.spec.replicas' },
      { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' },
    ],
    validations: [{ expression: 'variables.replicas > 1' }, { expression: 'variables.oddReplicas' }],
  });
  await expect(deploy(context, 'replicated', 3)).resolves.toBeDefined();
  await expect(deploy(context, 'non-replicated', 1)).rejects.toThrow('failed expression: variables.replicas > 1');
  await expect(deploy(context, 'even', 2)).rejects.toThrow('failed expression: variables.oddReplicas');
});

async function change(context: Conformance, mutations: readonly object[]): Promise<void> {
  const { client, namespace: name } = context;
  const matchConstraints = { resourceRules: [deployments], ...ownNamespace(context) };
  await client.create(MutatingAdmissionPolicy, {
    metadata: { name },
    spec: { matchConstraints, mutations, reinvocationPolicy: 'Never' },
  } as never);
  await client.create(MutatingAdmissionPolicyBinding, { metadata: { name }, spec: { policyName: name } });
}

const mutating = 'MutatingAdmissionPolicy [Privileged:ClusterAdmin]';

conformance(`${mutating} should mutate a Deployment`, async (context) => {
  const expression = 'Object{spec: Object.spec{replicas: object.spec.replicas + 10}}';
  await change(context, [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }]);
  expect((await deploy(context, 'replicated', 2)).spec.replicas).toBe(12);
});

conformance(`${mutating} should mutate a Deployment with annotations`, async (context) => {
  const apply = "Object{metadata: Object.metadata{annotations: {'my-foo-annotation': 'myAnnotationValue'}}}";
  const patch =
    "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('example.com/env'), value: 'test'}, JSONPatch{op: 'test', path: '/spec/replicas', value: object.spec.replicas}]";
  await change(context, [
    { patchType: 'ApplyConfiguration', applyConfiguration: { expression: apply } },
    { patchType: 'JSONPatch', jsonPatch: { expression: patch } },
  ]);
  const { metadata } = await deploy(context, 'annotated', 2);
  expect(metadata.annotations).toMatchObject({ 'my-foo-annotation': 'myAnnotationValue' });
  expect(metadata.labels).toMatchObject({ 'example.com/env': 'test', app: 'annotated' });
});
