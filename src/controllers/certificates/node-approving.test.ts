import { beforeAll, describe, expect, test } from 'vitest';
import { Node } from '../../api/core/node.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import { createAuthority } from '../../machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { csrSigning } from './csr-signing.ts';
import { nodeAddressFault, nodeNameFault } from './node-claims.ts';
import { nodeCertificateApproving } from './node-approving.ts';
import { kubeProxySigner, signerNames } from './signer-names.ts';
import type { SignerName } from './signer-names.ts';
import { ask, decisions, nodeUser } from './testing/certificate-requests.ts';
import type { Asking } from './testing/certificate-requests.ts';

let authority: KeyPair;
beforeAll(async () => void (authority = await createAuthority('ca', Date.UTC(2026, 0, 1))));

const serving: Asking = {
  user: nodeUser('a'),
  signerName: signerNames.kubeletServing,
  subject: { commonName: 'system:node:a', organizations: ['system:nodes'], names: ['a', '192.0.2.1'] },
  usages: ['digital signature', 'server auth'],
};
const names = (...list: readonly string[]): Partial<Asking> => ({ subject: { ...serving.subject, names: list } });
const proxy: Partial<Asking> = {
  signerName: kubeProxySigner,
  subject: { commonName: 'system:kube-proxy', organizations: ['system:node-proxier'] },
  usages: ['digital signature', 'client auth'],
};

async function register(c: TestCluster, name: string, ...addresses: readonly string[]): Promise<void> {
  const hostname = { type: 'Hostname', address: name };
  const internal = addresses.map((address) => ({ type: 'InternalIP', address }));
  await c.create(Node, { metadata: { name }, spec: {}, status: { addresses: [...internal, hostname] } });
}

async function clusterOfNodes(): Promise<TestCluster> {
  const signers: readonly SignerName[] = [signerNames.kubeletServing, signerNames.kubeletClient, kubeProxySigner];
  const controllers = [
    nodeCertificateApproving({ foreignNetworks: ['10.43.0.0/16'] }),
    csrSigning({ authority: () => authority, signers }),
  ];
  // What NodeRestriction would refuse is not approved either.
  const c = await testCluster(controllers, { disabledAdmission: ['NodeRestriction'] });
  await register(c, 'a', '192.0.2.1', 'fd00::1', '192.0.2.9', '10.43.0.1', '127.0.0.1');
  await register(c, 'b', '192.0.2.2', '192.0.2.9');
  await register(c, 'kubernetes.default.svc', '192.0.2.3');
  return c;
}

const approved = 'Auto approving kubelet serving certificate of the requesting node.';

describe('certificates that upstream leaves to an administrator', () => {
  test.each<[string, Partial<Asking>, string | undefined]>([
    ['a kubelet serves under its name and address', {}, approved],
    ['an address in another form', names('a', 'fd00:0:0::1'), approved],
    ['its name alone', names('a'), approved],
    ['the name of another node', names('a', 'b'), undefined],
    ['the name of the API server', names('kubernetes.default.svc'), undefined],
    ['everything', names('*'), undefined],
    ['the address of another node', names('a', '192.0.2.2'), undefined],
    ['an address that another node says is its own', names('a', '192.0.2.9'), undefined],
    ['the address of a Service, whatever the Node says', names('a', '10.43.0.1'), undefined],
    ['the loopback, whatever the Node says', names('a', '127.0.0.1'), undefined],
    ['another node asks for it', { user: nodeUser('b') }, undefined],
    [
      'somebody else asks for it',
      { user: { name: 'system:node:a', groups: ['system:masters', 'system:authenticated'] } },
      undefined,
    ],
    [
      'a node that does not exist',
      { user: nodeUser('x'), subject: { ...serving.subject, commonName: 'system:node:x' } },
      undefined,
    ],
    [
      'a node that is called as the API server',
      {
        user: nodeUser('kubernetes.default.svc'),
        subject: {
          ...serving.subject,
          commonName: 'system:node:kubernetes.default.svc',
          names: ['kubernetes.default.svc'],
        },
      },
      undefined,
    ],
    ['a client', { usages: ['digital signature', 'client auth'] }, undefined],
    ['a client certificate of the kubelet', { signerName: signerNames.kubeletClient }, undefined],
    ['any client certificate', { signerName: signerNames.apiServerClient, usages: ['client auth'] }, undefined],
    ['the proxy of a node', proxy, 'Auto approving kube-proxy client certificate of the requesting node.'],
    [
      'an administrator in the place of the proxy',
      { ...proxy, subject: { commonName: 'system:kube-proxy', organizations: ['system:masters'] } },
      undefined,
    ],
    [
      'somebody who is no node asks for the proxy',
      { ...proxy, user: { name: 'ann', groups: ['system:masters', 'system:authenticated'] } },
      undefined,
    ],
  ])('%s', async (_, changes, message) => {
    await using c = await clusterOfNodes();
    const request = await (await ask(c, { ...serving, ...changes })).look();
    expect(decisions(request)).toEqual(message === undefined ? {} : { Approved: message });
    expect(request.status.certificate === undefined).toBe(message === undefined);
  });

  test('a kubelet gets its certificate once its Node says the address', async () => {
    await using c = await clusterOfNodes();
    const { look } = await ask(c, { ...serving, ...names('a', '192.0.2.77') });
    const node = await c.client.get(Node, { name: 'a' });
    const addresses = [{ type: 'InternalIP', address: '192.0.2.77' }];
    await c.client.update(Node, { ...node, status: { ...node.status, addresses } }, { subresource: 'status' });
    await c.advance('10s');
    expect(decisions(await look())).toEqual({ Approved: approved });
  });
});

test.each(['kubernetes', 'kubernetes.default', 'kubernetes.default.svc.cluster.local', 'localhost', 'a.b.svc'])(
  'no node is called %s',
  (name) => expect(nodeNameFault(name)).toMatch('is no name of a node'),
);

test.each(['kubernetes-1', 'svc-1', 'node.example.com'])('a node may be called %s', (name) =>
  expect(nodeNameFault(name)).toBeUndefined(),
);

test.each(['0.0.0.0', '127.0.0.53', '169.254.169.254', '224.0.0.1', '::1', 'fe80::1', 'ff02::1', '10.0.0.1', 'x'])(
  'no node has the address %s where 10.0.0.0/8 is foreign',
  (address) => expect(nodeAddressFault(address, ['10.0.0.0/8'])).toBeDefined(),
);
