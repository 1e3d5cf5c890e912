import { expect, test } from 'vitest';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { isEstablished } from '../../api/apiextensions/definition-conditions.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';
import { webhookServer } from '../testing/webhook-server.ts';
import type { WebhookServer } from '../testing/webhook-server.ts';

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
