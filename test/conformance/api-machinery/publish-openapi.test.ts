import { afterAll, expect } from 'vitest';
import { CustomResourceDefinition } from '../../../src/api/apiextensions/custom-resource-definition.ts';
import { conformance, eventually, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';
import { customDefinition } from './custom-definition.ts';
import type { CustomDefinition } from './custom-definition.ts';

afterAll(stopCluster);

type Schema = Readonly<Record<string, unknown>>;

/** The definition under which a custom kind is published in /openapi/v2; undefined when it is not. */
async function published(
  { client }: Conformance,
  { group, kind }: CustomDefinition,
  version: string,
): Promise<Schema | undefined> {
  const document = (await client.json({ path: '/openapi/v2' })) as {
    readonly definitions: Readonly<Record<string, Schema>>;
  };
  const name = `${group.split('.').toReversed().join('.')}.${version}.${kind}`;
  return document.definitions[name];
}

/** The same in the document of its group and version in /openapi/v3. */
async function publishedV3(
  { client }: Conformance,
  { group, kind }: CustomDefinition,
  version: string,
): Promise<Schema | undefined> {
  const path = `/openapi/v3/apis/${group}/${version}`;
  const document = (await client.json({ path }).catch(() => undefined)) as
    | { components: { schemas: Record<string, Schema> } }
    | undefined;
  return document?.components.schemas[`${group.split('.').toReversed().join('.')}.${version}.${kind}`];
}

const version = (name: string, schema: object, more: object = {}): object => ({
  name,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...more,
});

const foo = {
  type: 'object',
  description: 'Foo CRD for Testing',
  properties: {
    spec: {
      type: 'object',
      description: 'Specification of Foo',
      properties: {
        bars: {
          type: 'array',
          description: 'List of Bars and their specs.',
          items: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { type: 'string', description: 'Name of Bar.' },
              age: { type: 'string', description: 'Age of Bar.' },
              bazs: { type: 'array', items: { type: 'string' }, description: 'List of Bazs.' },
            },
          },
        },
      },
    },
    status: {
      type: 'object',
      description: 'Status of Foo',
      properties: { bars: { type: 'array', items: { type: 'object' } } },
    },
  },
};

const of = 'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin]';

conformance(`${of} works for CRD with validation schema`, async (context) => {
  await using definition = await customDefinition(context, { versions: [version('v1', foo)] });
  const schema = await published(context, definition, 'v1');
  expect(schema).toMatchObject({
    description: 'Foo CRD for Testing',
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: {},
      spec: foo.properties.spec,
    },
    'x-kubernetes-group-version-kind': [{ group: definition.group, version: 'v1', kind: definition.kind }],
  });
  expect(await publishedV3(context, definition, 'v1')).toMatchObject({ properties: { spec: foo.properties.spec } });
});

conformance(`${of} works for CRD without validation schema`, async (context) => {
  const any = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await using definition = await customDefinition(context, { versions: [version('v1', any)] });
  const schema = await published(context, definition, 'v1');
  expect(schema).toMatchObject({ type: 'object', 'x-kubernetes-group-version-kind': [{ kind: definition.kind }] });
});

conformance(`${of} works for CRD preserving unknown fields at the schema root`, async (context) => {
  const root = {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    properties: { spec: { type: 'object' } },
  };
  await using definition = await customDefinition(context, { versions: [version('v1', root)] });
  expect(await published(context, definition, 'v1')).toBeDefined();
  const sent = {
    apiVersion: `${definition.group}/v1`,
    kind: definition.kind,
    metadata: { name: 'a' },
    some: { unknown: 1 },
  };
  const made = await context.client.json({ method: 'POST', path: definition.path(), body: JSON.stringify(sent) });
  expect(made).toMatchObject({ some: { unknown: 1 } });
});

conformance(`${of} works for CRD preserving unknown fields in an embedded object`, async (context) => {
  const schema = {
    type: 'object',
    properties: {
      spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { dummy: { type: 'string' } } },
    },
  };
  await using definition = await customDefinition(context, { versions: [version('v1', schema)] });
  expect(await published(context, definition, 'v1')).toMatchObject({
    properties: { spec: { 'x-kubernetes-preserve-unknown-fields': true } },
  });
});

conformance(`${of} works for multiple CRDs of different groups`, async (context) => {
  await using one = await customDefinition(context, { versions: [version('v1', foo)] });
  await using other = await customDefinition(context, { versions: [version('v1', foo)] });
  expect(one.group).not.toBe(other.group);
  for (const definition of [one, other]) expect(await published(context, definition, 'v1')).toBeDefined();
});

conformance(`${of} works for multiple CRDs of same group but different versions`, async (context) => {
  const versions = [version('v2', foo), version('v3', foo, { storage: false })];
  await using both = await customDefinition(context, { versions });
  const { group } = both;
  await using another = await customDefinition(context, { group, versions: [version('v5', foo)] });
  expect(await published(context, both, 'v2')).toBeDefined();
  expect(await published(context, both, 'v3')).toBeDefined();
  expect(await published(context, another, 'v5')).toBeDefined();
});

conformance(`${of} works for multiple CRDs of same group and version but different kinds`, async (context) => {
  await using one = await customDefinition(context, { versions: [version('v6', foo)] });
  await using other = await customDefinition(context, { group: one.group, versions: [version('v6', foo)] });
  expect(one.kind).not.toBe(other.kind);
  for (const definition of [one, other]) {
    expect(await published(context, definition, 'v6')).toBeDefined();
    expect(await publishedV3(context, definition, 'v6')).toBeDefined();
  }
});

async function changeVersions(
  { client }: Conformance,
  { name }: CustomDefinition,
  value: readonly object[],
): Promise<void> {
  const body = [{ op: 'replace', path: '/spec/versions', value: value as never }];
  await client.patch(CustomResourceDefinition, { name }, { type: 'json', body });
}

conformance(`${of} updates the published spec when one version gets renamed`, async (context) => {
  const versions = [version('v2', foo), version('v3', foo, { storage: false })];
  await using definition = await customDefinition(context, { versions });
  expect(await published(context, definition, 'v3')).toBeDefined();
  await changeVersions(context, definition, [version('v2', foo), version('v4', foo, { storage: false })]);
  await eventually(async () => {
    expect(await published(context, definition, 'v4')).toBeDefined();
    expect(await published(context, definition, 'v3')).toBeUndefined();
    expect(await published(context, definition, 'v2')).toBeDefined();
  });
});

conformance(`${of} removes definition from spec when one version gets changed to not be served`, async (context) => {
  const versions = [version('v5', foo), version('v6alpha1', foo, { storage: false })];
  await using definition = await customDefinition(context, { versions });
  expect(await published(context, definition, 'v6alpha1')).toBeDefined();
  await changeVersions(context, definition, [
    version('v5', foo),
    version('v6alpha1', foo, { storage: false, served: false }),
  ]);
  await eventually(async () => {
    expect(await published(context, definition, 'v6alpha1')).toBeUndefined();
    expect(await published(context, definition, 'v5')).toBeDefined();
  });
});
