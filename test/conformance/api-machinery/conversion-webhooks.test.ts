import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, expect } from 'vitest';
import { testAuthority } from '../../../src/machinery/testing/test-certificates.ts';
import { conformance, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';
import { anything, customDefinition } from './custom-definition.ts';
import type { CustomDefinition } from './custom-definition.ts';

afterAll(stopCluster);

type Instance = { readonly apiVersion: string; readonly [field: string]: unknown };

/** v1 has `hostPort: "host:port"`, v2 has `host` and `port`. Source: upstream's e2e webhook. */
function converted(object: Instance, apiVersion: string): Instance {
  if (object.apiVersion === apiVersion) return object;
  const { hostPort, host, port, ...rest } = object;
  if (apiVersion.endsWith('/v2')) {
    const [first, second] = typeof hostPort === 'string' ? hostPort.split(':') : [];
    return { ...rest, apiVersion, ...(first === undefined ? {} : { host: first, port: second }) };
  }
  return { ...rest, apiVersion, ...(host === undefined ? {} : { hostPort: `${String(host)}:${String(port)}` }) };
}

interface ConversionRequest {
  readonly uid: string;
  readonly desiredAPIVersion: string;
  readonly objects: readonly Instance[];
}

/** A converter on the loopback, and the conversion of a definition that uses it. */
async function converter(): Promise<
  AsyncDisposable & { readonly conversion: object; readonly batches: readonly number[] }
> {
  const authority = await testAuthority();
  const batches: number[] = [];
  const server = createServer(await authority.server(), (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as { readonly request: ConversionRequest };
      const { uid, desiredAPIVersion, objects } = review.request;
      batches.push(objects.length);
      const convertedObjects = objects.map((object) => converted(object, desiredAPIVersion));
      const answer = { uid, convertedObjects, result: { status: 'Success' } };
      const body = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response: answer };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/crdconvert`;
  const caBundle = Buffer.from(authority.cert).toString('base64');
  return {
    batches,
    conversion: {
      strategy: 'Webhook',
      webhook: { clientConfig: { url, caBundle }, conversionReviewVersions: ['v1', 'v1beta1'] },
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function definitionWith(context: Conformance, conversion: object): Promise<CustomDefinition> {
  return customDefinition(context, {
    versions: [
      { name: 'v1', served: true, storage: true, schema: anything },
      { name: 'v2', served: true, storage: false, schema: anything },
    ],
    more: { conversion },
  });
}

function create(
  { client }: Conformance,
  { path, group, kind }: CustomDefinition,
  version: string,
  body: object,
): Promise<unknown> {
  const text = JSON.stringify({ apiVersion: `${group}/${version}`, kind, ...body });
  return client.json({ method: 'POST', path: path(version), body: text });
}

const of = 'CustomResourceConversionWebhook [Privileged:ClusterAdmin]';

conformance(`${of} should be able to convert from CR v1 to CR v2`, async (context) => {
  await using webhook = await converter();
  await using definition = await definitionWith(context, webhook.conversion);
  await create(context, definition, 'v1', { metadata: { name: 'cr' }, hostPort: 'localhost:8080' });
  const read = (version: string): Promise<unknown> => context.client.json({ path: `${definition.path(version)}/cr` });
  const v2 = await read('v2');
  expect(v2).toMatchObject({ apiVersion: `${definition.group}/v2`, host: 'localhost', port: '8080' });
  expect(v2).not.toHaveProperty('hostPort');
  expect(await read('v1')).toMatchObject({ hostPort: 'localhost:8080' });
});

conformance(`${of} should be able to convert a non homogeneous list of CRs`, async (context) => {
  await using webhook = await converter();
  await using definition = await definitionWith(context, webhook.conversion);
  await create(context, definition, 'v1', { metadata: { name: 'one' }, hostPort: 'localhost:8080' });
  await create(context, definition, 'v2', { metadata: { name: 'two' }, host: 'localhost', port: '8081' });
  const list = async (version: string): Promise<readonly Instance[]> =>
    ((await context.client.json({ path: definition.path(version) })) as { readonly items: readonly Instance[] }).items;
  expect(await list('v1')).toMatchObject([{ hostPort: 'localhost:8080' }, { hostPort: 'localhost:8081' }]);
  const v2 = await list('v2');
  expect(v2).toMatchObject([
    { apiVersion: `${definition.group}/v2`, host: 'localhost', port: '8080' },
    { apiVersion: `${definition.group}/v2`, host: 'localhost', port: '8081' },
  ]);
});
