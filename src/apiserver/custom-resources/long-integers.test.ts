import { expect, test } from 'vitest';
import { MutatingAdmissionPolicy } from '../../api/admissionregistration/mutating-admission-policy.ts';
import { MutatingAdmissionPolicyBinding } from '../../api/admissionregistration/mutating-admission-policy-binding.ts';
import { MutatingWebhookConfiguration } from '../../api/admissionregistration/mutating-webhook-configuration.ts';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { isEstablished } from '../../api/apiextensions/definition-conditions.ts';
import { exactIntegerOf } from '../../base/exact-json.ts';
import { decodeCbor } from '../../machinery/cbor/decode-cbor.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { createMutatingPolicies } from '../admission/policies/mutating-policies.ts';
import { createMutatingWebhooks } from '../admission/webhooks/mutating-webhooks.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import { patchAnswer, webhookServer } from '../testing/webhook-server.ts';
import { createWebhookClient } from '../webhooks/webhook-client.ts';

const usual = '9007199254740995';
const usualDefault = exactIntegerOf(usual) as number;

const int64: JsonSchema = { type: 'integer', format: 'int64' };
const schema: JsonSchema = {
  type: 'object',
  properties: {
    at: { ...int64, maximum: 9_100_000_000_000_000 },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    set: { type: 'array', items: int64, 'x-kubernetes-list-type': 'set' },
    small: { type: 'integer', format: 'int32' },
    usual: { ...int64, default: usualDefault, enum: [usualDefault, 1] },
    ruled: { ...int64, 'x-kubernetes-validations': [{ rule: 'self % 2 == 1', message: 'must be odd' }] },
    title: { type: 'string' },
  },
};

const path = '/apis/example.com/v1/longs';
/** One more than a number of JavaScript can hold, and the bounds of int64. */
const [odd, least, most] = ['9007199254740993', '-9223372036854775808', '9223372036854775807'];

