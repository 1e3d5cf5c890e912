import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClusterTrustBundle, ClusterTrustBundleV1beta1 } from '../../api/certificates/cluster-trust-bundle.ts';
import { samples } from '../../api/testing/sample-objects.ts';
import type { Authorizer } from '../ports.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';
import { clusterTrustBundleAttest } from './cluster-trust-bundle-attest.ts';

/** Who may attest for what; everybody may do everything else. */
const attesters: Readonly<Record<string, string>> = { ann: 'example.com/roots', don: 'example.com/*', eve: '*' };
const authorizer: Authorizer = {
  authorize: ({ user, verb, resource, name }) => ({
    allowed: resource !== 'signers' || (verb === 'attest' && attesters[user.name] === name),
    reason: '',
  }),
};

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ parts: () => ({ authorizer, admission: [clusterTrustBundleAttest] }) });
});
afterAll(() => server[Symbol.asyncDispose]());

const { trustBundle } = samples().find(({ resource }) => resource === ClusterTrustBundle)!.object['spec'] as {
  trustBundle: string;
};
const signerName = 'example.com/roots';
const as = (name: string) => server.server.client({ name, groups: [] });
const draft = (name: string, signer = signerName) => ({
  metadata: { name: signer ? `${signer.replace('/', ':')}:${name}` : name },
  spec: { trustBundle, ...(signer ? { signerName: signer } : {}) },
});
const refused = (name: string, signer = signerName): string =>
  `clustertrustbundles.certificates.k8s.io "${name}" is forbidden: user not permitted to attest for signerName "${signer}"`;

describe('a trust bundle is made', () => {
  test.each<[string, string, string, boolean]>([
    ['by who may attest for its signer', 'ann', signerName, true],
    ['by who may attest for all of its domain', 'don', signerName, true],
    ['by anybody if it has no signer', 'bob', '', true],
    ['not for another signer', 'ann', 'example.com/others', false],
    ['not for a signer of another domain', 'don', 'example.org/roots', false],
    ['not by who may attest for "*", which is no signer', 'eve', signerName, false],
    ['not by others', 'bob', signerName, false],
  ])('%s', async (what, user, signer, isAllowed) => {
    for (const resource of [ClusterTrustBundle, ClusterTrustBundleV1beta1]) {
      const object = draft(`${what.replaceAll(/\W+/g, '-').toLowerCase()}x.${resource.version}`, signer);
      const made = as(user).create(resource, object);
      if (isAllowed) expect((await made).spec).toEqual(object.spec);
      else await expect(made).rejects.toThrow(refused(object.metadata.name, signer));
    }
  });
});

test('what a trust bundle says is changed by who may attest for its signer; its owners and finalizers by others too', async () => {
  const { metadata } = await as('ann').create(ClusterTrustBundle, draft('kept'));
  const { name } = metadata;
  const patch = (user: string, body: object) =>
    as(user).patch(ClusterTrustBundle, { name }, { type: 'merge', body: body as never });
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' };
  const owned = await patch('bob', { metadata: { ownerReferences: [owner], finalizers: ['example.com/hold'] } });
  expect(owned.metadata.ownerReferences).toEqual([owner]);
  await expect(patch('bob', { metadata: { labels: { a: 'b' } } })).rejects.toThrow(refused(name));
  await expect(patch('bob', { spec: { trustBundle: `again\n${trustBundle}` } })).rejects.toThrow(refused(name));
  expect((await patch('ann', { spec: { trustBundle: `again\n${trustBundle}` } })).spec.trustBundle).toContain('again');
  // Deleting takes no right to attest.
  await patch('bob', { metadata: { finalizers: null } });
  await as('bob').delete(ClusterTrustBundle, { name });
});

test('trust bundles are found by their signer, in both versions', async () => {
  await as('don').create(ClusterTrustBundle, draft('found', 'example.com/selected'));
  const selection = { fieldSelector: 'spec.signerName=example.com/selected' };
  const names = async (resource: typeof ClusterTrustBundle): Promise<unknown[]> =>
    (await server.client.list(resource, selection)).items.map(({ apiVersion, metadata }) => [
      apiVersion,
      metadata.name,
    ]);
  expect(await names(ClusterTrustBundle)).toEqual([['certificates.k8s.io/v1', 'example.com:selected:found']]);
  expect(await names(ClusterTrustBundleV1beta1)).toEqual([
    ['certificates.k8s.io/v1beta1', 'example.com:selected:found'],
  ]);
});

test('a trust bundle is replaced by who says which version of it', async () => {
  const { metadata } = await as('ann').create(ClusterTrustBundle, draft('versioned'));
  const { resourceVersion: _resourceVersion, ...unversioned } = metadata;
  const replaced = { ...draft('versioned'), metadata: unversioned };
  await expect(as('ann').update(ClusterTrustBundle, replaced as never)).rejects.toThrow(
    'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  );
});
