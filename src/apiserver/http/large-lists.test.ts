import { request as httpsRequest } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { decodeProtobuf, openEnvelope } from '../../machinery/protobuf/decode-protobuf.ts';
import { apiServerUser } from '../authentication/users.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import { GatheredPiece } from './gathered-piece.ts';
import { encodeList } from './responses.ts';

const path = '/api/v1/namespaces/default/configmaps';

test('a piece that is gathered comes in parts of about the wanted size', () => {
  const buffers = ['a', 'bc', 'def', 'g'].map((text) => Buffer.from(text));
  const piece = new GatheredPiece(() => buffers);
  expect(piece.length).toBe(7);
  expect([...piece.parts(3)].map(String)).toEqual(['abc', 'def', 'g']);
  expect([...piece.parts(100)].map(String)).toEqual(['abcdefg']);
  expect([...new GatheredPiece(() => []).parts(3)]).toEqual([]);
});

/** The body of an answer over HTTP/1.1. */
function overHttp1({ url, authority, admin }: HttpsTestServer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url + path, { ca: authority.cert, ...admin, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    });
    request.on('error', reject);
    request.end();
  });
}

test('a list that is too large to be kept is put together while it is sent, and whole in every form', async () => {
  await using server = await httpsTestServer();
  const value = 'x'.repeat(900_000);
  const names = Array.from({ length: 40 }, (_, i) => `m-${String(i).padStart(2, '0')}`);
  for (const name of names) {
    await server.client.create(ConfigMap, { metadata: { name, namespace: 'default' }, data: { value } });
  }
  const call = { user: apiServerUser, resource: ConfigMap, namespace: 'default' };
  const page = await server.server.api.list(call, {});
  const form = { representation: 'object', encoding: 'json', pretty: false, as: undefined, includeObject: 'None' };
  const pieces = encodeList(ConfigMap, page, { ...form, now: 0 } as never) as readonly unknown[];
  expect(pieces.filter((piece) => piece instanceof GatheredPiece)).toHaveLength(1);
  using client = rawClient(server);
  const namesIn = (list: unknown) =>
    (list as { items: { metadata: { name: string }; data: Record<string, string> }[] }).items.map((item) => {
      expect(item.data['value']).toHaveLength(value.length);
      return item.metadata.name;
    });
  const plain = await client.request(path);
  expect(Number(plain.headers['content-length'])).toBe(plain.bytes.length);
  expect(namesIn(plain.json())).toEqual(names);
  expect((await overHttp1(server)).equals(plain.bytes)).toBe(true);
  const packed = await client.request(path, { headers: { 'accept-encoding': 'gzip' } });
  expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
  const accept = 'application/vnd.kubernetes.protobuf';
  const { kind, raw } = openEnvelope((await client.request(path, { headers: { accept } })).bytes);
  const list = { kind: 'struct', name: 'List', atomic: false, fields: {} } as const;
  const items = { id: 2, type: { kind: 'list', items: ConfigMap.schema } };
  expect(kind).toBe('ConfigMapList');
  expect(namesIn(decodeProtobuf({ ...list, fields: { items } } as never, raw))).toEqual(names);
});
