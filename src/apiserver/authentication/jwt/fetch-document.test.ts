import { createServer } from 'node:https';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testAuthority } from '../../../machinery/testing/test-certificates.ts';
import type { TestAuthority } from '../../../machinery/testing/test-certificates.ts';
import { fetchDocument } from './fetch-document.ts';

const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/good': (response) => response.end('{"a":1}'),
  '/elsewhere': (response) => response.writeHead(302, { location: '/good' }).end(),
  '/failing': (response) => response.writeHead(500).end('no'),
  '/long': (response) => response.end('x'.repeat(1024 * 1024 + 1)),
  '/never': () => undefined,
};

let url: string;
let authority: TestAuthority;
let close: () => Promise<unknown>;
beforeAll(async () => {
  authority = await testAuthority();
  const server = createServer(await authority.server(), ({ url: path = '' }, response) => answers[path]?.(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
});
afterAll(() => close());

const get = (path: string, signal = new AbortController().signal) =>
  fetchDocument(`${url}${path}`, { ca: authority.cert, signal });

test('a document is got from whom the authority knows', async () => {
  expect(await get('/good')).toBe('{"a":1}');
  const other = await testAuthority();
  const asked = fetchDocument(`${url}/good`, { ca: other.cert, signal: new AbortController().signal });
  await expect(asked).rejects.toThrow(/certificate/);
});

test('redirects, failures and documents without end are refused', async () => {
  await expect(get('/elsewhere')).rejects.toThrow('302 Found');
  await expect(get('/failing')).rejects.toThrow('500 Internal Server Error: no');
  await expect(get('/long')).rejects.toThrow('the answer is longer than 1048576 bytes');
});

test('nothing is asked without TLS', async () => {
  const signal = new AbortController().signal;
  await expect(fetchDocument('http://127.0.0.1:1/', { signal })).rejects.toThrow('only https URLs are asked');
  await expect(fetchDocument('file:///etc/passwd', { signal })).rejects.toThrow('only https URLs are asked');
});

test('who never answers is not waited for beyond the end', async () => {
  const stop = new AbortController();
  const asked = get('/never', stop.signal);
  stop.abort(new Error('stopping'));
  await expect(asked).rejects.toThrow();
});
