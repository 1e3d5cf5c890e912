/** Who is refused what, in upstream's words. */
import { describe, expect, test } from 'vitest';
import { TokenRequest } from '../../api/authentication/token-request.ts';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Node } from '../../api/core/node.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { ResourceSlice } from '../../api/resource/resource-slice.ts';
import { CSIDriver } from '../../api/storage/csi-driver.ts';
import { CSINode } from '../../api/storage/csi-node.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { createCertificateRequest } from '../../machinery/x509/certificate-request.ts';
import { resourceAttributes } from '../authorization/attributes.ts';
import type { AdmissionRequest, Authorizer, User } from '../ports.ts';
import { cachedContext } from '../testing/admission-context.ts';
import { fakeClient } from '../testing/fake-client.ts';
import { nodeRestriction } from './node-restriction.ts';

const kubelet: User = { name: 'system:node:mynode', groups: ['system:nodes', 'system:authenticated'] };

interface Asked {
  readonly operation?: AdmissionRequest['operation'];
  readonly subresource?: string;
  readonly old?: object;
  readonly name?: string;
  readonly namespace?: string;
  readonly user?: User;
}

function asked(resource: unknown, object: object | undefined, more: Asked = {}): AdmissionRequest {
  const kind = resource as Resource;
  const { operation = 'CREATE', subresource = '', old, name = '', namespace = 'ns', user = kubelet } = more;
  const { group, version, plural } = kind;
  const where = { group, version, resource: plural, subresource, name, namespace };
  return {
    attributes: resourceAttributes(user, { verb: operation.toLowerCase(), ...where }),
    operation,
    resource: kind,
    object: structuredClone(object) as Record<string, unknown> | undefined,
    old: old as ApiObject | undefined,
    dryRun: false,
  };
}

const owner = { apiVersion: 'v1', kind: 'Node', name: 'mynode', uid: 'mynode-uid', controller: true };
const container = { name: 'c', image: 'i' };
const meta = { name: 'p', namespace: 'ns', uid: 'p-uid' };

function pod(node: string, spec: object = {}, metadata: object = {}): object {
  const status = { phase: 'Running' };
  return { metadata: { ...meta, ...metadata }, spec: { nodeName: node, containers: [container], ...spec }, status };
}

function mirror(spec: object = {}, metadata: object = {}): object {
  const annotations = { 'kubernetes.io/config.mirror': 'h' };
  return pod('mynode', spec, { annotations, ownerReferences: [owner], ...metadata });
}

function volume(source: object): object {
  return { volumes: [{ name: 'v', ...source }] };
}

const denying: Authorizer = { authorize: () => ({ allowed: false, reason: '' }) };
/** Allows `mynode` to ask for tokens of the account `builder` for `registry`. */
const registry: Authorizer = {
  authorize: async ({ verb, resource, name, namespace }) => ({
    allowed:
      verb === 'request-serviceaccounts-token-audience' && `${resource} ${namespace}/${name}` === 'registry ns/builder',
    reason: '',
  }),
};

