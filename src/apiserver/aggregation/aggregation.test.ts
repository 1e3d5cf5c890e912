import { execFile } from 'node:child_process';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { expect, test, vi } from 'vitest';
import { unpackUpstreamClients } from '../../../tools/upstream-clients.ts';
import { APIService } from '../../api/apiregistration/api-service.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Service } from '../../api/core/service.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { systemClock } from '../../base/system-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { Resource } from '../../machinery/resource.ts';
import { bool, defineStruct, struct, text } from '../../machinery/schema.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { createAuthentication } from '../authentication/authentication.ts';
import { createCertificateAuthenticator } from '../authentication/certificate-authenticator.ts';
import {
  createRequestHeaderAuthenticator,
  usualRequestHeaders,
} from '../authentication/request-header-authenticator.ts';
import { createApiServer } from '../create-api-server.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import { serveApi } from '../http/serve.ts';
import { createOpenApi } from '../openapi/openapi.ts';
import type { User } from '../ports.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import { testAuthority } from '../../machinery/testing/test-certificates.ts';
import type { TestAuthority } from '../../machinery/testing/test-certificates.ts';
import { aggregationParts } from './aggregation-parts.ts';

const { kubectl: kubectlPath } = unpackUpstreamClients();
const sampleGroup = 'wardle.example.com';

const Flunder = defineResource({
  group: sampleGroup,
  version: 'v1',
  kind: 'Flunder',
  plural: 'flunders',
  scope: 'Namespaced',
  shortNames: ['fl'],
  fields: {
    spec: struct(
      2,
      defineStruct('FlunderSpec', { reference: text(1).omitEmpty(), quiet: bool(2).omitEmpty() }),
    ).default({}),
  },
});

/** A server in front of others; Services lead to the ports that `routes` names. */
interface Front extends HttpsTestServer {
  readonly routes: Map<string, number>;
  readonly proxies: TestAuthority;
}

async function front(): Promise<Front> {
  const proxies = await testAuthority();
  const proxyClient = await proxies.client('front-proxy-client');
  const routes = new Map<string, number>();
  const running: Promise<void>[] = [];
  let started: Promise<void> = Promise.resolve();
  const server = await httpsTestServer({
    parts(context) {
      const resolveService = async ({ name }: { readonly name: string }) => `127.0.0.1:${routes.get(name) ?? 1}`;
      const requestHeader = { ca: proxies.cert, allowedNames: ['front-proxy-client'], ...usualRequestHeaders };
      const settings = { proxyClient, clientCa: 'client authorities', requestHeader };
      const { aggregation, start } = aggregationParts(settings, { ...context, resolveService });
      return {
        aggregation,
        documents: [
          createDiscovery({ resources: context.resources, serverAddress: '127.0.0.1:6443', remote: aggregation }),
          createOpenApi({ resources: context.resources, remote: aggregation }),
        ],
        start: () => (started = start(running)),
        stopped: () => Promise.all(running).then(() => undefined),
      };
    },
  });
  await started;
  return { ...server, routes, proxies };
}

