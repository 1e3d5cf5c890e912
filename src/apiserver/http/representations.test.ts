import { CORE_SCHEMA, dump, load } from 'js-yaml';
import protobuf from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { HorizontalPodAutoscaler } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { Secret } from '../../api/core/secret.ts';
import { decodeCbor, decodeCborSequence } from '../../machinery/cbor/decode-cbor.ts';
import { encodeCbor, selfDescribed } from '../../machinery/cbor/encode-cbor.ts';
import { decodeStruct } from '../../machinery/decode.ts';
import { DeleteOptions, ListMeta } from '../../machinery/meta.ts';
import { metaDocuments } from '../../machinery/meta-documents.ts';
import { decodeProtobuf, openEnvelope } from '../../machinery/protobuf/decode-protobuf.ts';
import { encodeProtobuf } from '../../machinery/protobuf/encode-protobuf.ts';
import { envelopeOf } from '../../machinery/protobuf/envelope.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { Resource } from '../../machinery/resource.ts';
import { defineStruct, int32, list, struct } from '../../machinery/schema.ts';
import type { StructNode } from '../../machinery/schema.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import type { RawAnswer, RawClient } from '../testing/raw-client.ts';

const protobufType = 'application/vnd.kubernetes.protobuf';
const types = { json: 'application/json', yaml: 'application/yaml', protobuf: protobufType, cbor: 'application/cbor' };
type Encoding = keyof typeof types;
const all = Object.keys(types) as Encoding[];
const pairs = all.flatMap((sent) => all.map((read) => ({ sent, read })));

const namespace = 'default';
const secrets = '/api/v1/namespaces/default/secrets';
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const asMetadata = (kind: string): string => `;as=${kind};g=meta.k8s.io;v=v1`;

function encode(encoding: Encoding, resource: Resource, object: object): Buffer | string {
  const { apiVersion, kind, schema } = resource;
  if (encoding === 'protobuf') return envelopeOf({ apiVersion, kind }, encodeProtobuf(schema, object));
  const typed = { apiVersion, kind, ...object };
  if (encoding === 'cbor') return Buffer.concat([selfDescribed, encodeCbor(schema, typed)]);
  return encoding === 'yaml' ? dump(typed) : JSON.stringify(typed);
}

/** What an answer says; protobuf needs the schema. */
function decode(encoding: Encoding, bytes: Buffer, schema: StructNode): Record<string, unknown> {
  if (encoding === 'json') return JSON.parse(bytes.toString()) as Record<string, unknown>;
  if (encoding === 'yaml') return load(bytes.toString(), { schema: CORE_SCHEMA }) as Record<string, unknown>;
  if (encoding === 'cbor') {
    expect(bytes.subarray(0, 3)).toEqual(selfDescribed);
    return decodeCbor(bytes) as Record<string, unknown>;
  }
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  return { apiVersion, kind, ...decodeProtobuf(schema, raw) };
}

/** The stored form, in which every encoding says the same. */
function canonical(resource: Resource, value: object): object {
  return decodeStruct(resource.schema, value, resource).object;
}

function listOf(resource: Resource): StructNode {
  const items = list(2, { node: resource.schema });
  return defineStruct(resource.listKind, { metadata: struct(1, ListMeta), items }).node;
}

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'web:1', resources: { limits: { cpu: '1500m', memory: '1Gi' } } }] },
};