async function refusalOf(request: AdmissionRequest, authorizer: Authorizer = denying): Promise<string | undefined> {
  const client = fakeClient();
  client.put(Node, { metadata: { name: 'mynode', uid: 'mynode-uid' } });
  const put = (name: string, of: object): unknown =>
    client.put(Pod, { ...of, metadata: { ...meta, name, uid: `${name}-uid` } });
  put(
    'mine',
    pod('mynode', volume({ projected: { sources: [{ serviceAccountToken: { path: 't', audience: 'foo' } }] } })),
  );
  put('plain', pod('mynode', volume({ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } })));
  put('other', pod('othernode'));
  put('inline', pod('mynode', volume({ csi: { driver: 'known.example' } })));
  put('lost', pod('mynode', volume({ csi: { driver: 'lost.example' } })));
  put('claimed', pod('mynode', volume({ persistentVolumeClaim: { claimName: 'claim' } })));
  put('adrift', pod('mynode', volume({ persistentVolumeClaim: { claimName: 'gone' } })));
  put('fleeting', pod('mynode', volume({ ephemeral: {} })));
  client.put(CSIDriver, {
    metadata: { name: 'known.example' },
    spec: { tokenRequests: [{ audience: 'foo' }] },
  });
  for (const name of ['claim', 'fleeting-v'])
    client.put(PersistentVolumeClaim, { metadata: { name, namespace: 'ns' }, spec: { volumeName: 'pv' } });
  client.put(PersistentVolume, { metadata: { name: 'pv' }, spec: { csi: { driver: 'known.example' } } });
  try {
    await nodeRestriction.admit?.(request, cachedContext(client, authorizer));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

type Row = readonly [what: string, request: AdmissionRequest, refusal?: string | undefined];

function table(rows: readonly Row[]): void {
  for (const [what, request, refusal] of rows) test(what, async () => expect(await refusalOf(request)).toBe(refusal));
}

describe('mirror pods', () => {
  const cannot = (what: string): string =>
    `pods "p" is forbidden: node "mynode" can not create pods that reference ${what}`;
  const owned = (rest: string): string => `pods "p" is forbidden: node "mynode" ${rest}`;
  const create = (object: object): AdmissionRequest => asked(Pod, object);
  table([
    ['of its own are created', create(mirror())],
    [
      'are all that it creates',
      create(pod('mynode')),
      'pods "p" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "mynode" can only create mirror pods',
    ],
    [
      'of others are not',
      create({ ...mirror(), spec: { nodeName: 'othernode', containers: [] } }),
      owned('can only create pods with spec.nodeName set to itself'),
    ],
    [
      'have an owner',
      create(mirror({}, { ownerReferences: [] })),
      owned('can only create pods with an owner reference set to itself'),
    ],
    [
      'have one owner',
      create(mirror({}, { ownerReferences: [owner, owner] })),
      owned('can only create pods with a single owner reference set to itself'),
    ],
    [
      'are owned by itself',
      create(mirror({}, { ownerReferences: [{ ...owner, name: 'other' }] })),
      owned('can only create pods with an owner reference set to itself'),
    ],
    [
      'are owned by a Node',
      create(mirror({}, { ownerReferences: [{ ...owner, kind: 'Pod' }] })),
      owned('can only create pods with an owner reference set to itself'),
    ],
    [
      'are owned by a v1 Node',
      create(mirror({}, { ownerReferences: [{ ...owner, apiVersion: 'v2' }] })),
      owned('can only create pods with an owner reference set to itself'),
    ],
    [
      'are controlled',
      create(mirror({}, { ownerReferences: [{ ...owner, controller: false }] })),
      owned('can only create pods with a controller owner reference set to itself'),
    ],
    [
      'do not hold their node',
      create(mirror({}, { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] })),
      owned('must not set blockOwnerDeletion on an owner reference'),
    ],
    [
      'know their node',
      create(mirror({}, { ownerReferences: [{ ...owner, uid: 'x' }] })),
      'pods "p" is forbidden: node mynode UID mismatch: expected x got mynode-uid',
    ],
    ['have no account', create(mirror({ serviceAccountName: 'a' })), cannot('a service account')],
    ['have no secret', create(mirror(volume({ secret: { secretName: 's' } }))), cannot('secrets')],
    ['have no pull secret', create(mirror({ imagePullSecrets: [{ name: 's' }] })), cannot('secrets')],
    [
      'have no config map',
      create(mirror({ containers: [{ ...container, envFrom: [{ configMapRef: { name: 'c' } }] }] })),
      cannot('configmaps'),
    ],
    [
      'have no bundle',
      create(mirror(volume({ projected: { sources: [{ clusterTrustBundle: { path: 'b' } }] } }))),
      cannot('clustertrustbundles'),
    ],
    [
      'have no certificate',
      create(
        mirror(volume({ projected: { sources: [{ podCertificate: { signerName: 'a.b/c', keyType: 'ED25519' } }] } })),
      ),
      cannot('podcertificates'),
    ],
    [
      'have no claim',
      create(mirror(volume({ persistentVolumeClaim: { claimName: 'c' } }))),
      cannot('persistentvolumeclaims'),
    ],
    [
      'have no resource claim',
      create(mirror({ resourceClaims: [{ name: 'r', resourceClaimName: 'r' }] })),
      cannot('resourceclaims'),
    ],
    [
      'are not changed',
      asked(Pod, mirror(), { operation: 'UPDATE', old: mirror() }),
      'pods "p" is forbidden: unexpected operation "UPDATE", node "mynode" can only create and delete mirror pods',
    ],
  ]);
});

