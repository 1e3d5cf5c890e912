import { request as httpsRequest } from 'node:https';
import { expect, test } from 'vitest';
import { MutatingWebhookConfiguration } from '../../api/admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingAdmissionPolicy } from '../../api/admissionregistration/validating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from '../../api/admissionregistration/validating-admission-policy-binding.ts';
import { ValidatingWebhookConfiguration } from '../../api/admissionregistration/validating-webhook-configuration.ts';
import { Pod } from '../../api/core/pod.ts';
import { createValidatingPolicies } from '../admission/policies/validating-policies.ts';
import { createMutatingWebhooks } from '../admission/webhooks/mutating-webhooks.ts';
import { createValidatingWebhooks } from '../admission/webhooks/validating-webhooks.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { patchAnswer, webhookServer } from '../testing/webhook-server.ts';
import type { WebhookServer } from '../testing/webhook-server.ts';
import { createWebhookClient } from '../webhooks/webhook-client.ts';

const pods = '/api/v1/namespaces/default/pods';

/** A server with a pod that has no node: what gets as far as looking for it has been admitted. */
async function serverWithPod(): Promise<HttpsTestServer> {
  const server = await httpsTestServer({
    parts({ resources, random, log, resolveService }) {
      const parts = { call: createWebhookClient(resolveService), resources, random, log };
      return {
        admission: [
          createMutatingWebhooks(parts),
          createValidatingPolicies(resources),
          createValidatingWebhooks(parts),
        ],
      };
    },
  });
  const containers = [
    { name: 'c', image: 'i' },
    { name: 'd', image: 'i' },
  ];
  await server.client.create(Pod, { metadata: { name: 'p', namespace: 'default' }, spec: { containers } });
  return server;
}

interface Answer {
  readonly code: number;
  readonly message: string;
}

/** Asks for a connection; every one of these tests ends with a Status. */
function connect(server: HttpsTestServer, path: string, upgrade = 'websocket'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(server.url + path, {
      ca: server.authority.cert,
      ...server.admin,
      agent: false,
      headers: upgrade === '' ? {} : { connection: 'Upgrade', upgrade },
    });
    request.on('response', (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve(JSON.parse(body) as Answer));
    });
    request.on('error', reject);
    request.end();
  });
}

function webhook(server: WebhookServer, path: string, resources: readonly string[], more: object = {}) {
  return {
    name: `${path.slice(1)}.example.com`,
    clientConfig: { url: server.url + path, caBundle: server.caBundle },
    rules: [{ operations: ['CONNECT'] as const, apiGroups: [''], apiVersions: ['v1'], resources }],
    sideEffects: 'None' as const,
    admissionReviewVersions: ['v1'],
    ...more,
  };
}

const deny = () => ({ allowed: false, status: { message: 'nobody connects' } });
const denied = 'admission webhook "deny.example.com" denied the request: nobody connects';

