/** What every client relies on, whatever it asks about. */
import { Agent, get } from 'node:https';
import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Pod } from '../../api/core/pod.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';

const namespace = 'default';
const configMaps = '/api/v1/namespaces/default/configmaps';
const json = { 'content-type': 'application/json' };

async function withConfigMap(): Promise<HttpsTestServer> {
  const server = await httpsTestServer();
  await server.client.create(ConfigMap, { metadata: { name: 'a', namespace }, data: { k: 'v' } });
  return server;
}

test.each([
  ['POST', `${configMaps}/a`],
  ['PUT', configMaps],
  ['PATCH', configMaps],
  ['OPTIONS', configMaps],
  ['DELETE', '/api/v1/namespaces/default/pods/p/status'],
  ['DELETE', '/api/v1/configmaps'],
  ['POST', '/api/v1/configmaps'],
  ['DELETE', '/api/v1/namespaces'],
  ['GET', '/api/v1/namespaces/default/bindings'],
  ['POST', '/version'],
  ['GET', `${configMaps}/a/status`, 404],
  ['GET', '/api/v1/configmaps/a', 404],
  ['GET', '/api/v1/namespaces/default/nodes', 404],
  ['GET', '/api/v2/configmaps', 404],
])('%s %s is answered as what it is: not served', async (method, path, code = 405) => {
  await using server = await withConfigMap();
  using client = rawClient(server);
  const answer = await client.request(path, { method, headers: json, ...(method === 'GET' ? {} : { body: '{}' }) });
  const messages: Record<number, string> = {
    404: 'the server could not find the requested resource',
    405: 'the server does not allow this method on the requested resource',
  };
  expect([answer.status, answer.json()['message']]).toEqual([code, messages[code]]);
});

test('who may do nothing does not learn what is served', async () => {
  await using server = await httpsTestServer({
    parts: () => ({ authorizer: { authorize: ({ user }) => ({ allowed: user.name !== 'eve', reason: '' }) } }),
  });
  using eve = rawClient(server, await server.authority.client('eve'));
  const answer = await eve.request(`${configMaps}/a`, { method: 'POST', headers: json, body: '{}' });
  expect(answer.status).toBe(403);
});

test('connections of HTTP/1.1 are kept for the next request', async () => {
  await using server = await withConfigMap();
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: server.authority.cert, ...server.admin });
  const ports = new Set<number | undefined>();
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve, reject) => {
      get(`${server.url}${configMaps}/a`, { agent }, (response) => {
        ports.add(response.socket.localPort);
        response.resume().on('end', resolve);
      }).on('error', reject);
    });
  }
  agent.destroy();
  expect(ports.size).toBe(1);
});

test('answers are not to be cached, and are indented for those who read them', async () => {
  await using server = await withConfigMap();
  using client = rawClient(server);
  const answer = await client.request(`${configMaps}/a`);
  expect(answer.headers['cache-control']).toBe('no-cache, private');
  expect(answer.text).not.toContain('\n');
  for (const [path, agent] of [
    ['?pretty=true', 'x'],
    ['', 'curl/8.0'],
  ] as const) {
    const pretty = await client.request(`${configMaps}/a${path}`, { headers: { 'user-agent': agent } });
    expect(pretty.text).toContain('\n  "kind": "ConfigMap",\n');
    expect(pretty.json()).toEqual(answer.json());
  }
  const plain = await client.request(`${configMaps}/a?pretty=false`, { headers: { 'user-agent': 'curl/8.0' } });
  expect(plain.text).toBe(answer.text);
  expect((await client.request(`${configMaps}/b?pretty=1`)).text).toContain('\n  "code": 404\n');
});

test('deleting a collection answers with the list of what was deleted', async () => {
  await using server = await withConfigMap();
  using client = rawClient(server);
  const selected = `${configMaps}?fieldSelector=metadata.name=a`;
  const deleted = (await client.request(selected, { method: 'DELETE' })).json();
  expect(deleted).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }] });
  expect((await client.request(selected)).json()).toMatchObject({ items: [] });
});

