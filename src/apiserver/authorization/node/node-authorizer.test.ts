import { describe, expect, test } from 'vitest';
import { Namespace } from '../../../api/core/namespace.ts';
import type { PersistentVolume } from '../../../api/core/persistent-volume.ts';
import { Pod } from '../../../api/core/pod.ts';
import type { Pod as PodObject } from '../../../api/core/pod.ts';
import type { RequestAttributes, User } from '../../ports.ts';
import { testServer } from '../../testing/test-server.ts';
import { pathAttributes, resourceAttributes } from '../attributes.ts';
import { componentRoles } from '../bootstrap-component-roles.ts';
import { followNodeObjects } from './follow-node-objects.ts';
import { createNodeAuthorizer } from './node-authorizer.ts';
import { NodeGraph } from './node-graph.ts';

const kubelet: User = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
const rules = componentRoles['system:node'] ?? [];

function podOn(nodeName: string, spec: object = {}, more: object = {}): PodObject {
  const metadata = { name: `on-${nodeName}`, namespace: 'ns', uid: `uid-${nodeName}` };
  return { metadata, spec: { nodeName, containers: [], ...spec }, status: {}, ...more } as unknown as PodObject;
}

const full = podOn(
  'n1',
  {
    serviceAccountName: 'sa',
    imagePullSecrets: [{ name: 'pull' }],
    initContainers: [
      { name: 'i', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'env-secret', key: 'k' } } }] },
    ],
    containers: [
      {
        name: 'c',
        envFrom: [{ configMapRef: { name: 'env-map' } }, { secretRef: { name: 'from-secret' } }],
        env: [{ name: 'B', valueFrom: { configMapKeyRef: { name: 'key-map', key: 'k' } } }],
      },
    ],
    ephemeralContainers: [{ name: 'e', envFrom: [{ secretRef: { name: 'debug-secret' } }] }],
    volumes: [
      { name: 'a', secret: { secretName: 'vol-secret' } },
      { name: 'b', configMap: { name: 'vol-map' } },
      { name: 'c', projected: { sources: [{ secret: { name: 'proj-secret' } }, { configMap: { name: 'proj-map' } }] } },
      { name: 'd', csi: { driver: 'x', nodePublishSecretRef: { name: 'csi-secret' } } },
      { name: 'e', azureFile: { secretName: 'azure-secret', shareName: 's' } },
      { name: 'f', iscsi: { secretRef: { name: 'iscsi-secret' } } },
      { name: 'g', persistentVolumeClaim: { claimName: 'claim' } },
      { name: 'h', ephemeral: {} },
    ],
    resourceClaims: [
      { name: 'direct', resourceClaimName: 'claim-a' },
      { name: 'made', resourceClaimTemplateName: 't' },
    ],
  },
  {
    status: {
      resourceClaimStatuses: [{ name: 'made', resourceClaimName: 'claim-b' }],
      extendedResourceClaimStatus: { resourceClaimName: 'claim-c' },
    },
  },
);

function volume(claim: string | undefined): PersistentVolume {
  const csi = {
    driver: 'x',
    volumeHandle: 'h',
    nodeStageSecretRef: { name: 'stage', namespace: 'other' },
    controllerPublishSecretRef: { name: 'controller', namespace: 'other' },
  };
  const claimRef = claim === undefined ? {} : { claimRef: { namespace: 'ns', name: claim } };
  return { metadata: { name: 'pv' }, spec: { csi, ...claimRef } } as unknown as PersistentVolume;
}

function filled(): NodeGraph {
  const graph = new NodeGraph();
  graph.putPod(full);
  graph.putPod(podOn('n2', { volumes: [{ name: 'a', secret: { secretName: 'foreign' } }] }));
  graph.putVolume(volume('claim'));
  graph.putOwned('volumeattachments', 'mine', 'n1');
  graph.putOwned('volumeattachments', 'theirs', 'n2');
  graph.putOwned('resourceslices', 'mine', 'n1');
  graph.putOwned('resourceslices', 'theirs', 'n2');
  graph.putOwned('podcertificaterequests', 'ns/mine', 'n1');
  graph.putOwned('podcertificaterequests', 'ns/theirs', 'n2');
  return graph;
}

type Question = Partial<RequestAttributes> & { readonly verb: string; readonly resource: string };
const ask = (question: Question): RequestAttributes => resourceAttributes(kubelet, question);
const inNs = { namespace: 'ns' };
const podCertificates = { resource: 'podcertificaterequests', group: 'certificates.k8s.io', ...inNs };

