/** Ways through the API server to where nobody should get, and servers behind it that are evil. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { APIService } from '../../src/api/apiregistration/api-service.ts';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { Service } from '../../src/api/core/service.ts';
import { EndpointSlice } from '../../src/api/discovery/endpoint-slice.ts';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import { residentBytes } from './attacker.ts';
import type { Attacker, Reply } from './attacker.ts';
import { evilServer } from './evil-server.ts';
import type { EvilServer } from './evil-server.ts';

let cluster: AttackCluster;
let admin: Attacker;
let evil: EvilServer;
const namespace = 'default';
const pods = '/api/v1/namespaces/default/pods';
const services = '/api/v1/namespaces/default/services';
const evilApi = '/apis/evil.example.com/v1';
/** Stands for the evil server; loopback itself is refused. */
const evilAddress = '192.0.2.66';

beforeAll(async () => {
  const reach = (target: URL): URL => {
    const found = new URL(target);
    if (found.hostname === evilAddress) found.hostname = '127.0.0.1';
    return found;
  };
  cluster = await attackCluster({ reach });
  ({ admin } = cluster);
  evil = await evilServer(cluster.authority, ['127.0.0.1', 'evil.default.svc']);
  const { own } = cluster;
  await own.create(Service, {
    metadata: { name: 'evil', namespace },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  await own.create(APIService, {
    metadata: { name: 'v1.evil.example.com' },
    spec: {
      group: 'evil.example.com',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { namespace, name: 'evil', port: evil.port },
      caBundle: Buffer.from(cluster.authority.certificate).toString('base64'),
    },
  });
  await pod('p', evilAddress);
  await node('n', [{ type: 'InternalIP', address: evilAddress }]);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await evil[Symbol.asyncDispose]();
});

async function pod(name: string, podIP: string): Promise<void> {
  const { own } = cluster;
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
  const made = await own.create(Pod, { metadata: { name, namespace }, spec });
  await own.update(
    Pod,
    { ...made, status: { ...made.status, phase: 'Running', podIP, podIPs: [{ ip: podIP }] } },
    { subresource: 'status' },
  );
}

async function node(name: string, addresses: { type: string; address: string }[]): Promise<void> {
  const { own } = cluster;
  const made = await own.create(Node, { metadata: { name } });
  const status = { ...made.status, addresses, daemonEndpoints: { kubeletEndpoint: { Port: evil.port } } };
  await own.update(Node, { ...made, status }, { subresource: 'status' });
}

/** Of this machine, its neighbours, the metadata service of clouds, everybody. */
const forbiddenAddresses = [
  '127.0.0.1',
  '127.1.2.3',
  '169.254.169.254',
  '0.0.0.0',
  '224.0.0.1',
  '::1',
  'fe80::1',
  'ff02::1',
  '::',
];

test('pods are proxied to no address of this machine, its neighbours or the metadata service', async () => {
  for (const [index, address] of forbiddenAddresses.entries()) {
    await pod(`q${index}`, address).catch((error: unknown) => expect(String(error)).toContain('Invalid value'));
    for (const name of [`q${index}:${cluster.port}`, `https:q${index}:${cluster.port}`]) {
      const { status, text } = await admin.get(`${pods}/${name}/proxy/healthz`);
      expect([status, text], address).toEqual([400, expect.stringMatching(/address not allowed|has no address/)]);
    }
  }
});

test('nodes are proxied to no such address, by number or by name', async () => {
  for (const [index, address] of forbiddenAddresses.entries()) {
    await node(`n${index}`, [{ type: 'InternalIP', address }]);
    const { status, text } = await admin.get(`/api/v1/nodes/n${index}/proxy/healthz`);
    expect([status, text], address).toEqual([400, expect.stringContaining('address not allowed')]);
  }
  await node('named', [{ type: 'Hostname', address: 'localhost' }]);
  const { status, text } = await admin.get('/api/v1/nodes/named/proxy/healthz');
  expect([status, text]).toEqual([503, expect.stringContaining('address not allowed')]);
});

test('services are proxied to pods of their own namespace, and to nothing else', async () => {
  const { own } = cluster;
  await own.create(Service, { metadata: { name: 's', namespace }, spec: { ports: [{ port: 443 }] } });
  const slice = (name: string, address: string, targetRef?: object): Promise<unknown> =>
    own.create(EndpointSlice, {
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': 's' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], ...(targetRef ? { targetRef } : {}) }],
      ports: [{ port: evil.port }],
    });
  await slice('none', evilAddress);
  await slice('other', evilAddress, { kind: 'Pod', namespace: 'kube-system', name: 'p' });
  await slice('absent', evilAddress, { kind: 'Pod', namespace, name: 'absent' });
  await slice('wrong', '192.0.2.99', { kind: 'Pod', namespace, name: 'p' });
  for (const name of ['s', 'https:s:443', 'evil', `https:evil:${evil.port}`, 'kubernetes', 'https:kubernetes:443']) {
    const { status } = await admin.get(`${services}/${name}/proxy/`);
    expect([404, 503], name).toContain(status);
  }
  await slice('right', evilAddress, { kind: 'Pod', namespace, name: 'p' });
  expect((await admin.get(`${services}/https:s:443/proxy/`)).text).toBe('{"kind":"Evil"}');
});

test('what is no scheme, name or port leads nowhere', async () => {
  for (const name of [
    'https:p:0',
    'https:p:65536',
    'https:p:-1',
    'https:p:1e3',
    'https:p:0x50',
    'https:p:80:80',
    'file:p:80',
    'ftp:p:80',
    'javascript:p:80',
    'p:80@127.0.0.1',
    'p:abc',
    ':p:',
    '::',
    'https::80',
    'p%2f..:80',
    'p%00:80',
  ]) {
    const { status } = await admin.get(`${pods}/${name}/proxy/`);
    expect([400, 404, 503], name).toContain(status);
    expect([400, 404, 503], name).toContain((await admin.get(`${services}/${name}/proxy/`)).status);
  }
});

test('a container is one of the pod, not a way on the kubelet', async () => {
  const count = evil.heard.length;
  for (const container of ['..%2f..%2fpods', '%2e%2e', 'c%2f..', 'c%00', 'C', 'c%20', '', 'x']) {
    for (const part of ['log?follow=0&', 'exec?command=id&stdout=1&', 'attach?stdout=1&']) {
      const { status } = await admin.get(`${pods}/p/${part}container=${container}`);
      expect([200, 400, 404], `${part} ${container}`).toContain(status);
    }
  }
  expect(evil.heard.slice(count).filter(({ url }) => url !== '/containerLogs/default/p/c?follow=0')).toEqual([]);
});

test('a redirect is followed by nobody here', async () => {
  const through = await admin.get(`${pods}/https:p:${evil.port}/proxy/redirect`);
  expect(through.status).toBe(302);
  const aggregated = await admin.get(`${evilApi}/redirect`);
  expect([aggregated.status, aggregated.text]).toEqual([
    502,
    'the backend attempted to redirect this request, which is not permitted',
  ]);
  expect(aggregated.headers['location']).toBeUndefined();
  await admin.get(`/api/v1/nodes/n/proxy/redirect`);
  expect(evil.heard.filter(({ url }) => url.includes('followed'))).toEqual([]);
});

test('an evil server holds up only who asks it', async () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['hang', [504]],
    ['garbage', [503]],
    ['giant-headers', [503]],
    ['split-headers', [503]],
    ['switches', [503]],
  ];
  for (const base of [evilApi, '/api/v1/nodes/n/proxy']) {
    for (const [what, codes] of cases) {
      if (what === 'hang' && base !== evilApi) continue;
      const { status, text } = await admin.get(`${base}/${what}?timeout=300ms`);
      expect(codes, `${base} ${what} ${text}`).toContain(status);
    }
    await expect(admin.get(`${base}/half`), base).rejects.toThrow();
  }
  expect((await admin.get('/api/v1/namespaces/default')).status).toBe(200);
});

