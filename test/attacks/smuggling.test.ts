/** Requests that two readers could read differently. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from 'node:http2';
import type { OutgoingHttpHeaders } from 'node:http2';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';

let cluster: AttackCluster;
beforeAll(async () => {
  cluster = await attackCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** Status codes of the answers to bytes. */
async function codes(text: string): Promise<number[]> {
  const heard = await cluster.admin.raw(text.replaceAll('\n', '\r\n'));
  return [...heard.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, code]) => Number(code));
}

const secret = 'GET /api/v1/namespaces/default/secrets/smuggled HTTP/1.1\nHost: a\nConnection: close\n\n';

test('a body has one length: two of them, or a length and chunks, are refused, and what follows is not answered', async () => {
  const frames = [
    `Content-Length: 5\nTransfer-Encoding: chunked`,
    `Transfer-Encoding: chunked\nContent-Length: 5`,
    `Content-Length: 5\nContent-Length: 6`,
    `Content-Length: 5, 6`,
    `Content-Length: +5`,
    `Content-Length: -1`,
    `Content-Length: 0x5`,
    `Content-Length: 5 5`,
    `Content-Length: 99999999999999999999999`,
    `Transfer-Encoding: xchunked`,
    `Transfer-Encoding: chunked, identity`,
    `Transfer-Encoding : chunked`,
    `Transfer-Encoding:\n chunked\nContent-Length: 5`,
    `Transfer-Encoding: chunked\nTransfer-Encoding: identity`,
    `Transfer\x00-Encoding: chunked`,
  ];
  for (const frame of frames) {
    const text = `POST /api/v1/namespaces/default/configmaps HTTP/1.1\nHost: a\nContent-Type: application/json\n${frame}\n\n0\n\n${secret}`;
    expect(await codes(text), frame).toEqual([400]);
  }
});

test('chunks that are none end the connection', async () => {
  const head =
    'POST /api/v1/namespaces/default/configmaps HTTP/1.1\nHost: a\nContent-Type: application/json\nTransfer-Encoding: chunked\n\n';
  for (const chunk of [
    'g\nx\n0\n\n',
    '-1\n\n',
    '0x1\nx\n0\n\n',
    'fffffffffffffffff\nx\n',
    '1;\nxx\n0\n\n',
    '5\n{}\n0\n\n',
  ]) {
    const answers = await codes(head + chunk + secret);
    expect(answers.slice(1), chunk).toEqual([]);
    expect(answers[0], chunk).toBe(400);
  }
});

test('a header is one line, with a name and a value that are clean', async () => {
  const headers = [
    ' X-Folded: a',
    'X-A: b\n folded',
    'X-A\t: b',
    'X A: b',
    ': b',
    'X-A',
    'X-A: b\x00c',
    'X-A: b\x01c',
    'X-\x80: b',
    'X-A: b\rX-B: c',
  ];
  for (const header of headers) {
    expect(
      await codes(`GET /version HTTP/1.1\n${header}\nHost: a\nConnection: close\n\n${secret}`),
      JSON.stringify(header),
    ).toEqual([400]);
  }
  const bare = await cluster.admin.raw('GET /version HTTP/1.1\nHost: a\nConnection: close\n\n');
  expect(bare).toMatch(/^HTTP\/1\.1 400 /);
});

test('a request line is one method, one target and one version', async () => {
  const lines = [
    'GET /version HTTP/1.1 HTTP/1.1',
    'GET /version HTTP/9.9',
    'GET /a b HTTP/1.1',
    'G\x00T /version HTTP/1.1',
    'get /version HTTP/1.1',
    'GET /version\x00 HTTP/1.1',
    'GET',
    'PRI * HTTP/2.0',
  ];
  for (const line of lines)
    expect(await codes(`${line}\nHost: a\nConnection: close\n\n${secret}`), JSON.stringify(line)).toEqual([400]);
});

test('without a host, or with two, nothing is answered', async () => {
  expect(await codes('GET /version HTTP/1.1\nConnection: close\n\n')).toEqual([400]);
});

