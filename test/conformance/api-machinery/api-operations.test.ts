import { afterAll } from 'vitest';
import { MutatingAdmissionPolicyBinding } from '../../../src/api/admissionregistration/mutating-admission-policy-binding.ts';
import { MutatingAdmissionPolicy } from '../../../src/api/admissionregistration/mutating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from '../../../src/api/admissionregistration/validating-admission-policy-binding.ts';
import { ValidatingAdmissionPolicy } from '../../../src/api/admissionregistration/validating-admission-policy.ts';
import { FlowSchema } from '../../../src/api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../../src/api/flowcontrol/priority-level-configuration.ts';
import { builtinResources } from '../../../src/api/registry.ts';
import { expectApiOperations } from './api-operations.ts';
import { conformance, stopCluster } from './conformance.ts';

afterAll(stopCluster);

const condition = {
  type: 'PatchedStatus',
  status: 'Unknown',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'E2EPatchedStatus',
  message: 'set by the test',
};
const rules = [{ operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['nothings'] }];
const matchConstraints = { resourceRules: rules };

conformance('API priority and fairness should support FlowSchema API operations', (context) =>
  expectApiOperations(context, FlowSchema, {
    condition,
    object: {
      spec: {
        matchingPrecedence: 10_000,
        priorityLevelConfiguration: { name: 'global-default' },
        distinguisherMethod: { type: 'ByUser' },
        rules: [
          {
            subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          },
        ],
      },
    },
  }),
);

conformance('API priority and fairness should support PriorityLevelConfiguration API operations', (context) =>
  expectApiOperations(context, PriorityLevelConfiguration, {
    condition,
    object: {
      spec: { type: 'Limited', limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } } },
    },
  }),
);

conformance(
  'ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicy API operations',
  (context) =>
    expectApiOperations(context, ValidatingAdmissionPolicy, {
      condition,
      object: { spec: { matchConstraints, validations: [{ expression: 'object.spec.replicas <= 100' }] } },
    }),
);

conformance(
  'ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicyBinding API operations',
  (context) =>
    expectApiOperations(context, ValidatingAdmissionPolicyBinding, {
      object: { spec: { policyName: 'replicalimit-policy.example.com', validationActions: ['Deny'] } },
    }),
);

conformance(
  'MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicy API operations',
  (context) =>
    expectApiOperations(context, MutatingAdmissionPolicy, {
      object: {
        spec: {
          matchConstraints,
          reinvocationPolicy: 'Never',
          mutations: [
            {
              patchType: 'ApplyConfiguration',
              applyConfiguration: { expression: 'Object{spec: Object.spec{replicas: 5}}' },
            },
          ],
        },
      },
    }),
);

conformance(
  'MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicyBinding API operations',
  (context) =>
    expectApiOperations(context, MutatingAdmissionPolicyBinding, {
      object: { spec: { policyName: 'mutate-policy.example.com' } },
    }),
);

conformance('StorageVersionMigration CRUD Tests storagemigration.k8s.io/v1 StorageVersionMigration', (context) => {
  const served = builtinResources.find(({ apiVersion }) => apiVersion === 'storagemigration.k8s.io/v1');
  if (!served) throw new Error('storagemigration.k8s.io/v1 is not served');
  return expectApiOperations(context, served, {
    condition,
    object: { spec: { resource: { group: '', resource: 'configmaps' } } },
  });
});