/** 'allowed', or the reason why there is no opinion. */
function judged(attributes: RequestAttributes, graph = filled()): string {
  const { allowed, reason } = createNodeAuthorizer(graph, rules).authorize(attributes);
  return allowed ? 'allowed' : reason;
}

const unrelated = "no relationship found between node 'n1' and this object";

describe('a kubelet', () => {
  const cases: readonly (readonly [question: Question, verdict: string])[] = [
    ...[
      'pull',
      'env-secret',
      'from-secret',
      'debug-secret',
      'vol-secret',
      'proj-secret',
      'csi-secret',
      'azure-secret',
      'iscsi-secret',
    ].map((name) => [{ verb: 'get', resource: 'secrets', name, ...inNs }, 'allowed'] as const),
    ...['env-map', 'key-map', 'vol-map', 'proj-map'].map(
      (name) => [{ verb: 'watch', resource: 'configmaps', name, ...inNs }, 'allowed'] as const,
    ),
    ...['claim-a', 'claim-b', 'claim-c'].map(
      (name) =>
        [{ verb: 'get', resource: 'resourceclaims', group: 'resource.k8s.io', name, ...inNs }, 'allowed'] as const,
    ),
    [{ verb: 'get', resource: 'secrets', name: 'foreign', ...inNs }, unrelated],
    [{ verb: 'get', resource: 'secrets', name: 'pull', namespace: 'elsewhere' }, unrelated],
    [{ verb: 'get', resource: 'secrets', name: 'stage', namespace: 'other' }, 'allowed'],
    [{ verb: 'get', resource: 'secrets', name: 'controller', namespace: 'other' }, unrelated],
    [{ verb: 'list', resource: 'secrets', ...inNs }, 'No Object name found'],
    [{ verb: 'list', resource: 'secrets' }, 'can only read namespaced object of this type'],
    [{ verb: 'update', resource: 'secrets', name: 'pull', ...inNs }, 'can only read resources of this type'],
    [{ verb: 'get', resource: 'configmaps', name: 'env-map', subresource: 'x', ...inNs }, 'cannot read subresource'],
    [{ verb: 'get', resource: 'persistentvolumeclaims', name: 'claim', ...inNs }, 'allowed'],
    [{ verb: 'get', resource: 'persistentvolumeclaims', name: 'on-n1-h', ...inNs }, 'allowed'],
    [{ verb: 'list', resource: 'persistentvolumeclaims', ...inNs }, 'can only get individual resources of this type'],
    [{ verb: 'patch', resource: 'persistentvolumeclaims', subresource: 'status', name: 'claim', ...inNs }, 'allowed'],
    [
      { verb: 'get', resource: 'persistentvolumeclaims', subresource: 'status', name: 'claim', ...inNs },
      'can only get/update/patch this type',
    ],
    [{ verb: 'get', resource: 'persistentvolumes', name: 'pv' }, 'allowed'],
    [{ verb: 'get', resource: 'persistentvolumes', name: 'pv', subresource: 'status' }, 'cannot get subresource'],
    [{ verb: 'get', resource: 'persistentvolumes', name: 'other' }, unrelated],
    [{ verb: 'get', resource: 'volumeattachments', group: 'storage.k8s.io', name: 'mine' }, 'allowed'],
    [{ verb: 'get', resource: 'volumeattachments', group: 'storage.k8s.io', name: 'theirs' }, unrelated],
    [{ verb: 'create', resource: 'serviceaccounts', subresource: 'token', name: 'sa', ...inNs }, 'allowed'],
    [{ verb: 'create', resource: 'serviceaccounts', subresource: 'token', name: 'other', ...inNs }, unrelated],
    [
      { verb: 'create', resource: 'serviceaccounts', name: 'sa', ...inNs },
      'can only create token subresource of serviceaccount',
    ],
    [{ verb: 'list', resource: 'serviceaccounts', ...inNs }, 'can only create tokens for individual service accounts'],
    [{ verb: 'get', resource: 'serviceaccounts', name: 'sa', ...inNs }, 'allowed'],
    [{ verb: 'get', resource: 'pods', name: 'on-n1', ...inNs }, 'allowed'],
    [{ verb: 'get', resource: 'pods', name: 'on-n2', ...inNs }, unrelated],
    [{ verb: 'list', resource: 'pods', fieldSelector: 'spec.nodeName=n1' }, 'allowed'],
    [{ verb: 'watch', resource: 'pods', fieldSelector: 'status.phase!=Failed,spec.nodeName==n1' }, 'allowed'],
    [
      { verb: 'watch', resource: 'pods', fieldSelector: 'spec.nodeName!=n1' },
      'can only list/watch pods with spec.nodeName field selector',
    ],
    [
      { verb: 'watch', resource: 'pods', fieldSelector: 'spec.nodeName=n2' },
      'can only list/watch pods with spec.nodeName field selector',
    ],
    [{ verb: 'list', resource: 'pods' }, 'can only list/watch pods with spec.nodeName field selector'],
    [{ verb: 'watch', resource: 'pods', name: 'on-n1', ...inNs }, 'allowed'],
    [{ verb: 'create', resource: 'pods', ...inNs }, 'allowed'],
    [{ verb: 'update', resource: 'pods', name: 'on-n1', ...inNs }, ''],
    [{ verb: 'patch', resource: 'pods', subresource: 'status', name: 'on-n1', ...inNs }, 'allowed'],
    [{ verb: 'create', resource: 'pods', subresource: 'eviction', name: 'on-n1', ...inNs }, 'allowed'],
    [{ verb: 'create', resource: 'pods', subresource: 'exec', name: 'on-n1', ...inNs }, ''],
    [{ verb: 'get', resource: 'nodes', name: 'n1' }, 'allowed'],
    [{ verb: 'get', resource: 'nodes', name: 'n2' }, "node 'n1' cannot read 'n2', only its own Node object"],
    [{ verb: 'list', resource: 'nodes' }, "node 'n1' cannot read all nodes, only its own Node object"],
    [{ verb: 'create', resource: 'nodes' }, 'allowed'],
    [{ verb: 'patch', resource: 'nodes', subresource: 'status', name: 'n1' }, 'allowed'],
    [{ verb: 'delete', resource: 'nodes', name: 'n1' }, ''],
    [{ verb: 'get', resource: 'nodes', subresource: 'proxy', name: 'n1' }, ''],
    [
      { verb: 'update', resource: 'leases', group: 'coordination.k8s.io', name: 'n1', namespace: 'kube-node-lease' },
      'allowed',
    ],
    [
      { verb: 'update', resource: 'leases', group: 'coordination.k8s.io', name: 'n2', namespace: 'kube-node-lease' },
      'can only access node lease with the same name as the requesting node',
    ],
    [
      { verb: 'update', resource: 'leases', group: 'coordination.k8s.io', name: 'n1', ...inNs },
      'can only access leases in the "kube-node-lease" system namespace',
    ],
    [
      { verb: 'list', resource: 'leases', group: 'coordination.k8s.io', namespace: 'kube-node-lease' },
      'can only get, create, update, patch, or delete a node lease',
    ],
    [{ verb: 'create', resource: 'csinodes', group: 'storage.k8s.io' }, 'allowed'],
    [
      { verb: 'get', resource: 'csinodes', group: 'storage.k8s.io', name: 'n2' },
      'can only access CSINode with the same name as the requesting node',
    ],
    [
      { verb: 'get', resource: 'csinodes', group: 'storage.k8s.io', name: 'n1', subresource: 'x' },
      'cannot authorize CSINode subresources',
    ],
    [
      { verb: 'list', resource: 'csinodes', group: 'storage.k8s.io' },
      'can only get, create, update, patch, or delete a CSINode',
    ],
    [{ verb: 'create', resource: 'resourceslices', group: 'resource.k8s.io' }, 'allowed'],
    [{ verb: 'delete', resource: 'resourceslices', group: 'resource.k8s.io', name: 'mine' }, 'allowed'],
    [{ verb: 'update', resource: 'resourceslices', group: 'resource.k8s.io', name: 'theirs' }, unrelated],
    [
      {
        verb: 'deletecollection',
        resource: 'resourceslices',
        group: 'resource.k8s.io',
        fieldSelector: 'spec.nodeName=n1',
      },
      'allowed',
    ],
    [
      { verb: 'list', resource: 'resourceslices', group: 'resource.k8s.io' },
      'can only list/watch/deletecollection resourceslices with nodeName field selector',
    ],
    ...['get', 'list', 'watch'].map(
      (verb) => [{ verb, resource: 'clustertrustbundles', group: 'certificates.k8s.io' }, 'allowed'] as const,
    ),
    [{ verb: 'create', resource: 'clustertrustbundles', group: 'certificates.k8s.io' }, ''],
    [{ verb: 'create', ...podCertificates }, 'allowed'],
    [{ verb: 'get', ...podCertificates, name: 'mine' }, 'allowed'],
    [{ verb: 'get', ...podCertificates, name: 'theirs' }, unrelated],
    [{ verb: 'get', ...podCertificates, namespace: 'elsewhere', name: 'mine' }, unrelated],
    ...['list', 'watch'].flatMap((verb): [Question, string][] => [
      [{ verb, ...podCertificates, fieldSelector: 'spec.nodeName=n1' }, 'allowed'],
      [
        { verb, ...podCertificates, fieldSelector: 'spec.nodeName=n2' },
        'can only list/watch podcertificaterequests with nodeName field selector',
      ],
    ]),
    ...['update', 'patch', 'delete', 'deletecollection'].map(
      (verb) => [{ verb, ...podCertificates, name: 'mine' }, `nodes may not ${verb} podcertificaterequests`] as const,
    ),
    [
      { verb: 'update', ...podCertificates, name: 'mine', subresource: 'status' },
      'nodes may not access the status subresource of PodCertificateRequests',
    ],
    [{ verb: 'list', resource: 'services' }, 'allowed'],
    [{ verb: 'create', resource: 'events', ...inNs }, 'allowed'],
    [{ verb: 'create', resource: 'subjectaccessreviews', group: 'authorization.k8s.io' }, 'allowed'],
    [{ verb: 'delete', resource: 'deployments', group: 'apps', ...inNs }, ''],
  ];
  test.each(cases.map(([question, verdict]) => ({ question, verdict })))(
    '$question.verb $question.resource/$question.subresource $question.name: $verdict',
    ({ question, verdict }) => expect(judged(ask(question))).toBe(verdict),
  );
});

