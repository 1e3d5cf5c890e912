/** What quotas say to single requests, in upstream's words; that they are exact is shown where their controller runs too. */
import { describe, expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Event } from '../../api/core/event.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { Service } from '../../api/core/service.ts';
import { ResourceClaim } from '../../api/resource/resource-claim.ts';
import { seededRandom } from '../../base/random.ts';
import { decodeObject } from '../../machinery/decode.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { AdmissionRequest } from '../ports.ts';
import { cachedContext } from '../testing/admission-context.ts';
import { requestFor, runPlugin } from '../testing/admission-request.ts';
import type { RequestTraits } from '../testing/admission-request.ts';
import { fakeClient } from '../testing/fake-client.ts';
import type { ResourceQuotaConfiguration } from './quota-limits.ts';
import { createResourceQuota } from './resource-quota.ts';

type Amounts = Readonly<Record<string, string>>;

/** Asks the plug-in, as a dry run, where this much is left of these resources. */
function ask(
  left: Amounts,
  request: AdmissionRequest,
  { spec = {}, configuration }: { readonly spec?: object; readonly configuration?: ResourceQuotaConfiguration } = {},
): Promise<unknown> {
  const client = fakeClient();
  const used = Object.fromEntries(Object.keys(left).map((name) => [name, '0']));
  if (Object.keys(left).length > 0) {
    client.put(ResourceQuota, {
      metadata: { name: 'q', namespace: 'ns' },
      spec: { hard: left, ...spec },
      status: { hard: left, used },
    });
  }
  const plugin = createResourceQuota(seededRandom(), configuration);
  return runPlugin(plugin, { ...request, dryRun: true }, cachedContext(client));
}

const stored = (resource: Resource, object: object): ApiObject =>
  decodeObject(resource, structuredClone(object)).object;
