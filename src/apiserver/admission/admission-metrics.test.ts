import { expect, test } from 'vitest';
import { MutatingWebhookConfiguration } from '../../api/admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingAdmissionPolicyBinding } from '../../api/admissionregistration/validating-admission-policy-binding.ts';
import { ValidatingAdmissionPolicy } from '../../api/admissionregistration/validating-admission-policy.ts';
import { ValidatingWebhookConfiguration } from '../../api/admissionregistration/validating-webhook-configuration.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Pod } from '../../api/core/pod.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { MetricRegistry } from '../../base/metrics/metric-registry.ts';
import { AdmissionChain } from '../admission-chain.ts';
import { RoleIndex } from '../authorization/role-index.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admissionContext } from '../testing/admission-context.ts';
import { requestFor } from '../testing/admission-request.ts';
import { fakeClient } from '../testing/fake-client.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';
import { patchAnswer, webhookServer } from '../testing/webhook-server.ts';
import { AdmissionMetrics } from './admission-metrics.ts';
import { admissionParts } from './admission-parts.ts';

/** Counters, and how often histograms were observed, that are not 0. */
const counts = (metrics: MetricRegistry, name: RegExp): readonly string[] =>
  metrics
    .render()
    .split('\n')
    .filter((line) => name.test(line) && !/^#|_bucket\{|_sum\{| 0$/.test(line));

test('each plug-in is timed, and all together: those that wait by themselves, those that do not in equal shares', async () => {
  const [clock, metrics] = [new FakeClock(), new MetricRegistry()];
  const plugin = (name: string, admit: AdmissionPlugin['admit']): AdmissionPlugin => ({
    name,
    ...(admit ? { admit } : {}),
  });
  const context = admissionContext(fakeClient());
  const chain = new AdmissionChain(
    [
      plugin('Quick', () => undefined),
      plugin('Slow', () => clock.advance(30)),
      plugin('Stern', ({ operation }) => {
        if (operation === 'UPDATE') throw new Error('no');
      }),
    ],
    context,
    new AdmissionMetrics(metrics, clock),
  );
  const request = requestFor(ConfigMap, { metadata: { name: 'm' } });
  await chain.admit(request);
  await chain.validate(request);
  await expect(chain.admit({ ...request, operation: 'UPDATE' })).rejects.toThrow('no');
  const labels = (operation: string, rejected: boolean) => `operation="${operation}",rejected="${rejected}"} 1`;
  const name = 'apiserver_admission_controller_admission_duration_seconds';
  const controller = (plugin: string, rest: string) => `${name}_count{name="${plugin}",type="admit",${rest}`;
  const step = (type: string, rest: string) =>
    `apiserver_admission_step_admission_duration_seconds_count{type="${type}",${rest}`;
  expect(counts(metrics, /_count/)).toEqual([
    ...['CREATE', 'UPDATE'].flatMap((operation) => controller('Quick', labels(operation, false))),
    ...['CREATE', 'UPDATE'].flatMap((operation) => controller('Slow', labels(operation, false))),
    controller('Stern', labels('CREATE', false)),
    controller('Stern', labels('UPDATE', true)),
    step('admit', labels('CREATE', false)),
    step('admit', labels('UPDATE', true)),
    step('validate', labels('CREATE', false)),
  ]);
  expect(metrics.render()).toContain(
    `${name}_sum{name="Slow",type="admit",operation="CREATE",rejected="false"} 0.03\n`,
  );
});

/** A server with all plug-ins that are on by default, and not about service accounts. */
function admittingServer(): Promise<TestServer> {
  return testServer({
    parts: (context) => ({
      admission: admissionParts({ disabledAdmission: ['ServiceAccount'] }, context, {
        authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
        roles: new RoleIndex(),
        allocation: { name: 'ServiceAllocation' },
      }),
    }),
  });
}

const configMap = (name: string) => ({ metadata: { name, namespace: 'default' } });

test('webhooks are counted by what they answered, and by whether they were needed', async () => {
  await using hooks = await webhookServer({
    '/absent': () => 404,
    '/deny': () => ({ allowed: false, status: { code: 418 } }),
    '/change': () => patchAnswer([{ op: 'add', path: '/data', value: { a: 'b' } }]),
  });
  const webhook = (path: string, name: string, more: object = {}) => ({
    name: `${path.slice(1)}.example.com`,
    clientConfig: { url: hooks.url + path, caBundle: hooks.caBundle },
    rules: [{ operations: ['*' as const], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
    matchConditions: [{ name: 'this', expression: `object.metadata.name == '${name}'` }],
    sideEffects: 'None' as const,
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Fail' as const,
    ...more,
  });
  await using server = await admittingServer();
  const { client } = server;
  await client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'm' },
    webhooks: [webhook('/change', 'changed')],
  });
  await client.create(ValidatingWebhookConfiguration, {
    metadata: { name: 'v' },
    webhooks: [
      webhook('/deny', 'denied'),
      { ...webhook('/absent', 'lenient', { failurePolicy: 'Ignore' }), name: 'lenient.example.com' },
      { ...webhook('/absent', 'strict'), name: 'strict.example.com' },
    ],
  });
  const made = ['changed', 'denied', 'lenient', 'strict'].map((name) => client.create(ConfigMap, configMap(name)));
  expect((await Promise.allSettled(made)).map(({ status }) => status)).toEqual([
    ...['fulfilled', 'rejected', 'fulfilled', 'rejected'],
  ]);
  const of = (name: string, type: string, rest: string) =>
    `{name="${name}.example.com",type="${type}",operation="CREATE",${rest}`;
  const found = counts(server.server.metrics, /webhook_(request|rejection|fail)|match_condition_ex/).toSorted();
  expect(found).toEqual(
    [
      `apiserver_admission_webhook_request_total${of('change', 'admit', 'code="200",rejected="false"} 1')}`,
      `apiserver_admission_webhook_request_total${of('deny', 'validating', 'code="418",rejected="true"} 1')}`,
      `apiserver_admission_webhook_request_total${of('lenient', 'validating', 'code="500",rejected="false"} 1')}`,
      `apiserver_admission_webhook_request_total${of('strict', 'validating', 'code="500",rejected="true"} 1')}`,
      `apiserver_admission_webhook_rejection_count${of('deny', 'validating', 'error_type="no_error",rejection_code="418"} 1')}`,
      `apiserver_admission_webhook_rejection_count${of('strict', 'validating', 'error_type="calling_webhook_error",rejection_code="500"} 1')}`,
      'apiserver_admission_webhook_fail_open_count{name="lenient.example.com",type="validating"} 1',
      'apiserver_admission_match_condition_exclusions_total{name="change.example.com",kind="webhook",type="admit",operation="CREATE"} 3',
      ...['deny', 'lenient', 'strict'].map(
        (name) =>
          `apiserver_admission_match_condition_exclusions_total{name="${name}.example.com",kind="webhook",type="validating",operation="CREATE"} 3`,
      ),
    ].toSorted(),
  );
});

