import { describe, expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { HorizontalPodAutoscaler } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from '../../api/autoscaling/horizontal-pod-autoscaler-v1.ts';
import type { Json } from '../../base/json.ts';
import type { Client } from '../../client/client.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { testServer } from '../testing/test-server.ts';

const key = { namespace: 'default', name: 'app' };
const metadata = { ...key };
const configMap = (data: object, more: object = {}): Json =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, ...more }, data }) as Json;
const deployment = (spec: object, more: object = {}): Json =>
  ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...metadata, ...more }, spec }) as Json;
const webSpec = {
  selector: { matchLabels: { app: 'web' } },
  template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
};

const applyMap = (client: Client, fieldManager: string, body: Json, force = false) =>
  client.patch(ConfigMap, key, { type: 'apply', body }, { fieldManager, force });
const applyDeployment = (client: Client, fieldManager: string, body: Json, options: object = {}) =>
  client.patch(Deployment, key, { type: 'apply', body }, { fieldManager, ...options });
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (error: unknown) => (error as { body?: unknown }).body ?? error,
  );

describe('server-side apply', () => {
  test('creates what is not there, and owns what it said, not what was defaulted', async () => {
    await using server = await testServer();
    const made = await applyDeployment(server.client, 'me', deployment(webSpec));
    expect(made.spec.replicas).toBe(1);
    expect(made.metadata.managedFields).toEqual([
      {
        manager: 'me',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: made.metadata.creationTimestamp,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:selector': {},
            'f:template': {
              'f:metadata': { 'f:labels': { 'f:app': {} } },
              'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
            },
          },
        },
      },
    ]);
  });

  test('writes nothing when nothing changes', async () => {
    await using server = await testServer();
    const first = await applyMap(server.client, 'me', configMap({ a: '1' }));
    await server.clock.advance(60_000);
    const again = await applyMap(server.client, 'me', configMap({ a: '1' }));
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(again.metadata.managedFields).toEqual(first.metadata.managedFields);
  });

  test('writes nothing when only the notation of a value differs', async () => {
    await using server = await testServer();
    const withLimit = (cpu: string): Json => {
      const container = { name: 'web', image: 'nginx', resources: { limits: { cpu } } };
      return deployment({ ...webSpec, template: { ...webSpec.template, spec: { containers: [container] } } });
    };
    const first = await applyDeployment(server.client, 'me', withLimit('1000m'));
    await server.clock.advance(60_000);
    const again = await applyDeployment(server.client, 'me', withLimit('1000m'));
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('refuses to change what another manager set, and says so field by field', async () => {
    await using server = await testServer();
    await server.client.create(ConfigMap, { metadata, data: { a: '1' } }, { fieldManager: 'creator' });
    expect(await failure(applyMap(server.client, 'me', configMap({ a: '2' })))).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "creator" using v1: .data.a',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "creator" using v1', field: '.data.a' }],
      },
    });
    const forced = await applyMap(server.client, 'me', configMap({ a: '2' }), true);
    expect(forced.data).toEqual({ a: '2' });
    expect(forced.metadata.managedFields).toMatchObject([
      { manager: 'me', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
      { manager: 'creator', operation: 'Update', fieldsV1: { 'f:data': {} } },
    ]);
  });

  test('removes what it gives up, unless somebody else has it', async () => {
    await using server = await testServer();
    await applyMap(server.client, 'me', configMap({ a: '1', b: '2' }));
    await applyMap(server.client, 'you', configMap({ b: '2' }));
    const left = await applyMap(server.client, 'me', configMap({}));
    expect(left.data).toEqual({ b: '2' });
  });

  test('removes labels and annotations that it gives up, and nothing else of the metadata', async () => {
    await using server = await testServer();
    const more = { labels: { x: 'y' }, annotations: { a: 'b' }, finalizers: ['example.com/f'] };
    const made = await applyMap(server.client, 'me', configMap({}, more));
    const { labels, annotations, finalizers, managedFields, ...system } = made.metadata;
    expect([labels, annotations, finalizers]).toEqual([{ x: 'y' }, { a: 'b' }, ['example.com/f']]);
    const left = await applyMap(server.client, 'me', configMap({ k: 'v' }));
    const { managedFields: entries, ...rest } = left.metadata;
    expect({ ...rest, resourceVersion: system.resourceVersion }).toEqual(system);
    expect([managedFields?.length, entries?.length]).toEqual([1, 1]);
  });

  test('gives what was there before the first apply a manager', async () => {
    await using server = await testServer();
    const { client } = server;
    await client.create(ConfigMap, { metadata, data: { a: '1', b: '2' } });
    const reset = { metadata: { managedFields: [{}] } };
    const bare = await client.patch(ConfigMap, key, { type: 'merge', body: reset });
    expect(bare.metadata.managedFields).toBeUndefined();
    const updated = await client.patch(ConfigMap, key, { type: 'merge', body: { data: { c: '3' } } });
    expect(updated.metadata.managedFields).toBeUndefined();
    const applied = await applyMap(client, 'me', configMap({ a: '1' }));
    expect(applied.metadata.managedFields).toMatchObject([
      { manager: 'me', operation: 'Apply' },
      {
        manager: 'before-first-apply',
        operation: 'Update',
        fieldsV1: { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {}, 'f:c': {} } },
      },
    ]);
  });

  test('refuses configurations that are not of the kind, or that say who manages them', async () => {
    await using server = await testServer();
    const message = async (body: Json): Promise<unknown> =>
      ((await failure(applyDeployment(server.client, 'me', body))) as Error).message;
    expect(await message(configMap({}))).toBe('invalid object type: /v1, Kind=ConfigMap');
    expect(await message(deployment({ bogus: 1 }))).toBe(
      'failed to create typed patch object (default/app; apps/v1, Kind=Deployment): .spec.bogus: field not declared in schema',
    );
    expect(await message(deployment({ replicas: 'x' }))).toContain(
      '.spec.replicas: expected numeric (int or float), got string',
    );
    const nameless = { ...webSpec.template, spec: { containers: [{ image: 'nginx' }] } };
    expect(await message(deployment({ ...webSpec, template: nameless }))).toContain(
      'spec.template.spec.containers[0].name: Required value',
    );
    const twice = { ...webSpec.template, spec: { containers: [{ name: 'a' }, { name: 'a' }] } };
    expect(await message(deployment({ ...webSpec, template: twice }))).toContain(
      '.spec.template.spec.containers: duplicate entries for key [name="a"]',
    );
    expect(await message(deployment(webSpec, { managedFields: [] }))).toBe('metadata.managedFields must be nil');
    expect(await message(deployment(webSpec, { name: 'other' }))).toBe(
      'the name of the object (other) does not match the name on the URL (app)',
    );
    expect(await message(deployment(webSpec, { uid: 'x' }))).toContain('uid mismatch');
  });

  test('conflicts with a version or a uid that the object does not have', async () => {
    await using server = await testServer();
    await applyMap(server.client, 'me', configMap({ a: '1' }));
    expect(await failure(applyMap(server.client, 'me', configMap({ a: '2' }, { resourceVersion: '1' })))).toMatchObject(
      {
        reason: 'Conflict',
      },
    );
    expect(await failure(applyMap(server.client, 'me', configMap({ a: '2' }, { uid: 'x' })))).toMatchObject({
      reason: 'Conflict',
    });
  });

  test('stores nothing on a dry run', async () => {
    await using server = await testServer();
    const options = { fieldManager: 'me', dryRun: true };
    const made = await server.client.patch(ConfigMap, key, { type: 'apply', body: configMap({ a: '1' }) }, options);
    expect(made.data).toEqual({ a: '1' });
    expect(await failure(server.client.get(ConfigMap, key))).toMatchObject({ reason: 'NotFound' });
  });

  test('merges ports by number and protocol, the default one included', async () => {
    await using server = await testServer();
    const service = (ports: readonly object[]): Json =>
      ({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports, clusterIP: 'None' } }) as Json;
    const run = (fieldManager: string, ports: readonly object[]) =>
      server.client.patch(Service, key, { type: 'apply', body: service(ports) }, { fieldManager });
    await run('a', [{ name: 'tcp', port: 53 }]);
    const both = await run('b', [{ name: 'udp', port: 53, protocol: 'UDP' }]);
    expect(both.spec.ports?.map(({ name, protocol }) => [name, protocol])).toEqual([
      ['tcp', 'TCP'],
      ['udp', 'UDP'],
    ]);
  });
});

