/** The fine print of verbs, as clients see it on the wire. */
import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { StoreError } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { createObject } from '../resources/create-object.ts';
import { attributesOf } from '../request-attributes.ts';
import { apiServerUser } from '../authentication/users.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import { testServer } from '../testing/test-server.ts';

const namespace = 'default';
const configMaps = '/api/v1/namespaces/default/configmaps';
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const headers = { 'content-type': 'application/json' };

async function withConfigMaps(...names: readonly string[]): Promise<HttpsTestServer> {
  const server = await httpsTestServer();
  for (const name of names) await server.client.create(ConfigMap, { metadata: { name, namespace } });
  return server;
}

test('a replace that makes the object answers 201, the next one 200', async () => {
  await using server = await withConfigMaps();
  using client = rawClient(server);
  const put = async () =>
    client.request(`${leases}/a`, {
      method: 'PUT',
      headers,
      body: JSON.stringify({ metadata: { name: 'a', namespace }, spec: { holderIdentity: 'me' } }),
    });
  expect((await put()).status).toBe(201);
  expect((await put()).status).toBe(200);
  const missing = await client.request(`${configMaps}/a`, {
    method: 'PUT',
    headers,
    body: '{"metadata":{"name":"a"}}',
  });
  expect(missing.status).toBe(404);
});

test('a generated name that is taken is generated again, eight times', async () => {
  await using server = await testServer();
  const { context } = server.server;
  let names = 0;
  const stubborn = { ...context, random: { next: () => (names++ < 5 * 20 ? 0 : 0.5), uuid: () => 'u' } };
  const create = () =>
    createObject(
      stubborn,
      {
        resource: ConfigMap,
        attributes: attributesOf(apiServerUser, ConfigMap, { verb: 'create', namespace }),
        dryRun: false,
        fieldValidation: 'Ignore',
        warnings: [],
      },
      { value: () => ({ metadata: { generateName: 'x-' } }), duplicates: [] },
    );
  expect((await create()).object.metadata.name).toBe('x-bbbbb');
  names = 0;
  await expect(create()).rejects.toMatchObject({
    code: 409,
    reason: 'AlreadyExists',
    message: 'configmaps "x-bbbbb" already exists, the server was not able to generate a unique name for the object',
    details: { name: 'x-bbbbb', kind: 'configmaps', retryAfterSeconds: 1 },
  });
  names = 5 * 16;
  expect((await create()).object.metadata.name).not.toBe('x-bbbbb');
});

