import { describe, expect, test } from 'vitest';
import { Secret } from '../../api/core/secret.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { FindObject } from '../ports.ts';
import { createBootstrapTokens } from './bootstrap-tokens.ts';
import type { VerifiedToken } from './token-authenticator.ts';

const token = 'abcdef.0123456789abcdef';
const fields = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' };

interface Stored {
  readonly fields?: Record<string, string>;
  readonly metadata?: object;
  readonly type?: string;
}

function secretOf({ fields: changes = {}, metadata = {}, type = 'bootstrap.kubernetes.io/token' }: Stored): Secret {
  const data = Object.fromEntries(Object.entries({ ...fields, ...changes }).map(([key, text]) => [key, btoa(text)]));
  const meta = { namespace: 'kube-system', name: 'bootstrap-token-abcdef', ...metadata };
  return { apiVersion: 'v1', kind: 'Secret', metadata: meta, type, data } as unknown as Secret;
}

function source(secrets: readonly Secret[], clock = new FakeClock()) {
  const find: FindObject = (resource, key) =>
    (resource as unknown) === Secret
      ? (secrets.find(({ metadata }) => metadata.namespace === key.namespace && metadata.name === key.name) as never)
      : undefined;
  const tokens = createBootstrapTokens({ find, clock, log: silentLogger });
  return async (text: string): Promise<VerifiedToken | undefined> => tokens.verify(text, ['api']);
}

describe('a bootstrap token', () => {
  test('speaks for a bootstrapper and its groups, each once', async () => {
    const groups = 'system:bootstrappers:worker,system:bootstrappers:a:b-1,system:bootstrappers:worker';
    const verified = await source([secretOf({ fields: { 'auth-extra-groups': groups } })])(token);
    expect(verified?.user).toEqual({
      name: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:a:b-1', 'system:bootstrappers:worker'],
    });
  });

  test.each<[string, Stored, boolean]>([
    ['as it should be', {}, true],
    ['that lasts', { fields: { expiration: '2026-01-01T00:00:01Z' } }, true],
    ['that lasts, said in another zone', { fields: { expiration: '2026-01-01T01:00:01+01:00' } }, true],
    ['that expires now', { fields: { expiration: '2026-01-01T00:00:00Z' } }, false],
    ['that has expired', { fields: { expiration: '2025-12-31T23:59:59Z' } }, false],
    ['whose expiration is no time', { fields: { expiration: '2030-01-01' } }, false],
    ['whose secret is another', { fields: { 'token-secret': '0123456789abcdeg' } }, false],
    ['whose secret is shorter', { fields: { 'token-secret': '0123456789abcde' } }, false],
    ['without a secret', { fields: { 'token-secret': '' } }, false],
    ['whose ID is another', { fields: { 'token-id': 'abcdeg' } }, false],
    ['for signing only', { fields: { 'usage-bootstrap-authentication': 'false' } }, false],
    ['whose usage is written otherwise', { fields: { 'usage-bootstrap-authentication': 'True' } }, false],
    ['of another type', { type: 'Opaque' }, false],
    ['in another namespace', { metadata: { namespace: 'default' } }, false],
    ['that is being deleted', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, false],
    ['of a group of another kind', { fields: { 'auth-extra-groups': 'system:masters' } }, false],
    ['of a group besides', { fields: { 'auth-extra-groups': 'system:bootstrappers:a,system:masters' } }, false],
    ['of a group that ends badly', { fields: { 'auth-extra-groups': 'system:bootstrappers:a-' } }, false],
    ['of a group over two lines', { fields: { 'auth-extra-groups': 'system:bootstrappers:a\nsystem:masters' } }, false],
  ])('%s', async (_, stored, accepted) => {
    expect((await source([secretOf(stored)])(token)) !== undefined).toBe(accepted);
  });

  test.each([
    'abcdef',
    'abcdef.',
    'ABCDEF.0123456789abcdef',
    `${token}a`,
    `x${token}`,
    `${token}\n`,
    '../etc.0123456789abcdef',
  ])('is not one in the form %j', async (text) => expect(await source([secretOf({})])(text)).toBeUndefined());

  test('that nobody has made is nobody’s', async () => {
    expect(await source([])(token)).toBeUndefined();
  });

  test('is no longer believed when it expires or changes', async () => {
    const clock = new FakeClock();
    const secrets = [secretOf({ fields: { expiration: '2026-01-01T00:01:00Z' } })];
    const verified = await source(secrets, clock)(token);
    expect(verified?.isCurrent?.()).toBe(true);
    await clock.advance(60_000);
    expect(verified?.isCurrent?.()).toBe(false);
    const lasting = [secretOf({})];
    const other = await source(lasting)(token);
    lasting.pop();
    expect(other?.isCurrent?.()).toBe(false);
  });
});
