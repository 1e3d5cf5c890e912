import { expect, test } from 'vitest';
import { decodeObject } from '../machinery/decode.ts';
import type { ApiObject, Resource } from '../machinery/resource.ts';
import { Deployment } from './apps/deployment.ts';
import { ReplicaSet } from './apps/replica-set.ts';
import { ConfigMap } from './core/config-map.ts';
import { Endpoints } from './core/endpoints.ts';
import { Event } from './core/event.ts';
import { Namespace } from './core/namespace.ts';
import { Node } from './core/node.ts';
import { Pod } from './core/pod.ts';
import { Secret } from './core/secret.ts';
import { Service } from './core/service.ts';
import { EndpointSlice } from './discovery/endpoint-slice.ts';
import { Event as EventsEvent } from './events/event.ts';
import { toCoreEvent, toEventsEvent } from './events/event-conversion.ts';
import { RoleBinding } from './rbac/role-binding.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const metadata = { name: 'x', namespace: 'ns', creationTimestamp: '2026-01-01T00:00:00Z' };

function decoded<T extends ApiObject, D>(resource: Resource<T, D>, object: object): T {
  return decodeObject(resource, { metadata, ...object }).object as T;
}

/** The cells of an object under the columns that its kind states. */
function cells<T extends ApiObject, D>(resource: Resource<T, D>, object: object): Record<string, unknown> {
  const value = decoded(resource, object);
  const columns = Object.entries(resource.columns ?? {});
  return Object.fromEntries(
    columns.map(([name, column]) => [
      name,
      typeof column === 'function' ? column(value, now) : column.value(value, now),
    ]),
  );
}

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };
const selector = { matchLabels: { app: 'web' } };

test('pods see their services unless told otherwise; templates leave that open', () => {
  const { spec } = decoded(Pod, { spec: template.spec });
  expect(spec.enableServiceLinks).toBe(true);
  expect(decoded(Pod, { spec: { ...template.spec, enableServiceLinks: false } }).spec.enableServiceLinks).toBe(false);
  expect(decoded(Deployment, { spec: { selector, template } }).spec.template.spec).not.toHaveProperty(
    'enableServiceLinks',
  );
});

test('deployments roll by 25% unless told otherwise, and show their state', () => {
  const deployment = decoded(Deployment, { spec: { selector, template } });
  expect(deployment.spec.strategy).toEqual({
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
  });
  const recreate = decoded(Deployment, { spec: { selector, template, strategy: { type: 'Recreate' } } });
  expect(recreate.spec.strategy).toEqual({ type: 'Recreate' });
  const status = { readyReplicas: 1, updatedReplicas: 2 };
  expect(cells(Deployment, { spec: { replicas: 3, selector, template }, status })).toEqual({
    Ready: '1/3',
    'Up-to-date': 2,
    Available: 0,
    Containers: 'c',
    Images: 'i:1',
    Selector: 'app=web',
  });
  expect(cells(ReplicaSet, { spec: { replicas: 3, selector, template }, status: { replicas: 2 } })).toMatchObject({
    Desired: 3,
    Current: 2,
    Ready: 0,
  });
});

test('services get target ports and traffic policies', () => {
  const service = decoded(Service, { spec: { type: 'NodePort', ports: [{ port: 80 }], sessionAffinity: 'ClientIP' } });
  expect(service.spec).toMatchObject({
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    internalTrafficPolicy: 'Cluster',
    externalTrafficPolicy: 'Cluster',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
  });
  const spec = {
    type: 'NodePort',
    clusterIP: '10.0.0.1',
    ports: [
      { port: 80, nodePort: 30080 },
      { port: 53, protocol: 'UDP' },
    ],
  };
  expect(cells(Service, { spec })).toEqual({
    Type: 'NodePort',
    'Cluster-IP': '10.0.0.1',
    'External-IP': '<none>',
    'Port(s)': '80:30080/TCP,53/UDP',
    Selector: '<none>',
  });
  expect(cells(Service, { spec: { type: 'LoadBalancer' } })['External-IP']).toBe('<pending>');
  expect(cells(Service, { spec: { type: 'ExternalName', externalName: 'a.b' } })['External-IP']).toBe('a.b');
});

