import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { isEstablished } from '../../api/apiextensions/definition-conditions.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { apiServerUser } from '../authentication/users.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        foo: { type: 'string' },
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } },
        },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
};

async function define(
  { server }: HttpsTestServer,
  { scope, ...names } = { scope: 'Cluster', plural: 'foos', kind: 'Foo' },
): Promise<void> {
  const name = `${names.plural}.example.com`;
  const client = server.client(apiServerUser);
  await client.create(CustomResourceDefinition, {
    metadata: { name },
    spec: {
      group: 'example.com',
      scope,
      names,
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } },
        { name: 'v1beta1', served: true, storage: false, deprecated: true, schema: { openAPIV3Schema: schema } },
      ],
    },
  });
  await expect.poll(async () => isEstablished(await client.get(CustomResourceDefinition, { name }))).toBe(true);
}

const path = '/apis/example.com/v1/foos';
const type = { apiVersion: 'example.com/v1', kind: 'Foo' };
const yaml = { 'content-type': 'application/yaml', accept: 'application/json' };
const json = { 'content-type': 'application/json' };

const odd = `
apiVersion: example.com/v1
kind: Foo
metadata:
  name: a
  unknownMeta: 1
spec:
  foo: x
  foo: z
  bar: 1
  free: { any: thing }
  template:
    apiVersion: v1
    kind: Pod
    metadata: { name: b, unknownSubMeta: 1 }
    spec: { a: x, b: y }
`;

test('unknown fields of all sorts are found in creates', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await define(server);
  const texts = [
    'line 9: key \\"foo\\" already set in map',
    'unknown field \\"metadata.unknownMeta\\"',
    'unknown field \\"spec.bar\\"',
    'unknown field \\"spec.template.metadata.unknownSubMeta\\"',
    'unknown field \\"spec.template.spec.b\\"',
  ];
  const created = await client.request(`${path}?fieldValidation=Strict`, { method: 'POST', headers: yaml, body: odd });
  expect(created.status).toBe(400);
  for (const text of texts) expect(created.text).toContain(text);
  const warned = await client.request(`${path}?fieldValidation=Warn`, { method: 'POST', headers: yaml, body: odd });
  expect(warned.status).toBe(201);
  expect(warned.json()['spec']).toEqual({
    foo: 'z',
    free: { any: 'thing' },
    template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' }, spec: { a: 'x' } },
  });
  expect(warned.headers['warning']).toContain('unknown field \\"spec.bar\\"');
});

test('items of a list say what they are', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await define(server);
  const body = JSON.stringify({ ...type, metadata: { name: 'a' } });
  expect((await client.request(path, { method: 'POST', headers: json, body })).status).toBe(201);
  for (const accept of ['application/json', 'application/yaml']) {
    const { text } = await client.request(path, { headers: { accept } });
    expect(load(text)).toMatchObject({ kind: 'FooList', items: [{ ...type, metadata: { name: 'a' } }] });
  }
});

const applyHeaders = { 'content-type': 'application/apply-patch+yaml', accept: 'application/json' };

test('an apply knows the schema', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await define(server);
  const apply = (spec: string, more = '') =>
    client.request(`${path}/a?fieldValidation=Strict&fieldManager=me`, {
      method: 'PATCH',
      headers: applyHeaders,
      body: `apiVersion: example.com/v1\nkind: Foo\nmetadata:\n  name: a\n  finalizers: [test-finalizer]\n${more}spec:\n${spec}`,
    });
  expect((await apply('  foo: x\n', 'unknownField: 1\n')).text).toContain(
    '.unknownField: field not declared in schema',
  );
  const template = '  template:\n    apiVersion: v1\n    kind: Sub\n    metadata: { unknownSubMeta: 1 }\n';
  expect((await apply(template)).text).toContain(
    '.spec.template.metadata.unknownSubMeta: field not declared in schema',
  );
  expect((await apply('  foo: x\n  foo: z\n')).text).toContain('line 8: key \\"foo\\" already set in map');
  const applied = await apply('  foo: x\n  free: { any: [thing] }\n');
  expect(applied.status).toBe(201);
  expect(applied.json()).toMatchObject({
    metadata: {
      managedFields: [
        {
          manager: 'me',
          operation: 'Apply',
          fieldsV1: { 'f:spec': { 'f:foo': {}, 'f:free': { 'f:any': {} } } },
        },
      ],
    },
  });
  expect((await apply('  foo: z\n')).json()['spec']).toEqual({ foo: 'z' });
});

