import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { builtinResources } from '../../api/registry.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { Resource } from '../../machinery/resource.ts';
import { ServedResources } from '../served-resources.ts';
import { createOpenApi } from './openapi.ts';

const resources = new ServedResources(builtinResources);
const openApi = createOpenApi({ resources });
const ask = async (handler: ReturnType<typeof createOpenApi>, path: string, headers: Record<string, string> = {}) => {
  const { pathname, searchParams } = new URL(path, 'https://x');
  return handler.handle({ method: 'GET', path: pathname, query: searchParams, headers });
};
const get = (path: string, headers: Record<string, string> = {}) => ask(openApi, path, headers);

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly 'x-kubernetes-action': string;
  readonly 'x-kubernetes-group-version-kind': object;
}
interface Schema extends Readonly<Record<string, unknown>> {
  readonly properties: Record<string, Record<string, unknown>>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}
const document = async (path: string): Promise<Document> => JSON.parse(String((await get(path))?.body)) as Document;

test('the index leads to a document per group and version, which may be kept for good', async () => {
  const { paths } = JSON.parse(String((await get('/openapi/v3'))?.body)) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['api', 'api/v1', 'apis', 'apis/apps', 'apis/apps/v1', 'apis/rbac.authorization.k8s.io/v1']),
  );
  const apps = await get(paths['apis/apps/v1']?.serverRelativeURL ?? '');
  expect(apps?.headers['cache-control']).toContain('immutable');
  expect((await get('/openapi/v3/apis/apps/v1'))?.headers['cache-control']).toContain('no-cache');
  const etag = apps?.headers['etag'] ?? '';
  expect((await get('/openapi/v3/apis/apps/v1', { 'if-none-match': etag }))?.status).toBe(304);
  expect(await get('/openapi/v3/apis/nowhere/v1')).toBeUndefined();
  const outdated = await get('/openapi/v3/apis/apps/v1?hash=OLD');
  expect(outdated).toMatchObject({ status: 301, headers: { location: paths['apis/apps/v1']?.serverRelativeURL } });
});

test('documents are compressed for clients that can unpack them', async () => {
  const plain = await get('/openapi/v3/api/v1');
  const packed = await get('/openapi/v3/api/v1', { 'accept-encoding': 'gzip' });
  expect(packed?.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed?.body as Uint8Array).equals(plain?.body as Buffer)).toBe(true);
});

test('kubectl finds out that patches of a kind can be validated and tried', async () => {
  const { paths } = await document('/openapi/v3/apis/apps/v1');
  const patch = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch'];
  expect(patch?.['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
  const query = patch?.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  expect(query).toEqual(expect.arrayContaining(['dryRun', 'fieldValidation', 'fieldManager', 'force']));
});

test('operations have the ids that clients are generated from', async () => {
  const core = (await document('/openapi/v3/api/v1')).paths;
  const pods = '/api/v1/namespaces/{namespace}/pods';
  expect([
    core[pods]?.['post']?.operationId,
    core[pods]?.['delete']?.operationId,
    core['/api/v1/pods']?.['get']?.operationId,
    core[`${pods}/{name}`]?.['put']?.operationId,
    core[`${pods}/{name}/log`]?.['get']?.operationId,
    core[`${pods}/{name}/proxy/{path}`]?.['patch']?.operationId,
    core[`${pods}/{name}/eviction`]?.['post']?.operationId,
    core['/api/v1/']?.['get']?.operationId,
  ]).toEqual([
    'createCoreV1NamespacedPod',
    'deleteCoreV1CollectionNamespacedPod',
    'listCoreV1PodForAllNamespaces',
    'replaceCoreV1NamespacedPod',
    'readCoreV1NamespacedPodLog',
    'connectCoreV1PatchNamespacedPodProxyWithPath',
    'createCoreV1NamespacedPodEviction',
    'getCoreV1APIResources',
  ]);
  const rbac = (await document('/openapi/v3/apis/rbac.authorization.k8s.io/v1')).paths;
  const role = rbac['/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles/{name}']?.['get'];
  expect(role).toMatchObject({ operationId: 'readRbacAuthorizationV1NamespacedRole', 'x-kubernetes-action': 'get' });
});

test('schemas say how lists are merged, what absent values mean, and refer to the types of other groups', async () => {
  const { schemas } = (await document('/openapi/v3/apis/apps/v1')).components;
  expect(schemas['io.k8s.api.apps.v1.Deployment']).toMatchObject({
    'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
  });
  const podSpec = schemas['io.k8s.api.core.v1.PodSpec'];
  expect(podSpec?.properties['containers']).toMatchObject({
    type: 'array',
    items: { default: {}, allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }] },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    'x-kubernetes-patch-merge-key': 'name',
    'x-kubernetes-patch-strategy': 'merge',
  });
  const { schemas: core } = (await document('/openapi/v3/api/v1')).components;
  expect(core['io.k8s.api.core.v1.ContainerPort']?.properties['protocol']).toMatchObject({ default: 'TCP' });
  expect(core['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({ format: 'int-or-string' });
  const deleteOptions = core['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions']?.['x-kubernetes-group-version-kind'];
  expect(deleteOptions).toContainEqual({ group: 'apps', kind: 'DeleteOptions', version: 'v1' });
  expect(core['io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent']).toBeDefined();
});

test('every reference leads somewhere', async () => {
  const { paths } = JSON.parse(String((await get('/openapi/v3'))?.body)) as { paths: object };
  for (const root of Object.keys(paths)) {
    const text = String((await get(`/openapi/v3/${root}`))?.body);
    const { schemas } = (JSON.parse(text) as Document).components;
    const references = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(references.filter((name) => !(name in schemas))).toEqual([]);
  }
  const v2 = String((await get('/openapi/v2'))?.body);
  const { definitions } = JSON.parse(v2) as { definitions: object };
  const references = [...v2.matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name]) => name ?? '');
  expect(references.filter((name) => !(name in definitions))).toEqual([]);
});

