import { expect, test } from 'vitest';
import { MutatingAdmissionPolicy } from '../../api/admissionregistration/mutating-admission-policy.ts';
import { MutatingAdmissionPolicyBinding } from '../../api/admissionregistration/mutating-admission-policy-binding.ts';
import { MutatingWebhookConfiguration } from '../../api/admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingAdmissionPolicy } from '../../api/admissionregistration/validating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from '../../api/admissionregistration/validating-admission-policy-binding.ts';
import { ValidatingWebhookConfiguration } from '../../api/admissionregistration/validating-webhook-configuration.ts';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { isEstablished } from '../../api/apiextensions/definition-conditions.ts';
import { createMutatingPolicies } from '../admission/policies/mutating-policies.ts';
import { createValidatingPolicies } from '../admission/policies/validating-policies.ts';
import { createMutatingWebhooks } from '../admission/webhooks/mutating-webhooks.ts';
import { createValidatingWebhooks } from '../admission/webhooks/validating-webhooks.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer, TestServerOptions } from '../testing/test-server.ts';
import { patchAnswer, webhookServer } from '../testing/webhook-server.ts';
import type { WebhookServer } from '../testing/webhook-server.ts';
import { createWebhookClient } from '../webhooks/webhook-client.ts';

interface Converted extends ApiObject {
  readonly host?: string;
  readonly port?: string;
  readonly hostPort?: string;
}

/** In v1 an address is one text, in v2 host and port. */
const texts = (...names: string[]): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
});

function convert(objects: readonly Converted[], desired: string): readonly object[] {
  return objects.map(({ hostPort = '', host, port, ...rest }) => {
    const next = { ...rest, apiVersion: desired };
    if (desired.endsWith('v1')) return { ...next, hostPort: `${host}:${port}` };
    const [first, second] = hostPort.split(':');
    return { ...next, host: first, port: second };
  });
}

interface ConversionRequest {
  readonly desiredAPIVersion: string;
  readonly objects: readonly Converted[];
}

const converting = (request: unknown): Record<string, unknown> => {
  const { objects, desiredAPIVersion } = request as ConversionRequest;
  return { result: { status: 'Success' }, convertedObjects: convert(objects, desiredAPIVersion) };
};

/** Webhooks for admission beside those for conversion. */
const withAdmission: TestServerOptions = {
  parts: ({ resources, random, log, resolveService }) => {
    const parts = { call: createWebhookClient(resolveService), resources, random, log };
    return {
      admission: [
        createMutatingPolicies(resources),
        createMutatingWebhooks(parts),
        createValidatingPolicies(resources),
        createValidatingWebhooks(parts),
      ],
    };
  },
};

const ofSecond = {
  operations: ['CREATE', 'UPDATE'],
  apiGroups: ['example.com'],
  apiVersions: ['v2'],
  resources: ['addresses'],
} as const;

async function define({ client, server }: TestServer, hooks: WebhookServer, path = '/convert') {
  const version = (name: string, schema: JsonSchema) => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: { openAPIV3Schema: schema },
  });
  await client.create(CustomResourceDefinition, {
    metadata: { name: 'addresses.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'addresses', kind: 'Address' },
      versions: [version('v1', texts('hostPort')), version('v2', texts('host', 'port'))],
      conversion: {
        strategy: 'Webhook',
        webhook: {
          clientConfig: { url: hooks.url + path, caBundle: hooks.caBundle },
          conversionReviewVersions: ['v1', 'v1beta1'],
        },
      },
    },
  });
  await expect
    .poll(async () => isEstablished(await client.get(CustomResourceDefinition, { name: 'addresses.example.com' })))
    .toBe(true);
  const find = (name: string) =>
    server.resources.find('example.com', name, 'addresses') as unknown as Resource<Converted, object>;
  return { first: find('v1'), second: find('v2') };
}

const named = (name: string, more: object) => ({ metadata: { namespace: 'default', name }, ...more });
const key = (name: string) => ({ namespace: 'default', name });