const podOf = (spec: object): object => ({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c' }], ...spec } });
const pod = (spec: object = {}, traits?: RequestTraits): AdmissionRequest => requestFor(Pod, podOf(spec), traits);
const asking = (requests: Amounts, limits?: Amounts): object => ({
  containers: [{ name: 'c', resources: { requests, ...(limits ? { limits } : {}) } }],
});
const exceeded = (kind: string, name: string, list: string): string => {
  const [requested = '', limited = ''] = list.split(' of ');
  const none = requested.replaceAll(/=[^,]+/g, '=0');
  return `${kind} "${name}" is forbidden: exceeded quota: q, requested: ${requested}, used: ${none}, limited: ${limited}`;
};

describe('what counts', () => {
  const service = (spec: object, traits?: RequestTraits): AdmissionRequest =>
    requestFor(Service, { metadata: { name: 's' }, spec: { ports: [{ port: 1 }, { port: 2 }], ...spec } }, traits);
  const claimOf = (storage: string, more: object = {}): object => ({
    metadata: { name: 'd' },
    spec: { resources: { requests: { storage } }, ...more },
  });
  const claim = (storage: string, more: object = {}, traits?: RequestTraits): AdmissionRequest =>
    requestFor(PersistentVolumeClaim, claimOf(storage, more), traits);
  const deployment = requestFor(Deployment, {
    metadata: { name: 'd' },
    spec: { selector: {}, template: { spec: { containers: [] } } },
  });
  const grown = (spec: object, before: object): AdmissionRequest =>
    pod(spec, { operation: 'UPDATE', subresource: 'resize', old: stored(Pod, podOf(before)) });

  test.each<[string, Amounts, AdmissionRequest, string]>([
    ['pods', { pods: '0' }, pod(), exceeded('pods', 'p', 'pods=1 of pods=0')],
    ['objects', { 'count/pods': '0' }, pod(), exceeded('pods', 'p', 'count/pods=1 of count/pods=0')],
    [
      'objects of groups',
      { 'count/deployments.apps': '0' },
      deployment,
      exceeded('deployments.apps', 'd', 'count/deployments.apps=1 of count/deployments.apps=0'),
    ],
    [
      'several at once, in order',
      { 'requests.memory': '1Gi', cpu: '1' },
      pod(asking({ cpu: '1500m', memory: '2Gi' })),
      exceeded('pods', 'p', 'cpu=1500m,requests.memory=2Gi of cpu=1,requests.memory=1Gi'),
    ],
    [
      'limits',
      { 'limits.cpu': '1' },
      pod(asking({ cpu: '1' }, { cpu: '2' })),
      exceeded('pods', 'p', 'limits.cpu=2 of limits.cpu=1'),
    ],
    [
      'extended resources',
      { 'requests.example.com/gpu': '1' },
      pod(asking({ 'example.com/gpu': '2' }, { 'example.com/gpu': '2' })),
      exceeded('pods', 'p', 'requests.example.com/gpu=2 of requests.example.com/gpu=1'),
    ],
    [
      'huge pages',
      { 'requests.hugepages-2Mi': '2Mi' },
      pod(asking({ 'hugepages-2Mi': '4Mi' }, { 'hugepages-2Mi': '4Mi' })),
      exceeded('pods', 'p', 'requests.hugepages-2Mi=4Mi of requests.hugepages-2Mi=2Mi'),
    ],
    [
      'what a pod states as a whole',
      { cpu: '1' },
      pod({ resources: { requests: { cpu: '2' } } }),
      exceeded('pods', 'p', 'cpu=2 of cpu=1'),
    ],
    [
      'what a resize adds',
      { 'requests.cpu': '1', pods: '0' },
      grown(asking({ cpu: '3' }), asking({ cpu: '1500m' })),
      exceeded('pods', 'p', 'requests.cpu=1500m of requests.cpu=1'),
    ],
    [
      'node ports',
      { 'services.nodeports': '1' },
      service({ type: 'NodePort' }),
      exceeded('services', 's', 'services.nodeports=2 of services.nodeports=1'),
    ],
    [
      'node ports of load balancers',
      { 'services.nodeports': '1', 'services.loadbalancers': '5' },
      service({ type: 'LoadBalancer' }),
      exceeded('services', 's', 'services.nodeports=2 of services.nodeports=1'),
    ],
    [
      'a Service that becomes another',
      { 'services.loadbalancers': '0', services: '0' },
      service(
        { type: 'LoadBalancer' },
        {
          operation: 'UPDATE',
          old: stored(Service, { metadata: { name: 's' }, spec: { ports: [{ port: 1 }] } }),
        },
      ),
      exceeded('services', 's', 'services.loadbalancers=1 of services.loadbalancers=0'),
    ],
    [
      'storage',
      { 'requests.storage': '1Gi', persistentvolumeclaims: '5' },
      claim('2Gi'),
      exceeded('persistentvolumeclaims', 'd', 'requests.storage=2Gi of requests.storage=1Gi'),
    ],
    [
      'storage of a class',
      { 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' },
      claim('2Gi', { storageClassName: 'gold' }),
      exceeded(
        'persistentvolumeclaims',
        'd',
        'gold.storageclass.storage.k8s.io/requests.storage=2Gi of gold.storageclass.storage.k8s.io/requests.storage=1Gi',
      ),
    ],
    [
      'devices of a class',
      { 'gpu.deviceclass.resource.k8s.io/devices': '5' },
      requestFor(ResourceClaim, {
        metadata: { name: 'c' },
        spec: {
          devices: {
            requests: [
              { name: 'a', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 } },
              {
                name: 'b',
                firstAvailable: [
                  { name: 'x', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 4 },
                  { name: 'y', deviceClassName: 'tpu', allocationMode: 'All' },
                ],
              },
            ],
          },
        },
      }),
      exceeded(
        'resourceclaims.resource.k8s.io',
        'c',
        'gpu.deviceclass.resource.k8s.io/devices=6 of gpu.deviceclass.resource.k8s.io/devices=5',
      ),
    ],
    [
      'what a claim grows by',
      { 'requests.storage': '1Gi' },
      claim('4Gi', {}, { operation: 'UPDATE', old: stored(PersistentVolumeClaim, claimOf('2Gi')) }),
      exceeded('persistentvolumeclaims', 'd', 'requests.storage=2Gi of requests.storage=1Gi'),
    ],
    [
      'containers that do not say',
      { cpu: '1', 'limits.memory': '1Gi', 'requests.ephemeral-storage': '1Gi' },
      pod({
        containers: [{ name: 'b' }, { name: 'a', resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } }],
        initContainers: [{ name: 'i' }],
      }),
      'pods "p" is forbidden: failed quota: q: must specify cpu for: b,i; limits.memory for: a,b,i',
    ],
  ])('%s', async (_, left, request, sentence) => {
    await expect(ask(left, request)).rejects.toMatchObject({ reason: 'Forbidden', code: 403, message: sentence });
  });

  const ended = { ...podOf({}), status: { phase: 'Succeeded' } };
  test.each<[string, Amounts, AdmissionRequest]>([
    ['other kinds', { 'count/secrets': '0' }, requestFor(ConfigMap, { metadata: { name: 'm' } })],
    ['other classes', { 'gold.storageclass.storage.k8s.io/requests.storage': '1' }, claim('2Gi')],
    ['pods that have ended', { pods: '0' }, requestFor(Pod, ended)],
    ['updates of pods', { pods: '0' }, pod({}, { operation: 'UPDATE', old: stored(Pod, ended) })],
    ['what a resize takes away', { 'requests.cpu': '0' }, grown(asking({ cpu: '1' }), asking({ cpu: '2' }))],
    ['a Service without node ports', { 'services.nodeports': '0' }, service({})],
    [
      'a load balancer that wants none',
      { 'services.nodeports': '0' },
      service({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }),
    ],
    ['statuses', { 'count/configmaps': '0' }, requestFor(ConfigMap, { metadata: {} }, { subresource: 'status' })],
    ['deletes', { pods: '0' }, requestFor(Pod, undefined, { operation: 'DELETE' })],
    [
      'events',
      { 'count/events': '0' },
      requestFor(Event, { metadata: { name: 'e' }, involvedObject: { kind: 'Pod' } }),
    ],
  ])('not %s', async (_, left, request) => {
    await expect(ask(left, request)).resolves.toBeDefined();
  });
});

describe('scopes', () => {
  const selector = (scopeName: string, operator: string, values?: readonly string[]): object => ({
    scopeSelector: { matchExpressions: [{ scopeName, operator, ...(values ? { values } : {}) }] },
  });
  const burstable = asking({ memory: '1' });
  const affinity = (term: object): object => ({
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'k', ...term }] },
    },
  });
  const claim = (volumeAttributesClassName?: string): AdmissionRequest =>
    requestFor(PersistentVolumeClaim, { metadata: { name: 'd' }, spec: { volumeAttributesClassName } });
  const high = { priorityClassName: 'high' };
  const attributes = 'VolumeAttributesClass';
  test.each<[string, object, AdmissionRequest, AdmissionRequest]>([
    ['Terminating', { scopes: ['Terminating'] }, pod({ activeDeadlineSeconds: 0 }), pod()],
    ['NotTerminating', { scopes: ['NotTerminating'] }, pod(), pod({ activeDeadlineSeconds: 5 })],
    ['BestEffort', { scopes: ['BestEffort'] }, pod(), pod(burstable)],
    ['NotBestEffort', { scopes: ['NotBestEffort'] }, pod(burstable), pod()],
    ['PriorityClass', { scopes: ['PriorityClass'] }, pod(high), pod()],
    ['PriorityClass In', selector('PriorityClass', 'In', ['high']), pod(high), pod({ priorityClassName: 'low' })],
    ['PriorityClass NotIn', selector('PriorityClass', 'NotIn', ['high']), pod(), pod(high)],
    ['PriorityClass DoesNotExist', selector('PriorityClass', 'DoesNotExist'), pod(), pod(high)],
    [
      'CrossNamespacePodAffinity',
      { scopes: ['CrossNamespacePodAffinity'] },
      pod(affinity({ namespaceSelector: {} })),
      pod(affinity({})),
    ],
    [attributes, selector(attributes, 'In', ['fast']), claim('fast'), claim('slow')],
    [`${attributes} Exists`, { scopes: [attributes] }, claim('fast'), claim()],
    ['two of them', { scopes: ['BestEffort'], ...selector('PriorityClass', 'Exists') }, pod(high), pod()],
  ])('%s', async (_, spec, inside, outside) => {
    const left = { pods: '0', persistentvolumeclaims: '0' };
    await expect(ask(left, inside, { spec })).rejects.toThrow('exceeded quota: q');
    await expect(ask(left, outside, { spec })).resolves.toBeDefined();
  });
});