test.each(pairs)('what was created in $sent is read in $read', async ({ sent, read }) => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  const create = (resource: Resource, path: string, object: object): Promise<RawAnswer> =>
    client.request(path, {
      method: 'POST',
      headers: { 'content-type': types[sent], accept: types[read] },
      body: encode(sent, resource, object),
    });
  const get = (path: string): Promise<RawAnswer> => client.request(path, { headers: { accept: types[read] } });
  const created = await create(Secret, secrets, { metadata: { name: 's' }, data: { k: 'AAEC/w==', empty: '' } });
  expect([created.status, created.headers['content-type']]).toEqual([201, types[read]]);
  const secret = await server.client.get(Secret, { namespace, name: 's' });
  expect(secret.data).toEqual({ k: 'AAEC/w==', empty: '' });
  for (const answer of [created, await get(`${secrets}/s`)]) {
    expect(canonical(Secret, decode(read, answer.bytes, Secret.schema))).toEqual(canonical(Secret, secret));
  }
  const spec = { replicas: 2, selector: { matchLabels: { app: 'web' } }, template };
  expect((await create(Deployment, deployments, { metadata: { name: 'd' }, spec })).status).toBe(201);
  const stored = await server.client.get(Deployment, { namespace, name: 'd' });
  const listed = decode(read, (await get(deployments)).bytes, listOf(Deployment));
  expect(listed).toMatchObject({ kind: 'DeploymentList', apiVersion: 'apps/v1' });
  // The list says what its items are.
  const [item = {}] = listed['items'] as object[];
  expect(item).not.toHaveProperty('kind');
  expect(item).not.toHaveProperty('apiVersion');
  const type = { apiVersion: 'apps/v1', kind: 'Deployment' };
  expect(canonical(Deployment, { ...type, ...item })).toEqual(canonical(Deployment, stored));
});

describe('metadata', () => {
  const metadataList = defineStruct('PartialObjectMetadataList', {
    metadata: struct(1, ListMeta),
    items: list(2, { node: metaDocuments.PartialObjectMetadata }),
  }).node;

  test.each(all)('alone is given in %s', async (encoding) => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    await server.client.create(Secret, { metadata: { name: 's', namespace, labels: { a: 'b' } }, data: { k: 'AA==' } });
    const get = (path: string, kind: string): Promise<RawAnswer> =>
      client.request(path, { headers: { accept: types[encoding] + asMetadata(kind) } });
    const one = await get(`${secrets}/s`, 'PartialObjectMetadata');
    const metadata = expect.objectContaining({ name: 's', labels: { a: 'b' } });
    expect(decode(encoding, one.bytes, metaDocuments.PartialObjectMetadata)).toEqual({
      apiVersion: 'meta.k8s.io/v1',
      kind: 'PartialObjectMetadata',
      metadata,
    });
    const many = await get(secrets, 'PartialObjectMetadataList');
    const read = decode(encoding, many.bytes, metadataList);
    expect(read).toMatchObject({ apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadataList' });
    const itemType = encoding === 'protobuf' ? {} : { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' };
    expect(read['items']).toEqual([expect.objectContaining({ ...itemType, metadata })]);
    expect(many.text).not.toContain('Opaque');
  });

  test('of one is not that of many', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const accept = types.json + asMetadata('PartialObjectMetadata');
    const answer = await client.request(secrets, { headers: { accept } });
    expect([answer.status, answer.json()['message']]).toEqual([
      406,
      'you requested PartialObjectMetadata, but the requested object is a list (*SecretList)',
    ]);
  });
});

interface Event {
  readonly type: string;
  readonly object: Record<string, unknown>;
}

/** Reads so many events of a watch in CBOR or protobuf. */
async function events(
  chunks: AsyncIterable<Buffer>,
  count: number,
  read: (bytes: Buffer) => Event[],
): Promise<Event[]> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of chunks) {
    bytes = Buffer.concat([bytes, chunk]);
    const found = read(bytes);
    if (found.length >= count) return found;
  }
  throw new Error('the watch ended early');
}

function protobufEvents(bytes: Buffer, schema: StructNode): Event[] {
  const found: Event[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    const frame = bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at));
    const reader = protobuf.Reader.create(frame);
    expect(reader.uint32()).toBe(0x0a);
    const type = reader.string();
    expect(reader.uint32()).toBe(0x12);
    reader.uint32();
    expect(reader.uint32()).toBe(0x0a);
    found.push({ type, object: decode('protobuf', Buffer.from(reader.bytes()), schema) });
  }
  return found;
}