describe('pods', () => {
  const status = (old: object, object: object): AdmissionRequest =>
    asked(Pod, object, { operation: 'UPDATE', subresource: 'status', old });
  const gone = { operation: 'DELETE', name: 'p' } as const;
  table([
    ['of its own are deleted', asked(Pod, undefined, { ...gone, old: pod('mynode') })],
    [
      'of others are not',
      asked(Pod, undefined, { ...gone, old: pod('othernode') }),
      'pods "p" is forbidden: node "mynode" can only delete pods with spec.nodeName set to itself',
    ],
    ['that are not there', asked(Pod, undefined, { operation: 'DELETE', name: 'nowhere' }), 'pods "nowhere" not found'],
    ['of its own have a status', status(pod('mynode'), pod('mynode'))],
    [
      'of others have none of it',
      status(pod('othernode'), pod('mynode')),
      'pods "p" is forbidden: node "mynode" can only update pod status for pods with spec.nodeName set to itself',
    ],
    [
      'keep their labels',
      status(pod('mynode'), pod('mynode', {}, { labels: { a: 'b' } })),
      'pods "p" is forbidden: node "mynode" cannot update labels through pod status',
    ],
    [
      'keep their claims',
      status(pod('mynode'), {
        ...pod('mynode'),
        status: { resourceClaimStatuses: [{ name: 'a', resourceClaimName: 'b' }] },
      }),
      'pods "p" is forbidden: node "mynode" cannot update resource claim statues',
    ],
    [
      'of its own are evicted',
      asked(Pod, undefined, { operation: 'DELETE', name: 'p', subresource: 'eviction', old: pod('mynode') }),
    ],
    [
      'of others stay',
      asked(Pod, undefined, { operation: 'DELETE', name: 'p', subresource: 'eviction', old: pod('othernode') }),
      'pods "p" is forbidden: node mynode can only evict pods with spec.nodeName set to itself',
    ],
    [
      'are not bound',
      asked(Pod, pod('mynode'), { operation: 'UPDATE', name: 'p', subresource: 'binding', old: pod('') }),
      `pods "p" is forbidden: unexpected pod subresource "binding", only 'status' and 'eviction' are allowed`,
    ],
  ]);
});