test('others are not judged, and a node without a name is not known', () => {
  const authorizer = createNodeAuthorizer(filled(), rules);
  const question = { verb: 'list', resource: 'services' };
  const nobody = { allowed: false, reason: '' };
  expect(authorizer.authorize(resourceAttributes({ name: 'ann', groups: ['system:nodes'] }, question))).toEqual(nobody);
  expect(authorizer.authorize(resourceAttributes({ ...kubelet, groups: [] }, question))).toEqual(nobody);
  expect(authorizer.authorize(pathAttributes(kubelet, 'get', '/metrics'))).toEqual(nobody);
  const nameless = { ...kubelet, name: 'system:node:' };
  expect(authorizer.authorize(resourceAttributes(nameless, question)).reason).toBe(
    'unknown node for user "system:node:"',
  );
  expect(authorizer.rulesFor(kubelet, 'ns')).toEqual({
    rules: [],
    incomplete: true,
    errors: ['node authorizer does not support user rule resolution'],
  });
  expect(authorizer.rulesFor({ name: 'ann', groups: [] }, 'ns')).toMatchObject({ incomplete: false, errors: [] });
});

test('what no pod of a node refers to any more is out of its reach', () => {
  const graph = filled();
  const secret = ask({ verb: 'get', resource: 'secrets', name: 'shared', ...inNs });
  const using = (name: string): PodObject =>
    ({
      ...podOn('n1', { imagePullSecrets: [{ name: 'shared' }] }),
      metadata: { name, namespace: 'ns', uid: name },
    }) as PodObject;
  graph.putPod(using('a'));
  graph.putPod(using('b'));
  expect(judged(secret, graph)).toBe('allowed');
  graph.removePod({ namespace: 'ns', name: 'a' });
  expect(judged(secret, graph)).toBe('allowed');
  graph.removePod({ namespace: 'ns', name: 'b' });
  expect(judged(secret, graph)).toBe(unrelated);
  const staged = ask({ verb: 'get', resource: 'secrets', name: 'stage', namespace: 'other' });
  graph.putVolume(volume(undefined));
  expect(judged(staged, graph)).toBe(unrelated);
});

