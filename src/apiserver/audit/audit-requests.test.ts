import { once } from 'node:events';
import { Agent, createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { systemClock } from '../../base/system-clock.ts';
import { testAuthority } from '../../machinery/testing/test-certificates.ts';
import { createAuthentication } from '../authentication/authentication.ts';
import { createCertificateAuthenticator } from '../authentication/certificate-authenticator.ts';
import {
  createStaticTokens,
  createTokenAuthenticator,
  createTokenVerifier,
} from '../authentication/token-authenticator.ts';
import type { AdmissionRequest } from '../ports.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import type { RawClient } from '../testing/raw-client.ts';
import { recordedAudit } from './testing/recorded-audit.ts';
import type { RecordedAudit } from './testing/recorded-audit.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const json = { 'content-type': 'application/json' };

async function audited(recorded: RecordedAudit, parts: object = {}): Promise<HttpsTestServer> {
  return httpsTestServer({
    parts: () => ({
      authenticator: createAuthentication({
        authenticators: [
          createCertificateAuthenticator(),
          createTokenAuthenticator(createTokenVerifier([createStaticTokens('good,tokened,1\n')], systemClock), []),
        ],
        anonymous: undefined,
      }),
      authorizer: {
        authorize: ({ user, resource }) =>
          user.groups.includes('system:masters') || resource === 'configmaps'
            ? { allowed: true, reason: 'because' }
            : { allowed: false, reason: 'no way' },
      },
      audit: recorded.audit,
      ...parts,
    }),
  });
}

const post = (client: RawClient, path: string, body: object, headers = {}) =>
  client.request(path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });

const stages = (events: readonly { readonly stage: string }[]): string => events.map(({ stage }) => stage).join(' ');

