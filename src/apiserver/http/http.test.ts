import { get } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';

const namespace = 'default';
const configMaps = '/api/v1/namespaces/default/configmaps';
const json = { 'content-type': 'application/json' };

describe('the listener', () => {
  test('speaks HTTP/1.1 on the same port', async () => {
    await using server = await httpsTestServer();
    const options = { ca: server.authority.cert, ...server.admin, agent: false as const };
    const answer = await new Promise<{ status: number | undefined; version: string; text: string }>(
      (resolve, reject) => {
        get(`${server.url}/api/v1/namespaces`, options, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve({ status: response.statusCode, version: response.httpVersion, text }));
        }).on('error', reject);
      },
    );
    expect(answer.status).toBe(200);
    expect(answer.version).toBe('1.1');
    expect(JSON.parse(answer.text)).toMatchObject({ kind: 'NamespaceList' });
  });

  test('knows who asks by the client certificate, and refuses one of another authority', async () => {
    const seen: string[] = [];
    await using server = await httpsTestServer({
      parts: () => ({
        authorizer: {
          authorize({ user }) {
            seen.push(user.name);
            return { allowed: user.groups.includes('system:masters'), reason: '' };
          },
        },
      }),
    });
    using admin = rawClient(server);
    expect((await admin.request('/version')).status).toBe(200);
    using eve = rawClient(server, await server.authority.client('eve'));
    expect((await eve.request('/api/v1/pods')).json()).toMatchObject({
      reason: 'Forbidden',
      message: 'pods is forbidden: User "eve" cannot list resource "pods" in API group "" at the cluster scope',
    });
    using anonymous = rawClient(server, 'anonymous');
    const refused = await anonymous.request('/api/v1/pods', {});
    expect([refused.status, seen.at(-1)]).toEqual([403, 'system:anonymous']);
    await using other = await httpsTestServer();
    using foreign = rawClient(server, other.admin);
    expect((await foreign.request('/version')).status).toBe(401);
  });

  test('ends watches and connections when it is disposed', async () => {
    const server = await httpsTestServer();
    using client = rawClient(server);
    const lines = client.lines(`${configMaps}?watch=1`);
    const ended = lines.next();
    await client.request('/version');
    await server[Symbol.asyncDispose]();
    expect((await ended).done).toBe(true);
  });
});