describe('applies to parts of objects', () => {
  test('own the status through its subresource only', async () => {
    await using server = await testServer();
    const { client } = server;
    const body = { ...(deployment(webSpec) as object), status: { replicas: 3 } } as Json;
    const made = await applyDeployment(client, 'me', body);
    expect(made.status.replicas ?? 0).toBe(0);
    expect(JSON.stringify(made.metadata.managedFields)).not.toContain('f:status');
    const status = { ...(deployment({}) as object), status: { replicas: 3 } } as Json;
    const written = await applyDeployment(client, 'other', status, { subresource: 'status' });
    expect(written.status.replicas).toBe(3);
    expect(written.metadata.managedFields).toMatchObject([
      { manager: 'me' },
      { manager: 'other', subresource: 'status', fieldsV1: { 'f:status': { 'f:replicas': {} } } },
    ]);
  });

  test('own the replicas through the scale subresource', async () => {
    await using server = await testServer();
    const { client } = server;
    await applyDeployment(client, 'me', deployment({ ...webSpec, replicas: 2 }));
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, spec: { replicas: 5 } } as Json;
    const run = (force: boolean) =>
      client.patch(
        Deployment,
        key,
        { type: 'apply', body: scale },
        { fieldManager: 'hpa', subresource: 'scale', force },
      );
    expect(await failure(run(false))).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "me": .spec.replicas',
    });
    await run(true);
    const { spec, metadata: written } = await client.get(Deployment, key);
    expect(spec.replicas).toBe(5);
    expect(written.managedFields).toMatchObject([
      { manager: 'hpa', operation: 'Apply', subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      { manager: 'me', operation: 'Apply' },
    ]);
    expect(JSON.stringify(written.managedFields?.[1])).not.toContain('f:replicas');
  });
});