/** A server with a kind of its own, which believes the front's headers; `users` are those who asked. */
async function sample(proxies: TestAuthority, namespace: string) {
  const users: User[] = [];
  const resources = [Namespace, Flunder] as readonly Resource[];
  const requestHeader = { ca: proxies.cert, allowedNames: ['front-proxy-client'], ...usualRequestHeaders };
  const server = await createApiServer({
    store: new MemoryStore(),
    clock: systemClock,
    random: seededRandom(),
    log: silentLogger,
    resources,
    parts: (context) => ({
      authenticator: createAuthentication({
        authenticators: [createRequestHeaderAuthenticator(requestHeader, ''), createCertificateAuthenticator()],
      }),
      authorizer: {
        authorize({ user }) {
          users.push(user);
          return { allowed: true, reason: '' };
        },
      },
      documents: [
        createDiscovery({ resources: context.resources, serverAddress: '127.0.0.1:0' }),
        createOpenApi({ resources: context.resources }),
      ],
    }),
  });
  const authority = await testAuthority();
  const listener = await serveApi({
    server,
    version: { gitVersion: 'v1.36.0' },
    host: '127.0.0.1',
    port: 0,
    tls: { ...(await authority.server([`sample.${namespace}.svc`])), clientCa: proxies.cert },
  });
  return {
    users,
    port: listener.port,
    ca: authority.cert,
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

interface Registration {
  readonly group: string;
  readonly service: string;
  readonly ca: string | undefined;
}

async function register({ client }: Front, { group, service, ca }: Registration): Promise<void> {
  const metadata = { name: service, namespace: 'default' };
  await client.create(Service, {
    metadata,
    spec: { clusterIP: 'None', ports: [{ name: 'https', port: 443, targetPort: 443 }] },
  });
  await client.create(EndpointSlice, {
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4' as const,
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 443, protocol: 'TCP' as const }],
  });
  await client.create(APIService, {
    metadata: { name: `v1.${group}` },
    spec: {
      group,
      version: 'v1',
      service: { namespace: 'default', name: service },
      ...(ca ? { caBundle: Buffer.from(ca).toString('base64') } : { insecureSkipTLSVerify: true }),
      groupPriorityMinimum: 2000,
      versionPriority: 10,
    },
  });
}

const deadline = { timeout: 20_000, interval: 20 };

function becomes({ client }: Front, group: string, reason: string): Promise<APIService> {
  return vi.waitFor(async () => {
    const found = await client.get(APIService, { name: `v1.${group}` });
    expect(found.status.conditions?.map((condition) => condition.reason)).toEqual([reason]);
    return found;
  }, deadline);
}

function kubectl(server: HttpsTestServer) {
  const env = {
    PATH: process.env['PATH'],
    KUBECONFIG: server.kubeconfig(),
    HOME: '/nonexistent',
    KUBECACHEDIR: '/dev/null/none',
  };
  return (command: string, input = ''): Promise<string> =>
    new Promise((resolve) => {
      const child = execFile(kubectlPath, command.split(' '), { env, timeout: 15_000 }, (_error, out, stderr) =>
        resolve(out + stderr),
      );
      child.stdin?.end(input);
    });
}

test("upstream's kubectl works with the kinds of another server as if they were served here", async () => {
  await using server = await front();
  await using other = await sample(server.proxies, 'default');
  server.routes.set('sample', other.port);
  const run = kubectl(server);
  expect(await run('api-resources')).not.toContain('flunders');
  await register(server, { group: sampleGroup, service: 'sample', ca: other.ca });
  expect((await becomes(server, sampleGroup, 'Passed')).status.conditions).toMatchObject([
    { type: 'Available', status: 'True', message: 'all checks passed' },
  ]);
  expect(await vi.waitFor(async () => expect(await run('api-resources')).toMatch(/flunders +fl +wardle/), deadline));
  const flunder = {
    apiVersion: `${sampleGroup}/v1`,
    kind: 'Flunder',
    metadata: { name: 'a' },
    spec: { reference: 'x' },
  };
  expect(await run('create -f -', JSON.stringify(flunder))).toBe('flunder.wardle.example.com/a created\n');
  expect(await run('get fl a -o jsonpath={.spec.reference}')).toBe('x');
  expect(await run('patch fl a --type=merge -p {"spec":{"reference":"y"}}')).toContain('patched');
  expect(await run('get fl --no-headers')).toMatch(/^a +\d+s\n$/);
  expect(await run('explain flunders.spec')).toMatch(/FIELDS:[^]*quiet[^]*reference/);
  expect(await run('get apiservice v1.wardle.example.com --no-headers')).toMatch(/default\/sample +True/);
  expect(await run('delete fl a')).toContain('"a" deleted');

  const names = async () => {
    using client = rawClient(server);
    const { groups } = JSON.parse((await client.request('/apis')).text) as { groups: { name: string }[] };
    return groups.map(({ name }) => name);
  };
  expect(await names()).toContain(sampleGroup);
  const own = await server.client.get(APIService, { name: `v1.${sampleGroup}` });
  const { service: _service, caBundle: _ca, ...local } = own.spec;
  await server.client.update(APIService, { ...own, spec: local });
  await becomes(server, sampleGroup, 'Local');
  await vi.waitFor(async () => expect(await names()).not.toContain(sampleGroup), deadline);
  expect(await run('delete apiservice v1.wardle.example.com')).toContain('deleted');
  await vi.waitFor(async () => expect(await names()).not.toContain(sampleGroup), deadline);
  expect(await run('get fl')).toContain('the server doesn\'t have a resource type "fl"');
  using client = rawClient(server);
  expect((await client.request('/openapi/v3')).text).not.toContain(sampleGroup);
}, 60_000);