test('embedded objects must be objects of some kind', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await define(server);
  const body = JSON.stringify({
    ...type,
    metadata: { name: 'a' },
    spec: { template: { metadata: { labels: { 'a b': 'c' } } } },
  });
  const answer = await client.request(path, { method: 'POST', headers: json, body });
  expect(answer.status).toBe(422);
  expect(answer.json()['message']).toContain(
    'spec.template.apiVersion: Required value, spec.template.kind: Required value',
  );
  expect(answer.json()['message']).toContain('spec.template.metadata.labels: Invalid value: "a b"');
});

test('they come in every representation but protobuf', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await define(server);
  await client.request(path, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ ...type, metadata: { name: 'a' } }),
  });
  const get = (accept: string) => client.request(`${path}/a`, { headers: { accept } });
  expect((await get('application/yaml')).text).toContain('apiVersion: example.com/v1');
  expect((await get('application/cbor')).status).toBe(200);
  expect((await get('application/vnd.kubernetes.protobuf')).status).toBe(406);
  expect((await get('application/vnd.kubernetes.protobuf,application/json')).headers['content-type']).toBe(
    'application/json',
  );
  const table = await get('application/json;as=Table;g=meta.k8s.io;v=v1');
  expect(table.json()).toMatchObject({
    kind: 'Table',
    columnDefinitions: [{ name: 'Name' }, { name: 'Age', type: 'date' }],
  });
  const partial = await get('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  expect(partial.json()).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
});

test('what is not there is not made by a replace, nor changed without its version', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await define(server);
  const put = (object: object) =>
    client.request(`${path}/a`, {
      method: 'PUT',
      headers: json,
      body: JSON.stringify({ ...type, ...object }),
    });
  expect((await put({ metadata: { name: 'a' } })).status).toBe(404);
  expect((await put({ metadata: { name: 'a', resourceVersion: '1' } })).status).toBe(404);
  await client.request(path, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ ...type, metadata: { name: 'a' } }),
  });
  const refused = await put({ metadata: { name: 'a' } });
  expect(refused.json()['message']).toBe(
    'Foo.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  );
});

test('deprecated versions say so with every answer', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await define(server);
  const answer = await client.request('/apis/example.com/v1beta1/foos');
  expect(answer.headers['warning']).toBe('299 - "example.com/v1beta1 Foo is deprecated"');
});

test.each<readonly [object, number, string]>([
  [
    { apiVersion: 'example.com/v1', metadata: { name: 'a' } },
    400,
    `the object provided is unrecognized (must be of type Foo): Object 'Kind' is missing in '{"apiVersion":"example.com/v1","metadata":{"name":"a"}}' ({"apiVersion":"example.com/v1" ...)`,
  ],
  [
    { kind: 'Foo', metadata: { name: 'a' } },
    400,
    'the API version in the data () does not match the expected API version (example.com/v1)',
  ],
  [
    { ...type, kind: 'Bar', metadata: { name: 'a' } },
    422,
    'Foo.example.com "a" is invalid: kind: Invalid value: "Bar": must be Foo',
  ],
  [
    { ...type, metadata: 'a' },
    400,
    'Foo in version "v1" cannot be handled as a Foo: json: cannot unmarshal string into Go value of type v1.ObjectMeta',
  ],
  [
    { ...type, metadata: { name: 'a', labels: { b: 1 } } },
    400,
    'Foo in version "v1" cannot be handled as a Foo: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
  ],
])('what is no object of the kind is refused: %j', async (object, status, message) => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await define(server);
  const answer = await client.request(path, { method: 'POST', headers: json, body: JSON.stringify(object) });
  expect(answer.json()).toMatchObject({ code: status, message });
});

test('what is in no namespace is not found in one, nor made outside of one what is', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await define(server);
  await define(server, { scope: 'Namespaced', plural: 'bars', kind: 'Bar' });
  const body = (kind: string): string => JSON.stringify({ ...type, kind, metadata: { name: 'a' } });
  const post = (at: string, kind: string) => client.request(at, { method: 'POST', headers: json, body: body(kind) });
  const root = '/apis/example.com/v1';
  expect((await post(`${root}/bars`, 'Bar')).status).toBe(404);
  expect((await client.request(`${root}/bars`, { method: 'DELETE' })).status).toBe(404);
  expect((await client.request(`${root}/bars`)).status).toBe(200);
  expect((await post(`${root}/namespaces/default/foos`, 'Foo')).status).toBe(404);
  expect((await client.request(`${root}/namespaces/default/foos`)).status).toBe(404);
});

test('nobody owns that there is metadata', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  await define(server);
  const body = JSON.stringify({ ...type, metadata: { name: 'a' }, spec: { foo: 'x' } });
  const answer = await client.request(path, { method: 'POST', headers: json, body });
  expect(answer.json()).toHaveProperty('metadata.managedFields.length', 1);
  expect(answer.json()).toHaveProperty('metadata.managedFields.0.fieldsV1', { 'f:spec': { '.': {}, 'f:foo': {} } });
});