describe('what is limited unless a quota covers it', () => {
  const matchScopes = [{ scopeName: 'PriorityClass', operator: 'In', values: ['high', 'top'] }] as const;
  const configuration: ResourceQuotaConfiguration = {
    limitedResources: [
      { resource: 'pods', matchContains: ['example.com/'], matchScopes: [...matchScopes] },
      { resource: 'configmaps', matchContains: ['count/'] },
    ],
  };
  const map = requestFor(ConfigMap, { metadata: { name: 'm' } });
  const high = pod({ priorityClassName: 'high' });
  const spec = { scopeSelector: { matchExpressions: [{ ...matchScopes[0], values: ['high'] }] } };
  test.each<[string, Amounts, AdmissionRequest, object, string | undefined]>([
    ['no quota', {}, map, {}, 'configmaps "m" is forbidden: insufficient quota to consume: count/configmaps'],
    ['a quota', { 'count/configmaps': '1' }, map, {}, undefined],
    [
      'a quota of something else',
      { pods: '5' },
      pod(asking({ 'example.com/gpu': '1' }, { 'example.com/gpu': '1' })),
      {},
      'insufficient quota to consume: requests.example.com/gpu',
    ],
    [
      'a scope without a quota',
      { pods: '5' },
      high,
      {},
      'pods "p" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [high top]}]',
    ],
    ['a scope with one', { pods: '5' }, high, spec, undefined],
    ['other pods', {}, pod(), {}, undefined],
  ])('%s', async (_, left, request, more, sentence) => {
    const result = ask(left, request, { spec: more, configuration });
    await (sentence === undefined ? expect(result).resolves.toBeDefined() : expect(result).rejects.toThrow(sentence));
  });
});

test('a quota that was written down elsewhere brings no charges along', async () => {
  const annotations = { 'kubets.io/quota-charges': '{"x":{"amounts":{"pods":"1"}}}', mine: 'stays' };
  const request = requestFor(ResourceQuota, { metadata: { name: 'q', annotations } });
  const made = await runPlugin(createResourceQuota(seededRandom()), request, cachedContext(fakeClient()));
  expect(made['metadata']).toMatchObject({ annotations: { mine: 'stays' } });
  expect(made['metadata']).not.toHaveProperty(['annotations', 'kubets.io/quota-charges']);
});

test('a quota that is not counted yet refuses what it would count', async () => {
  const client = fakeClient();
  client.put(ResourceQuota, {
    metadata: { name: 'q', namespace: 'ns' },
    spec: { hard: { pods: '1', 'count/pods': '1' } },
    status: { hard: { 'count/pods': '1' } },
  });
  await expect(runPlugin(createResourceQuota(seededRandom()), pod(), cachedContext(client))).rejects.toThrow(
    'pods "p" is forbidden: status unknown for quota: q, resources: count/pods,pods',
  );
});