test.each(['v1', 'v2'])('items of a kind in several versions leave what they are to the list: %s', async (version) => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 3 };
  await server.client.create(HorizontalPodAutoscaler, { metadata: { name: 'h', namespace }, spec });
  const path = `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;
  const read = (await client.request(path)).json() as Record<string, object[]>;
  expect(read).toMatchObject({ apiVersion: `autoscaling/${version}`, items: [{ metadata: { name: 'h' }, spec }] });
  expect(Object.keys(read['items']?.[0] ?? {})).toEqual(['metadata', 'spec', 'status']);
});

describe('a watch', () => {
  const started = async (client: RawClient, accept: string) =>
    client.stream(
      `${secrets}?watch=1&resourceVersion=0&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      { accept },
    );

  test.each([
    [protobufType, protobufType],
    [`${protobufType};stream=watch`, protobufType],
    [protobufType + asMetadata('PartialObjectMetadata'), protobufType],
  ])('in %s comes in frames that begin with their length', async (accept, type) => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    await server.client.create(Secret, { metadata: { name: 'a', namespace }, data: { k: 'AA==' } });
    const { headers, chunks } = await started(client, accept);
    expect(headers['content-type']).toBe(`${type};stream=watch`);
    await server.client.delete(Secret, { namespace, name: 'a' });
    const isMetadata = accept.includes('as=');
    const schema = isMetadata ? metaDocuments.PartialObjectMetadata : Secret.schema;
    const [added, bookmark, deleted] = await events(chunks, 3, (bytes) => protobufEvents(bytes, schema));
    const kind = isMetadata ? 'PartialObjectMetadata' : 'Secret';
    expect(added).toMatchObject({ type: 'ADDED', object: { kind, metadata: { name: 'a' } } });
    expect(added!.object['data']).toEqual(isMetadata ? undefined : { k: 'AA==' });
    expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { kind, metadata: { resourceVersion: /\d+/ } } });
    expect(deleted).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'a' } } });
  });

  test('in CBOR is a sequence', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    await server.client.create(Secret, { metadata: { name: 'a', namespace }, data: { k: 'AA==' } });
    const { headers, chunks } = await started(client, types.cbor);
    expect(headers['content-type']).toBe('application/cbor-seq');
    const [added, bookmark] = await events(chunks, 2, (bytes) => decodeCborSequence(bytes) as Event[]);
    expect(added).toMatchObject({ type: 'ADDED', object: { kind: 'Secret', data: { k: 'AA==' } } });
    expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Secret' } });
  });

  test('can not be in YAML', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const answer = await client.request(`${secrets}?watch=1`, { headers: { accept: types.yaml } });
    const { message } = decode('yaml', answer.bytes, metaDocuments.Status);
    expect([answer.status, message]).toEqual([
      406,
      'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch, application/cbor-seq',
    ]);
  });
});

