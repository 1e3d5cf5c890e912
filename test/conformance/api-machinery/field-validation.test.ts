import { afterAll, expect } from 'vitest';
import type { StatusError } from '../../../src/base/errors.ts';
import { conformance, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';
import { customDefinition } from './custom-definition.ts';
import type { CustomDefinition } from './custom-definition.ts';

afterAll(stopCluster);

interface Sent {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly type?: string;
  readonly body: string;
}

/** What a write with `fieldValidation=Strict` is refused with; '' when it is not. */
async function refusalOf(
  { client }: Conformance,
  { method, path, type = 'application/json', body }: Sent,
): Promise<string> {
  const separator = path.includes('?') ? '&' : '?';
  const headers = { 'content-type': type };
  const request = { method, path: `${path}${separator}fieldValidation=Strict&dryRun=All`, headers, body };
  return client.json(request).then(
    () => '',
    (error: unknown) => (error as StatusError).message,
  );
}

/** The warnings of the same write without a wish. */
async function warningsOf(
  { client }: Conformance,
  { method, path, type = 'application/json', body }: Sent,
): Promise<string> {
  const separator = path.includes('?') ? '&' : '?';
  const headers = { 'content-type': type };
  const response = await client.request({
    method,
    path: `${path}${separator}fieldValidation=Warn&dryRun=All`,
    headers,
    body,
  });
  response.body.resume();
  return [response.headers.warning ?? ''].flat().join('; ');
}

const deployment = (spec: string, metadata = ''): string =>
  `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"app":"nginx"}${metadata}},
    "spec":{${spec}"selector":{"matchLabels":{"app":"nginx"}},"template":{"metadata":{"labels":{"app":"nginx"}},
    "spec":{"containers":[{"name":"nginx","image":"nginx:latest"}]}}}}`;

conformance('FieldValidation should detect unknown and duplicate fields of a typed object', async (context) => {
  const path = `/apis/apps/v1/namespaces/${context.namespace}/deployments`;
  const body = deployment(
    '"unknown1":"val1","unknownDupe":"valDupe","unknownDupe":"valDupe2","paused":true,"paused":false,',
  );
  const refused = await refusalOf(context, { method: 'POST', path, body });
  expect(refused).toContain('strict decoding error');
  for (const text of [
    'unknown field "spec.unknown1"',
    'unknown field "spec.unknownDupe"',
    'duplicate field "spec.paused"',
  ]) {
    expect(refused).toContain(text);
    expect(await warningsOf(context, { method: 'POST', path, body })).toContain(text.replaceAll('"', '\\"'));
  }
});

conformance('FieldValidation should detect unknown metadata fields of a typed object', async (context) => {
  const path = `/apis/apps/v1/namespaces/${context.namespace}/deployments`;
  const body = deployment('', ',"unknownMeta":"unknownVal"');
  expect(await refusalOf(context, { method: 'POST', path, body })).toContain('unknown field "metadata.unknownMeta"');
});

const spec = {
  type: 'object',
  properties: {
    foo: { type: 'string' },
    cronSpec: { type: 'string' },
    ports: {
      type: 'array',
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
      'x-kubernetes-list-type': 'map',
      items: {
        type: 'object',
        required: ['containerPort', 'protocol'],
        properties: {
          containerPort: { type: 'integer', format: 'int32' },
          hostIP: { type: 'string' },
          hostPort: { type: 'integer', format: 'int32' },
          name: { type: 'string' },
          protocol: { type: 'string' },
        },
      },
    },
    embeddedObj: {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: { kind: { type: 'string' }, apiVersion: { type: 'string' }, metadata: { type: 'object' } },
    },
  },
};
const strict = { openAPIV3Schema: { type: 'object', properties: { spec } } };
const keeping = {
  openAPIV3Schema: {
    type: 'object',
    properties: { spec: { ...spec, 'x-kubernetes-preserve-unknown-fields': true } },
  },
};
const version = (schema: object): object => ({ name: 'v1', served: true, storage: true, schema });

function instance({ group, kind }: CustomDefinition, inside: string, metadata = ''): string {
  return `{"apiVersion":"${group}/v1","kind":"${kind}","metadata":{"name":"mytest"${metadata}},"spec":{${inside}}}`;
}

function apply(definition: CustomDefinition, body: string): Sent {
  const path = `${definition.path()}/mytest?fieldManager=test`;
  return { method: 'PATCH', path, type: 'application/apply-patch+yaml', body };
}

const ports = '"ports":[{"name":"x","containerPort":80,"protocol":"TCP"}]';

conformance('FieldValidation should create/apply a valid CR for CRD with validation schema', async (context) => {
  await using definition = await customDefinition(context, { versions: [version(strict)] });
  const body = instance(definition, `"foo":"foo1","cronSpec":"* * * * */5",${ports}`);
  expect(await refusalOf(context, { method: 'POST', path: definition.path(), body })).toBe('');
  expect(await refusalOf(context, apply(definition, body))).toBe('');
});

conformance(
  'FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema',
  async (context) => {
    await using definition = await customDefinition(context, { versions: [version(strict)] });
    const body = instance(definition, `"foo":"foo1","extraProperty":"arbitrary-value",${ports}`);
    const sent: Sent = { method: 'POST', path: definition.path(), body };
    expect(await refusalOf(context, sent)).toContain('unknown field "spec.extraProperty"');
    expect(await refusalOf(context, apply(definition, body))).toContain('.spec.extraProperty');
    expect(await warningsOf(context, sent)).toContain('spec.extraProperty');
  },
);

conformance(
  'FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema',
  async (context) => {
    await using definition = await customDefinition(context);
    const body = instance(definition, '"extraProperty":"arbitrary-value","more":{"deep":[1,2,3]}');
    expect(await refusalOf(context, { method: 'POST', path: definition.path(), body })).toBe('');
    expect(await refusalOf(context, apply(definition, body))).toBe('');
  },
);

conformance('FieldValidation should detect duplicates in a CR when preserving unknown fields', async (context) => {
  await using definition = await customDefinition(context, { versions: [version(keeping)] });
  const body = instance(
    definition,
    '"foo":"foo1","foo":"foo2","knownField1":"val1","unknownDupe":"a","unknownDupe":"b"',
  );
  const refused = await refusalOf(context, { method: 'POST', path: definition.path(), body });
  expect(refused).toContain('duplicate field "spec.foo"');
  expect(refused).toContain('duplicate field "spec.unknownDupe"');
  expect(refused).not.toContain('unknown field');
});

conformance(
  'FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR',
  async (context) => {
    await using definition = await customDefinition(context, { versions: [version(strict)] });
    const embedded =
      '"embeddedObj":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"my-cm","unknownSubMeta":"v"}}';
    const body = instance(definition, `"foo":"foo1",${embedded}`, ',"unknownMeta":"val"');
    const refused = await refusalOf(context, { method: 'POST', path: definition.path(), body });
    expect(refused).toContain('unknown field "metadata.unknownMeta"');
    expect(refused).toContain('unknown field "spec.embeddedObj.metadata.unknownSubMeta"');
  },
);
