import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { testAuthority } from '../../machinery/testing/test-certificates.ts';
import { createWebhookClient } from './webhook-client.ts';

test('a webhook is shown the credentials for its place, and no other webhook is', async () => {
  const authority = await testAuthority();
  const seen = (request: IncomingMessage): object => ({
    authorization: request.headers.authorization,
    subject: (request.socket as TLSSocket).getPeerCertificate().subject?.CN,
  });
  const tls = { ...(await authority.server()), requestCert: true, rejectUnauthorized: false };
  const server = createServer(tls, (request, response) => void response.end(JSON.stringify(seen(request))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const target = { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(authority.cert).toString('base64') };
  const certificate = await authority.client('system:hook-caller');
  const call = createWebhookClient(
    () => Promise.reject(new Error('there are no Services')),
    (place) => (place === `127.0.0.1:${port}` ? { token: 'abc', certificate } : undefined),
  );
  const ask = (url: string): Promise<unknown> => call({ target: { ...target, url }, body: {}, timeoutSeconds: 5 });
  try {
    expect(await ask(target.url)).toEqual({ authorization: 'Bearer abc', subject: 'system:hook-caller' });
    expect(await ask(target.url.replace('127.0.0.1', 'localhost'))).toEqual({});
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