test('each version reads what was written in the other, asking the webhook once per object and version', async () => {
  await using hooks = await webhookServer({ '/convert': converting });
  await using c = await testServer();
  const { first, second } = await define(c, hooks);
  await c.client.create(first, named('a', { hostPort: 'x:1' }));
  await c.client.create(first, named('b', { hostPort: 'y:2' }));
  expect(hooks.heard).toHaveLength(0);
  expect(await c.client.get(second, key('a'))).toMatchObject({ apiVersion: 'example.com/v2', host: 'x', port: '1' });
  const { items } = await c.client.list(second);
  expect(items.map(({ host }) => host)).toEqual(['x', 'y']);
  await c.client.list(second);
  // One for the get, one for the rest of the list.
  expect(hooks.heard).toHaveLength(2);
  const written = await c.client.create(second, named('c', { host: 'z', port: '3' }));
  expect(written).toMatchObject({ apiVersion: 'example.com/v2', host: 'z', port: '3' });
  expect(await c.client.get(first, key('c'))).toMatchObject({ hostPort: 'z:3' });
  await c.client.patch(second, key('c'), { type: 'merge', body: { port: '4' } });
  expect(await c.client.get(first, key('c'))).toMatchObject({ hostPort: 'z:4' });
});

test('watches see changes in their version, in order', async () => {
  await using hooks = await webhookServer({ '/convert': converting });
  await using c = await testServer();
  const { first, second } = await define(c, hooks);
  await c.client.create(first, named('a', { hostPort: 'x:1' }));
  const watch = c.client.watch(second, { resourceVersion: '0' })[Symbol.asyncIterator]();
  const next = async () => (await watch.next()).value as { type: string; object: Converted };
  expect(await next()).toMatchObject({ type: 'ADDED', object: { host: 'x' } });
  await c.client.patch(first, key('a'), { type: 'merge', body: { hostPort: 'x:2' } });
  await c.client.create(first, named('b', { hostPort: 'y:1' }));
  await c.client.delete(first, key('a'));
  expect(await next()).toMatchObject({ type: 'MODIFIED', object: { port: '2' } });
  expect(await next()).toMatchObject({ type: 'ADDED', object: { host: 'y' } });
  expect(await next()).toMatchObject({ type: 'DELETED', object: { host: 'x', port: '2' } });
});

test.each<readonly [string, (request: unknown) => Record<string, unknown>, string]>([
  [
    'says that it failed',
    () => ({ result: { status: 'Failed', message: 'no way' } }),
    'conversion webhook for example.com/v1, Kind=Address failed: no way',
  ],
  [
    'returns too few',
    () => ({ result: { status: 'Success' }, convertedObjects: [] }),
    'conversion webhook for example.com/v1, Kind=Address returned 0 objects, expected 1',
  ],
  [
    'changes a name',
    (request) => {
      const { objects } = request as ConversionRequest;
      const [object] = convert(objects, 'example.com/v2') as Converted[];
      const metadata = { ...object?.metadata, name: 'other' };
      return { result: { status: 'Success' }, convertedObjects: [{ ...object, metadata }] };
    },
    'conversion webhook for example.com/v1, Kind=Address returned invalid converted object at index 0: must have the same name: a != other',
  ],
  [
    'keeps the version',
    (request) => ({ result: { status: 'Success' }, convertedObjects: (request as ConversionRequest).objects }),
    'conversion webhook for example.com/v1, Kind=Address returned invalid converted object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)',
  ],
])('a webhook that %s fails the request and nothing else', async (_, answer, message) => {
  await using hooks = await webhookServer({ '/convert': answer });
  await using c = await testServer();
  const { first, second } = await define(c, hooks);
  await c.client.create(first, named('a', { hostPort: 'x:1' }));
  await expect(c.client.get(second, key('a'))).rejects.toThrow(message);
  await expect(c.client.list(second)).rejects.toThrow(message);
  expect(await c.client.get(first, key('a'))).toMatchObject({ hostPort: 'x:1' });
});

