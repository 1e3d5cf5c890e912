import { once } from 'node:events';
import { connect } from 'node:http2';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { createAuthentication } from '../authentication/authentication.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import { readBody } from './read-body.ts';

const expected = { limit: 10, length: undefined };

test('a body that is over before it is read is empty, and one that broke off is none', async () => {
  const over = Readable.from([]);
  over.resume();
  await once(over, 'end');
  expect(await readBody(over, expected)).toEqual(Buffer.alloc(0));
  const broken = new Readable({ read: () => undefined });
  broken.destroy();
  await expect(readBody(broken, expected)).rejects.toThrow('the client has gone');
});

test('a request is answered when its empty body has ended before it is known who asks', async () => {
  const admin = { name: 'admin', groups: ['system:masters'] };
  const authenticator = createAuthentication({
    authenticators: [{ authenticate: () => new Promise((resolve) => setImmediate(() => resolve(admin))) }],
  });
  await using server = await httpsTestServer({ parts: () => ({ authenticator }) });
  const session = connect(server.url, { ca: server.authority.cert });
  for (let count = 0; count < 20; count++) {
    const stream = session.request(
      { ':method': 'DELETE', ':path': '/api/v1/namespaces/default/configmaps/x' },
      { endStream: false },
    );
    stream.end();
    stream.setTimeout(5000, () => stream.destroy(new Error('the request hangs')));
    const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
    expect(headers[':status']).toBe(404);
    stream.resume();
    await once(stream, 'close');
  }
  session.close();
});
