import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { standardParts } from '../standard-parts.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import { recordedAudit } from './testing/recorded-audit.ts';
import type { RecordedAudit } from './testing/recorded-audit.ts';

const json = { 'content-type': 'application/json' };
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Handles secrets of each kind; returns the bytes that must be nowhere in the log. */
async function handleSecrets(recorded: RecordedAudit): Promise<readonly string[]> {
  await using server = await httpsTestServer({
    parts: (context) => ({
      ...standardParts({
        issuer: 'https://kubernetes.default.svc',
        signingKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        serviceCIDRs: ['10.96.0.0/12'],
        serverAddress: '127.0.0.1:6443',
        controllers: [],
      })(context),
      audit: recorded.audit,
    }),
  });
  using client = rawClient(server);
  const post = async (path: string, body: object, headers = {}): Promise<Record<string, unknown>> => {
    const options = { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) };
    const answer = await client.request(`/api${path}`, options);
    expect([path, answer.status]).toEqual([path, 201]);
    return answer.json();
  };
  const secret = Buffer.from('sesame-open').toString('base64');
  await post('/v1/namespaces/default/secrets', { metadata: { name: 's' }, data: { password: secret } });
  await post('/v1/namespaces/kube-system/secrets', {
    metadata: { name: 'bootstrap-token-abcdef' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' },
  });
  await post('/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
  const requested = await post('/v1/namespaces/default/serviceaccounts/robot/token', { spec: {} });
  const { token } = requested['status'] as { readonly token: string };
  expect(token.split('.')).toHaveLength(3);
  const review = await post('s/authentication.k8s.io/v1/tokenreviews', { spec: { token } });
  expect(review).toMatchObject({ status: { authenticated: true } });
  using robot = rawClient(server, 'anonymous');
  const authorization = `Bearer ${token}`;
  expect((await robot.request('/api/v1/secrets', { headers: { authorization } })).status).toBe(403);
  expect((await robot.request('/api/v1/secrets', { headers: { authorization: `${authorization}x` } })).status).toBe(
    401,
  );
  await client.request('/api/v1/namespaces/default/secrets/s');
  await client.request('/api/v1/secrets');
  const [, , signature = ''] = token.split('.');
  return [secret, 'sesame-open', '0123456789abcdef', Buffer.from('0123456789abcdef').toString('base64'), signature];
}

test('at Metadata no byte of a secret or token is in the log', async () => {
  const recorded = recordedAudit('Metadata');
  const secrets = await handleSecrets(recorded);
  expect(recorded.events().length).toBeGreaterThan(15);
  for (const secret of secrets) expect(recorded.text()).not.toContain(secret);
  expect(recorded.of('/robot/token').at(-1)).toMatchObject({
    objectRef: { resource: 'serviceaccounts', subresource: 'token', name: 'robot' },
    responseStatus: { code: 201 },
    annotations: { 'authentication.kubernetes.io/issued-credential-id': expect.stringMatching(/^JTI=/) },
  });
});

test('where all is recorded, bearer tokens are still left out', async () => {
  const recorded = recordedAudit('RequestResponse');
  const secrets = await handleSecrets(recorded);
  expect(recorded.text()).not.toContain(secrets.at(-1));
  expect(recorded.of('/robot/token').at(-1)).toMatchObject({
    responseObject: { kind: 'TokenRequest', status: { expirationTimestamp: expect.any(String) } },
  });
  expect(recorded.of('tokenreviews').at(-1)).toMatchObject({
    requestObject: { spec: {} },
    responseObject: { kind: 'TokenReview', status: { authenticated: true } },
  });
  // What the policy asks for of Secrets is recorded, as upstream does.
  expect(recorded.text()).toContain(secrets[0]);
});