test('deleting a pod answers with the pod, also when nothing of it is left', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await server.client.create(Pod, { metadata: { name: 'p', namespace }, spec });
  const answer = await client.request('/api/v1/namespaces/default/pods/p', { method: 'DELETE' });
  expect(answer.json()).toMatchObject({ kind: 'Pod', metadata: { name: 'p' } });
});

test('delete options that make no sense are refused by name', async () => {
  await using server = await withConfigMap();
  using client = rawClient(server);
  const answer = await client.request(`${configMaps}/a?propagationPolicy=Foo`, { method: 'DELETE' });
  expect(answer.json()).toMatchObject({
    code: 422,
    message:
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Foo": supported values: "Foreground", "Background", "Orphan", "nil"',
  });
});

test('a patch is checked for unknown and duplicate fields like a whole object', async () => {
  await using server = await withConfigMap();
  using client = rawClient(server);
  const send = (type: string, body: string) =>
    client.request(`${configMaps}/a?fieldValidation=Strict`, {
      method: 'PATCH',
      headers: { 'content-type': `application/${type}` },
      body,
    });
  for (const type of ['merge-patch+json', 'strategic-merge-patch+json']) {
    const answer = await send(type, '{"data":{"k":"1","k":"2"},"foo":1}');
    expect(answer.json()['message']).toContain('strict decoding error: duplicate field "data.k", unknown field "foo"');
  }
  const operations = await send('json-patch+json', '[{"op":"add","path":"/data/x","path":"/data/y","value":"1"}]');
  expect(operations.json()['message']).toContain('json patch duplicate field "[0].path"');
});

test('YAML with a key that comes twice is refused, warned of or taken, as the client says', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  const body = 'metadata: {name: twice}\ndata:\n  a: "1"\n  a: "2"\n';
  const send = (mode: string) => {
    const headers = { 'content-type': 'application/yaml' };
    return client.request(`${configMaps}?dryRun=All&fieldValidation=${mode}`, { method: 'POST', headers, body });
  };
  expect((await send('Strict')).json()).toMatchObject({
    code: 400,
    message: expect.stringContaining('strict decoding error: yaml: unmarshal errors:\n  line 4: key "a" already set'),
  });
  const warned = await send('Warn');
  expect([warned.status, warned.headers['warning']]).toEqual([201, expect.stringContaining('line 4: key')]);
  expect((await send('Ignore')).json()).toMatchObject({ data: { a: '2' } });
});

test('what has no metadata has no table either', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const ask = (accept: string) =>
    client.request('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      method: 'POST',
      headers: { ...json, accept },
      body: '{"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}',
    });
  expect((await ask(table)).json()).toMatchObject({ code: 406, reason: 'NotAcceptable' });
});

test('a field selector that is not known is refused in words to which kubectl adds its own', async () => {
  await using server = await withConfigMap();
  using client = rawClient(server);
  const answer = await client.request(`${configMaps}?fieldSelector=data.k=v`);
  expect(answer.json()).toMatchObject({
    code: 400,
    message: '"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"',
  });
});

test.each([
  ['continue=x&resourceVersion=5', 400, 'specifying resource version is not allowed when using continue'],
  ['continue=x&resourceVersionMatch=Exact', 422, 'resourceVersionMatch is forbidden when continue is provided'],
  ['continue=x', 400, 'continue key is not valid'],
  ['watch=1&sendInitialEvents=true', 422, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
  ['watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=1', 422, 'forbidden for watch unless sendInitialEvents'],
  ['resourceVersionMatch=Exact', 422, 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
])('a list with %s is refused', async (query, code, message) => {
  await using server = await withConfigMap();
  using client = rawClient(server);
  const answer = await client.request(`${configMaps}?${query}`);
  expect(answer.json()).toMatchObject({ code, message: expect.stringContaining(message) });
});
