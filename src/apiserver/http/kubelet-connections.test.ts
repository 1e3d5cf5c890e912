import { once } from 'node:events';
import { createServer } from 'node:https';
import { request as httpsRequest } from 'node:https';
import { createServer as createPlainServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import { testAuthority } from '../../machinery/testing/test-certificates.ts';

const namespace = 'default';
const pods = '/api/v1/namespaces/default/pods';

interface FakeKubelet extends AsyncDisposable {
  readonly server: HttpsTestServer;
  /** What was asked, with the name in the asker's certificate. */
  readonly asked: string[];
}

/** A server whose node `n` is a listener that answers logs, and echoes after an upgrade. */
async function serverWithKubelet(): Promise<FakeKubelet> {
  const authority = await testAuthority();
  const asked: string[] = [];
  const note = (url: string | undefined, socket: unknown): void => {
    const { CN: name } = (socket as TLSSocket).getPeerCertificate().subject;
    asked.push(`${String(name)} ${url}`);
  };
  const kubelet = createServer(
    { ...(await authority.server()), ca: authority.cert, requestCert: true },
    (request, response) => {
      note(request.url, request.socket);
      if (request.url?.includes('waiting')) {
        response.writeHead(400).end('container "waiting" in pod "p" is waiting to start: ContainerCreating');
      } else response.writeHead(200, { 'content-type': 'text/plain' }).end('line 1\nline 2\n');
    },
  );
  kubelet.on('upgrade', (request, socket: Duplex) => {
    note(request.url, request.socket);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  kubelet.listen(0, '127.0.0.1');
  await once(kubelet, 'listening');
  const client = await authority.client('kube-apiserver-kubelet-client');
  const server = await httpsTestServer({ kubeletTls: { ca: authority.cert, ...client }, reach: onLoopback });
  const { port } = kubelet.address() as AddressInfo;
  await createNode(server, port);
  return {
    server,
    asked,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      kubelet.closeAllConnections();
      kubelet.close();
    },
  };
}

/** Loopback itself is refused. */
const onLoopback = (target: URL): URL => {
  const found = new URL(target);
  if (found.hostname === '192.0.2.1') found.hostname = '127.0.0.1';
  return found;
};

async function createNode({ client }: HttpsTestServer, port: number, address = '192.0.2.1'): Promise<void> {
  const status = {
    addresses: [{ type: 'InternalIP', address }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  const node = await client.create(Node, { metadata: { name: 'n' } });
  await client.update(Node, { ...node, status: { ...node.status, ...status } }, { subresource: 'status' });
  const containers = [
    { name: 'c', image: 'i' },
    { name: 'waiting', image: 'i' },
  ];
  await client.create(Pod, { metadata: { name: 'p', namespace }, spec: { nodeName: 'n', containers } });
}

/** Upgrades a connection, sends `text`, and returns what comes back. */
function echo(server: HttpsTestServer, path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(`${server.url}${path}`, {
      ca: server.authority.cert,
      ...server.admin,
      agent: false,
      headers: { connection: 'Upgrade', upgrade: 'echo' },
    });
    request.on('upgrade', (_response, socket: Duplex) => {
      socket.once('data', (chunk: Buffer) => {
        socket.destroy();
        resolve(chunk.toString());
      });
      socket.write(text);
    });
    request.on('response', (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve(body));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('connections to nodes', () => {
  test("logs come from the kubelet, asked with the API server's own certificate", async () => {
    await using kubelet = await serverWithKubelet();
    using client = rawClient(kubelet.server);
    const answer = await client.request(`${pods}/p/log?container=c&follow=true&tailLines=5`);
    expect([answer.status, answer.text]).toEqual([200, 'line 1\nline 2\n']);
    expect(kubelet.asked).toEqual(['kube-apiserver-kubelet-client /containerLogs/default/p/c?follow=true&tailLines=5']);
  });

  test('what the kubelet refuses is told as a Status', async () => {
    await using kubelet = await serverWithKubelet();
    using client = rawClient(kubelet.server);
    const answer = await client.request(`${pods}/p/log?container=waiting`);
    expect(answer.json()).toMatchObject({
      kind: 'Status',
      code: 400,
      reason: 'BadRequest',
      message: 'container "waiting" in pod "p" is waiting to start: ContainerCreating',
    });
  });

  test("exec is handed on with the kubelet's parameter names, and bytes flow both ways", async () => {
    await using kubelet = await serverWithKubelet();
    const query = 'container=c&command=sh&command=-c&stdin=true&stdout=true&stderr=false&tty=1';
    expect(await echo(kubelet.server, `${pods}/p/exec?${query}`, 'hello')).toBe('hello');
    expect(kubelet.asked[0]).toBe(
      'kube-apiserver-kubelet-client /exec/default/p/c?command=sh&command=-c&input=1&output=1&tty=1',
    );
    expect(await echo(kubelet.server, `${pods}/p/portforward?ports=80`, 'hi')).toBe('hi');
    expect(kubelet.asked[1]).toContain('/portForward/default/p?port=80');
  });

  test('an upgrade that can not be is refused with a Status', async () => {
    await using kubelet = await serverWithKubelet();
    const answer = await echo(kubelet.server, `${pods}/nope/exec?command=ls`, '');
    expect(JSON.parse(answer)).toMatchObject({ kind: 'Status', code: 404, message: 'pods "nope" not found' });
  });

  test('a kubelet that does not answer is named', async () => {
    await using server = await httpsTestServer();
    await createNode(server, 1, '127.0.0.1');
    using client = rawClient(server);
    const answer = await client.request(`${pods}/p/log?container=c`);
    expect(answer.status).toBe(503);
    expect(answer.json()['message']).toContain('error trying to reach 127.0.0.1:1: connect ECONNREFUSED');
  });

  test("the kubelet's own paths are reached through the node", async () => {
    await using kubelet = await serverWithKubelet();
    using client = rawClient(kubelet.server);
    await client.request('/api/v1/nodes/n/proxy/stats/summary?x=1');
    expect(kubelet.asked).toEqual(['kube-apiserver-kubelet-client /stats/summary?x=1']);
  });
});

test('services are proxied to a ready endpoint, which is a pod', async () => {
  await using server = await httpsTestServer({ reach: onLoopback });
  const web = createPlainServer((request, response) => response.end(`${request.method} ${request.url}`));
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const { port } = web.address() as AddressInfo;
  await server.client.create(Service, {
    metadata: { name: 's', namespace },
    spec: { ports: [{ name: 'http', port: 80 }] },
  });
  const pod = await server.client.create(Pod, {
    metadata: { name: 'web', namespace },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  const status = { ...pod.status, podIP: '192.0.2.1', podIPs: [{ ip: '192.0.2.1' }] };
  await server.client.update(Pod, { ...pod, status }, { subresource: 'status' });
  const targetRef = { kind: 'Pod', namespace, name: 'web' };
  await server.client.create(EndpointSlice, {
    metadata: { name: 's-1', namespace, labels: { 'kubernetes.io/service-name': 's' } },
    addressType: 'IPv4',
    endpoints: [
      { addresses: ['192.0.2.1'], conditions: { ready: false }, targetRef },
      { addresses: ['192.0.2.7'] },
      { addresses: ['192.0.2.1'], targetRef },
    ],
    ports: [{ name: 'http', port }],
  });
  using client = rawClient(server);
  const path = '/api/v1/namespaces/default/services/s:http/proxy/a/b/?q=1';
  expect((await client.request(path)).text).toBe('GET /a/b/?q=1');
  const missing = await client.request('/api/v1/namespaces/default/services/s:nope/proxy/');
  expect([missing.status, missing.json()['message']]).toEqual([
    503,
    'no endpoints available for service "s:nope": it has no such port',
  ]);
  web.closeAllConnections();
  web.close();
});
