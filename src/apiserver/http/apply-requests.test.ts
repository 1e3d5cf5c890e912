import { describe, expect, test } from 'vitest';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';

const path = '/api/v1/namespaces/default/configmaps/app';
const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {a: "1"}\n';

async function send(
  server: HttpsTestServer,
  query: string,
  { body = yaml, type = 'application/apply-patch+yaml' }: { readonly body?: string; readonly type?: string } = {},
) {
  using client = rawClient(server);
  const headers = { 'content-type': type, 'user-agent': 'some-client/v1.2 (linux)' };
  const response = await client.request(`${path}${query}`, { method: 'PATCH', body, headers });
  return { status: response.status, body: response.json(), headers: response.headers };
}

describe('PATCH with a configuration', () => {
  test('answers 201 for a new object and 200 for one that was there', async () => {
    await using server = await httpsTestServer();
    expect(await send(server, '?fieldManager=me')).toMatchObject({ status: 201, body: { data: { a: '1' } } });
    expect(await send(server, '?fieldManager=me')).toMatchObject({ status: 200 });
  });

  test('must name its field manager, which is short and printable; only an apply may be forced', async () => {
    await using server = await httpsTestServer();
    expect(await send(server, '')).toMatchObject({
      status: 422,
      body: {
        reason: 'Invalid',
        message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      },
    });
    expect((await send(server, `?fieldManager=${'x'.repeat(129)}`)).body['message']).toContain(
      'fieldManager: Too long',
    );
    expect((await send(server, '?fieldManager=a%07')).body['message']).toContain(
      'fieldManager: Invalid value: "a\\u0007": invalid character U+0007 (at position 1)',
    );
    const merge = { body: '{}', type: 'application/merge-patch+json' };
    expect((await send(server, '?force=true', merge)).body['message']).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    );
  });

  test('refuses or tells of keys that come twice, as the client wishes', async () => {
    await using server = await httpsTestServer();
    const body = `${yaml}data: {a: "2"}\n`;
    const strict = await send(server, '?fieldManager=me&fieldValidation=Strict', { body });
    expect(strict).toMatchObject({ status: 400 });
    expect(strict.body['message']).toContain('line 5: key "data" already set in map');
    const warned = await send(server, '?fieldManager=me&fieldValidation=Warn', { body });
    expect(warned.status).toBe(201);
    expect(String(warned.headers['warning'])).toContain('line 5: key \\"data\\" already set in map');
  });

  test('answers what is no configuration with what is wrong', async () => {
    await using server = await httpsTestServer();
    for (const body of ['', '[]', '"x"', '{', 'a: b: c', '{"apiVersion":"v1","kind":"ConfigMap","metadata":[]}']) {
      const { status, body: answer } = await send(server, '?fieldManager=me', { body });
      expect([body, status, answer['kind']]).toEqual([body, 400, 'Status']);
    }
  });

  test('lets writes without a name belong to the first part of the user agent', async () => {
    await using server = await httpsTestServer();
    await send(server, '?fieldManager=me');
    const merge = { body: '{"data":{"b":"2"}}', type: 'application/merge-patch+json' };
    const { body } = await send(server, '', merge);
    expect(body).toMatchObject({ metadata: { managedFields: [{ manager: 'me' }, { manager: 'some-client' }] } });
  });
});