describe('nodes', () => {
  const node = (metadata: object = {}, spec: object = {}): object => ({
    metadata: { name: 'mynode', ...metadata },
    spec,
  });
  const update = (object: object, old: object = node()): AdmissionRequest =>
    asked(Node, object, { operation: 'UPDATE', name: 'mynode', old });
  const labelled = (...names: string[]): object =>
    node({ labels: Object.fromEntries(names.map((name) => [name, 'x'])) });
  const no = (reason: string): string => `nodes "mynode" is forbidden: ${reason}`;
  const source = { configSource: { configMap: { name: 'c', namespace: 'n', kubeletConfigKey: 'k' } } };
  table([
    [
      'register themselves',
      asked(
        Node,
        labelled(
          'kubernetes.io/hostname',
          'node.kubernetes.io/x',
          'a.kubelet.kubernetes.io/y',
          'example.com/z',
          'plain',
        ),
      ),
    ],
    [
      'register no others',
      asked(Node, { metadata: { name: 'x' }, spec: {} }),
      'nodes "x" is forbidden: node "mynode" is not allowed to modify node "x"',
    ],
    [
      'change no others',
      asked(Node, { metadata: { name: 'x' }, spec: {} }, { operation: 'UPDATE', name: 'x' }),
      'nodes "x" is forbidden: node "mynode" is not allowed to modify node "x"',
    ],
    ['come with taints', asked(Node, node({}, { taints: [{ key: 'a', effect: 'NoSchedule' }] }))],
    [
      'have no config source',
      asked(Node, node({}, source)),
      no('node "mynode" is not allowed to create pods with a non-nil configSource'),
    ],
    [
      'get no config source',
      update(node({}, source)),
      no('node "mynode" is not allowed to update configSource to a new non-nil configSource'),
    ],
    [
      'keep their taints',
      update(node(), node({}, { taints: [{ key: 'a', effect: 'NoSchedule' }] })),
      no('node "mynode" is not allowed to modify taints'),
    ],
    [
      'keep their owners',
      update(node({ ownerReferences: [owner] })),
      no('node "mynode" is not allowed to modify ownerReferences'),
    ],
    [
      'set no restricted labels',
      asked(Node, labelled('node-restriction.kubernetes.io/a', 'x.node-restriction.kubernetes.io/b')),
      no(
        'node "mynode" is not allowed to set the following labels: node-restriction.kubernetes.io/a, x.node-restriction.kubernetes.io/b',
      ),
    ],
    [
      "set none of Kubernetes' own",
      asked(Node, labelled('node-role.kubernetes.io/control-plane', 'foo.k8s.io/x')),
      no(
        'node "mynode" is not allowed to set the following labels: foo.k8s.io/x, node-role.kubernetes.io/control-plane',
      ),
    ],
    [
      'remove no restricted labels',
      update(node(), labelled('node-restriction.kubernetes.io/a')),
      no('is not allowed to modify labels: node-restriction.kubernetes.io/a'),
    ],
    ['change other labels', update(labelled('topology.kubernetes.io/zone', 'mine'))],
    [
      'keep what others set',
      update(labelled('node-restriction.kubernetes.io/a'), labelled('node-restriction.kubernetes.io/a')),
    ],
  ]);
});

describe('leases, CSINodes, slices, claims and certificates', () => {
  const named = (name: string): object => ({ metadata: { name } });
  const lease = 'kube-node-lease';
  const leases = {
    group: 'coordination.k8s.io',
    version: 'v1',
    plural: 'leases',
    qualified: 'leases.coordination.k8s.io',
  };
  const slice = (nodeName?: string): object => ({ metadata: { name: 's' }, spec: { nodeName } });
  const claim = (status: object, metadata: object = {}): object => ({
    metadata: { name: 'c', namespace: 'ns', ...metadata },
    spec: {},
    status,
  });
  const claimStatus = (object: object): AdmissionRequest =>
    asked(PersistentVolumeClaim, object, {
      operation: 'UPDATE',
      name: 'c',
      subresource: 'status',
      old: claim({ phase: 'Bound' }),
    });
  table([
    ['its lease', asked(leases, named('mynode'), { namespace: lease })],
    [
      'a lease elsewhere',
      asked(leases, named('mynode')),
      'leases.coordination.k8s.io "mynode" is forbidden: can only access leases in the "kube-node-lease" system namespace',
    ],
    [
      'a lease of others',
      asked(leases, named('x'), { namespace: lease }),
      'leases.coordination.k8s.io "x" is forbidden: can only access node lease with the same name as the requesting node',
    ],
    [
      'the end of a lease of others',
      asked(leases, undefined, { namespace: lease, operation: 'DELETE', name: 'x' }),
      'leases.coordination.k8s.io "x" is forbidden: can only access node lease with the same name as the requesting node',
    ],
    ['its CSINode', asked(CSINode, named('mynode'))],
    [
      'a CSINode of others',
      asked(CSINode, named('x')),
      'csinodes.storage.k8s.io "x" is forbidden: can only access CSINode with the same name as the requesting node',
    ],
    ['its slice', asked(ResourceSlice, slice('mynode'))],
    [
      'a slice of others',
      asked(ResourceSlice, slice('x')),
      'resourceslices.resource.k8s.io "s" is forbidden: can only create ResourceSlice with the same NodeName as the requesting node',
    ],
    [
      'the end of a slice of all',
      asked(ResourceSlice, undefined, { operation: 'DELETE', name: 's', old: slice() }),
      'resourceslices.resource.k8s.io "s" is forbidden: can only delete ResourceSlice with the same NodeName as the requesting node',
    ],
    ["a claim's capacity", claimStatus(claim({ phase: 'Bound', capacity: { storage: '2Gi' }, conditions: [] }))],
    [
      "a claim's labels",
      claimStatus(claim({ phase: 'Bound' }, { labels: { a: 'b' } })),
      'persistentvolumeclaims "c" is forbidden: node "mynode" is not allowed to update fields other than status.quantity and status.conditions',
    ],
    [
      'a claim',
      asked(PersistentVolumeClaim, claim({})),
      'persistentvolumeclaims "c" is forbidden: may only update PVC status',
    ],
    ['anything else', asked(ConfigMap, named('x'))],
    ['anything, as somebody else', asked(Node, named('x'), { user: { name: 'ann', groups: ['system:nodes'] } })],
    [
      'anything, as no node',
      asked(Node, named('x'), { user: { ...kubelet, name: 'system:node:' } }),
      'nodes "x" is forbidden: could not determine node from user "system:node:"',
    ],
  ]);
});

