import { expect, test } from 'vitest';
import { builtinResources } from '../../api/registry.ts';
import { ServedResources } from '../served-resources.ts';
import { compareVersions } from './api-groups.ts';
import type { RemoteGroupVersion } from './api-groups.ts';
import { createDiscovery } from './discovery.ts';

const discovery = createDiscovery({
  resources: new ServedResources(builtinResources),
  serverAddress: '127.0.0.1:6443',
});
const aggregatedAccept =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

function get(path: string, headers: Record<string, string> = {}) {
  return discovery.handle({ method: 'GET', path, query: new URLSearchParams(), headers });
}

function json(path: string, headers: Record<string, string> = {}): Record<string, unknown> {
  return JSON.parse(String(get(path, headers)?.body)) as Record<string, unknown>;
}

test('the plain documents list groups, versions and resources', () => {
  expect(json('/api')).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
  expect(json('/apis')['kind']).toBe('APIGroupList');
  expect(json('/apis/apps')).toMatchObject({ name: 'apps', preferredVersion: { groupVersion: 'apps/v1' } });
  const core = json('/api/v1')['resources'] as { name: string; verbs: string[] }[];
  expect(core.find(({ name }) => name === 'pods')).toMatchObject({ kind: 'Pod', shortNames: ['po'], namespaced: true });
  expect(core.find(({ name }) => name === 'pods/eviction')).toMatchObject({ group: 'policy', kind: 'Eviction' });
  expect(get('/apis/nowhere')).toBeUndefined();
  expect(get('/api/v1/pods')).toBeUndefined();
});

test('clients that can read it get one aggregated document, and 304 when they have it', () => {
  const response = get('/apis', { accept: aggregatedAccept });
  expect(response?.headers['content-type']).toBe(
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  );
  const etag = response?.headers['etag'] ?? '';
  expect(get('/apis', { accept: aggregatedAccept, 'if-none-match': etag })?.status).toBe(304);
  const core = json('/api', { accept: aggregatedAccept }) as {
    items: { versions: { resources: { resource: string; subresources?: object[] }[] }[] }[];
  };
  const pods = core.items[0]?.versions[0]?.resources.find(({ resource }) => resource === 'pods');
  expect(pods).toMatchObject({ scope: 'Namespaced', responseKind: { group: '', version: 'v1', kind: 'Pod' } });
  expect(pods?.subresources).toContainEqual({
    subresource: 'log',
    responseKind: { group: '', version: 'v1', kind: 'Pod' },
    verbs: ['get'],
  });
});

test('versions are ordered by stability, then number', () => {
  expect(['v1alpha1', 'v1', 'v2beta1', 'v10', 'v1beta1', 'foo'].sort(compareVersions)).toEqual([
    'v10',
    'v1',
    'v2beta1',
    'v1beta1',
    'v1alpha1',
    'foo',
  ]);
});

test('groups come in the order of their priorities, resources in that of their names, with the hash of the stored version', () => {
  const { groups } = json('/apis') as { groups: { name: string }[] };
  const names = groups.map(({ name }) => name);
  expect(names.indexOf('apps')).toBeLessThan(names.indexOf('events.k8s.io'));
  expect(names.indexOf('rbac.authorization.k8s.io')).toBeLessThan(names.indexOf('scheduling.k8s.io'));
  const core = json('/api/v1')['resources'] as { name: string; storageVersionHash?: string }[];
  expect(core.map(({ name }) => name)).toEqual(core.map(({ name }) => name).toSorted());
  expect(core.find(({ name }) => name === 'pods')?.storageVersionHash).toBe('xPOwRZ+Yhw8=');
  expect(core.find(({ name }) => name === 'pods/status')).not.toHaveProperty('storageVersionHash');
});

test('documents come as YAML too, and in nothing that nobody knows', () => {
  expect(get('/apis/apps', { accept: 'application/yaml' })?.body).toContain('kind: APIGroup\n');
  expect(() => get('/apis/apps', { accept: 'text/html' })).toThrow('only the following media types are accepted');
  expect(get('/apis', { accept: aggregatedAccept.split(',').slice(0, 1).join('') })?.status).toBe(200);
});

test('what other servers serve stands among the rest, by its priority, as long as it is there', () => {
  let generation = 0;
  let remote: readonly RemoteGroupVersion[] = [];
  const merged = createDiscovery({
    resources: new ServedResources(builtinResources),
    serverAddress: '127.0.0.1:6443',
    remote: {
      get generation() {
        return generation;
      },
      groupVersions: () => remote,
    },
  });
  const groups = () => {
    const answer = merged.handle({ method: 'GET', path: '/apis', query: new URLSearchParams(), headers: {} });
    return (JSON.parse(String(answer?.body)) as { groups: { name: string }[] }).groups.map(({ name }) => name);
  };
  expect(groups()).not.toContain('wardle.example.com');
  const metrics = { resource: 'flunders', scope: 'Namespaced' as const, singularResource: 'flunder', verbs: ['get'] };
  remote = [
    {
      group: 'wardle.example.com',
      version: 'v1',
      priority: { group: 17_900, version: 1 },
      resources: [metrics],
      freshness: 'Stale',
    },
  ];
  generation++;
  expect(groups()).toContain('wardle.example.com');
  expect(groups().indexOf('wardle.example.com')).toBeLessThan(groups().indexOf('apps'));
});