test('an answer without end waits for its reader, and ends with it', async () => {
  const before = { memory: residentBytes(), sent: evil.sent() };
  const slow = admin.raw(`GET ${evilApi}/endless HTTP/1.1\r\nHost: a\r\n\r\n`, /200 OK/);
  expect(await slow).toContain('200 OK');
  const taken = evil.sent();
  expect(residentBytes() - before.memory).toBeLessThan(200 * 1024 * 1024);
  await expect.poll(() => evil.sent() - taken, { timeout: 5000 }).toBeLessThan(64 * 1024 * 1024);
});

test('an aggregated server hears who asks from this server alone', async () => {
  const headers = {
    'X-Remote-User': 'admin',
    'X-Remote-Group': 'system:masters',
    'X-Remote-Extra-Scopes': 'all',
    'X-Remote-Uid': '7',
    X_Remote_User: 'admin',
    X_Remote_Group: 'system:masters',
    'X-Their-User': 'admin',
    X_Their_Extra_Scopes: 'all',
    Cookie: 'session=7',
    'Proxy-Authorization': 'Basic QQ==',
  };
  await admin.ask('GET', `${evilApi}/who`, { headers });
  const [said] = evil.heard.filter(({ url }) => url.endsWith('/who')).map((one) => one.headers);
  expect(said?.['x-remote-user']).toBe('admin');
  expect(said?.['x-remote-group']).toBe('system:masters, system:authenticated');
  const others = Object.keys(said ?? {}).filter((name) => /remote|their|impersonate|auth|cookie/.test(name));
  expect(
    others.filter(
      (name) =>
        !['x-remote-user', 'x-remote-group', 'x-remote-extra-authentication.kubernetes.io%2fcredential-id'].includes(
          name,
        ),
    ),
  ).toEqual([]);
  // Who acts as another is that other there, too.
  await admin.get(`${evilApi}/acting`, { 'Impersonate-User': 'ann' }).catch(() => undefined);
  expect(evil.heard.filter(({ url }) => url.endsWith('/acting'))).toEqual([]);
});