describe('a request', () => {
  test('has an event when it arrives and one when it is answered, with who, what, whence and why', async () => {
    const recorded = recordedAudit('Metadata');
    await using server = await audited(recorded);
    using client = rawClient(server);
    const agent = `curl/1 ${'x'.repeat(2000)}`;
    const headers = { 'user-agent': agent, 'x-forwarded-for': '192.0.2.7, junk', 'audit-id': 'mine' };
    const answer = await post(
      client,
      configMaps,
      { metadata: { name: 'a', uid: 'u' }, data: { k: 'secret' } },
      headers,
    );
    expect([answer.status, answer.headers['audit-id']]).toEqual([201, 'mine']);
    const [received, complete] = recorded.of('configmaps');
    expect(stages(recorded.of('configmaps'))).toBe('RequestReceived ResponseComplete');
    expect(received).toEqual({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: 'mine',
      stage: 'RequestReceived',
      requestURI: configMaps,
      verb: 'create',
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'], extra: expect.any(Object) },
      sourceIPs: ['192.0.2.7', '127.0.0.1'],
      userAgent: `${agent.slice(0, 1024)}...TRUNCATED`,
      objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' },
      requestReceivedTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      stageTimestamp: received?.['requestReceivedTimestamp'],
    });
    expect(complete).toMatchObject({
      responseStatus: { metadata: {}, code: 201 },
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', uid: 'u', apiVersion: 'v1' },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'because' },
    });
    expect(recorded.text()).not.toContain('"k"');
    const metrics = (await client.request('/metrics')).text;
    expect(metrics).toMatch(/apiserver_audit_event_total [1-9]/);
    expect(metrics).toMatch(/apiserver_audit_level_total\{level="Metadata"\} [1-9]/);
  });

  test('has what it brought from Request on, and what it was answered at RequestResponse', async () => {
    const recorded = recordedAudit({
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
      rules: [
        { level: 'Request', verbs: ['create', 'delete'] },
        { level: 'RequestResponse', verbs: ['patch', 'get', 'list'] },
      ],
    });
    await using server = await audited(recorded);
    using client = rawClient(server);
    await post(client, configMaps, { metadata: { name: 'a' }, data: { k: 'v' } });
    const patch = { data: { k: 'w' } };
    await client.request(`${configMaps}/a?fieldManager=me`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify(patch),
    });
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    await client.request(`${configMaps}/a`, { headers: { accept: 'application/yaml' } });
    await client.request(configMaps, { headers: { accept: table } });
    await client.request(configMaps);
    const options = {
      method: 'DELETE',
      headers: json,
      body: JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1' }),
    };
    await client.request(`${configMaps}/a`, options);
    const [created, patched, got, tabled, listed, deleted] = recorded.of('configmaps');
    expect(created).toMatchObject({ requestObject: { metadata: { name: 'a' }, data: { k: 'v' } } });
    expect(created).not.toHaveProperty('responseObject');
    const stored = { kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'w' } };
    expect(patched).toMatchObject({ requestObject: patch, responseObject: stored });
    expect(got).toMatchObject({ responseObject: stored });
    expect(tabled).toMatchObject({ responseObject: { kind: 'Table', rows: [{ cells: ['a', 1, expect.anything()] }] } });
    expect(listed).toMatchObject({ responseObject: { kind: 'ConfigMapList', items: [{ data: { k: 'w' } }] } });
    expect(deleted).toMatchObject({ requestObject: { kind: 'DeleteOptions' }, responseStatus: { status: 'Success' } });
    expect(recorded.text()).not.toContain('managedFields');
  });

  test('that is refused says by whom and why', async () => {
    const recorded = recordedAudit({ rules: [{ level: 'RequestResponse' }], omitStages: ['RequestReceived'] });
    await using server = await audited(recorded);
    using eve = rawClient(server, await server.authority.client('eve'));
    expect((await eve.request('/api/v1/secrets')).status).toBe(403);
    const message = expect.stringContaining('no way');
    const status = { status: 'Failure', message, reason: 'Forbidden', code: 403 };
    expect(recorded.events()).toMatchObject([
      {
        user: { username: 'eve' },
        verb: 'list',
        responseStatus: { ...status, details: { kind: 'secrets' } },
        responseObject: { kind: 'Status', ...status },
        annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': 'no way' },
      },
    ]);
  });

  test('of somebody who could not be identified has one event, without the credentials', async () => {
    const recorded = recordedAudit('RequestResponse');
    await using server = await audited(recorded);
    using stranger = rawClient(server, 'anonymous');
    const headers = { authorization: 'Bearer sesame', 'user-agent': 'u' };
    expect((await stranger.request('/api/v1/pods?access_token=sesame', { headers })).status).toBe(401);
    expect(recorded.events()).toMatchObject([
      {
        stage: 'ResponseStarted',
        user: {},
        requestURI: '/api/v1/pods?access_token=REDACTED',
        objectRef: { resource: 'pods' },
        responseStatus: { status: 'Failure', message: 'Unauthorized', reason: 'Unauthorized', code: 401 },
      },
    ]);
    expect(recorded.text()).not.toContain('sesame');
  });

  test('of an impersonator names both users; the policy looks at the real one', async () => {
    const recorded = recordedAudit({
      rules: [{ level: 'Metadata', users: ['admin'] }],
      omitStages: ['RequestReceived'],
    });
    await using server = await audited(recorded);
    using client = rawClient(server);
    await client.request('/api/v1/pods', { headers: { 'impersonate-user': 'eve', 'impersonate-group': 'g' } });
    expect(recorded.events()).toMatchObject([
      {
        user: { username: 'admin' },
        impersonatedUser: { username: 'eve', groups: expect.arrayContaining(['g']) },
        authenticationMetadata: { impersonationConstraint: 'impersonate:user-info' },
        responseStatus: { code: 403 },
      },
    ]);
  });

  test('for a deprecated kind says so', async () => {
    const recorded = recordedAudit('Metadata');
    await using server = await audited(recorded);
    using client = rawClient(server);
    await client.request('/api/v1/componentstatuses');
    expect(recorded.of('componentstatuses').at(-1)).toMatchObject({ annotations: { 'k8s.io/deprecated': 'true' } });
  });

  test('that makes the server fail has a panic instead of an answer', async () => {
    const recorded = recordedAudit('Metadata');
    const admission = [
      {
        name: 'Broken',
        admit({ resource }: AdmissionRequest) {
          if (resource === (ConfigMap as unknown)) throw new TypeError('it is broken');
        },
      },
    ];
    await using server = await audited(recorded, { admission });
    using client = rawClient(server);
    expect((await post(client, configMaps, { metadata: { name: 'a' } })).status).toBe(500);
    expect(stages(recorded.of('configmaps'))).toBe('RequestReceived Panic');
    expect(recorded.of('configmaps').at(-1)).toMatchObject({
      responseStatus: { message: "APIServer panic'd: it is broken", reason: 'InternalError', code: 500 },
    });
  });

  test('that must be recorded and can not be is refused before anything is done', async () => {
    let works = true;
    const recorded = recordedAudit('Metadata', () => works);
    await using server = await audited(recorded);
    using client = rawClient(server);
    works = false;
    const refused = await post(client, configMaps, { metadata: { name: 'a' } });
    expect([refused.status, refused.json()['message']]).toEqual([
      500,
      'Internal error occurred: failed to store audit event',
    ]);
    works = true;
    expect((await client.request(`${configMaps}/a`)).status).toBe(404);
    expect((await client.request('/metrics')).text).toContain('apiserver_audit_requests_rejected_total 1');
  });

  test('waits for its events where they take time', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const recorded = recordedAudit('Metadata', () => promise);
    await using server = await audited(recorded);
    using client = rawClient(server);
    const answer = client.request(`${configMaps}/a`);
    await vi.waitFor(() => expect(stages(recorded.events())).toBe('RequestReceived'));
    resolve(true);
    expect((await answer).status).toBe(404);
    expect(stages(recorded.events())).toBe('RequestReceived ResponseComplete');
  });

  test('is not recorded where the policy says None', async () => {
    const recorded = recordedAudit({ rules: [{ level: 'None', resources: [{ group: '' }] }, { level: 'Metadata' }] });
    await using server = await audited(recorded);
    using client = rawClient(server);
    await client.request(configMaps);
    await client.request('/version');
    expect(recorded.events().map(({ requestURI }) => requestURI)).toEqual(['/version', '/version']);
    expect(recorded.events()[0]).toMatchObject({ verb: 'get' });
    expect(recorded.events()[0]).not.toHaveProperty('objectRef');
  });
});

