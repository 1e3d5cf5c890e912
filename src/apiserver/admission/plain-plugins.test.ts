/** What each plug-in that needs to be told nothing changes, allows and refuses, in upstream's words. */
import { describe, expect, test } from 'vitest';
import { Binding } from '../../api/core/binding.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Node } from '../../api/core/node.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { IngressClass } from '../../api/networking/ingress-class.ts';
import { Ingress } from '../../api/networking/ingress.ts';
import { RuntimeClass } from '../../api/node/runtime-class.ts';
import { PriorityClass } from '../../api/scheduling/priority-class.ts';
import { StorageClass } from '../../api/storage/storage-class.ts';
import { decodeObject } from '../../machinery/decode.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { AdmissionRequest } from '../ports.ts';
import { cachedContext } from '../testing/admission-context.ts';
import { requestFor, runPlugin } from '../testing/admission-request.ts';
import type { RequestTraits } from '../testing/admission-request.ts';
import { fakeClient } from '../testing/fake-client.ts';
import { plainPlugins } from './plain-plugins.ts';

/** A name; the request; part of the object as the plug-in leaves it, or the sentence with which it refuses. */
type Case = readonly [name: string, request: AdmissionRequest, outcome: object | string];

const client = fakeClient();
const context = cachedContext(client);

function cases(plugin: string, table: readonly Case[]): void {
  const found = plainPlugins.find(({ name }) => name === plugin)!;
  test.each(table)(`${plugin}: %s`, async (_, request, outcome) => {
    const result = runPlugin(found, request, context);
    await (typeof outcome === 'string'
      ? expect(result).rejects.toThrow(outcome)
      : expect(result).resolves.toMatchObject(outcome));
  });
}

const stored = <T extends ApiObject>(resource: Resource<T, never> | Resource<T>, object: object): ApiObject =>
  decodeObject(resource as Resource, structuredClone(object)).object;

const pod = (spec: object = {}, traits: RequestTraits = {}): AdmissionRequest => requestFor(Pod, podOf(spec), traits);
const podOf = (spec: object): object => ({
  metadata: { name: 'p', namespace: 'ns' },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});

describe('storage', () => {
  const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const classOf = (name: string, metadata: object, more: object = {}): void =>
    void client.put(StorageClass, { metadata: { name, ...metadata }, provisioner: 'p', ...more });
  classOf('old', { annotations: isDefault, creationTimestamp: '2026-01-01T00:00:00Z' });
  classOf('new-b', { annotations: isDefault, creationTimestamp: '2026-02-01T00:00:00Z' });
  classOf('new-a', {
    annotations: { 'storageclass.beta.kubernetes.io/is-default-class': 'true' },
    creationTimestamp: '2026-02-01T00:00:00Z',
  });
  classOf('plain', { creationTimestamp: '2026-03-01T00:00:00Z' });
  classOf('growing', { creationTimestamp: '2026-01-01T00:00:00Z' }, { allowVolumeExpansion: true });
  const claimOf = (spec: object, more: object = {}): object => ({ metadata: { name: 'data' }, spec, ...more });
  const claim = (spec: object, traits?: RequestTraits): AdmissionRequest =>
    requestFor(PersistentVolumeClaim, claimOf(spec), traits);

  cases('DefaultStorageClass', [
    ['the youngest default, the first by name', claim({}), { spec: { storageClassName: 'new-a' } }],
    ['a class that is named stays', claim({ storageClassName: 'plain' }), { spec: { storageClassName: 'plain' } }],
    ['so does the wish for none', claim({ storageClassName: '' }), { spec: { storageClassName: '' } }],
    [
      'an update is left alone',
      claim({}, { operation: 'UPDATE' }),
      { spec: expect.not.objectContaining({ storageClassName: expect.anything() }) },
    ],
  ]);

  cases('StorageObjectInUseProtection', [
    ['claims', claim({}), { metadata: { finalizers: ['kubernetes.io/pvc-protection'] } }],
    [
      'volumes, besides what they have',
      requestFor(PersistentVolume, { metadata: { name: 'v', finalizers: ['a/b'] } }),
      { metadata: { finalizers: ['a/b', 'kubernetes.io/pv-protection'] } },
    ],
    [
      'not twice',
      requestFor(PersistentVolumeClaim, { metadata: { name: 'c', finalizers: ['kubernetes.io/pvc-protection'] } }),
      { metadata: { finalizers: ['kubernetes.io/pvc-protection'] } },
    ],
  ]);

  const sized = (storage: string, storageClassName = 'growing'): object => ({
    storageClassName,
    resources: { requests: { storage } },
  });
  const resized = (spec: object, before: object, phase = 'Bound'): AdmissionRequest =>
    claim(spec, {
      operation: 'UPDATE',
      old: stored(PersistentVolumeClaim, claimOf(before, { status: { phase } })),
    });
  const unsupported =
    'persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
  cases('PersistentVolumeClaimResize', [
    ['a class that lets grow', resized(sized('2Gi'), sized('1Gi')), {}],
    ['no growth', resized(sized('1024Mi', 'plain'), sized('1Gi', 'plain')), {}],
    [
      'a claim that has no volume',
      resized(sized('2Gi'), sized('1Gi'), 'Pending'),
      'persistentvolumeclaims "data" is forbidden: Only bound persistent volume claims can be expanded',
    ],
    ['a class that does not', resized(sized('2Gi', 'plain'), sized('1Gi', 'plain')), unsupported],
    ['no class', resized(sized('2Gi', ''), sized('1Gi', '')), unsupported],
    ['a class that is gone', resized(sized('2Gi', 'gone'), sized('1Gi', 'gone')), unsupported],
  ]);
});