test('policies are counted by what is done about a request', async () => {
  await using server = await admittingServer();
  const { client } = server;
  const rule = { operations: ['CREATE' as const], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };
  const policy = (name: string, expression: string, failurePolicy: 'Fail' | 'Ignore') =>
    client.create(ValidatingAdmissionPolicy, {
      metadata: { name },
      spec: { failurePolicy, matchConstraints: { resourceRules: [rule] }, validations: [{ expression }] },
    });
  await policy('small', "object.metadata.name != 'big'", 'Fail');
  await policy('unsure', "object.data['absent'] == ''", 'Ignore');
  for (const [policyName, validationActions] of [
    ['small', ['Deny', 'Audit']],
    ['unsure', ['Deny']],
  ] as const)
    await client.create(ValidatingAdmissionPolicyBinding, {
      metadata: { name: `all-${policyName}` },
      spec: { policyName, validationActions: [...validationActions] },
    });
  await client.create(ConfigMap, configMap('little'));
  await expect(client.create(ConfigMap, configMap('big'))).rejects.toMatchObject({ code: 422 });
  const of = (policyName: string, action: string, count: number) =>
    `apiserver_validating_admission_policy_check_total{policy="${policyName}",policy_binding="all-${policyName}",error_type="invalid_error",enforcement_action="${action}"} ${count}`;
  expect(counts(server.server.metrics, /policy_check_total/).toSorted()).toEqual([
    of('small', 'audit', 1),
    of('small', 'deny', 1),
    of('unsure', 'allow', 2),
  ]);
});

test('what PodSecurity says of pods is counted by level, version and mode', async () => {
  await using server = await admittingServer();
  const { client } = server;
  const labels = (own: Record<string, string>) =>
    Object.fromEntries(Object.entries(own).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]));
  const namespaces = {
    free: {},
    strict: { enforce: 'baseline', 'enforce-version': 'v1.99', audit: 'restricted', 'audit-version': 'v1.30' },
  };
  for (const [name, own] of Object.entries(namespaces))
    await client.create(Namespace, { metadata: { name, labels: labels(own as Record<string, string>) } });
  const pod = (namespace: string, spec: object = {}) =>
    client.create(Pod, {
      metadata: { name: 'p', namespace },
      spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
    });
  await pod('free', { hostPID: true });
  await expect(pod('strict', { hostPID: true })).rejects.toMatchObject({ code: 403 });
  await pod('strict');
  const of = (decision: string, level: string, version: string, mode: string, count: number) =>
    `pod_security_evaluations_total{decision="${decision}",policy_level="${level}",policy_version="${version}",mode="${mode}",request_operation="create",resource="pod",subresource=""} ${count}`;
  expect(counts(server.server.metrics, /^pod_security/).toSorted()).toEqual(
    [
      of('allow', 'privileged', 'latest', 'enforce', 1),
      of('allow', 'baseline', 'future', 'enforce', 1),
      of('deny', 'baseline', 'future', 'enforce', 1),
      of('deny', 'restricted', 'v1.30', 'audit', 2),
    ].toSorted(),
  );
});
