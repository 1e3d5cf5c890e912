import { expect, test } from 'vitest';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import type { DefinitionDraft } from '../../api/apiextensions/custom-resource-definition.ts';
import { isEstablished } from '../../api/apiextensions/definition-conditions.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { Namespace } from '../../api/core/namespace.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';

type Version = DefinitionDraft['spec']['versions'][number];

const schema: JsonSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer', default: 1, minimum: 0 },
        color: { type: 'string', enum: ['red', 'green'] },
        parts: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
      },
    },
    status: { type: 'object', properties: { ready: { type: 'integer' }, selector: { type: 'string' } } },
  },
};

function definition(
  versions: readonly Partial<Version>[] = [{}],
  more: Partial<DefinitionDraft['spec']> = {},
): DefinitionDraft {
  return {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
      versions: versions.map((version, index) => ({
        name: `v${index + 1}`,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: schema },
        ...version,
      })),
      ...more,
    },
  };
}

interface Widget extends ApiObject {
  readonly spec: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}

async function served({ server, client }: TestServer, version = 'v1'): Promise<Resource<Widget, object>> {
  await expect
    .poll(async () => isEstablished(await client.get(CustomResourceDefinition, { name: 'widgets.example.com' })))
    .toBe(true);
  const resource = server.resources.find('example.com', version, 'widgets');
  if (!resource) throw new Error('widgets are not served');
  return resource;
}

const key = { namespace: 'default', name: 'w' };
const widget = (spec: object = {}, more: object = {}) => ({ metadata: { ...key }, spec, ...more });

test('a definition is served once it is established: created, read, listed, watched, changed, deleted', async () => {
  await using c = await testServer();
  await c.client.create(CustomResourceDefinition, definition());
  const Widgets = await served(c);
  const created = await c.client.create(Widgets, widget({ color: 'red' }));
  expect(created).toMatchObject({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', generation: 1 },
    spec: { color: 'red', replicas: 1 },
  });
  const abort = new AbortController();
  const events = c.client.watch(Widgets, { resourceVersion: created.metadata.resourceVersion, signal: abort.signal });
  const seen = events[Symbol.asyncIterator]();
  const patched = await c.client.patch(Widgets, key, { type: 'merge', body: { spec: { replicas: 3 } } });
  expect(patched.metadata.generation).toBe(2);
  expect((await seen.next()).value).toMatchObject({ type: 'MODIFIED', object: { spec: { replicas: 3 } } });
  expect((await c.client.list(Widgets)).items).toHaveLength(1);
  await c.client.delete(Widgets, key);
  expect((await seen.next()).value).toMatchObject({ type: 'DELETED' });
  abort.abort();
  await expect(c.client.get(Widgets, key)).rejects.toThrow('widgets.example.com "w" not found');
});

test('the conditions say that the names are accepted and the kind is established', async () => {
  await using c = await testServer();
  await c.client.create(CustomResourceDefinition, definition());
  await served(c);
  const { status } = await c.client.get(CustomResourceDefinition, { name: 'widgets.example.com' });
  expect(status.conditions.map(({ type, status: is, reason }) => [type, is, reason])).toEqual([
    ['NamesAccepted', 'True', 'NoConflicts'],
    ['Established', 'True', 'InitialNamesAccepted'],
  ]);
  expect(status.acceptedNames).toEqual({
    plural: 'widgets',
    singular: 'widget',
    shortNames: ['wd'],
    kind: 'Widget',
    listKind: 'WidgetList',
  });
});

test('two definitions of a group can not have the same kind, until one goes', async () => {
  await using c = await testServer();
  await c.client.create(CustomResourceDefinition, definition());
  await served(c);
  const other = { plural: 'gadgets', kind: 'Widget' };
  await c.client.create(CustomResourceDefinition, {
    ...definition([{}], { names: other }),
    metadata: { name: 'gadgets.example.com' },
  });
  const conditions = async () => {
    const { status } = await c.client.get(CustomResourceDefinition, { name: 'gadgets.example.com' });
    return status.conditions.map(({ type, status: is, reason, message }) => [type, is, reason, message]);
  };
  await expect.poll(conditions).toEqual([
    ['NamesAccepted', 'False', 'ListKindConflict', '"WidgetList" is already in use'],
    ['Established', 'False', 'NotAccepted', 'not all names are accepted'],
  ]);
  expect(c.server.resources.find('example.com', 'v1', 'gadgets')).toBeUndefined();
  await c.client.delete(CustomResourceDefinition, { name: 'widgets.example.com' });
  await expect.poll(async () => (await conditions()).map(([, is]) => is)).toEqual(['True', 'True']);
  expect(c.server.resources.find('example.com', 'v1', 'gadgets')).toBeDefined();
});

