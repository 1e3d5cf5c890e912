/** How patches that can't be fail, as clients see it on the wire. */
import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';

const path = '/api/v1/namespaces/default/configmaps/a';

test.each([
  [
    'strategic-merge-patch',
    { data: { k: 'w' }, dat: { x: [1, 'y'] } },
    'patch: Invalid value: "map[dat:map[x:[1 y]] data:map[k:w]]": strict decoding error: unknown field "dat"',
  ],
  ['merge-patch', { dat: 1 }, 'strict decoding error: unknown field "dat"'],
  ['json-patch', [{ op: 'add', path: '/dat', value: 1 }], 'strict decoding error: unknown field "dat"'],
  ['merge-patch', { data: 5 }, 'patch: Invalid value: "{'],
])('a %s of %j makes no object of the kind: Invalid', async (type, patch, text) => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await server.client.create(ConfigMap, { metadata: { name: 'a', namespace: 'default' } });
  const headers = { 'content-type': `application/${type}+json` };
  const answer = await client.request(`${path}?fieldValidation=Strict`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify(patch),
  });
  expect(answer.json()).toMatchObject({
    code: 422,
    reason: 'Invalid',
    message: expect.stringContaining(text),
    details: { causes: [{ reason: 'FieldValueInvalid', field: 'patch' }] },
  });
  expect(answer.json()['message']).toMatch(/^ "" is invalid: patch: Invalid value: /);
});

test('that a patch has unknown fields is a warning to those who do not insist', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await server.client.create(ConfigMap, { metadata: { name: 'a', namespace: 'default' } });
  const headers = { 'content-type': 'application/merge-patch+json' };
  const answer = await client.request(path, { method: 'PATCH', headers, body: '{"dat":1}' });
  expect([answer.status, answer.headers['warning']]).toEqual([200, '299 - "unknown field \\"dat\\""']);
});