describe('a request that goes on', () => {
  test('a watch has an event when its answer begins and one when it ends', async () => {
    const recorded = recordedAudit('Metadata');
    await using server = await audited(recorded);
    using client = rawClient(server);
    const lines = client.lines(`${configMaps}?watch=1&timeoutSeconds=300`);
    const first = lines.next();
    await post(client, configMaps, { metadata: { name: 'a' } });
    await first;
    expect(stages(recorded.of('watch=1'))).toBe('RequestReceived ResponseStarted');
    await lines.return?.();
    await vi.waitFor(() => expect(recorded.of('watch=1')).toHaveLength(3));
    expect(recorded.of('watch=1').at(-1)).toMatchObject({
      stage: 'ResponseComplete',
      verb: 'watch',
      responseStatus: { code: 200 },
    });
  });

  test('an exec that is refused begins and ends at once', async () => {
    const recorded = recordedAudit('Metadata');
    await using server = await audited(recorded);
    const path = '/api/v1/namespaces/default/pods/p/exec?command=id&stdout=1';
    const request = httpsRequest(`${server.url}${path}`, {
      method: 'POST',
      ca: server.authority.cert,
      ...server.admin,
      headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' },
      agent: false,
    });
    request.end();
    const [response] = (await once(request, 'response')) as [{ readonly statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(404);
    await vi.waitFor(() => expect(recorded.of('exec')).toHaveLength(3));
    expect(stages(recorded.of('exec'))).toBe('RequestReceived ResponseStarted ResponseComplete');
    expect(recorded.of('exec').at(-1)).toMatchObject({
      verb: 'create',
      objectRef: { resource: 'pods', namespace: 'default', name: 'p', subresource: 'exec', apiVersion: 'v1' },
      responseStatus: { reason: 'NotFound', code: 404 },
    });
  });
});

test('an exec begins with the switch of protocols and ends with the connection', async () => {
  const recorded = recordedAudit('Metadata');
  const kubelet = createServer(await (await testAuthority()).server());
  kubelet.on('upgrade', (_request, socket: Duplex) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => void kubelet.listen(0, '127.0.0.1', resolve));
  try {
    // Loopback itself is refused to users.
    const reach = (target: URL): URL => new URL(String(target).replace('192.0.2.1', '127.0.0.1'));
    await using server = await httpsTestServer({
      parts: () => ({ audit: recorded.audit }),
      kubeletTls: { rejectUnauthorized: false },
      reach,
    });
    const { port } = kubelet.address() as AddressInfo;
    await server.client.create(Node, { metadata: { name: 'n' } });
    const status = {
      addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    };
    await server.client.patch(Node, { name: 'n' }, { type: 'merge', body: { status } }, { subresource: 'status' });
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'x' }] };
    await server.client.create(Pod, { metadata: { name: 'p', namespace: 'default' }, spec });
    const request = httpsRequest(`${server.url}/api/v1/namespaces/default/pods/p/exec?command=id`, {
      ca: server.authority.cert,
      ...server.admin,
      headers: { connection: 'Upgrade', upgrade: 'echo' },
      agent: false,
    });
    request.end();
    const [, socket] = (await once(request, 'upgrade')) as [unknown, Duplex];
    expect(stages(recorded.of('exec'))).toBe('RequestReceived ResponseStarted');
    socket.destroy();
    await vi.waitFor(() => expect(recorded.of('exec')).toHaveLength(3));
    expect(recorded.of('exec').at(-1)).toMatchObject({
      stage: 'ResponseComplete',
      verb: 'get',
      responseStatus: { code: 101 },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    });
  } finally {
    kubelet.closeAllConnections();
    kubelet.close();
  }
});