test('a path to an aggregated server stays what was allowed, and leads to no other server', async () => {
  const count = evil.heard.length;
  const detours = [
    '/apis/evil.example.com/v1/../../../api/v1/secrets',
    '/apis/evil.example.com/v1/namespaces/mine/things/../../theirs/things',
    '/apis/evil.example.com/v1/namespaces/mine/things/%2e%2e/%2e%2e/theirs/things',
    '/apis/evil.example.com/v1/namespaces/mine/things/..%2f..%2ftheirs%2fthings',
    '/apis/evil.example.com/v1/namespaces/mine/things/..\\..\\theirs\\things',
    '/apis/evil.example.com/v1/things/%5c..%5c..',
    '/apis/evil.example.com/v1/things/%00',
  ];
  for (const path of detours) expect((await admin.get(path)).status, path).toBe(400);
  expect(evil.heard.slice(count).filter(({ url }) => !/\/apis\/evil.example.com\/v1$|openapi/.test(url))).toEqual([]);
  // A target in absolute form names another host; the path alone counts.
  const heard = await admin.raw(
    'GET https://169.254.169.254/apis/evil.example.com/v1/absolute HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  expect(heard).toMatch(/^HTTP\/1\.1 200 /);
  expect(evil.heard.some(({ url }) => url === '/apis/evil.example.com/v1/absolute')).toBe(true);
});

test('only a real 101 opens a tunnel (CVE-2018-1002105)', async () => {
  const upgrade = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, X-Remote-User\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
  const smuggled = `GET ${evilApi}/smuggled HTTP/1.1\r\nHost: a\r\nX-Remote-User: admin\r\n\r\n`;
  for (const base of [evilApi, `${pods}/https:p:${evil.port}/proxy`, '/api/v1/nodes/n/proxy']) {
    const heard = await admin.raw(upgrade(`${base}/plain`) + smuggled);
    expect(heard, base).toMatch(/^HTTP\/1\.1 200 /);
    expect(heard.match(/HTTP\/1\.1/g), base).toHaveLength(1);
  }
  expect(evil.heard.filter(({ url }) => url.endsWith('/smuggled'))).toEqual([]);
  expect(evil.heard.filter(({ url }) => url.endsWith('/plain')).map(({ headers }) => headers.connection)).toEqual([
    'Upgrade',
    'Upgrade',
    'Upgrade',
  ]);
  // And not for who may not.
  const stranger = await cluster.user('stranger');
  expect(await stranger.raw(upgrade(`${evilApi}/plain`) + smuggled)).toMatch(/^HTTP\/1\.1 403 /);
});

test('who may only read a node through its kubelet runs nothing there', async () => {
  const rbac = 'rbac.authorization.k8s.io';
  await admin.post(`/apis/${rbac}/v1/clusterroles`, {
    metadata: { name: 'reader' },
    rules: [{ verbs: ['get'], apiGroups: [''], resources: ['nodes/proxy'] }],
  });
  await admin.post(`/apis/${rbac}/v1/clusterrolebindings`, {
    metadata: { name: 'reader' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'reader' },
    subjects: [{ kind: 'User', apiGroup: rbac, name: 'reader' }],
  });
  const reader = await cluster.user('reader');
  await expect.poll(async () => (await reader.get('/api/v1/nodes/n/proxy/pods')).status).toBe(200);
  const count = evil.heard.length;
  const refused = async (reply: Promise<Reply>): Promise<void> => expect([400, 403]).toContain((await reply).status);
  for (const path of [
    'exec/ns/p/c?command=id',
    '%65xec/ns/p/c',
    'run/ns/p/c',
    'attach/ns/p/c',
    'portForward/ns/p',
    'metrics/../exec/ns/p/c',
    './exec/ns/p/c',
    '/exec/ns/p/c',
    '%2e/exec/ns/p/c',
  ])
    await refused(reader.get(`/api/v1/nodes/n/proxy/${path}`));
  await refused(reader.post('/api/v1/nodes/n/proxy/pods', {}));
  expect(evil.heard.length).toBe(count);
});