test('objects stored in either version are read in each, and a write that changes nothing stores anew', async () => {
  await using hooks = await webhookServer({ '/convert': converting });
  await using c = await testServer();
  const { first } = await define(c, hooks);
  await c.client.create(first, named('a', { hostPort: 'x:1' }));
  const storage = (version: number, value: boolean) => ({
    op: 'replace',
    path: `/spec/versions/${version}/storage`,
    value,
  });
  await c.client.patch(
    CustomResourceDefinition,
    { name: 'addresses.example.com' },
    { type: 'json', body: [storage(0, false), storage(1, true)] },
  );
  await expect
    .poll(() => c.server.resources.find('example.com', 'v2', 'addresses')?.custom?.storageVersion)
    .toBe('example.com/v2');
  const find = (name: string) =>
    c.server.resources.find('example.com', name, 'addresses') as unknown as Resource<Converted, object>;
  const [one, two] = [find('v1'), find('v2')];
  await c.client.create(one, named('b', { hostPort: 'y:2' }));
  expect((await c.client.list(one)).items.map(({ hostPort }) => hostPort)).toEqual(['x:1', 'y:2']);
  expect((await c.client.list(two)).items.map(({ host }) => host)).toEqual(['x', 'y']);
  const { status } = await c.client.get(CustomResourceDefinition, { name: 'addresses.example.com' });
  expect(status.storedVersions).toEqual(['v1', 'v2']);
  const stored = async () => {
    const { items } = await c.server.context.store.list('/registry/example.com/addresses/');
    return items.map(({ value }) => (JSON.parse(Buffer.from(value).toString()) as Converted).apiVersion);
  };
  expect(await stored()).toEqual(['example.com/v1', 'example.com/v2']);
  await c.client.update(one, await c.client.get(one, key('a')));
  expect(await stored()).toEqual(['example.com/v2', 'example.com/v2']);
});

test('webhooks that know another version see the object in that one, and change it there', async () => {
  await using hooks = await webhookServer({
    '/convert': converting,
    '/mutate': () => patchAnswer([{ op: 'replace', path: '/port', value: '443' }]),
    '/validate': ({ object }) => ({ allowed: object?.['host'] !== 'bad', status: { message: 'a bad host' } }),
  });
  await using c = await testServer(withAdmission);
  const { first } = await define(c, hooks);
  const webhook = (path: string) => ({
    name: `${path}.example.com`,
    clientConfig: { url: `${hooks.url}/${path}`, caBundle: hooks.caBundle },
    rules: [ofSecond],
    matchConditions: [{ name: 'in-its-version', expression: 'has(object.host) && !has(object.hostPort)' }],
    sideEffects: 'None' as const,
    admissionReviewVersions: ['v1'],
  });
  await c.client.create(MutatingWebhookConfiguration, { metadata: { name: 'm' }, webhooks: [webhook('mutate')] });
  await c.client.create(ValidatingWebhookConfiguration, { metadata: { name: 'v' }, webhooks: [webhook('validate')] });
  expect(await c.client.create(first, named('a', { hostPort: 'x:1' }))).toMatchObject({
    apiVersion: 'example.com/v1',
    hostPort: 'x:443',
  });
  await c.client.patch(first, key('a'), { type: 'merge', body: { hostPort: 'y:2' } });
  const reviews = hooks.heard.filter(({ kind }) => kind !== undefined);
  expect(reviews.map(({ kind, object, oldObject }) => [kind.version, object, oldObject])).toMatchObject([
    ['v2', { apiVersion: 'example.com/v2', host: 'x', port: '1' }, null],
    ['v2', { host: 'x', port: '443' }, null],
    ['v2', { host: 'y', port: '2' }, { apiVersion: 'example.com/v2', host: 'x', port: '443' }],
    ['v2', { host: 'y', port: '443' }, { host: 'x', port: '443' }],
  ]);
  await expect(c.client.create(first, named('b', { hostPort: 'bad:1' }))).rejects.toThrow('a bad host');
});