test('a mirror pod gives its node nothing to see', () => {
  const graph = new NodeGraph();
  const annotations = { 'kubernetes.io/config.mirror': 'h' };
  graph.putPod({ ...full, metadata: { ...full.metadata, annotations } });
  expect(judged(ask({ verb: 'get', resource: 'secrets', name: 'pull', ...inNs }), graph)).toBe(unrelated);
  expect(judged(ask({ verb: 'get', resource: 'pods', name: 'on-n1', ...inNs }), graph)).toBe('allowed');
});

test('a pod that is bound is known at once', async () => {
  const graph = new NodeGraph();
  await using server = await testServer({
    parts({ follow }) {
      followNodeObjects(graph, follow);
      return {};
    },
  });
  const { client } = server;
  await client.create(Namespace, { metadata: { name: 'ns' } });
  const containers = [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 's' } }] }];
  await client.create(Pod, { metadata: { name: 'p', namespace: 'ns' }, spec: { nodeName: 'n1', containers } });
  const secret = ask({ verb: 'get', resource: 'secrets', name: 's', ...inNs });
  expect(judged(secret, graph)).toBe('allowed');
  await client.delete(Pod, { namespace: 'ns', name: 'p' }, { gracePeriodSeconds: 0 });
  expect(judged(secret, graph)).toBe(unrelated);
});