test('unknown fields go, and are told to those who want to know', async () => {
  await using c = await testServer();
  await c.client.create(CustomResourceDefinition, definition());
  const Widgets = await served(c);
  const body = widget({ color: 'red', colour: 1, parts: [{ nam: 'x' }] }, { extra: true });
  // Clients inside the server ask for strictness.
  await expect(c.client.create(Widgets, body)).rejects.toThrow(
    'strict decoding error: unknown field "extra", unknown field "spec.colour", unknown field "spec.parts[0].nam"',
  );
  const warnings: string[] = [];
  const call = {
    user: { name: 'admin', groups: ['system:masters'] },
    resource: Widgets as unknown as Resource,
    ...key,
  };
  const answer = await c.server.api.create(
    { ...call, name: '', fieldValidation: 'Warn', warnings },
    { value: () => body, duplicates: [] },
  );
  expect(warnings).toHaveLength(3);
  expect(answer).toMatchObject({ object: { spec: { color: 'red', parts: [{}], replicas: 1 } } });
});

test('invalid objects are refused in the words of upstream', async () => {
  await using c = await testServer();
  await c.client.create(CustomResourceDefinition, definition());
  const Widgets = await served(c);
  await expect(c.client.create(Widgets, widget({ color: 'blue', replicas: -1 }))).rejects.toThrow(
    'Widget.example.com "w" is invalid: [spec.color: Unsupported value: "blue": supported values: "red", "green", spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0]',
  );
});

test('with a status subresource each path writes its own part', async () => {
  await using c = await testServer();
  const subresources = {
    status: {},
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.ready',
      labelSelectorPath: '.status.selector',
    },
  };
  await c.client.create(CustomResourceDefinition, definition([{ subresources }]));
  const Widgets = await served(c);
  const created = await c.client.create(Widgets, widget({}, { status: { ready: 5 } }));
  expect(created).not.toHaveProperty('status');
  const body = { ...created, metadata: { ...created.metadata, labels: { a: 'b' } }, spec: {}, status: { ready: 2 } };
  const updated = await c.client.update(Widgets, body, { subresource: 'status' });
  expect(updated).toMatchObject({ metadata: { generation: 1 }, spec: { replicas: 1 }, status: { ready: 2 } });
  expect(updated.metadata.labels).toBeUndefined();
  const scaled = await c.client.patch(
    Widgets,
    key,
    { type: 'merge', body: { spec: { replicas: 7 } } },
    { subresource: 'scale' },
  );
  expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 7 }, status: { replicas: 2 } });
  expect(await c.client.get(Widgets, key)).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 7 } });
});

test('members are told apart by name, whatever every object of JavaScript has under it', async () => {
  await using c = await testServer();
  const open: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await c.client.create(CustomResourceDefinition, definition([{ schema: { openAPIV3Schema: open } }]));
  const Widgets = await served(c);
  await c.client.create(Widgets, widget({}, { constructor: 'Ann', toString: { a: 1 } }));
  const remove = { type: 'merge', body: { constructor: null } } as const;
  const removed = await c.client.patch(Widgets, key, remove);
  expect(removed.metadata.generation).toBe(2);
  expect(Object.keys(removed)).not.toContain('constructor');
  expect(removed.toString).toEqual({ a: 1 });
  expect((await c.client.patch(Widgets, key, remove)).metadata.generation).toBe(2);
});

test('versions are read as each other: nothing but the apiVersion differs, and what a version does not know', async () => {
  await using c = await testServer();
  const narrow: JsonSchema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { replicas: { type: 'integer' } } } },
  };
  await c.client.create(CustomResourceDefinition, definition([{}, { schema: { openAPIV3Schema: narrow } }]));
  const [first, second] = [await served(c), await served(c, 'v2')];
  await c.client.create(first, widget({ color: 'red' }));
  const read = await c.client.get(second, key);
  expect(read).toMatchObject({ apiVersion: 'example.com/v2', spec: { replicas: 1 } });
  expect(read.spec).not.toHaveProperty('color');
  expect((await c.client.list(second)).items).toHaveLength(1);
  await c.client.patch(second, key, { type: 'merge', body: { spec: { replicas: 2 } } });
  expect(await c.client.get(first, key)).toMatchObject({ apiVersion: 'example.com/v1', spec: { replicas: 2 } });
});

test('a changed definition takes effect on what is stored, and ends the watches of the old one', async () => {
  await using c = await testServer();
  await c.client.create(CustomResourceDefinition, definition());
  const before = await served(c);
  await c.client.create(before, widget());
  const watch = c.client.watch(before, { resourceVersion: '0' })[Symbol.asyncIterator]();
  expect((await watch.next()).value).toMatchObject({ type: 'ADDED' });
  const changed: JsonSchema = {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { replicas: { type: 'integer' }, size: { type: 'string', default: 'm' } } },
    },
  };
  const { metadata } = await c.client.get(CustomResourceDefinition, { name: 'widgets.example.com' });
  await c.client.update(CustomResourceDefinition, {
    ...definition([{ schema: { openAPIV3Schema: changed } }]),
    metadata,
  });
  await expect.poll(() => c.server.resources.find('example.com', 'v1', 'widgets')).not.toBe(before);
  expect((await watch.next()).done).toBe(true);
  expect((await c.client.get(await served(c), key)).spec).toEqual({ replicas: 1, size: 'm' });
});

