import { expect, test } from 'vitest';
import {
  mandatoryFlowSchemas,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../../api/flowcontrol/bootstrap-objects.ts';
import { FlowSchema } from '../../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../api/flowcontrol/priority-level-configuration.ts';
import { hasReason } from '../../base/errors.ts';
import { authenticatedGroup } from '../authentication/users.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';
import { bootstrapFlowControl } from './bootstrap-flow-control.ts';
import { defaultFlowControl, flowControlParts } from './flow-control-parts.ts';

const annotation = 'apf.kubernetes.io/autoupdate-spec';
const names = (objects: readonly { metadata: { name: string } }[]): string[] =>
  objects.map(({ metadata }) => metadata.name).sort();

/** A server over HTTPS with priority and fairness. */
function fairServer(settings = defaultFlowControl): Promise<HttpsTestServer> {
  return httpsTestServer({
    parts: (context) => {
      const running: Promise<void>[] = [];
      const { flowControl, documents, start } = flowControlParts(settings, context);
      return {
        flowControl,
        documents,
        start: () => start(running),
        stopped: async () => void (await Promise.all(running)),
      };
    },
  });
}

async function bootstrapped(): Promise<TestServer> {
  const server = await testServer();
  await bootstrapFlowControl(server.client);
  return server;
}

test('every cluster has the usual levels and schemas, which are not written again', async () => {
  await using server = await bootstrapped();
  const { client } = server;
  const before = [await client.list(FlowSchema), await client.list(PriorityLevelConfiguration)];
  expect(names(before[0]!.items)).toEqual(Object.keys({ ...mandatoryFlowSchemas, ...suggestedFlowSchemas }).sort());
  expect(names(before[1]!.items)).toEqual(['exempt', 'catch-all', ...Object.keys(suggestedPriorityLevels)].sort());
  await bootstrapFlowControl(client);
  const after = [await client.list(FlowSchema), await client.list(PriorityLevelConfiguration)];
  expect(after.map(({ items }) => items)).toEqual(before.map(({ items }) => items));
});

test('what is deleted comes back; what the server once made and no longer knows goes', async () => {
  await using server = await bootstrapped();
  const { client } = server;
  await client.delete(FlowSchema, { name: 'probes' });
  const spec = { priorityLevelConfiguration: { name: 'system' }, matchingPrecedence: 600 };
  for (const [name, annotations] of [
    ['old', { [annotation]: 'true' }],
    ['kept', { [annotation]: 'false' }],
    ['own', {}],
  ] as const)
    await client.create(FlowSchema, { metadata: { name, annotations }, spec });
  await bootstrapFlowControl(client);
  const found = names((await client.list(FlowSchema)).items);
  expect(found).toEqual(expect.arrayContaining(['probes', 'kept', 'own']));
  expect(found).not.toContain('old');
});

test.each<[string, string | undefined, boolean]>([
  ['says so', 'true', true],
  ['says that it must not be', 'false', false],
  ['says nothing, and was changed', undefined, false],
])('a suggested object that %s is brought up to date: %s → %s', async (_, said, updated) => {
  await using server = await bootstrapped();
  const { client } = server;
  const current = await client.get(FlowSchema, { name: 'service-accounts' });
  const annotations: Record<string, string> = said === undefined ? {} : { [annotation]: said };
  const spec = { ...current.spec, matchingPrecedence: 8000 };
  await client.update(FlowSchema, { ...current, metadata: { ...current.metadata, annotations }, spec });
  await bootstrapFlowControl(client);
  const found = await client.get(FlowSchema, { name: 'service-accounts' });
  expect(found.spec.matchingPrecedence).toBe(updated ? 9000 : 8000);
  expect(found.metadata.annotations?.[annotation]).toBe(String(updated));
});

test('how much the exempt level lends is for operators to say', async () => {
  await using server = await bootstrapped();
  const { client } = server;
  const body = { spec: { exempt: { nominalConcurrencyShares: 10, lendablePercent: 50 } } };
  await client.patch(PriorityLevelConfiguration, { name: 'exempt' }, { type: 'merge', body });
  await bootstrapFlowControl(client);
  const found = await client.get(PriorityLevelConfiguration, { name: 'exempt' });
  expect(found.spec.exempt).toEqual({ nominalConcurrencyShares: 10, lendablePercent: 50 });
});

test('a schema says whether its level is there', async () => {
  await using server = await fairServer();
  const { client } = server;
  const dangling = async (name: string) =>
    (await client.get(FlowSchema, { name })).status.conditions?.find(({ type }) => type === 'Dangling');
  await expect
    .poll(() => dangling('global-default'))
    .toMatchObject({
      status: 'False',
      reason: 'Found',
      message: 'This FlowSchema references the PriorityLevelConfiguration object named "global-default" and it exists',
    });
  const spec = { priorityLevelConfiguration: { name: 'own-level' }, matchingPrecedence: 600 };
  await client.create(FlowSchema, { metadata: { name: 'own' }, spec });
  await expect
    .poll(() => dangling('own'))
    .toMatchObject({
      status: 'True',
      reason: 'NotFound',
      message:
        'This FlowSchema references the PriorityLevelConfiguration object named "own-level" but there is no such object',
    });
  const level = { ...suggestedPriorityLevels['system']! };
  await client.create(PriorityLevelConfiguration, { metadata: { name: 'own-level' }, spec: level });
  await expect.poll(() => dangling('own')).toMatchObject({ status: 'False', reason: 'Found' });
  const { managedFields } = (await client.get(FlowSchema, { name: 'own' })).metadata;
  expect(managedFields?.map(({ manager, operation, subresource }) => [manager, operation, subresource])).toContainEqual(
    ['api-priority-and-fairness-config-consumer-v1', 'Apply', 'status'],
  );
});

// Source: kubernetes' test/e2e/apimachinery/flowcontrol.go.
test('requests can be classified by adding FlowSchema and PriorityLevelConfiguration', async () => {
  await using server = await fairServer();
  const { client } = server;
  const level = await client.create(PriorityLevelConfiguration, {
    metadata: { name: 'mine' },
    spec: suggestedPriorityLevels['system']!,
  });
  const noxu = await server.authority.client('noxu', [authenticatedGroup]);
  const subjects = [{ kind: 'User', user: { name: 'noxu' } }];
  const rules = [{ subjects, nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['*'] }] }];
  const spec = { matchingPrecedence: 1000, priorityLevelConfiguration: { name: 'mine' }, rules };
  const schema = await client.create(FlowSchema, { metadata: { name: 'mine' }, spec });
  using raw = rawClient(server, noxu);
  const uids = async (path: string) => {
    const { headers } = await raw.request(path);
    return [headers['x-kubernetes-pf-flowschema-uid'], headers['x-kubernetes-pf-prioritylevel-uid']];
  };
  await expect.poll(() => uids('/version')).toEqual([schema.metadata.uid, level.metadata.uid]);
  const usual = await client.get(FlowSchema, { name: 'global-default' });
  expect((await uids('/api/v1/namespaces'))[0]).toBe(usual.metadata.uid);
});