describe('network', () => {
  client.put(IngressClass, {
    metadata: { name: 'web', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
  });
  const ingress = (spec: object, annotations?: object): AdmissionRequest =>
    requestFor(Ingress, { metadata: { name: 'i', annotations }, spec });
  const unset = { spec: expect.not.objectContaining({ ingressClassName: expect.anything() }) };
  cases('DefaultIngressClass', [
    ['the default', ingress({}), { spec: { ingressClassName: 'web' } }],
    ['another', ingress({ ingressClassName: 'x' }), { spec: { ingressClassName: 'x' } }],
    ['by the annotation', ingress({}, { 'kubernetes.io/ingress.class': 'x' }), unset],
  ]);

  const service = (externalIPs: readonly string[] | undefined, before?: readonly string[]): AdmissionRequest => {
    const of = (addresses: readonly string[] | undefined): object => ({
      metadata: { name: 's' },
      spec: { externalIPs: addresses, ports: [{ port: 80 }] },
    });
    return requestFor(
      Service,
      of(externalIPs),
      before ? { operation: 'UPDATE', old: stored(Service, of(before)) } : {},
    );
  };
  const denied = 'services "s" is forbidden: Use of external IPs is denied by admission control';
  cases('DenyServiceExternalIPs', [
    ['none', service(undefined), {}],
    ['a new Service', service(['192.0.2.1']), denied],
    ['one more', service(['192.0.2.1', '192.0.2.2'], ['192.0.2.1']), denied],
    ['what is there already', service(['192.0.2.1'], ['192.0.2.1', '192.0.2.2']), {}],
    ['fewer', service([], ['192.0.2.1']), {}],
  ]);
});

describe('pods', () => {
  const scheduling = {
    nodeSelector: { runtime: 'vm' },
    tolerations: [{ key: 'vm', operator: 'Exists', effect: 'NoSchedule' }],
  };
  client.put(RuntimeClass, {
    metadata: { name: 'vm' },
    handler: 'vm',
    overhead: { podFixed: { cpu: '250m', memory: '120Mi' } },
    scheduling,
  });
  client.put(RuntimeClass, { metadata: { name: 'plain' }, handler: 'plain' });
  const mismatch =
    "pods \"p\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
  cases('RuntimeClass', [
    [
      'overhead, nodes and tolerations',
      pod({ runtimeClassName: 'vm', nodeSelector: { disk: 'ssd' } }),
      {
        spec: {
          overhead: { cpu: '250m', memory: '120Mi' },
          nodeSelector: { disk: 'ssd', runtime: 'vm' },
          tolerations: scheduling.tolerations,
        },
      },
    ],
    ['the same overhead', pod({ runtimeClassName: 'vm', overhead: { cpu: '0.25', memory: '120Mi' } }), {}],
    ['another overhead', pod({ runtimeClassName: 'vm', overhead: { cpu: '1' } }), mismatch],
    [
      'overhead without a class',
      pod({ overhead: { cpu: '1' } }),
      'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    ],
    [
      'overhead of a class without',
      pod({ runtimeClassName: 'plain', overhead: { cpu: '1' } }),
      'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    ],
    [
      'other nodes',
      pod({ runtimeClassName: 'vm', nodeSelector: { runtime: 'c' } }),
      'conflict: runtimeClass.scheduling.nodeSelector[runtime] = vm; pod.spec.nodeSelector[runtime] = c',
    ],
    [
      'a class that is not there',
      pod({ runtimeClassName: 'x' }),
      'pods "p" is forbidden: pod rejected: RuntimeClass "x" not found',
    ],
    ['no class', pod(), {}],
  ]);

  const priorityClass = (name: string, value: number, more: object = {}): object =>
    client.put(PriorityClass, { metadata: { name }, value, ...more });
  priorityClass('low', -5, { preemptionPolicy: 'Never' });
  priorityClass('system-node-critical', 2_000_001_000, { preemptionPolicy: 'PreemptLowerPriority' });
  priorityClass('usual', 7, { globalDefault: true });
  const old = stored(Pod, podOf({ priority: 9, preemptionPolicy: 'Never' }));
  const newClass = (name: string, traits?: RequestTraits): AdmissionRequest =>
    requestFor(PriorityClass, { metadata: { name }, value: 1, globalDefault: true }, traits);
  cases('Priority', [
    ['its class', pod({ priorityClassName: 'low' }), { spec: { priority: -5, preemptionPolicy: 'Never' } }],
    ['of the system', pod({ priorityClassName: 'system-node-critical' }), { spec: { priority: 2_000_001_000 } }],
    ['the default class', pod(), { spec: { priorityClassName: 'usual', priority: 7 } }],
    ['the right number', pod({ priorityClassName: 'low', priority: -5 }), {}],
    [
      'another number',
      pod({ priorityClassName: 'low', priority: 5 }),
      'pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed -5 from the given PriorityClass name',
    ],
    [
      'another policy',
      pod({ priorityClassName: 'low', preemptionPolicy: 'PreemptLowerPriority' }),
      'the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
    ],
    [
      'a class that is not there',
      pod({ priorityClassName: 'x' }),
      'pods "p" is forbidden: no PriorityClass with name x was found',
    ],
    [
      'an update that says nothing',
      pod({}, { operation: 'UPDATE', old }),
      { spec: { priority: 9, preemptionPolicy: 'Never' } },
    ],
    [
      'a second default class',
      newClass('other'),
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    ],
    ['the default class itself', newClass('usual', { operation: 'UPDATE' }), {}],
  ]);

  client.put(Node, {
    metadata: {
      name: 'n1',
      labels: {
        'topology.kubernetes.io/zone': 'z',
        'topology.kubernetes.io/region': 'r',
        'topology.kubernetes.io/rack': 'k',
        'kubernetes.io/os': 'linux',
      },
    },
    status: { allocatable: { cpu: '2', memory: '1Gi' } },
  });
  client.put(Node, { metadata: { name: 'n2' }, status: { allocatable: { cpu: '2', memory: '1Gi' } } });
  const binding = (node: string, labels?: object): AdmissionRequest =>
    requestFor(
      Pod,
      { metadata: { name: 'p', labels }, target: { kind: 'Node', name: node } },
      { kind: Binding as unknown as Resource, subresource: 'binding', name: 'p' },
    );
  const zone = { 'topology.kubernetes.io/zone': 'z', 'topology.kubernetes.io/region': 'r' };
  cases('PodTopologyLabels', [
    ['a binding', binding('n1'), { metadata: { labels: zone } }],
    [
      'what it says itself stays',
      binding('n1', { 'topology.kubernetes.io/zone': 'own' }),
      { metadata: { labels: { ...zone, 'topology.kubernetes.io/zone': 'own' } } },
    ],
    ['a pod with a node', pod({ nodeName: 'n1' }), { metadata: { labels: zone } }],
    ['a node that is not there', binding('n9'), {}],
    ['a pod without a node', pod(), { metadata: expect.not.objectContaining({ labels: expect.anything() }) }],
  ]);

  const resize = (nodeName: string, requests: object): AdmissionRequest => {
    const containers = [{ name: 'c', image: 'i', resources: { requests } }];
    const request = pod({ nodeName, containers }, { operation: 'UPDATE', subresource: 'resize', old });
    Object.assign(request.object!['metadata'] as object, { generation: 2 });
    return request;
  };
  cases('PodResizeValidator', [
    ['what the node has', resize('n1', { cpu: '2', memory: '1Gi' }), {}],
    [
      'more than it has',
      resize('n1', { cpu: '2500m', memory: '2Gi' }),
      'pods "p" is forbidden: Node didn\'t have enough allocatable resources: cpu, requested: 2500, allocatable: 2000; memory, requested: 2147483648, allocatable: 1073741824',
    ],
    ['a node that is not there', resize('n9', {}), 'node "n9" not found'],
    ['another system', resize('n2', {}), 'pod resize is only supported on linux nodes, node "n2" is ""'],
  ]);

  const containers = [{ name: 'c', image: 'i:1', imagePullPolicy: 'Never' }];
  cases('AlwaysPullImages', [
    [
      'every container, and images as volumes',
      pod({ containers, initContainers: containers, volumes: [{ name: 'v', image: { reference: 'i' } }] }),
      {
        spec: {
          containers: [{ imagePullPolicy: 'Always' }],
          initContainers: [{ imagePullPolicy: 'Always' }],
          volumes: [{ image: { pullPolicy: 'Always' } }],
        },
      },
    ],
    [
      'an update without new images',
      pod({ containers }, { operation: 'UPDATE', old: stored(Pod, podOf({ containers })) }),
      { spec: { containers: [{ imagePullPolicy: 'Never' }] } },
    ],
  ]);

  const anti = (topologyKey: string): AdmissionRequest =>
    pod({
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey }] } },
    });
  cases('LimitPodHardAntiAffinityTopology', [
    ['nodes', anti('kubernetes.io/hostname'), {}],
    [
      'zones',
      anti('zone'),
      'pods "p" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed',
    ],
  ]);

  const asking = { containers: [{ name: 'c', resources: { requests: { cpu: '1', 'b.io/x': '1', 'a.io/y': '1' } } }] };
  const tolerated = (key: string): object => ({ key, operator: 'Exists', effect: 'NoSchedule' });
  cases('ExtendedResourceToleration', [
    ['what is asked for', pod(asking), { spec: { tolerations: [tolerated('a.io/y'), tolerated('b.io/x')] } }],
    [
      'once',
      pod({ ...asking, tolerations: [tolerated('b.io/x')] }),
      { spec: { tolerations: [tolerated('b.io/x'), tolerated('a.io/y')] } },
    ],
  ]);
});