describe('requests', () => {
  test('create, get, update, patch and delete an object', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const send = (method: string, path: string, body: object, type = 'application/json') =>
      client.request(path, { method, headers: { 'content-type': type }, body: JSON.stringify(body) });
    const created = await send('POST', configMaps, { metadata: { name: 'a' }, data: { k: '1' } });
    expect(created.status).toBe(201);
    const object = created.json();
    expect(object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', namespace } });
    expect((await client.request(`${configMaps}/a`)).json()).toEqual(object);
    const updated = await send('PUT', `${configMaps}/a`, { ...object, data: { k: '2' } });
    expect(updated.status).toBe(200);
    expect((await send('PUT', `${configMaps}/a`, { ...object, data: { k: '3' } })).status).toBe(409);
    const patched = await send(
      'PATCH',
      `${configMaps}/a`,
      [{ op: 'add', path: '/data/l', value: '4' }],
      'application/json-patch+json',
    );
    expect(patched.json()).toMatchObject({ data: { k: '2', l: '4' } });
    const apply = await send('PATCH', `${configMaps}/a`, {}, 'application/apply-patch+yaml');
    expect([apply.status, apply.json()]).toEqual([422, expect.objectContaining({ reason: 'Invalid' })]);
    const unknown = await send('PATCH', `${configMaps}/a`, {}, 'application/patch');
    expect([unknown.status, unknown.json()]).toEqual([
      415,
      expect.objectContaining({ reason: 'UnsupportedMediaType' }),
    ]);
    const deleted = await client.request(`${configMaps}/a`, { method: 'DELETE' });
    expect(deleted.json()).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'a', kind: 'configmaps' },
    });
    const gone = await client.request(`${configMaps}/a`);
    expect(gone.status).toBe(404);
    expect(gone.json()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "a" not found',
      reason: 'NotFound',
      details: { name: 'a', kind: 'configmaps' },
      code: 404,
    });
  });

  test('unknown and duplicate fields are errors, warnings or nothing, as the client says', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const body = '{"metadata":{"name":"a","name":"a"},"foo":1}';
    const send = (mode: string) =>
      client.request(`${configMaps}?dryRun=All&fieldValidation=${mode}`, { method: 'POST', headers: json, body });
    const strict = await send('Strict');
    expect(strict.status).toBe(400);
    expect(strict.json()['message']).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "metadata.name", unknown field "foo"',
    );
    const warned = await send('Warn');
    expect(warned.status).toBe(201);
    expect(warned.headers['warning']).toBe(
      '299 - "duplicate field \\"metadata.name\\"", 299 - "unknown field \\"foo\\""',
    );
    expect((await send('Ignore')).headers['warning']).toBeUndefined();
  });

  test('YAML is read and written', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const body = 'metadata:\n  name: a\ndata:\n  time: "12:30:45"\n';
    const headers = { 'content-type': 'application/yaml', accept: 'application/yaml' };
    const answer = await client.request(configMaps, { method: 'POST', headers, body });
    expect(answer.headers['content-type']).toBe('application/yaml');
    expect(answer.text).toContain('12:30:45');
  });

  test('what is too large, too deep or malformed is refused as such', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const send = (body: string, headers = json) => client.request(configMaps, { method: 'POST', headers, body });
    expect((await send(`{"data":{"a":"${'x'.repeat(3 * 1024 * 1024)}"}}`)).status).toBe(413);
    expect((await send('['.repeat(100_000))).json()['message']).toContain('exceeded max depth');
    expect((await send('{')).json()).toMatchObject({
      reason: 'BadRequest',
      message: expect.stringContaining('json parse error'),
    });
    expect((await send('{"kind":"Pod","apiVersion":"v1"}')).json()['message']).toContain(
      'Pod in version "v1" cannot be handled as a ConfigMap',
    );
    expect((await send('x', { 'content-type': 'application/xml' })).status).toBe(415);
  });

  test('tables and metadata are given to those who ask, and 406 to those who can take nothing else', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    await server.client.create(ConfigMap, { metadata: { name: 'a', namespace }, data: { k: 'v' } });
    const as = async (accept: string, path = configMaps) => client.request(path, { headers: { accept } });
    const table = (await as('application/json;as=Table;v=v1;g=meta.k8s.io,application/json')).json();
    expect(table).toMatchObject({ kind: 'Table', rows: [{ cells: ['a', 1, expect.any(String)] }] });
    const list = (await as('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io')).json();
    expect(list).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ metadata: { name: 'a' } }] });
    expect(JSON.stringify(list)).not.toContain('"data":');
    const protobuf = 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io';
    const fallback = await as(`${protobuf},application/json`);
    expect(fallback.json()).toMatchObject({ kind: 'ConfigMapList' });
    expect((await as(protobuf)).json()).toMatchObject({
      reason: 'NotAcceptable',
      code: 406,
    });
  });

  test('long lists are compressed for clients that can unpack them', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    for (let i = 0; i < 3; i++) {
      await server.client.create(ConfigMap, {
        metadata: { name: `c${i}`, namespace },
        data: { k: 'x'.repeat(60_000) },
      });
    }
    const packed = await client.request(configMaps, { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    const plain = await client.request(configMaps);
    expect(gunzipSync(packed.bytes).toString()).toBe(plain.text);
  });

  test('paths that are not served are told so', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    for (const path of ['/nope', '/api/v1/nopes', '/apis/nope/v1/things/x']) {
      const answer = await client.request(path);
      expect([path, answer.status, answer.json()['message']]).toEqual([
        path,
        404,
        'the server could not find the requested resource',
      ]);
    }
    expect(
      (await client.request('/api/v1/namespaces/default', { method: 'POST', headers: json, body: '{}' })).status,
    ).toBeGreaterThanOrEqual(400);
  });
});