test.each([
  ['resourceVersionMatch=Exact', 'is forbidden unless resourceVersion is provided'],
  ['resourceVersion=0&resourceVersionMatch=Exact', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'],
  [
    'resourceVersion=1&resourceVersionMatch=No',
    'Unsupported value: "No": supported values: "Exact", "NotOlderThan", ""',
  ],
  ['continue=x&resourceVersion=1&resourceVersionMatch=Exact', 'is forbidden when continue is provided'],
  ['sendInitialEvents=true', 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
  ['watch=1&resourceVersionMatch=Exact', 'is forbidden for watch unless sendInitialEvents is provided'],
  ['watch=1&sendInitialEvents=true', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
])('options that contradict one another are refused: %s', async (query, text) => {
  await using server = await withConfigMaps();
  using client = rawClient(server);
  const answer = await client.request(`${configMaps}?${query}`);
  expect(answer.json()).toMatchObject({
    code: 422,
    reason: 'Invalid',
    message: expect.stringMatching(/^ListOptions.meta.k8s.io "" is invalid: /),
    details: { group: 'meta.k8s.io', kind: 'ListOptions' },
  });
  expect(answer.text).toContain(JSON.stringify(text).slice(1, -1));
});

test('unknown values of options are refused under the name of the options of the verb', async () => {
  await using server = await withConfigMaps('a');
  using client = rawClient(server);
  const messageOf = async (method: string, path: string) =>
    (await client.request(path, { method, headers, body: '{}' })).json()['message'];
  expect(await messageOf('POST', `${configMaps}?dryRun=x`)).toBe(
    'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["x"]: supported values: "All"',
  );
  expect(await messageOf('PUT', `${configMaps}/a?fieldValidation=x`)).toBe(
    'UpdateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "x": supported values: "Ignore", "Strict", "Warn"',
  );
});

test('pages say how much is left, and whoever takes any version gets all', async () => {
  await using server = await withConfigMaps('a', 'b', 'c');
  using client = rawClient(server);
  const page = (await client.request(`${configMaps}?limit=2`)).json();
  expect(page).toMatchObject({ items: { length: 2 }, metadata: { remainingItemCount: 1 } });
  const { continue: token } = page['metadata'] as unknown as { continue: string };
  const rest = (await client.request(`${configMaps}?limit=2&continue=${token}`)).json();
  expect(rest).toMatchObject({ items: [{ metadata: { name: 'c' } }] });
  expect(rest['metadata']).not.toHaveProperty('continue');
  expect((await client.request(`${configMaps}?limit=2&resourceVersion=0`)).json()).toMatchObject({
    items: { length: 3 },
  });
  const both = await client.request(`${configMaps}?continue=${token}&resourceVersion=5`);
  expect(both.json()).toMatchObject({
    code: 400,
    message: 'specifying resource version is not allowed when using continue',
  });
});

test('what was compacted away between two pages can be had as it is now', async () => {
  await using server = await withConfigMaps('a', 'b', 'c');
  using client = rawClient(server);
  const first = (await client.request(`${configMaps}?limit=1`)).json();
  const { continue: token } = first['metadata'] as unknown as { continue: string };
  await server.client.create(ConfigMap, { metadata: { name: 'd', namespace } });
  await server.server.context.store.compact(server.server.context.caches.revision);
  const gone = (await client.request(`${configMaps}?limit=1&continue=${token}`)).json();
  expect(gone).toMatchObject({ code: 410, reason: 'Expired', metadata: { continue: expect.any(String) } });
  const { continue: inconsistent } = gone['metadata'] as unknown as { continue: string };
  const rest = (await client.request(`${configMaps}?continue=${inconsistent}`)).json();
  expect(rest).toMatchObject({
    items: [{ metadata: { name: 'b' } }, { metadata: { name: 'c' } }, { metadata: { name: 'd' } }],
  });
});

test('a watch from a version that is too old begins, and says so in an event', async () => {
  await using server = await withConfigMaps('a');
  using client = rawClient(server);
  for (let count = 0; count < 6000; count++) {
    await server.client.patch(
      ConfigMap,
      { namespace, name: 'a' },
      { type: 'merge', body: { data: { n: `${count}` } } },
    );
  }
  const answer = await client.request(`${configMaps}?watch=1&resourceVersion=2`);
  expect(answer.status).toBe(200);
  expect(answer.json()).toMatchObject({
    type: 'ERROR',
    object: {
      kind: 'Status',
      code: 410,
      reason: 'Expired',
      message: expect.stringContaining('too old resource version: 2'),
    },
  });
});

test.each([
  ['/api/v1/watch/configmaps', ['a', 'b']],
  ['/api/v1/watch/namespaces/default/configmaps', ['a', 'b']],
  ['/api/v1/watch/namespaces/default/configmaps/b', ['b']],
  ['/api/v1/watch/namespaces/kube-system', ['kube-system']],
])('the paths of old still watch: %s', async (path, names) => {
  await using server = await withConfigMaps('a', 'b');
  using client = rawClient(server);
  const found: string[] = [];
  for await (const line of client.lines(path)) {
    const { object } = JSON.parse(line) as { object: { metadata: { name: string } } };
    found.push(object.metadata.name);
    if (found.length === names.length) break;
  }
  expect(found).toEqual(names);
  expect((await client.request(path, { method: 'POST', headers, body: '{}' })).status).toBe(405);
});

test('deleting a collection with a limit deletes so many', async () => {
  await using server = await withConfigMaps('a', 'b', 'c');
  using client = rawClient(server);
  const answer = await client.request(`${configMaps}?limit=2`, { method: 'DELETE' });
  expect(answer.json()).toMatchObject({ items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] });
  const { items } = await server.client.list(ConfigMap, { namespace });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['c']);
  const wrong = await client.request(`${configMaps}?propagationPolicy=Sideways`, { method: 'DELETE' });
  expect(wrong.json()).toMatchObject({ code: 422 });
});

test('every answer bears the name of its request, the client its own if it has one', async () => {
  await using server = await withConfigMaps('a');
  using client = rawClient(server);
  for (const path of [`${configMaps}/a`, configMaps, '/version', '/nowhere', `${configMaps}/missing`]) {
    const answer = await client.request(path);
    expect(answer.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers['cache-control']).toBe('no-cache, private');
  }
  expect((await client.request(configMaps, { headers: { 'audit-id': 'mine' } })).headers['audit-id']).toBe('mine');
  const strange = await client.request(configMaps, { headers: { 'audit-id': 'x'.repeat(100) } });
  expect(strange.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('a request may say how long it waits, and is told when that was not enough', async () => {
  class StuckStore extends MemoryStore {
    stuck = false;

    override create(key: string, value: Uint8Array): Promise<number> {
      return this.stuck ? new Promise(() => undefined) : super.create(key, value);
    }
  }
  const store = new StuckStore();
  await using server = await httpsTestServer({ store });
  using client = rawClient(server);
  store.stuck = true;
  const body = '{"metadata":{"name":"a"}}';
  const late = await client.request(`${configMaps}?timeout=20ms`, { method: 'POST', headers, body });
  expect(late.json()).toMatchObject({
    code: 504,
    reason: 'Timeout',
    message: 'Timeout: request did not complete within the allotted timeout',
  });
  const wrong = await client.request(`${configMaps}?timeout=soon`, { method: 'POST', headers, body });
  expect(wrong.json()).toMatchObject({ code: 400, message: expect.stringContaining('invalid timeout specified') });
  const metrics = (await client.request('/metrics')).text;
  expect(metrics).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 1');
  expect(metrics).toContain('apiserver_current_inflight_requests{request_kind="mutating"} 1');
});

test('a store that is away is told as that, and when to try again', async () => {
  class AwayStore extends MemoryStore {
    away = false;

    override async create(key: string, value: Uint8Array): Promise<number> {
      if (this.away) throw new StoreError('unavailable', 'the disk is gone');
      return super.create(key, value);
    }
  }
  const store = new AwayStore();
  await using server = await httpsTestServer({ store });
  using client = rawClient(server);
  store.away = true;
  const answer = await client.request(configMaps, { method: 'POST', headers, body: '{"metadata":{"name":"a"}}' });
  expect(answer.json()).toMatchObject({ code: 503, reason: 'ServiceUnavailable', details: { retryAfterSeconds: 1 } });
  expect(answer.headers['retry-after']).toBe('1');
});

test('HEAD answers with the length of what GET would', async () => {
  await using server = await withConfigMaps('a');
  using client = rawClient(server);
  const got = await client.request(`${configMaps}/a`);
  const head = await client.request(`${configMaps}/a`, { method: 'HEAD' });
  expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', String(got.bytes.length)]);
});

test('without a majority of the store an object is served as it was known to those who take any version, to others not', async () => {
  let majority = true;
  const memory = new MemoryStore();
  const revision = async (): Promise<number> => {
    await Promise.resolve();
    if (!majority) throw new StoreError('unavailable', 'etcdserver: no leader');
    return memory.revision.call(memory);
  };
  const store: Store = new Proxy<Store>(memory, {
    get: (_, name) => {
      if (name === 'revision') return revision;
      const member: unknown = Reflect.get(memory, name, memory);
      return typeof member === 'function' ? member.bind(memory) : member;
    },
  });
  await using server = await httpsTestServer({ store });
  using client = rawClient(server);
  const { metadata } = await server.client.create(ConfigMap, { metadata: { name: 'a', namespace } });
  const statusOf = async (query: string): Promise<number> => (await client.request(`${configMaps}/${query}`)).status;
  majority = false;
  expect(await statusOf('a?resourceVersion=0')).toBe(200);
  expect(await statusOf(`a?resourceVersion=${metadata.resourceVersion}`)).toBe(200);
  expect(await statusOf('b?resourceVersion=0')).toBe(404);
  expect(await statusOf('a?resourceVersion=x')).toBe(422);
  expect(await statusOf('a')).toBe(503);
  majority = true;
  expect(await statusOf('a?resourceVersion=')).toBe(200);
});