test('a method that is none of the API’s changes nothing', async () => {
  const path = '/api/v1/namespaces/default';
  for (const method of ['TRACE', 'OPTIONS', 'PROPFIND', 'MOVE', 'LINK', 'QUERY']) {
    const { status } = await cluster.admin.ask(method, path).catch(() => ({ status: 400 }));
    expect([400, 404, 405], method).toContain(status);
  }
  // What a header says about the method is nothing.
  const { status, text } = await cluster.admin.get(path, {
    'X-HTTP-Method-Override': 'DELETE',
    'X-Method-Override': 'DELETE',
  });
  expect([status, text]).toEqual([200, expect.stringContaining('"phase":"Active"')]);
});

test('CONNECT opens no tunnel', async () => {
  for (const target of ['169.254.169.254:80', `127.0.0.1:${cluster.port}`, '/api/v1/secrets']) {
    expect(await cluster.admin.raw(`CONNECT ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)).not.toMatch(/ 200 | 101 /);
  }
});

test('a body that was not read is not the next request', async () => {
  const body = secret.replaceAll('\n', '\r\n');
  const heard = await cluster.anonymous.raw(
    `POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
      'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  const answers = [...heard.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, code]) => code);
  expect([['403'], ['403', '200']]).toContainEqual(answers);
});

/** The status of a request over a connection of its own by HTTP/2; undefined when the stream is reset. */
async function h2(headers: OutgoingHttpHeaders): Promise<number | undefined> {
  const session = connect(`https://127.0.0.1:${cluster.port}`, { ca: cluster.authority.certificate });
  session.on('error', () => undefined);
  const answered = new Promise<number | undefined>((resolve) => {
    let status: number | undefined;
    try {
      const stream = session.request(headers);
      stream.on('response', (answer) => void (status = Number(answer[':status'])));
      stream.on('error', () => undefined);
      stream.on('close', () => resolve(status));
      stream.resume();
    } catch {
      resolve(undefined);
    }
  });
  return answered.finally(() => session.destroy());
}

test('over HTTP/2, nobody is let in by a header that is none there', async () => {
  const odd: OutgoingHttpHeaders[] = [
    { ':path': '/api/v1/secrets', ':authority': 'admin@127.0.0.1' },
    { ':path': '/api/v1/secrets', 'x-forwarded-client-cert': 'Subject="CN=admin,O=system:masters"' },
    { ':path': '/api/v1/secrets', 'x-client-cert': 'x', 'ssl-client-verify': 'SUCCESS', 'x-ssl-client-dn': 'CN=admin' },
    { ':path': '/api/v1/secrets', 'x-remote-user': 'admin', 'x-remote-group': 'system:masters' },
    { ':path': '/api/v1/secrets', 'x-forwarded-user': 'admin', 'remote-user': 'admin', remote_user: 'admin' },
    { ':path': '/version/../api/v1/secrets' },
    { ':path': '/healthz/../api/v1/secrets' },
    { ':path': '//api/v1/secrets' },
    { ':path': 'https://127.0.0.1/api/v1/secrets' },
    { ':path': '/healthz?/../api/v1/secrets', ':method': 'DELETE' },
    { ':path': '/api/v1/secrets', 'x-original-url': '/healthz', 'x-rewrite-url': '/healthz' },
    { ':path': '/api/v1/secrets#/healthz' },
    { ':path': '/api/v1/secrets\n' },
    { ':path': '/healthz HTTP/1.1\r\nhost: a\r\n\r\nGET /api/v1/secrets' },
  ];
  for (const headers of odd) {
    const status = await h2({ ':method': 'GET', ...headers });
    expect([undefined, 400, 401, 403, 404], JSON.stringify(headers)).toContain(status);
  }
  expect(await h2({ ':path': '/healthz' })).toBe(200);
});

test('answers say how they are to be read, and not what made them', async () => {
  for (const { headers, text } of [
    await cluster.admin.get('/api/v1/namespaces'),
    await cluster.anonymous.get('/api/v1/secrets'),
  ]) {
    expect(headers['content-type']).toBe('application/json');
    expect(headers['cache-control']).toBe('no-cache, private');
    expect(headers['server']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
    expect(text).not.toMatch(/node_modules|\.ts:\d|at async/);
  }
});