describe('namespaces', () => {
  client.put(Namespace, { metadata: { name: 'ns' } });
  const map = (namespace: string, traits: RequestTraits = {}): AdmissionRequest =>
    requestFor(ConfigMap, { metadata: { name: 'm' } }, { namespace, ...traits });
  cases('NamespaceExists', [
    ['one that is there', map('ns'), {}],
    ['one that is not', map('nowhere'), 'namespaces "nowhere" not found'],
    ['not even to delete', map('nowhere', { operation: 'DELETE' }), 'namespaces "nowhere" not found'],
    ['what is in none', requestFor(Node, { metadata: { name: 'n' } }), {}],
  ]);

  test('NamespaceAutoProvision: a namespace is made for what is created, but for no dry run', async () => {
    const plugin = plainPlugins.find(({ name }) => name === 'NamespaceAutoProvision')!;
    await runPlugin(plugin, map('dry', { dryRun: true }), context);
    await runPlugin(plugin, map('made'), context);
    await runPlugin(plugin, map('made'), context);
    expect(context.objects(Namespace).map(({ metadata }) => metadata.name)).toEqual(['ns', 'made']);
  });

  cases('AlwaysDeny', [
    ['everything', map('ns'), 'configmaps "m" is forbidden: admission control is denying all modifications'],
  ]);
});