test('policies that know another version judge and change the object in that one', async () => {
  await using hooks = await webhookServer({ '/convert': converting });
  await using c = await testServer(withAdmission);
  const { first } = await define(c, hooks);
  const metadata = { name: 'p' };
  const matchConstraints = { resourceRules: [ofSecond] };
  const expression = "Object{port: object.port + '0'}";
  await c.client.create(MutatingAdmissionPolicy, {
    metadata,
    spec: {
      matchConstraints,
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    },
  });
  await c.client.create(MutatingAdmissionPolicyBinding, { metadata, spec: { policyName: 'p' } });
  await c.client.create(ValidatingAdmissionPolicy, {
    metadata,
    spec: { matchConstraints, validations: [{ expression: "object.port != '130'", message: 'unlucky' }] },
  });
  await c.client.create(ValidatingAdmissionPolicyBinding, {
    metadata,
    spec: { policyName: 'p', validationActions: ['Deny'] },
  });
  expect(await c.client.create(first, named('a', { hostPort: 'x:1' }))).toMatchObject({ hostPort: 'x:10' });
  await expect(c.client.create(first, named('b', { hostPort: 'x:13' }))).rejects.toThrow('unlucky');
});

test('an object that can not be converted for a webhook is not let through', async () => {
  await using hooks = await webhookServer({
    '/convert': () => ({ result: { status: 'Failed', message: 'no way' } }),
    '/validate': () => ({ allowed: true }),
  });
  await using c = await testServer(withAdmission);
  const { first } = await define(c, hooks);
  const webhook = {
    name: 'v.example.com',
    clientConfig: { url: `${hooks.url}/validate`, caBundle: hooks.caBundle },
    rules: [ofSecond],
    failurePolicy: 'Ignore' as const,
    sideEffects: 'None' as const,
    admissionReviewVersions: ['v1'],
  };
  await c.client.create(ValidatingWebhookConfiguration, { metadata: { name: 'v' }, webhooks: [webhook] });
  await expect(c.client.create(first, named('a', { hostPort: 'x:1' }))).rejects.toMatchObject({
    code: 500,
    message: 'Internal error occurred: conversion webhook for example.com/v1, Kind=Address failed: no way',
  });
});

test('who owns fields in another version is found out in that version', async () => {
  await using hooks = await webhookServer({ '/convert': converting });
  await using c = await testServer();
  const { first, second } = await define(c, hooks);
  const apply = (resource: typeof first, fieldManager: string, fields: object, force = false) => {
    const { apiVersion, kind } = resource;
    const body = { apiVersion, kind, ...named('a', fields) };
    return c.client.patch(resource, key('a'), { type: 'apply', body }, { fieldManager, force });
  };
  await apply(second, 'hosts', { host: 'x' });
  await apply(second, 'ports', { port: '1' });
  await expect(apply(first, 'both', { hostPort: 'y:1' })).rejects.toThrow(
    'Apply failed with 1 conflict: conflict with "hosts": .host',
  );
  await apply(first, 'both', { hostPort: 'y:1' }, true);
  const owners = async () => {
    const { metadata } = await c.client.get(first, key('a'));
    return metadata.managedFields?.map(({ manager, apiVersion, fieldsV1 }) => [manager, apiVersion, fieldsV1]);
  };
  expect(await owners()).toEqual([
    ['both', 'example.com/v1', { 'f:hostPort': {} }],
    ['ports', 'example.com/v2', { 'f:port': {} }],
  ]);
  // An update in one version takes from managers in the other what it changes there, and nothing else.
  await c.client.patch(second, key('a'), { type: 'merge', body: { host: 'z' } }, { fieldManager: 'updater' });
  expect(await owners()).toEqual([
    ['ports', 'example.com/v2', { 'f:port': {} }],
    ['updater', 'example.com/v2', { 'f:host': {} }],
  ]);
});
