/** Whose certificates a kubelet may ask for, in upstream's words. */
import { expect, test } from 'vitest';
import { PodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { StatusError } from '../../base/errors.ts';
import type { Authorizer, User } from '../ports.ts';
import { cachedContext } from '../testing/admission-context.ts';
import { requestFor } from '../testing/admission-request.ts';
import type { RequestTraits } from '../testing/admission-request.ts';
import { fakeClient } from '../testing/fake-client.ts';
import { nodeRestriction } from './node-restriction.ts';

const kubelet: User = { name: 'system:node:mynode', groups: ['system:nodes'] };
const signerName = 'example.com/signer';
const spec = {
  signerName,
  podName: 'p',
  podUID: 'p-uid',
  serviceAccountName: 'sa',
  serviceAccountUID: 'sa-uid',
  nodeName: 'mynode',
  nodeUID: 'mynode-uid',
  stubPKCS10Request: 'AAAA',
};
const volumes = [{ name: 'v', projected: { sources: [{ podCertificate: { signerName, keyType: 'ED25519' } }] } }];

const pod = (name: string, more: object = {}, metadata: object = {}) => ({
  metadata: { namespace: 'ns', name, uid: `${name}-uid`, ...metadata },
  spec: { nodeName: 'mynode', serviceAccountName: 'sa', containers: [], volumes, ...more },
});

const objects: readonly (readonly [unknown, string, object])[] = [
  [Node, 'mynode', { metadata: { name: 'mynode', uid: 'mynode-uid' } }],
  [ServiceAccount, 'ns/sa', { metadata: { namespace: 'ns', name: 'sa', uid: 'sa-uid' } }],
  [Pod, 'ns/p', pod('p')],
  [Pod, 'ns/elsewhere', pod('elsewhere', { nodeName: 'othernode' })],
  [Pod, 'ns/mirror', pod('mirror', {}, { annotations: { 'kubernetes.io/config.mirror': 'h' } })],
  [Pod, 'ns/orphan', pod('orphan', { serviceAccountName: 'gone' })],
];

/** May ask for certificates of one signer for all accounts. */
const authorizer: Authorizer = {
  authorize: ({ verb, group, resource, namespace, name }) => ({
    allowed:
      [verb, group, resource, namespace, name].join(' ') ===
      'request-serviceaccounts-podcertificate-signer certificates.k8s.io example.com:granted ns sa',
    reason: '',
  }),
};

async function answer(changes: object, traits: RequestTraits = {}): Promise<string> {
  const client = fakeClient();
  for (const [resource, key, object] of objects) {
    client.objects.set(`${(resource as { qualified: string }).qualified} ${key}`, object as never);
  }
  const metadata = { namespace: 'ns', name: 'r' };
  const asked = { metadata, spec: { ...spec, ...changes } };
  try {
    await nodeRestriction.admit?.(
      requestFor(PodCertificateRequest, asked, { user: kubelet, ...traits }),
      cachedContext(client, authorizer),
    );
    return '';
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return error.message.replace('podcertificaterequests.certificates.k8s.io "r" is forbidden: ', `${error.reason}: `);
  }
}

const forPod = 'PodCertificateRequest for pod "ns/p"';
test.each<[string, object, string]>([
  ['its own pods', {}, ''],
  [
    'another node',
    { nodeName: 'othernode' },
    'Forbidden: PodCertificateRequest.Spec.NodeName="othernode", which is not the requesting node "mynode"',
  ],
  [
    'an older node of its name',
    { nodeUID: 'old' },
    `${forPod} names node UID "old", inconsistent with the running node ("mynode-uid")`,
  ],
  [
    'a pod that is not there',
    { podName: 'gone' },
    'while retrieving pod "ns/gone" named in the PodCertificateRequest: pods "gone" not found',
  ],
  [
    'an older pod of the name',
    { podUID: 'old' },
    `${forPod} contains pod UID ("old") which differs from running pod "p-uid"`,
  ],
  [
    'a pod of another node',
    { podName: 'elsewhere', podUID: 'elsewhere-uid' },
    'Forbidden: pod "ns/elsewhere" is not running on node "mynode" named in the PodCertificateRequest',
  ],
  ['a mirror pod', { podName: 'mirror', podUID: 'mirror-uid' }, 'Forbidden: pod "ns/mirror" is a mirror pod'],
  [
    'another account',
    { serviceAccountName: 'other' },
    'Forbidden: PodCertificateRequest for pod "ns/p" contains serviceAccountName ("other") that differs from running pod ("sa")',
  ],
  [
    'an account that is not there',
    { podName: 'orphan', podUID: 'orphan-uid', serviceAccountName: 'gone' },
    'while retrieving service account "ns/gone" named in the PodCertificateRequest: serviceaccounts "gone" not found',
  ],
  [
    'an older account of the name',
    { serviceAccountUID: 'old' },
    `${forPod} names service account UID "old", which differs from the running service account ("sa-uid")`,
  ],
  [
    'a signer that no volume names',
    { signerName: 'example.com/other' },
    'Forbidden: signer "example.com/other" not found in pod spec volume, system:node:mynode is not authorized to request certificates of this signer',
  ],
  ['a signer that the node was granted', { signerName: 'example.com/granted' }, ''],
])('a kubelet asks for %s', async (_, changes, expected) => {
  expect(await answer(changes)).toBe(expected);
});

test('a kubelet changes no request, nor its status; others may ask for anything', async () => {
  expect(await answer({}, { operation: 'UPDATE', name: 'r' })).toBe('Forbidden: unexpected operation UPDATE');
  expect(await answer({}, { subresource: 'status' })).toBe('Forbidden: unexpected subresource status');
  expect(await answer({ podName: 'gone' }, { user: { name: 'ann', groups: [] } })).toBe('');
});