test('every answer says how its request was classified, also one that fails', async () => {
  await using server = await fairServer();
  using raw = rawClient(server);
  const exempt = await server.client.get(FlowSchema, { name: 'exempt' });
  for (const path of ['/version', '/api/v1/namespaces/none', '/nothing', '/api/v1/pods?limit=x']) {
    const { headers } = await raw.request(path);
    expect(headers['x-kubernetes-pf-flowschema-uid'], path).toBe(exempt.metadata.uid);
  }
  const metrics = (await raw.request('/metrics')).text;
  expect(metrics).toMatch(
    /^apiserver_flowcontrol_dispatched_requests_total\{flow_schema="exempt",priority_level="exempt"\} [1-9]/m,
  );
  expect(metrics).toMatch(/^apiserver_flowcontrol_nominal_limit_seats\{priority_level="workload-low"\} 245$/m);
  expect((await raw.request('/debug/api_priority_and_fairness/dump_priority_levels')).text).toMatch(
    /^workload-low, +0, +true,/m,
  );
});

test('a watch that has begun leaves its seat; the connection goes on', async () => {
  await using server = await fairServer();
  using raw = rawClient(server, await server.authority.client('ann', []));
  const { headers, chunks } = await raw.stream('/api/v1/namespaces?watch=1');
  expect(headers[':status']).toBe(200);
  const text = async (): Promise<string> => (await raw.request('/metrics')).text;
  const labels = String.raw`\{flow_schema="global-default",priority_level="global-default",type="watch"\}`;
  await expect.poll(text).toMatch(new RegExp(`request_execution_seconds_count${labels} 1$`, 'm'));
  const first = await chunks[Symbol.asyncIterator]().next();
  expect(String(first.value)).toContain('"ADDED"');
});

test('without priority and fairness answers say nothing of it, and the plain limits hold', async () => {
  await using server = await fairServer({ enabled: false, maxRequestsInFlight: 400, maxMutatingRequestsInFlight: 200 });
  using raw = rawClient(server);
  const { status, headers } = await raw.request('/api/v1/namespaces');
  expect([status, headers['x-kubernetes-pf-flowschema-uid']]).toEqual([200, undefined]);
  expect(
    hasReason(await server.client.get(FlowSchema, { name: 'exempt' }).catch((error: unknown) => error), 'NotFound'),
  ).toBe(false);
});