describe('managed fields', () => {
  test('name the component that made an object, with all that it set', async () => {
    await using server = await testServer();
    const scheduler = server.server.client({ name: 'system:kube-scheduler', groups: ['system:masters'] });
    const made = await scheduler.create(ConfigMap, { metadata: { ...metadata, labels: { x: 'y' } }, data: { a: '1' } });
    expect(made.metadata.managedFields).toEqual([
      {
        manager: 'kube-scheduler',
        operation: 'Update',
        apiVersion: 'v1',
        time: made.metadata.creationTimestamp,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:data': { '.': {}, 'f:a': {} },
          'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } },
        },
      },
    ]);
  });

  test('do not say that what always is there was set', async () => {
    await using server = await testServer();
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    const made = await server.client.create(Pod, { metadata, spec }, { fieldManager: 'me' });
    const fields = made.metadata.managedFields?.[0]?.fieldsV1 as { readonly 'f:spec': object };
    expect(fields).toMatchObject({ 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {} } } } });
    expect(Object.keys(fields['f:spec'])).toEqual([
      'f:containers',
      'f:dnsPolicy',
      'f:enableServiceLinks',
      'f:restartPolicy',
      'f:schedulerName',
      'f:securityContext',
      'f:terminationGracePeriodSeconds',
    ]);
  });

  test('change hands with the values, and keep their time while nothing changes', async () => {
    await using server = await testServer();
    const { client, clock } = server;
    const made = await client.create(ConfigMap, { metadata, data: { a: '1', b: '2' } }, { fieldManager: 'one' });
    await clock.advance(5000);
    const body = { data: { b: '3' } };
    const patched = await client.patch(ConfigMap, key, { type: 'merge', body }, { fieldManager: 'two' });
    const [one, two] = patched.metadata.managedFields ?? [];
    expect(one).toMatchObject({ manager: 'one', time: made.metadata.creationTimestamp });
    expect(one?.fieldsV1).toEqual({ 'f:data': { '.': {}, 'f:a': {} } });
    expect(two).toMatchObject({ manager: 'two', fieldsV1: { 'f:data': { 'f:b': {} } } });
    expect(two?.time).not.toBe(one?.time);
    await clock.advance(5000);
    const same = await client.update(ConfigMap, { ...patched }, { fieldManager: 'three' });
    expect(same.metadata.resourceVersion).toBe(patched.metadata.resourceVersion);
  });

  test('stay when an update does not bring them along, or brings nonsense', async () => {
    await using server = await testServer();
    const { client } = server;
    const made = await client.create(ConfigMap, { metadata, data: { a: '1' } }, { fieldManager: 'one' });
    const { managedFields } = made.metadata;
    const bare = await client.update(ConfigMap, { metadata, data: { a: '1' } }, { fieldManager: 'two' });
    expect(bare.metadata.managedFields).toEqual(managedFields);
    for (const entry of [
      { manager: 'x', operation: 'Steal', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} },
      { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV2', fieldsV1: {} },
      { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { nonsense: {} } },
      { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'k:{': {} } },
    ]) {
      const sent = { metadata: { ...metadata, managedFields: [entry] }, data: { a: '1' } };
      const kept = await client.update(ConfigMap, sent, { fieldManager: 'two' });
      expect(kept.metadata.managedFields).toEqual(managedFields);
    }
  });

  test('may be rewritten by a client', async () => {
    await using server = await testServer();
    const { client } = server;
    await client.create(ConfigMap, { metadata, data: { a: '1' } }, { fieldManager: 'one' });
    const body = [{ op: 'replace', path: '/metadata/managedFields/0/manager', value: 'renamed' }];
    const renamed = await client.patch(ConfigMap, key, { type: 'json', body });
    expect(renamed.metadata.managedFields).toMatchObject([{ manager: 'renamed' }]);
  });

  test('of managers with impossible names are refused', async () => {
    await using server = await testServer();
    await server.client.create(ConfigMap, { metadata, data: { a: '1' } });
    const entry = { operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } };
    const managedFields = [{ manager: 'x'.repeat(129), ...entry }];
    const refused = server.client.update(ConfigMap, { metadata: { ...metadata, managedFields }, data: { a: '1' } });
    expect(((await failure(refused)) as Error).message).toContain('metadata.managedFields[0].manager: Too long');
  });

  test('are put back when admission makes nonsense of them', async () => {
    const nonsense: AdmissionPlugin = {
      name: 'Nonsense',
      admit({ object, resource }) {
        if (resource === (ConfigMap as unknown))
          Object.assign(object!['metadata'] as object, { managedFields: [{ manager: 'x' }] });
      },
    };
    await using server = await testServer({ parts: () => ({ admission: [nonsense] }) });
    const made = await server.client.create(ConfigMap, { metadata, data: { a: '1' } }, { fieldManager: 'me' });
    expect(made.metadata.managedFields).toMatchObject([{ manager: 'me' }]);
  });

  test('follow an object through its versions', async () => {
    await using server = await testServer();
    const { client } = server;
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    const spec = { scaleTargetRef, maxReplicas: 5 };
    const cpu = (averageUtilization: number): Json => [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } },
    ];
    const old = { metadata, spec: { ...spec, targetCPUUtilizationPercentage: 50 } };
    await client.create(HorizontalPodAutoscalerV1, old, { fieldManager: 'old' });
    const kind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' };
    const run = (more: object, force = false) => {
      const body = { ...kind, metadata, spec: { ...spec, ...more } } as Json;
      return client.patch(HorizontalPodAutoscaler, key, { type: 'apply', body }, { fieldManager: 'new', force });
    };
    expect(await failure(run({ metrics: cpu(70) }))).toMatchObject({
      message:
        'Apply failed with 1 conflict: conflict with "old" using autoscaling/v1: .spec.targetCPUUtilizationPercentage',
    });
    const [applier, updater] = (await run({ metrics: cpu(70) }, true)).metadata.managedFields ?? [];
    expect(applier).toMatchObject({ manager: 'new', apiVersion: 'autoscaling/v2' });
    expect(updater).toMatchObject({ manager: 'old', fieldsV1: { 'f:spec': { 'f:maxReplicas': {} } } });
    expect(JSON.stringify(updater)).not.toContain('targetCPU');
    // What is given up in one version is gone in the other.
    const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
    expect((await run({ metrics: cpu(70), behavior })).spec.behavior?.scaleDown?.stabilizationWindowSeconds).toBe(60);
    await run({ metrics: cpu(70) });
    const left = await client.get(HorizontalPodAutoscalerV1, key);
    expect(left.spec.targetCPUUtilizationPercentage).toBe(70);
    expect(JSON.stringify(left.metadata.annotations ?? {})).not.toContain('60');
  });
});
