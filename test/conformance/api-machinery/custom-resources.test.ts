import { afterAll, expect } from 'vitest';
import { CustomResourceDefinition } from '../../../src/api/apiextensions/custom-resource-definition.ts';
import type { Json } from '../../../src/base/json.ts';
import { conformance, eventually, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';
import { customDefinition } from './custom-definition.ts';
import type { CustomDefinition } from './custom-definition.ts';

afterAll(stopCluster);

/** A custom object as JSON. */
interface Instance {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly [field: string]: unknown;
}

function create({ client }: Conformance, { path, group, kind }: CustomDefinition, body: object, version = 'v1') {
  const text = JSON.stringify({ apiVersion: `${group}/${version}`, kind, ...body });
  return client.json({ method: 'POST', path: path(version), body: text }) as Promise<Instance>;
}

function patch({ client }: Conformance, path: string, body: Json): Promise<unknown> {
  const headers = { 'content-type': 'application/merge-patch+json' };
  return client.json({ method: 'PATCH', path, headers, body: JSON.stringify(body) });
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const simple = 'CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition';

conformance(`${simple} creating/deleting custom resource definition objects works`, async (context) => {
  await using definition = await customDefinition(context);
  await definition.remove();
  const { name } = definition;
  await expect(context.client.get(CustomResourceDefinition, { name })).rejects.toMatchObject({ code: 404 });
});

conformance(`${simple} listing custom resource definition objects works`, async (context) => {
  const labels = { 'e2e-list-test': context.namespace };
  const made = [];
  for (let i = 0; i < 5; i++) made.push(await customDefinition(context));
  for (const { name } of made) await patch(context, `${definitions}/${name}`, { metadata: { labels } });
  const labelSelector = `e2e-list-test=${context.namespace}`;
  const { items } = await context.client.list(CustomResourceDefinition, { labelSelector });
  expect(items.map(({ metadata }) => metadata.name).toSorted()).toEqual(made.map(({ name }) => name).toSorted());
  await context.client.deleteCollection(CustomResourceDefinition, { labelSelector });
  await eventually(async () => {
    expect((await context.client.list(CustomResourceDefinition, { labelSelector })).items).toEqual([]);
  });
});

conformance(
  `${simple} getting/updating/patching custom resource definition status sub-resource works`,
  async (context) => {
    await using definition = await customDefinition(context);
    const { client } = context;
    const { name } = definition;
    const status = await client.get(CustomResourceDefinition, { name }, { subresource: 'status' } as never);
    expect(status.status.conditions?.length).toBeGreaterThan(0);
    const condition = { type: 'StatusUpdate', status: 'True' as const, reason: 'E2E', message: 'Set from e2e test' };
    const updated = await client.update(
      CustomResourceDefinition,
      {
        ...status,
        status: { ...status.status, conditions: [...(status.status.conditions ?? []), condition] },
      },
      { subresource: 'status' },
    );
    expect(updated.status.conditions).toContainEqual(expect.objectContaining({ type: 'StatusUpdate', reason: 'E2E' }));
    const patched = await patch(context, `${definitions}/${name}/status`, {
      metadata: { annotations: { patched: 'yes' } },
      status: { conditions: [...(updated.status.conditions ?? []), { ...condition, type: 'Patched' }] } as never,
    });
    expect(patched).toMatchObject({
      status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Patched' })]) },
    });
  },
);

conformance(
  'CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery documents',
  async ({ client }) => {
    const all = (await client.json({ path: '/apis' })) as {
      groups: { name: string; versions: { version: string }[] }[];
    };
    const group = all.groups.find(({ name }) => name === 'apiextensions.k8s.io');
    expect(group?.versions.map(({ version }) => version)).toContain('v1');
    expect(await client.json({ path: '/apis/apiextensions.k8s.io' })).toMatchObject({ name: 'apiextensions.k8s.io' });
    const { resources } = (await client.json({ path: '/apis/apiextensions.k8s.io/v1' })) as {
      resources: { name: string }[];
    };
    expect(resources.map(({ name }) => name)).toContain('customresourcedefinitions');
  },
);

conformance(
  'CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works',
  async (context) => {
    const schema = (defaults: { readonly a?: string; readonly b?: string }): object => ({
      openAPIV3Schema: {
        type: 'object',
        properties: {
          a: { type: 'string', ...(defaults.a ? { default: defaults.a } : {}) },
          b: { type: 'string', ...(defaults.b ? { default: defaults.b } : {}) },
        },
      },
    });
    const version = (defaults: { readonly a?: string; readonly b?: string }): object => ({
      name: 'v1',
      served: true,
      storage: true,
      schema: schema(defaults),
    });
    await using definition = await customDefinition(context, { versions: [version({})] });
    const first = await create(context, definition, { metadata: { name: 'foo' } });
    expect(first).not.toHaveProperty('a');
    const specPath = `${definitions}/${definition.name}`;
    await patch(context, specPath, { spec: { versions: [version({ a: 'A' })] } } as never);
    // From storage, the object that was there before, and for requests, a new one.
    const read = (name: string): Promise<unknown> => context.client.json({ path: `${definition.path()}/${name}` });
    await eventually(async () => expect(await read('foo')).toMatchObject({ a: 'A' }));
    expect(await create(context, definition, { metadata: { name: 'bar' } })).toMatchObject({ a: 'A' });
    await patch(context, specPath, { spec: { versions: [version({ b: 'B' })] } } as never);
    await eventually(async () => expect(await read('bar')).toMatchObject({ a: 'A', b: 'B' }));
    const foo = await read('foo');
    expect(foo).toMatchObject({ b: 'B' });
    expect(foo).not.toHaveProperty('a');
  },
);

conformance(
  'CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch watch on custom resource definition objects',
  async (context) => {
    await using definition = await customDefinition(context, { names: {} });
    const { metadata } = (await context.client.json({ path: definition.path() })) as {
      metadata: { resourceVersion: string };
    };
    const seen: string[] = [];
    const path = `${definition.path()}?watch=true&resourceVersion=${metadata.resourceVersion}`;
    const response = await context.client.request({ path, signal: context.signal });
    const read = async (): Promise<void> => {
      let text = '';
      for await (const chunk of response.body) {
        text += String(chunk);
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          const event = JSON.parse(line) as { type: string; object: Instance };
          seen.push(`${event.type} ${event.object.metadata.name}`);
        }
      }
    };
    read().catch(() => undefined);
    for (const name of ['name1', 'name2']) await create(context, definition, { metadata: { name } });
    for (const name of ['name1', 'name2']) await patch(context, `${definition.path()}/${name}`, { test: 'patched' });
    for (const name of ['name1', 'name2']) {
      await context.client.json({ method: 'DELETE', path: `${definition.path()}/${name}` });
    }
    const each = (type: string): string[] => [`${type} name1`, `${type} name2`];
    await eventually(() => expect(seen).toEqual([...each('ADDED'), ...each('MODIFIED'), ...each('DELETED')]));
  },
);

conformance(
  'CustomResourceFieldSelectors [Privileged:ClusterAdmin] CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector',
  async (context) => {
    const properties = { hostPort: { type: 'string' }, port: { type: 'integer' } };
    const schema = {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties }, hostPort: { type: 'string' } },
      },
    };
    const selectableFields = [{ jsonPath: '.hostPort' }];
    await using definition = await customDefinition(context, {
      versions: [
        { name: 'v1', served: true, storage: true, schema, selectableFields },
        { name: 'v2', served: true, storage: false, schema, selectableFields: [{ jsonPath: '.hostPort' }] },
      ],
    });
    await create(context, definition, { metadata: { name: 'a' }, hostPort: 'host1:80' });
    await create(context, definition, { metadata: { name: 'b' }, hostPort: 'host2:8080' });
    for (const version of ['v1', 'v2']) {
      const path = `${definition.path(version)}?fieldSelector=${encodeURIComponent('hostPort=host1:80')}`;
      const list = (await context.client.json({ path })) as { items: Instance[] };
      expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a']);
      const response = await context.client.request({
        path: `${path}&watch=true&resourceVersion=0`,
        signal: context.signal,
      });
      const first = await new Promise<string>((resolve) =>
        response.body.once('data', (chunk) => resolve(String(chunk))),
      );
      expect(JSON.parse(first.split('\n')[0] ?? '')).toMatchObject({
        type: 'ADDED',
        object: { metadata: { name: 'a' } },
      });
    }
    const unknown = `${definition.path()}?fieldSelector=port%3D80`;
    await expect(context.client.json({ path: unknown })).rejects.toMatchObject({ code: 400 });
    const selection = encodeURIComponent('hostPort=host2:8080');
    await context.client.json({ method: 'DELETE', path: `${definition.path()}?fieldSelector=${selection}` });
    const rest = (await context.client.json({ path: definition.path() })) as { items: Instance[] };
    expect(rest.items.map(({ metadata }) => metadata.name)).toEqual(['a']);
  },
);
