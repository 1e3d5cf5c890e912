import { once } from 'node:events';
import { request } from 'node:https';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { createAuthentication } from '../authentication/authentication.ts';
import { createCertificateAuthenticator } from '../authentication/certificate-authenticator.ts';
import type { Authorizer } from '../ports.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';

const chunkLength = 256 * 1024;
const chunk = new Uint8Array(chunkLength).fill(7);
let made = 0;
let ended = 0;
let server: HttpsTestServer;
let client: HttpClient;

async function* chunks(count: number): AsyncGenerator<Uint8Array> {
  try {
    for (let i = 0; i < count; i++) {
      made++;
      yield chunk;
    }
  } finally {
    ended++;
  }
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield chunk;
  throw new Error('the disk is gone');
}

beforeAll(async () => {
  const contentType = 'application/octet-stream';
  const authorizer: Authorizer = {
    authorize: ({ user }) => ({ allowed: user.groups.includes('system:masters'), reason: '' }),
  };
  server = await httpsTestServer({
    parts: () => ({
      authorizer,
      authenticator: createAuthentication({ authenticators: [createCertificateAuthenticator()] }),
    }),
    streamed: [
      { path: '/kubets/large', contentType, open: async () => chunks(200) },
      { path: '/kubets/failing', contentType, open: async () => failing() },
      { path: '/kubets/refused', contentType, open: () => Promise.reject(new Error('not now')) },
    ],
  });
  const { cert, key } = server.admin;
  client = createHttpClient({ servers: [server.url], ca: server.authority.cert, certificate: { cert, key } });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Over HTTP/1.1. */
function get(path: string, certificate: { readonly cert?: string; readonly key?: string }) {
  const { cert, key } = certificate;
  const sent = request(`${server.url}${path}`, { ca: server.authority.cert, cert, key, agent: false });
  sent.end();
  return sent;
}

test('a document is sent piece by piece, no faster than it is taken', async () => {
  made = 0;
  const { body, headers } = await client.request({ path: '/kubets/large' });
  expect(headers['content-type']).toBe('application/octet-stream');
  let length = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    // Nobody has read anything yet: what was made is what waits.
    if (length === 0) expect(made).toBeLessThan(100);
    length += piece.length;
  }
  expect(length).toBe(200 * chunkLength);
});

test('over HTTP/1.1 too', async () => {
  const sent = get('/kubets/large', server.admin);
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer>];
  let length = 0;
  for await (const piece of response) length += piece.length;
  expect(length).toBe(200 * chunkLength);
});

test('nothing is made any more once the client has gone', async () => {
  const before = ended;
  made = 0;
  const { body } = await client.request({ path: '/kubets/large' });
  body.destroy();
  await vi.waitFor(() => expect(ended).toBe(before + 1));
  expect(made).toBeLessThan(200);
});

test('where making it fails, the connection breaks off', async () => {
  const { body } = await client.request({ path: '/kubets/failing' });
  await expect(Array.fromAsync(body)).rejects.toThrow();
  const sent = get('/kubets/failing', server.admin);
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer>];
  await expect(Array.fromAsync(response)).rejects.toThrow();
  await expect(client.text({ path: '/kubets/refused' })).rejects.toMatchObject({ code: 500 });
});

test('it is for those who may read its path, and only to be read', async () => {
  const anonymous = get('/kubets/large', {});
  const [refused] = (await once(anonymous, 'response')) as [{ statusCode: number; resume(): void }];
  refused.resume();
  expect(refused.statusCode).toBe(403);
  const nobody = await server.authority.client('jane', []);
  const [forbidden] = (await once(get('/kubets/large', nobody), 'response')) as [
    { statusCode: number; resume(): void },
  ];
  forbidden.resume();
  expect(forbidden.statusCode).toBe(403);
  await expect(client.text({ method: 'POST', path: '/kubets/large' })).rejects.toMatchObject({ code: 405 });
  expect(await client.text({ method: 'HEAD', path: '/kubets/large' })).toBe('');
});