test('both versions come as protobuf, under either spelling of the type', async () => {
  for (const version of ['v2', 'v3']) {
    const path = version === 'v2' ? '/openapi/v2' : '/openapi/v3/apis/apps/v1';
    for (const separator of ['@', '.']) {
      const accept = `application/com.github.proto-openapi.spec.${version}${separator}v1.0+protobuf`;
      const answer = await get(path, { accept });
      expect(answer?.headers['content-type']).toBe(
        `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`,
      );
      const text = Buffer.from(answer?.body as Uint8Array).toString('latin1');
      expect(text).toContain('\n\nKubernetes');
      expect(text).toContain('io.k8s.api.apps.v1.Deployment');
    }
  }
  expect((await get('/openapi/v2', { accept: 'application/yaml' }))?.status).toBe(406);
});

/** A kind as a custom resource definition makes it. */
function widget(field: string): Resource {
  const resource = defineResource({
    group: 'example.com',
    version: 'v1',
    kind: 'Widget',
    plural: 'widgets',
    scope: 'Namespaced',
    fields: {},
    openApiSchema: {
      description: 'Turns.',
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: { [field]: { type: 'string', nullable: true, description: 'How fast.' } },
        },
      },
    },
  });
  return resource;
}

test('a custom resource is published as its definition says, and only its own document changes with it', async () => {
  const served = new ServedResources(builtinResources);
  const handler = createOpenApi({ resources: served });
  const indexOf = async () => {
    const { paths } = JSON.parse(String((await ask(handler, '/openapi/v3'))?.body)) as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    return paths;
  };
  const before = await indexOf();
  served.replace('widgets', [widget('speed')]);
  const first = await indexOf();
  expect(first).toMatchObject(before);
  const { components } = JSON.parse(String((await ask(handler, '/openapi/v3/apis/example.com/v1'))?.body)) as Document;
  const schema = components.schemas['com.example.v1.Widget'];
  expect(schema).toMatchObject({ description: 'Turns.', 'x-kubernetes-group-version-kind': [{ kind: 'Widget' }] });
  // What the server fills in, clients need not send.
  expect(components.schemas['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta']).not.toHaveProperty('required');
  expect(Object.keys(schema?.properties ?? {}).toSorted()).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  const v2 = JSON.parse(String((await ask(handler, '/openapi/v2'))?.body)) as { definitions: Record<string, Schema> };
  expect(v2.definitions['com.example.v1.Widget']?.properties['spec']).toEqual({
    type: 'object',
    properties: { speed: { description: 'How fast.' } },
  });
  served.replace('widgets', [widget('colour')]);
  const second = await indexOf();
  expect(second['apis/example.com/v1']).not.toEqual(first['apis/example.com/v1']);
  served.replace('widgets', []);
  expect(await indexOf()).toEqual(before);
});

test('documents that nobody asks for are forgotten, and made again', async () => {
  const clock = new FakeClock();
  const handler = createOpenApi({ resources, clock });
  const first = await ask(handler, '/openapi/v3/apis/apps/v1');
  expect((await ask(handler, '/openapi/v3/apis/apps/v1'))?.body).toBe(first?.body);
  await clock.advance(6 * 60_000);
  const again = await ask(handler, '/openapi/v3/apis/apps/v1');
  expect(again?.body).not.toBe(first?.body);
  expect(again?.headers['etag']).toBe(first?.headers['etag']);
});