test('what another server answers is recorded as one of ours, without its bodies', async () => {
  const recorded = recordedAudit('RequestResponse');
  const behind = createServer(await (await testAuthority()).server(), (_request, response) => response.end('{}'));
  await new Promise<void>((resolve) => void behind.listen(0, '127.0.0.1', resolve));
  try {
    const address = `127.0.0.1:${(behind.address() as AddressInfo).port}`;
    const group = { group: 'example.com', version: 'v1', available: true, withholds: () => false };
    const remote = { ...group, tls: { rejectUnauthorized: false }, agent: new Agent(), address: async () => address };
    const find = (path: string) => (path.startsWith('/apis/example.com/') ? remote : undefined);
    await using server = await audited(recorded, { aggregation: { find } });
    using client = rawClient(server);
    expect((await client.request('/apis/example.com/v1/namespaces/default/things/a')).status).toBe(200);
    await vi.waitFor(() => expect(stages(recorded.of('things'))).toBe('RequestReceived ResponseComplete'));
    expect(recorded.of('things').at(-1)).toMatchObject({
      verb: 'get',
      objectRef: { resource: 'things', namespace: 'default', name: 'a', apiGroup: 'example.com', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 200 },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    });
  } finally {
    behind.closeAllConnections();
    behind.close();
  }
});

describe('a call inside the process', () => {
  test('is recorded as one over HTTPS', async () => {
    const recorded = recordedAudit('RequestResponse');
    await using server = await audited(recorded);
    const { client } = server;
    const manager = server.server.client({ name: 'system:kube-controller-manager', groups: [] });
    const metadata = { name: 'a', namespace: 'default' };
    await client.create(ConfigMap, { metadata, data: { own: 'x' } });
    await manager.patch(ConfigMap, metadata, { type: 'merge', body: { data: { k: 'v' } } });
    await expect(manager.list(Pod, { labelSelector: 'a=b' })).rejects.toThrow('forbidden');
    const [, patched] = recorded.of(`${configMaps}/a`);
    expect(patched).toMatchObject({
      stage: 'ResponseComplete',
      verb: 'patch',
      user: { username: 'system:kube-controller-manager' },
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'a' },
      requestObject: { data: { k: 'v' } },
      responseObject: { data: { own: 'x', k: 'v' } },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'because' },
    });
    expect(recorded.of('/pods?labelSelector=a%3Db').at(-1)).toMatchObject({
      responseStatus: { reason: 'Forbidden', code: 403 },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    });
    const watch = manager.watch(ConfigMap, { namespace: 'default' })[Symbol.asyncIterator]();
    const first = watch.next();
    await manager.create(ConfigMap, { metadata: { ...metadata, name: 'b' } });
    await first;
    await watch.return?.();
    expect(stages(recorded.of('watch=true'))).toBe('RequestReceived ResponseStarted ResponseComplete');
  });
});