test('connections are shown to webhooks with their options, before they are made', async () => {
  await using hooks = await webhookServer({ '/deny': deny });
  await using server = await serverWithPod();
  const resources = ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy', 'nodes/proxy'];
  const metadata = { name: 'v' };
  await server.client.create(ValidatingWebhookConfiguration, {
    metadata,
    webhooks: [webhook(hooks, '/deny', resources)],
  });
  const paths = [
    `${pods}/p/exec?command=sh&command=-c&stdin=true&stdout=1&stderr=false&tty=0&container=c`,
    `${pods}/nobody/attach?stdout`,
    `${pods}/p/portforward?ports=80,81&ports=443`,
    `${pods}/https:p:443/proxy/a%20b/c/`,
    '/api/v1/namespaces/default/services/s:web/proxy/',
    '/api/v1/nodes/n/proxy/metrics',
  ];
  for (const path of paths) {
    expect(await connect(server, path)).toMatchObject({ code: 400, message: denied });
    expect(await connect(server, path, '')).toMatchObject({ code: 400, message: denied });
  }
  const kind = (name: string) => ({ group: '', version: 'v1', kind: name });
  const typed = (name: string, more: object) => ({ kind: name, apiVersion: 'v1', ...more });
  const heard = hooks.heard.filter((_, at) => at % 2 === 0);
  expect(hooks.heard.filter((_, at) => at % 2 === 1).map(({ object }) => object)).toEqual(
    heard.map(({ object }) => object),
  );
  expect(heard.map(({ object }) => object)).toEqual([
    typed('PodExecOptions', { stdin: true, stdout: true, container: 'c', command: ['sh', '-c'] }),
    typed('PodAttachOptions', { stdout: true }),
    typed('PodPortForwardOptions', { ports: [80, 81, 443] }),
    typed('PodProxyOptions', { path: '/a b/c/' }),
    typed('ServiceProxyOptions', {}),
    typed('NodeProxyOptions', { path: '/metrics' }),
  ]);
  expect(heard[0]).toMatchObject({
    operation: 'CONNECT',
    kind: kind('PodExecOptions'),
    requestKind: kind('PodExecOptions'),
    resource: { group: '', version: 'v1', resource: 'pods' },
    subResource: 'exec',
    name: 'p',
    namespace: 'default',
    oldObject: null,
    options: null,
  });
  expect(heard[3]).toMatchObject({ name: 'https:p:443' });
});

test('only connections that a webhook asks for are shown to it, and none for its labels', async () => {
  await using hooks = await webhookServer({ '/deny': deny, '/other': deny });
  await using server = await serverWithPod();
  const without = { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' as const }] };
  await server.client.create(ValidatingWebhookConfiguration, {
    metadata: { name: 'v' },
    webhooks: [
      webhook(hooks, '/deny', ['pods', 'pods/attach']),
      webhook(hooks, '/other', ['pods/*'], { objectSelector: without }),
    ],
  });
  const answer = await connect(server, `${pods}/p/exec?container=c&command=ls`);
  expect(answer.message).toBe('pod p does not have a host assigned');
  expect(hooks.heard).toEqual([]);
});

test('what a webhook makes of the options is what the connection is made with', async () => {
  await using hooks = await webhookServer({
    '/mutate': () => patchAnswer([{ op: 'replace', path: '/container', value: 'elsewhere' }]),
  });
  await using server = await serverWithPod();
  await server.client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'm' },
    webhooks: [webhook(hooks, '/mutate', ['pods/attach'])],
  });
  const answer = await connect(server, `${pods}/p/attach?container=c`);
  expect(answer.message).toBe('container elsewhere is not valid for pod p');
});

test('policies judge connections', async () => {
  await using server = await serverWithPod();
  await server.client.create(ValidatingAdmissionPolicy, {
    metadata: { name: 'policy' },
    spec: {
      matchConstraints: {
        resourceRules: [{ operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/exec'] }],
      },
      validations: [{ expression: "!('sh' in object.command)", message: 'no shells' }],
    },
  });
  await server.client.create(ValidatingAdmissionPolicyBinding, {
    metadata: { name: 'binding' },
    spec: { policyName: 'policy', validationActions: ['Deny'] },
  });
  expect(await connect(server, `${pods}/p/exec?container=c&command=sh`)).toMatchObject({
    code: 422,
    message: `pods "p" is forbidden: ValidatingAdmissionPolicy 'policy' with binding 'binding' denied request: no shells`,
  });
  const allowed = await connect(server, `${pods}/p/exec?container=c&command=ls`);
  expect(allowed.message).toBe('pod p does not have a host assigned');
});

test('a query that makes no options is refused', async () => {
  await using server = await serverWithPod();
  expect(await connect(server, `${pods}/p/portforward?ports=80,http`)).toMatchObject({
    code: 400,
    message: 'cannot convert to []int32: strconv.ParseUint: parsing "http": invalid syntax',
  });
  expect(await connect(server, `${pods}/p/portforward?ports=70000`)).toMatchObject({
    message: 'cannot convert to []int32: strconv.ParseUint: parsing "70000": value out of range',
  });
  expect(await connect(server, `${pods}/p/attach?dryRun=All`)).toMatchObject({
    code: 400,
    message: 'dryRun is not supported',
  });
});