test('a watch goes through, and the other server knows who asks, whatever headers say', async () => {
  await using server = await front();
  await using other = await sample(server.proxies, 'default');
  server.routes.set('sample', other.port);
  await register(server, { group: sampleGroup, service: 'sample', ca: other.ca });
  await becomes(server, sampleGroup, 'Passed');
  using client = rawClient(server, await server.authority.client('alice', ['team-a', 'team-b']));
  const collection = `/apis/${sampleGroup}/v1/namespaces/default/flunders`;
  other.users.length = 0;
  const events = client.lines(`${collection}?watch=true`, {
    'x-remote-user': 'root',
    'x-remote-group': 'system:masters',
    'x-remote-extra-scopes': 'all',
  });
  const first = events.next();
  await vi.waitFor(() => expect(other.users.length).toBeGreaterThan(0), deadline);
  const body = JSON.stringify({ apiVersion: `${sampleGroup}/v1`, kind: 'Flunder', metadata: { name: 'w' } });
  const created = await client.request(collection, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(created.status).toBe(201);
  expect(JSON.parse(String((await first).value))).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'w' } } });
  await events.return?.(undefined);
  const alice = other.users.find(({ name }) => name !== 'system:kube-aggregator');
  expect(alice).toMatchObject({ name: 'alice', groups: ['team-a', 'team-b', 'system:authenticated'] });
  expect(Object.keys(alice?.extra ?? {})).toEqual(['authentication.kubernetes.io/credential-id']);
  expect(other.users.map(({ name }) => name)).not.toContain('root');
}, 30_000);

/** A server that answers discovery as the first generation does, and else shows what it was asked. */
async function echo(): Promise<{ readonly server: Server; readonly port: number } & AsyncDisposable> {
  const authority = await testAuthority();
  const sockets = new Set<Duplex>();
  const server = createServer(await authority.server(), (request, response) => {
    if (request.url === '/apis/echo.example.com/v1/elsewhere') {
      response.writeHead(302, { location: 'https://elsewhere.example.com/' }).end();
      return;
    }
    response.writeHead(request.url?.startsWith('/apis/echo.example.com/v1') ? 200 : 404, {
      'content-type': 'application/json',
    });
    const resources = [{ name: 'echoes', singularName: 'echo', namespaced: false, kind: 'Echo', verbs: ['get'] }];
    const list = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'echo.example.com/v1', resources };
    response.end(JSON.stringify({ ...list, method: request.method, headers: request.headers }));
  });
  server.on('connection', (socket) => void sockets.add(socket));
  server.on('upgrade', (request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.write(String(request.headers['x-remote-user']));
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('redirects are refused, credentials stay here, and upgrades pass', async () => {
  await using server = await front();
  await using other = await echo();
  server.routes.set('echo', other.port);
  await register(server, { group: 'echo.example.com', service: 'echo', ca: undefined });
  await becomes(server, 'echo.example.com', 'Passed');
  using client = rawClient(server);
  const redirected = await client.request('/apis/echo.example.com/v1/elsewhere');
  expect([redirected.status, redirected.headers.location]).toEqual([502, undefined]);
  expect(redirected.text).toContain('attempted to redirect');
  const seen = await client.request('/apis/echo.example.com/v1/echoes/a', {
    headers: { cookie: 'secret', 'x-remote-group': 'root', 'x-test': 'kept' },
  });
  const { headers } = JSON.parse(seen.text) as { headers: Record<string, string> };
  expect(headers).toMatchObject({
    'x-remote-user': 'admin',
    'x-remote-group': 'system:masters, system:authenticated',
    'x-test': 'kept',
  });
  expect(headers).not.toHaveProperty('cookie');
  const { groups } = JSON.parse((await client.request('/apis')).text) as { groups: { name: string }[] };
  expect(groups.map(({ name }) => name)).toContain('echo.example.com');
  expect(await upgraded(server)).toBe('adminhello');
}, 30_000);

/** Upgrades to a protocol that sends back what it gets. */
function upgraded({ listener, authority, admin }: HttpsTestServer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: listener.port,
      host: '127.0.0.1',
      ca: authority.cert,
      ...admin,
      ALPNProtocols: ['http/1.1'],
    });
    socket.on('error', reject);
    socket.write(
      'GET /apis/echo.example.com/v1/echoes/a/connect HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Remote-User: root\r\n\r\n',
    );
    let received = '';
    let greeted = false;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      const body = received.split('\r\n\r\n').slice(1).join('');
      if (!greeted && body === 'admin') {
        greeted = true;
        socket.write('hello');
      }
      if (body.length < 'adminhello'.length) return;
      socket.destroy();
      resolve(body);
    });
  });
}