test('a deleted definition takes its objects along, waiting for those that are held', async () => {
  await using c = await testServer();
  await c.client.create(CustomResourceDefinition, definition());
  const Widgets = await served(c);
  await c.client.create(Widgets, { metadata: { ...key, finalizers: ['example.com/hold'] } });
  await c.client.create(Widgets, { metadata: { namespace: 'default', name: 'free' } });
  await c.client.delete(CustomResourceDefinition, { name: 'widgets.example.com' });
  const terminating = async () => {
    const { status } = await c.client.get(CustomResourceDefinition, { name: 'widgets.example.com' });
    return status.conditions.find(({ type }) => type === 'Terminating')?.reason;
  };
  await expect.poll(terminating).toBe('InstanceDeletionInProgress');
  await expect
    .poll(async () => (await c.client.list(Widgets)).items.map(({ metadata }) => metadata.name))
    .toEqual(['w']);
  await expect(c.client.create(Widgets, { metadata: { namespace: 'default', name: 'late' } })).rejects.toThrow(
    'widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
  );
  await c.client.patch(Widgets, key, { type: 'merge', body: { metadata: { finalizers: null } } });
  await expect.poll(async () => (await c.client.list(CustomResourceDefinition)).items).toEqual([]);
  await expect.poll(() => c.server.resources.find('example.com', 'v1', 'widgets')).toBeUndefined();
});

test('a definition of what is built in serves nothing, and takes nothing along', async () => {
  await using c = await testServer();
  const lease = await c.client.create(Lease, { metadata: { namespace: 'default', name: 'l' }, spec: {} });
  const annotations = { 'api-approved.kubernetes.io': 'unapproved, for a test' };
  const spec = { group: 'coordination.k8s.io', names: { plural: 'leases', kind: 'Lease' } };
  const name = 'leases.coordination.k8s.io';
  await c.client.create(CustomResourceDefinition, { ...definition([{}], spec), metadata: { name, annotations } });
  const reasons = async () => {
    const { status } = await c.client.get(CustomResourceDefinition, { name });
    return status.conditions.map(({ reason }) => reason);
  };
  await expect.poll(reasons).toContain('UnapprovedAnnotation');
  expect(c.server.resources.find('coordination.k8s.io', 'v1', 'leases')).toBe(Lease);
  await c.client.delete(CustomResourceDefinition, { name });
  await expect.poll(async () => (await c.client.list(CustomResourceDefinition)).items).toEqual([]);
  expect((await c.client.get(Lease, { namespace: 'default', name: 'l' })).metadata.uid).toBe(lease.metadata.uid);
});

test('definitions in groups of the community need an approval', async () => {
  await using c = await testServer();
  const names = { plural: 'widgets', kind: 'Widget' };
  const inCommunity = definition([{}], { group: 'example.k8s.io', names });
  await expect(
    c.client.create(CustomResourceDefinition, { ...inCommunity, metadata: { name: 'widgets.example.k8s.io' } }),
  ).rejects.toThrow('metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have');
});

test('fields may be selected by, and unselectable ones are refused', async () => {
  await using c = await testServer();
  await c.client.create(CustomResourceDefinition, definition([{ selectableFields: [{ jsonPath: '.spec.color' }] }]));
  const Widgets = await served(c);
  await c.client.create(Widgets, widget({ color: 'red' }));
  await c.client.create(Widgets, { metadata: { namespace: 'default', name: 'g' }, spec: { color: 'green' } });
  const { items } = await c.client.list(Widgets, { fieldSelector: 'spec.color=green' });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['g']);
  await expect(c.client.list(Widgets, { fieldSelector: 'spec.replicas=1' })).rejects.toThrow(
    'field label not supported',
  );
});

test('after a restart what is established is served before the server is ready', async () => {
  const first = await testServer();
  const { store } = first.server.context;
  await first.client.create(CustomResourceDefinition, definition());
  await first.client.create(await served(first), widget({ color: 'green' }));
  await first[Symbol.asyncDispose]();
  await using c = await testServer({ store });
  const Widgets = c.server.resources.find('example.com', 'v1', 'widgets') as unknown as Resource<Widget, object>;
  expect(await c.client.get(Widgets, key)).toMatchObject({ spec: { color: 'green' } });
  expect((await c.client.list(Namespace)).items).not.toEqual([]);
});