describe('negotiation', () => {
  test('failures come in the form that the client reads', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    for (const encoding of all) {
      const answer = await client.request(`${secrets}/none`, { headers: { accept: types[encoding] } });
      expect([answer.status, answer.headers['content-type']]).toEqual([404, types[encoding]]);
      expect(decode(encoding, answer.bytes, metaDocuments.Status)).toMatchObject({
        kind: 'Status',
        reason: 'NotFound',
        message: 'secrets "none" not found',
        code: 404,
        details: { name: 'none', kind: 'secrets' },
      });
    }
  });

  test('delete options are read in every form', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const options = { preconditions: { uid: 'another' } };
    const type = { apiVersion: 'v1', kind: 'DeleteOptions' };
    const bodies: Record<Encoding, Buffer | string> = {
      json: JSON.stringify(options),
      yaml: dump(options),
      protobuf: envelopeOf(type, encodeProtobuf(DeleteOptions.node, options)),
      cbor: Buffer.concat([selfDescribed, encodeCbor(DeleteOptions.node, options)]),
    };
    await server.client.create(Secret, { metadata: { name: 'a', namespace } });
    for (const encoding of all) {
      const headers = { 'content-type': types[encoding] };
      const answer = await client.request(`${secrets}/a`, { method: 'DELETE', headers, body: bodies[encoding] });
      expect(answer.json()).toMatchObject({ reason: 'Conflict', message: expect.stringContaining('another') });
    }
  });

  test('what is applied may be CBOR', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const headers = { 'content-type': 'application/apply-patch+cbor', accept: types.cbor };
    const applied = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { k: 'AAE=' } };
    const body = encode('cbor', Secret, applied);
    const answer = await client.request(`${secrets}/a?fieldManager=me`, { method: 'PATCH', headers, body });
    expect(answer.status).toBe(201);
    expect(decode('cbor', answer.bytes, Secret.schema)).toMatchObject({ data: { k: 'AAE=' } });
    headers['content-type'] = 'application/xml-patch';
    const refused = await client.request(`${secrets}/a`, { method: 'PATCH', headers, body });
    expect(decode('cbor', refused.bytes, metaDocuments.Status)).toMatchObject({
      code: 415,
      message: expect.stringMatching(
        /strategic-merge-patch\+json, application\/apply-patch\+yaml, application\/apply-patch\+cbor$/,
      ),
    });
  });

  test('what is preferred wins, and wildcards come last', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const typeFor = async (accept: string) =>
      (await client.request(secrets, { headers: { accept } })).headers['content-type'];
    expect(await typeFor(`application/json;q=0.5, ${protobufType}`)).toBe(protobufType);
    expect(await typeFor('*/*, application/yaml')).toBe(types.yaml);
    expect(await typeFor('text/html, application/*;q=0.8')).toBe(types.json);
    expect(await typeFor(`${protobufType};as=Table;g=meta.k8s.io;v=v1, application/cbor`)).toBe(types.cbor);
  });

  test('what is not spoken is refused in words that tell what is', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const accepted = `${types.json}, ${types.yaml}, ${types.protobuf}, ${types.cbor}`;
    const refused = await client.request(secrets, { headers: { accept: 'image/png' } });
    expect([refused.status, refused.json()['message']]).toEqual([
      406,
      `only the following media types are accepted: ${accepted}`,
    ]);
    const headers = { 'content-type': 'text/plain' };
    const unread = await client.request(secrets, { method: 'POST', headers, body: 'x' });
    expect([unread.status, unread.json()['message']]).toEqual([
      415,
      `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
    ]);
    const table = { accept: `${types.json};as=Table;g=meta.k8s.io;v=v1` };
    expect((await client.request(`${secrets}?includeObject=All`, { headers: table })).json()).toMatchObject({
      code: 400,
      message:
        "Unable to convert to Table as requested: includeObject: Invalid value: \"All\": must be 'Metadata', 'Object', 'None', or empty",
    });
  });

  test('discovery is served in protobuf', async () => {
    await using server = await httpsTestServer();
    using client = rawClient(server);
    const answer = await client.request('/apis/apps/v1', { headers: { accept: protobufType } });
    expect(answer.headers['content-type']).toBe(protobufType);
    const { resources } = decode('protobuf', answer.bytes, metaDocuments.APIResourceList) as { resources: object[] };
    expect(resources).toContainEqual(
      expect.objectContaining({ name: 'deployments', kind: 'Deployment', verbs: expect.arrayContaining(['watch']) }),
    );
  });
});

test('kinds that clients define have no protobuf form, but their metadata has one', async () => {
  const Widget = defineResource({
    group: 'example.com',
    version: 'v1',
    kind: 'Widget',
    plural: 'widgets',
    scope: 'Namespaced',
    openApiSchema: { type: 'object' },
    fields: { size: int32(2).optional() },
  });
  await using server = await httpsTestServer();
  await server.server.context.caches.add(Widget);
  server.server.resources.replace('test', [Widget]);
  using client = rawClient(server);
  const path = '/apis/example.com/v1/namespaces/default/widgets';
  const send = (accept: string, contentType: string, body: Buffer | string): Promise<RawAnswer> =>
    client.request(path, { method: 'POST', headers: { accept, 'content-type': contentType }, body });
  const widget = { metadata: { name: 'w' }, size: 3 };
  const created = await send(types.cbor, types.cbor, encode('cbor', Widget, widget));
  expect(decodeCbor(created.bytes)).toMatchObject({ kind: 'Widget', metadata: { name: 'w' }, size: 3 });
  expect((await send(types.json, protobufType, encode('protobuf', Widget, widget))).json()).toMatchObject({
    code: 400,
    message: expect.stringContaining('does not implement the protobuf marshalling interface'),
  });
  const get = async (accept: string): Promise<RawAnswer> => client.request(`${path}/w`, { headers: { accept } });
  expect((await get(protobufType)).status).toBe(406);
  expect((await get(`${protobufType},application/json`)).json()).toMatchObject({ size: 3 });
  const metadata = await get(protobufType + asMetadata('PartialObjectMetadata'));
  expect(decode('protobuf', metadata.bytes, metaDocuments.PartialObjectMetadata)).toMatchObject({
    metadata: { name: 'w' },
  });
});