test('a server that can not be used is said to be unavailable, and why', async () => {
  await using server = await front();
  await server.client.create(APIService, {
    metadata: { name: `v1.${sampleGroup}` },
    spec: {
      group: sampleGroup,
      version: 'v1',
      service: { namespace: 'default', name: 'sample' },
      groupPriorityMinimum: 1,
      versionPriority: 1,
    },
  });
  expect((await becomes(server, sampleGroup, 'ServiceNotFound')).status.conditions?.[0]?.message).toBe(
    'service/sample in "default" is not present',
  );
  const key = { name: 'sample', namespace: 'default' };
  await server.client.create(Service, {
    metadata: key,
    spec: { clusterIP: 'None', ports: [{ name: 'https', port: 8443 }] },
  });
  await becomes(server, sampleGroup, 'ServicePortError');
  const service = await server.client.get(Service, key);
  const ports = [{ name: 'https', port: 443, protocol: 'TCP' as const, targetPort: 443 }];
  await server.client.update(Service, { ...service, spec: { ...service.spec, ports } });
  await becomes(server, sampleGroup, 'EndpointsNotFound');
  await server.client.create(EndpointSlice, {
    metadata: { ...key, labels: { 'kubernetes.io/service-name': 'sample' } },
    addressType: 'IPv4' as const,
    endpoints: [],
    ports: [{ name: 'https', port: 443, protocol: 'TCP' as const }],
  });
  await becomes(server, sampleGroup, 'MissingEndpoints');
  const slice = await server.client.get(EndpointSlice, key);
  await server.client.update(EndpointSlice, { ...slice, endpoints: [{ addresses: ['10.0.0.1'] }] });
  await becomes(server, sampleGroup, 'FailedDiscoveryCheck');
  using client = rawClient(server);
  const answer = await client.request(`/apis/${sampleGroup}/v1/flunders`);
  expect([answer.status, answer.text]).toEqual([503, 'service unavailable\n']);
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const discovery = JSON.parse((await client.request('/apis', { headers: { accept } })).text) as {
    items: { metadata: { name: string }; versions: { freshness: string }[] }[];
  };
  const group = discovery.items.find(({ metadata }) => metadata.name === sampleGroup);
  expect(group?.versions[0]?.freshness).toBe('Stale');
}, 30_000);

test('every group version that is served here has an APIService, and others are told how to authenticate', async () => {
  await using server = await front();
  const apps = await vi.waitFor(() => server.client.get(APIService, { name: 'v1.apps' }), deadline);
  expect(apps).toMatchObject({
    metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17_800, versionPriority: 15 },
    status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
  });
  await vi.waitFor(() => server.client.get(APIService, { name: 'v1.' }), deadline);
  const key = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
  const { data } = await server.client.get(ConfigMap, key);
  expect(data).toMatchObject({
    'client-ca-file': 'client authorities',
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-client-ca-file': server.proxies.cert,
    'requestheader-username-headers': '["X-Remote-User"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  });
});