test('nodes show readiness, roles and versions', () => {
  const labels = { 'node-role.kubernetes.io/control-plane': '' };
  const status = {
    conditions: [{ type: 'Ready', status: 'True' }],
    nodeInfo: { kubeletVersion: 'v1.36.0' },
    addresses: [{ type: 'InternalIP', address: '10.0.0.5' }],
  };
  expect(cells(Node, { metadata: { ...metadata, labels }, spec: { unschedulable: true }, status })).toMatchObject({
    Status: 'Ready,SchedulingDisabled',
    Roles: 'control-plane',
    Age: '60m',
    Version: 'v1.36.0',
    'Internal-IP': '10.0.0.5',
    'External-IP': '<none>',
    'OS-Image': '<unknown>',
  });
});

test('namespaces are labelled with their name and begin Active', () => {
  const namespace = decodeObject(Namespace, { metadata: { name: 'web' } }).object;
  Namespace.prepareForCreate?.(namespace, { user: { name: 'ann', groups: [] } });
  expect(namespace.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'web' });
  expect(namespace).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
});

test('stringData becomes data', () => {
  const secret = decoded(Secret, { data: { a: 'eA==' }, stringData: { b: 'grüß' } });
  expect(secret.data).toEqual({ a: 'eA==', b: Buffer.from('grüß').toString('base64') });
  expect(secret.stringData).toBeUndefined();
  expect(cells(Secret, { data: { a: 'eA==' } })).toEqual({ Type: 'Opaque', Data: 1 });
  expect(cells(ConfigMap, { data: { a: '1' }, binaryData: { b: 'eA==' } })).toEqual({ Data: 2 });
});

test('endpoints are abbreviated after three', () => {
  const addresses = ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'].map((ip) => ({ ip }));
  expect(cells(Endpoints, { subsets: [{ addresses, ports: [{ port: 80 }] }] })).toEqual({
    Endpoints: '1.1.1.1:80,1.1.1.2:80,1.1.1.3:80 + 1 more...',
  });
  expect(cells(Endpoints, {})).toEqual({ Endpoints: '<none>' });
  const endpoints = addresses.map(({ ip }) => ({ addresses: [ip] }));
  expect(cells(EndpointSlice, { addressType: 'IPv4', endpoints, ports: [{ port: 80 }] })).toEqual({
    AddressType: 'IPv4',
    Ports: '80',
    Endpoints: '1.1.1.1,1.1.1.2,1.1.1.3 + 1 more...',
  });
});

const event = {
  involvedObject: { kind: 'Pod', name: 'p', namespace: 'ns', uid: 'u' },
  reason: 'Started',
  message: 'Started container\n',
  type: 'Normal',
  source: { component: 'kubelet', host: 'n1' },
  firstTimestamp: '2026-01-01T00:30:00Z',
  lastTimestamp: '2026-01-01T00:55:00Z',
  count: 4,
};

test('events look the same in both groups', () => {
  const expected = {
    'Last Seen': '5m',
    Type: 'Normal',
    Reason: 'Started',
    Object: 'pod/p',
    Message: 'Started container',
    'First Seen': '30m',
    Source: 'kubelet, n1',
    Count: 4,
    Name: 'x',
  };
  expect(cells(Event, event)).toMatchObject(expected);
  const core = decoded(Event, event);
  const other = toEventsEvent(core);
  expect(toCoreEvent(other)).toEqual(core);
  expect(cells(EventsEvent, { ...other })).toMatchObject(expected);
  expect(EventsEvent.selectableFields?.['regarding.name']?.(other)).toBe('p');
  expect(Event.selectableFields?.['involvedObject.name']?.(core)).toBe('p');
});

test('bindings know the groups of their subjects', () => {
  const binding = {
    roleRef: { kind: 'Role', name: 'r' },
    subjects: [
      { kind: 'User', name: 'ann' },
      { kind: 'ServiceAccount', name: 'bot', namespace: 'ci' },
    ],
  };
  expect(decoded(RoleBinding, binding)).toMatchObject({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io' }, { name: 'bot' }],
  });
  expect(cells(RoleBinding, binding)).toMatchObject({ Role: 'Role/r', Users: 'ann', ServiceAccounts: 'ci/bot' });
});
