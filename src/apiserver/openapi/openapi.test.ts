import { expect, test } from 'vitest';
import { builtinResources } from '../../api/registry.ts';
import { ServedResources } from '../served-resources.ts';
import { createOpenApi } from './openapi.ts';

const openApi = createOpenApi({ resources: new ServedResources(builtinResources) });
const get = (path: string, headers: Record<string, string> = {}) => {
  const { pathname, searchParams } = new URL(path, 'https://x');
  return openApi.handle({ method: 'GET', path: pathname, query: searchParams, headers });
};

interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly 'x-kubernetes-group-version-kind': object;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Record<string, unknown>> };
}
const document = (path: string): Document => JSON.parse(String(get(path)?.body)) as Document;

test('the index leads to a document per group and version, which may be kept for good', () => {
  const { paths } = JSON.parse(String(get('/openapi/v3')?.body)) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/rbac.authorization.k8s.io/v1']),
  );
  const apps = get(paths['apis/apps/v1']?.serverRelativeURL ?? '');
  expect(apps?.headers['cache-control']).toContain('immutable');
  expect(get('/openapi/v3/apis/apps/v1')?.headers['cache-control']).toContain('no-cache');
  expect(get('/openapi/v3/apis/apps/v1', { 'if-none-match': apps?.headers['etag'] ?? '' })?.status).toBe(304);
  expect(get('/openapi/v3/apis/nowhere/v1')).toBeUndefined();
});

test('kubectl finds out that patches of a kind can be validated and tried', () => {
  const { paths } = document('/openapi/v3/apis/apps/v1');
  const patch = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch'];
  expect(patch?.['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
  const query = patch?.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  expect(query).toEqual(expect.arrayContaining(['dryRun', 'fieldValidation', 'fieldManager', 'force']));
});

test('schemas say how lists are merged, and refer to the types of other groups', () => {
  const { schemas } = document('/openapi/v3/apis/apps/v1').components;
  expect(schemas['io.k8s.api.apps.v1.Deployment']).toMatchObject({
    'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
  });
  const podSpec = schemas['io.k8s.api.core.v1.PodSpec'] as { properties: Record<string, unknown> };
  expect(podSpec.properties['containers']).toMatchObject({
    type: 'array',
    items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    'x-kubernetes-patch-merge-key': 'name',
    'x-kubernetes-patch-strategy': 'merge',
  });
});

test('every reference leads somewhere', () => {
  for (const root of ['api/v1', 'apis/apps/v1', 'apis/events.k8s.io/v1', 'apis/authentication.k8s.io/v1']) {
    const text = String(get(`/openapi/v3/${root}`)?.body);
    const { schemas } = (JSON.parse(text) as Document).components;
    const references = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(references.filter((name) => !(name in schemas))).toEqual([]);
  }
  const v2 = String(get('/openapi/v2')?.body);
  const { definitions } = JSON.parse(v2) as { definitions: object };
  const references = [...v2.matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name]) => name ?? '');
  expect(references.filter((name) => !(name in definitions))).toEqual([]);
});

test('v2 comes as protobuf, without which kubectl applies no List', () => {
  for (const separator of ['@', '.']) {
    const accept = `application/com.github.proto-openapi.spec.v2${separator}v1.0+protobuf`;
    const answer = get('/openapi/v2', { accept });
    expect(answer?.status).toBe(200);
    expect(Buffer.from(answer?.body as Uint8Array).toString('latin1')).toBe(
      '\n\x032.0\x12\x13\n\nKubernetes\x12\x05v1.36',
    );
  }
  expect(get('/openapi/v2', { accept: 'application/yaml' })?.status).toBe(406);
});