test.each([
  ['system:node:mynode', 'kubernetes.io/kubelet-serving', undefined],
  ['system:node:mynode', 'kubernetes.io/kube-apiserver-client-kubelet', undefined],
  ['somebody', 'kubernetes.io/kube-apiserver-client', undefined],
  [
    'system:node:othernode',
    'kubernetes.io/kubelet-serving',
    'certificatesigningrequests.certificates.k8s.io "r" is forbidden: can only create a node CSR with CN=system:node:mynode',
  ],
])('a request for a certificate of %s by %s', async (commonName, signerName, refusal) => {
  const { request: pem } = await createCertificateRequest({ commonName });
  const request = Buffer.from(pem).toString('base64');
  const object = { metadata: { name: 'r' }, spec: { signerName, request, usages: [] } };
  expect(await refusalOf(asked(CertificateSigningRequest, object))).toBe(refusal);
});

describe('tokens', () => {
  const token = (
    name: string,
    audiences: readonly string[] = [],
    reference: object = {},
    account = 'sa',
  ): AdmissionRequest => ({
    ...asked(
      ServiceAccount,
      {
        spec: { audiences, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid: `${name}-uid`, ...reference } },
      },
      { subresource: 'token', name: account },
    ),
    objectKind: TokenRequest,
  });
  const no = (reason: string): string => `serviceaccounts "sa" is forbidden: ${reason}`;
  table([
    ['of its pods', token('plain')],
    ['for the audience of a volume', token('mine', ['foo'])],
    ['for the audience of a driver', token('inline', ['foo'])],
    ["for the audience of a claim's driver", token('claimed', ['foo'])],
    ["for the audience of a claim's driver that comes and goes with the pod", token('fleeting', ['foo'])],
    ['of no pod', token('mine', [], { kind: 'Secret' }), no('node requested token not bound to a pod')],
    [
      'of a pod without identity',
      token('mine', [], { uid: '' }),
      no('node requested token with a pod binding without a uid'),
    ],
    [
      'of a pod that was',
      token('mine', [], { uid: 'x' }),
      no(
        'the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
      ),
    ],
    ['of a pod of others', token('other'), no('node requested token bound to a pod scheduled on a different node')],
    ['of a pod that is not there', token('nowhere'), 'pods "nowhere" not found'],
    ['for two audiences', token('mine', ['foo', 'bar']), no('node may only request 0 or 1 audiences')],
    [
      'for an audience that nobody names',
      token('mine', ['bar']),
      no(
        'audience "bar" not found in pod spec volume, system:node:mynode is not authorized to request tokens for this audience',
      ),
    ],
    [
      'with a driver that is not there',
      token('lost', ['foo']),
      no('error validating audience "foo": csidriver.storage.k8s.io "lost.example" not found'),
    ],
    [
      'with a claim that is not there',
      token('adrift', ['foo']),
      no('error validating audience "foo": persistentvolumeclaim "gone" not found'),
    ],
  ]);
  test('for an audience that an authorizer allows', async () => {
    expect(await refusalOf(token('mine', ['registry'], {}, 'builder'), registry)).toBeUndefined();
    expect(await refusalOf(token('mine', ['registry']), registry)).toContain('is not authorized to request tokens');
  });
});
