import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { testAuthority } from '../../machinery/testing/test-certificates.ts';
import type { TestAuthority } from '../../machinery/testing/test-certificates.ts';
import { createRequestHeaderAuthenticator, usualRequestHeaders } from './request-header-authenticator.ts';

let proxies: TestAuthority;
let clients: TestAuthority;
beforeAll(async () => {
  [proxies, clients] = await Promise.all([testAuthority(), testAuthority()]);
});

const headers = {
  'x-remote-user': 'alice',
  'x-remote-uid': '7',
  'x-remote-group': 'team-a, team-b',
  'x-remote-extra-example.com%2fscopes': 'read',
};

async function authenticate(authority: TestAuthority, name: string, sent: Readonly<Record<string, string>>) {
  const authenticator = createRequestHeaderAuthenticator(
    { ca: proxies.cert, allowedNames: ['front-proxy-client'], ...usualRequestHeaders },
    clients.cert,
  );
  const certificate = new X509Certificate((await authority.client(name)).cert).raw;
  return authenticator.authenticate({ headers: sent, certificate });
}

test('who asks is whom a trusted proxy names', async () => {
  expect(await authenticate(proxies, 'front-proxy-client', headers)).toEqual({
    name: 'alice',
    uid: '7',
    groups: ['team-a', 'team-b'],
    extra: { 'example.com/scopes': ['read'] },
  });
});

test('headers of others mean nothing', async () => {
  expect(await authenticate(clients, 'front-proxy-client', headers)).toBeUndefined();
});

test('a proxy of another name, or one that names nobody, is refused', async () => {
  await expect(authenticate(proxies, 'somebody', headers)).rejects.toMatchObject({
    reason: 'Unauthorized',
    cause: 'x509: subject with cn=somebody is not in the allowed list',
  });
  await expect(authenticate(proxies, 'front-proxy-client', {})).rejects.toMatchObject({ reason: 'Unauthorized' });
});