async function serverWithLongs() {
  const server = await httpsTestServer({
    parts: ({ resources, random, log, resolveService }) => ({
      admission: [
        createMutatingPolicies(resources),
        createMutatingWebhooks({ call: createWebhookClient(resolveService), resources, random, log }),
      ],
    }),
  });
  await server.client.create(CustomResourceDefinition, {
    metadata: { name: 'longs.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'longs', kind: 'Long' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          additionalPrinterColumns: [{ name: 'At', type: 'integer', jsonPath: '.at' }],
        },
      ],
    },
  });
  await expect
    .poll(async () => isEstablished(await server.client.get(CustomResourceDefinition, { name: 'longs.example.com' })))
    .toBe(true);
  const client = rawClient(server);
  return {
    server,
    /** Sends a text, and returns the answer's. */
    async send(method: string, to: string, body?: string, headers: Record<string, string> = {}) {
      const type = { 'content-type': 'application/json' };
      const sent = { method, headers: { ...type, ...headers }, ...(body === undefined ? {} : { body }) };
      const answer = await client.request(path + to, sent);
      return { status: answer.status, text: answer.text };
    },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const long = (name: string, fields: string) =>
  `{"apiVersion":"example.com/v1","kind":"Long","metadata":{"name":"${name}"},${fields}}`;

test('integers of 64 bits come back as they were sent, in every form', async () => {
  await using c = await serverWithLongs();
  const fields = `"at":${odd},"free":{"a":[${least},${most}],"b":1e30,"c":"${odd}"}`;
  const made = await c.send('POST', '', long('a', fields));
  expect(made.status).toBe(201);
  for (const part of [`"at":${odd}`, `"a":[${least},${most}]`, `"b":1e+30`, `"c":"${odd}"`]) {
    expect(made.text).toContain(part);
    expect((await c.send('GET', '/a')).text).toContain(part);
    expect((await c.send('GET', '')).text).toContain(part);
    expect((await c.send('GET', '?watch=1&timeoutSeconds=1&resourceVersion=0')).text).toContain(part);
  }
  const inForm = async (accept: string) => (await c.send('GET', '/a', undefined, { accept })).text;
  expect(await inForm('application/yaml')).toContain(`at: ${odd}\n`);
  expect(await inForm('application/json;as=Table;v=v1;g=meta.k8s.io')).toContain(`"cells":["a",${odd}]`);
  const yaml = `apiVersion: example.com/v1\nkind: Long\nmetadata:\n  name: of-yaml\nat: ${odd}\n`;
  expect((await c.send('POST', '', yaml, { 'content-type': 'application/yaml' })).text).toContain(`"at":${odd}`);
  expect((await c.send('POST', '?dryRun=All', long('dry', `"at":${odd}`))).text).toContain(`"at":${odd}`);
});

test('schemas may state them: as defaults, as one of some, and shown to clients', async () => {
  await using c = await serverWithLongs();
  expect((await c.send('POST', '', long('a', '"usual":1'))).text).toContain('"usual":1');
  expect((await c.send('POST', '', long('b', '"title":"b"'))).text).toContain(`"usual":${usual}`);
  expect((await c.send('POST', '', long('c', '"usual":9007199254740997'))).status).toBe(422);
  using client = rawClient(c.server);
  const published = [
    ['/openapi/v2', 'application/json'],
    ['/openapi/v2', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'],
    ['/openapi/v3/apis/example.com/v1', 'application/json'],
    ['/openapi/v3/apis/example.com/v1', 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf'],
    ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions', 'application/json'],
    ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions', 'application/vnd.kubernetes.protobuf'],
  ] as const;
  for (const [where, accept] of published) {
    const answer = await client.request(where, { headers: { accept } });
    expect([where, accept, answer.status, answer.text.includes(usual)]).toEqual([where, accept, 200, true]);
  }
  const cbor = await client.request(`${path}/b`, { headers: { accept: 'application/cbor' } });
  expect(decodeCbor(cbor.bytes)).toMatchObject({ usual: BigInt(usual) });
});

test('writes of other fields leave them as they are', async () => {
  await using c = await serverWithLongs();
  await c.send('POST', '', long('a', `"at":${odd}`));
  const patch = (type: string, body: string, query = '') =>
    c.send('PATCH', `/a${query}`, body, {
      'content-type': `application/${type}-patch+${type === 'apply' ? 'yaml' : 'json'}`,
    });
  expect((await patch('merge', '{"title":"one"}')).text).toContain(`"at":${odd}`);
  const tested = `[{"op":"test","path":"/at","value":${odd}},{"op":"add","path":"/title","value":"two"}]`;
  expect((await patch('json', tested)).text).toContain(`"at":${odd}`);
  expect((await patch('json', tested.replace(odd, '9007199254740992'))).status).toBe(422);
  expect((await patch('apply', long('a', '"title":"three"'), '?fieldManager=m&force=true')).text).toContain(
    `"at":${odd}`,
  );
  const conflict = await patch('apply', long('a', `"at":9007199254740994`), '?fieldManager=m');
  expect([conflict.status, conflict.text]).toEqual([409, expect.stringContaining('.at')]);
  const set = await patch('apply', long('a', `"set":[${odd},9007199254740992]`), '?fieldManager=s');
  expect(set.text).toContain(`"v:9007199254740992":{},"v:${odd}":{}`);
  expect((await patch('apply', long('a', `"set":[${odd}]`), '?fieldManager=s')).text).toContain(`"set":[${odd}]`);
});

test('schemas, rules, policies and webhooks see them whole', async () => {
  await using hooks = await webhookServer({
    '/mutate': () => patchAnswer([{ op: 'copy', from: '/free/a', path: '/free/b' }]),
  });
  await using c = await serverWithLongs();
  expect((await c.send('POST', '', long('a', '"at":9100000000000001'))).text).toContain(
    'should be less than or equal to',
  );
  expect((await c.send('POST', '', long('a', `"small":${odd}`))).status).toBe(422);
  expect((await c.send('POST', '', long('a', `"title":${odd}`))).text).toContain(
    'must be of type string: \\"integer\\"',
  );
  expect((await c.send('POST', '', long('a', '"ruled":9007199254740992'))).text).toContain('must be odd');
  expect((await c.send('POST', '', long('a', `"ruled":${odd}`))).status).toBe(201);
  const rules = {
    operations: ['CREATE'],
    apiGroups: ['example.com'],
    apiVersions: ['v1'],
    resources: ['longs'],
  } as const;
  await c.server.client.create(MutatingAdmissionPolicy, {
    metadata: { name: 'p' },
    spec: {
      matchConstraints: { resourceRules: [rules] },
      reinvocationPolicy: 'Never',
      mutations: [
        { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{ruled: object.free.a + 2}' } },
      ],
    },
  });
  await c.server.client.create(MutatingAdmissionPolicyBinding, { metadata: { name: 'p' }, spec: { policyName: 'p' } });
  await c.server.client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'm' },
    webhooks: [
      {
        name: 'm.example.com',
        clientConfig: { url: `${hooks.url}/mutate`, caBundle: hooks.caBundle },
        rules: [rules],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  const made = await c.send('POST', '', long('b', `"free":{"a":${odd}}`));
  expect(made.text).toContain(`"free":{"a":${odd},"b":${odd}}`);
  expect(made.text).toContain('"ruled":9007199254740995');
});

test('built-in kinds refuse what they could not keep', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  const body = `{"metadata":{"name":"p"},"spec":{"activeDeadlineSeconds":${odd},"containers":[{"name":"c","image":"i"}]}}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await client.request('/api/v1/namespaces/default/pods', { method: 'POST', body, headers });
  expect(answer.json()).toMatchObject({
    code: 400,
    message: expect.stringContaining(
      `json: cannot unmarshal number ${odd} into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64`,
    ),
  });
});