describe('watches', () => {
  test('stream events as lines, with bookmarks and the end of the initial events', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    await server.client.create(ConfigMap, { metadata: { name: 'a', namespace } });
    const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const lines = client.lines(`${configMaps}?${query}`);
    const next = async () =>
      JSON.parse(String((await lines.next()).value)) as { type: string; object: { metadata: Record<string, unknown> } };
    expect(await next()).toMatchObject({ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'a' } } });
    const end = await next();
    expect(end).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    await server.client.delete(ConfigMap, { namespace, name: 'a' });
    const deleted = await next();
    expect(deleted.type).toBe('DELETED');
    expect(Number(deleted.object.metadata['resourceVersion'])).toBeGreaterThan(
      Number(end.object.metadata['resourceVersion']),
    );
  });

  test('end after timeoutSeconds', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const seen: string[] = [];
    for await (const line of client.lines(`${configMaps}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true`))
      seen.push(line);
    expect(seen).toHaveLength(1);
    expect(JSON.parse(seen[0]!)).toMatchObject({ type: 'BOOKMARK' });
  });

  test('a version of another life of the store is 410', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const answer = await client.request(`${configMaps}?watch=1&resourceVersion=99999999`);
    expect(answer.json()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });

  test('a client that does not read is cut off, and others are not held up', async () => {
    await using server = await httpsTestServer();
    using slow = rawClient(server);
    using quick = rawClient(server);
    const stuck = slow.lines(`${configMaps}?watch=1`);
    const first = stuck.next();
    await server.client.create(ConfigMap, { metadata: { name: 'a', namespace } });
    await first;
    const { watchers } = server.server.context.caches.of(ConfigMap);
    expect(watchers.size).toBe(1);
    const body = { data: { k: 'x'.repeat(500_000) } };
    for (let i = 0; watchers.size > 0 && i < 100; i++) {
      const name = `big${i}`;
      await server.client.create(ConfigMap, { metadata: { name, namespace }, ...body });
      await server.client.delete(ConfigMap, { namespace, name });
      expect((await quick.request('/readyz')).status).toBe(200);
    }
    expect(watchers.size).toBe(0);
  });
});

describe('documents', () => {
  test('/readyz, /version and /metrics', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    for (const path of ['/healthz', '/livez', '/readyz', '/readyz/ping'])
      expect((await client.request(path)).text).toBe('ok');
    expect((await client.request('/readyz?verbose')).text).toContain('[+]ping ok\n');
    expect((await client.request('/version')).json()).toMatchObject({
      major: '1',
      minor: '36',
      gitVersion: 'v1.36.0+kubets',
    });
    await client.request(configMaps);
    const { text } = await client.request('/metrics');
    expect(text).toMatch(/apiserver_request_total\{[^}]*resource="configmaps"[^}]*verb="LIST",code="200"\} 1/);
    expect(text).toMatch(/process_resident_memory_bytes \d+/);
    expect(text).toContain('authentication_attempts{result="success"} 8\n');
    expect(text).toContain('authenticated_user_requests{username="admin"} 8\n');
    expect(text).toMatch(/authorization_attempts_total\{result="allowed"\} \d+\n/);
    expect(text).toContain('# TYPE apiserver_admission_step_admission_duration_seconds histogram\n');
    const names = text.match(/^# TYPE \S+/gm) ?? [];
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('connections to nodes', () => {
  test('say clearly what is missing', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const spec = {
      containers: [
        { name: 'c', image: 'i' },
        { name: 'd', image: 'i' },
      ],
    };
    await server.client.create(Pod, { metadata: { name: 'p', namespace }, spec });
    const log = async (query: string) =>
      (await client.request(`/api/v1/namespaces/default/pods/p/log${query}`)).json()['message'];
    expect(await log('')).toBe('a container name must be specified for pod p, choose one of: [c d]');
    expect(await log('?container=x')).toBe('container x is not valid for pod p');
    expect((await client.request('/api/v1/namespaces/default/pods/p/log?container=c')).text).toBe('');
    const exec = async (name: string) =>
      (await client.request(`/api/v1/namespaces/default/pods/${name}/exec?command=ls&container=c`)).json()['message'];
    expect(await exec('p')).toBe('pod p does not have a host assigned');
    await server.client.create(Node, {
      metadata: { name: 'n' },
      status: { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }] },
    });
    const placed = { ...spec, nodeName: 'n' };
    await server.client.create(Pod, { metadata: { name: 'placed', namespace }, spec: placed });
    expect(await exec('placed')).toBe('Upgrade request required');
  });
});
