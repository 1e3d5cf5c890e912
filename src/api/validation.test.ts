import { describe, expect, test } from 'vitest';
import { decodeObject } from '../machinery/decode.ts';
import { enumErrors } from '../machinery/enum-validation.ts';
import { fieldErrorText } from '../machinery/field-error.ts';
import type { ApiObject, Resource } from '../machinery/resource.ts';
import { Deployment } from './apps/deployment.ts';
import { ReplicaSet } from './apps/replica-set.ts';
import { Lease } from './coordination/lease.ts';
import { ConfigMap } from './core/config-map.ts';
import { Endpoints } from './core/endpoints.ts';
import { Event } from './core/event.ts';
import { Node } from './core/node.ts';
import { Pod } from './core/pod.ts';
import { Secret } from './core/secret.ts';
import { Service } from './core/service.ts';
import { EndpointSlice } from './discovery/endpoint-slice.ts';
import { ClusterRole } from './rbac/cluster-role.ts';
import { RoleBinding } from './rbac/role-binding.ts';
import { Role } from './rbac/role.ts';

const metadata = { name: 'x', namespace: 'ns' };

/** Everything that is said of an object, sentence by sentence. */
function problems<T extends ApiObject, D>(resource: Resource<T, D>, object: object, old?: object): string[] {
  const decode = (value: object): T => decodeObject(resource, { metadata, ...value }).object as T;
  const decoded = decode(object);
  const context = old ? { old: decode(old) } : {};
  const errors = [...enumErrors(resource.schema, decoded), ...(resource.validate?.(decoded, context) ?? [])];
  return errors.map(fieldErrorText);
}

const container = { name: 'c', image: 'i:1' };
const podProblems = (spec: object, first: object = {}): string[] =>
  problems(Pod, { spec: { containers: [{ ...container, ...first }], ...spec } });

describe('pods', () => {
  test('a plain pod is fine', () => {
    expect(podProblems({})).toEqual([]);
  });

  test('a pod with everything is fine', () => {
    const spec = {
      volumes: [
        { name: 'a', emptyDir: { sizeLimit: '1Gi' } },
        {
          name: 'b',
          projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'c' } }] },
        },
        { name: 'c', hostPath: { path: '/x' } },
        { name: 'd', downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      ],
      initContainers: [
        { name: 'side', image: 'i', restartPolicy: 'Always', readinessProbe: { tcpSocket: { port: 80 } } },
      ],
      tolerations: [{ operator: 'Exists' }, { key: 'a', value: 'b', effect: 'NoSchedule' }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['a.b'] }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
          },
        },
      },
    };
    const first = {
      ports: [{ name: 'http', containerPort: 80, hostPort: 8080 }],
      env: [
        { name: 'A', value: '1' },
        { name: 'B', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['a/b']" } } },
        { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      ],
      envFrom: [{ configMapRef: { name: 'c' } }],
      volumeMounts: [{ name: 'a', mountPath: '/a', subPath: 'x/y' }],
      livenessProbe: { httpGet: { port: 'http', httpHeaders: [{ name: 'X-A', value: 'b' }] } },
      lifecycle: { preStop: { sleep: { seconds: 3 } } },
      resources: { limits: { cpu: '1', 'example.com/gpu': '1' }, requests: { cpu: '100m', 'example.com/gpu': '1' } },
    };
    expect(podProblems(spec, first)).toEqual([]);
  });

  test.each<[string, object, object, string]>([
    ['no containers', { containers: [] }, {}, 'spec.containers: Required value'],
    ['no image', {}, { image: '' }, 'spec.containers[0].image: Required value'],
    ['no name', {}, { name: '' }, 'spec.containers[0].name: Required value'],
    [
      'a name of capitals',
      {},
      { name: 'C' },
      'spec.containers[0].name: Invalid value: "C": a lowercase RFC 1123 label',
    ],
    ['a name twice', { containers: [container, container] }, {}, 'spec.containers[1].name: Duplicate value: "c"'],
    [
      'an unknown restart policy',
      { restartPolicy: 'Sometimes' },
      {},
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
    ],
    [
      'an unknown pull policy',
      {},
      { imagePullPolicy: 'Now' },
      'spec.containers[0].imagePullPolicy: Unsupported value: "Now": supported values: "Always", "IfNotPresent", "Never"',
    ],
    [
      'a port out of range',
      {},
      { ports: [{ containerPort: 70000 }] },
      'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    ['no port number', {}, { ports: [{ name: 'a' }] }, 'spec.containers[0].ports[0].containerPort: Required value'],
    [
      'a port name that is too long',
      {},
      { ports: [{ containerPort: 1, name: 'a'.repeat(16) }] },
      'must be no more than 15 bytes',
    ],
    [
      'a host port twice',
      {},
      {
        ports: [
          { containerPort: 1, hostPort: 1 },
          { containerPort: 2, hostPort: 1 },
        ],
      },
      'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//1"',
    ],
    [
      'a mount of nothing',
      {},
      { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      'a mount that leads out',
      { volumes: [{ name: 'v', emptyDir: {} }] },
      { volumeMounts: [{ name: 'v', mountPath: '/v', subPath: '../x' }] },
      'spec.containers[0].volumeMounts[0].subPath: Invalid value: "../x": must not contain \'..\'',
    ],
    [
      'an env variable from nowhere',
      {},
      { env: [{ name: 'A', valueFrom: {} }] },
      'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`',
    ],
    [
      'an env variable from an unknown field',
      {},
      { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] },
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x',
    ],
    [
      'a probe that does nothing',
      {},
      { livenessProbe: {} },
      'spec.containers[0].livenessProbe: Required value: must specify a handler type',
    ],
    [
      'a liveness probe that wants several successes',
      {},
      { livenessProbe: { successThreshold: 2, tcpSocket: { port: 1 } } },
      'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
    ],
    [
      'requests above limits',
      {},
      { resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } },
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      'an unknown resource',
      {},
      { resources: { limits: { cpus: '1' } } },
      'spec.containers[0].resources.limits[cpus]: Invalid value: "cpus": must be a standard resource for containers',
    ],
    [
      'negative memory',
      {},
      { resources: { limits: { memory: '-1' } } },
      'limits[memory]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    ['a volume twice', { volumes: [{ name: 'v' }, { name: 'v' }] }, {}, 'spec.volumes[1].name: Duplicate value: "v"'],
    [
      'two kinds of volume in one',
      { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] },
      {},
      'spec.volumes[0].emptyDir: Forbidden: may not specify more than 1 volume type',
    ],
    [
      'a secret volume without a secret',
      { volumes: [{ name: 'v', secret: {} }] },
      {},
      'spec.volumes[0].secret.secretName: Required value',
    ],
    [
      'a toleration of nothing in particular',
      { tolerations: [{ operator: 'Equal' }] },
      {},
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty',
    ],
    [
      'an affinity without values',
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }],
            },
          },
        },
      },
      {},
      "nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
    [
      'a privileged container that may not escalate',
      {},
      { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
      'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ],
    [
      'a user that Linux does not know',
      { securityContext: { runAsUser: -1 } },
      {},
      'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
    [
      'a probe on an init container',
      { initContainers: [{ name: 'i', image: 'i', livenessProbe: { tcpSocket: { port: 1 } } }] },
      {},
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
    [
      'no nameservers where there must be some',
      { dnsPolicy: 'None' },
      {},
      'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
    ],
  ])('%s is refused', (_, spec, first, expected) => {
    const found = podProblems(spec, first);
    expect(
      found.filter((problem) => problem.includes(expected)),
      found.join('\n'),
    ).toHaveLength(1);
  });
});

describe('updates of pods', () => {
  const update = (spec: object, first: object = {}, oldSpec: object = {}): string[] =>
    problems(
      Pod,
      { spec: { containers: [{ ...container, ...first }], ...spec } },
      { spec: { containers: [container], ...oldSpec } },
    );

  test('may change images, add tolerations and shorten the deadline', () => {
    const tolerations = [{ key: 'a', operator: 'Exists' }];
    expect(update({ tolerations, activeDeadlineSeconds: 5 }, { image: 'i:2' }, { activeDeadlineSeconds: 10 })).toEqual(
      [],
    );
  });

  test('may change nothing else', () => {
    const [problem] = update({}, { command: ['x'] });
    expect(problem).toMatch(
      /^spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`/,
    );
    expect(update({ nodeName: 'n2' }, {}, { nodeName: 'n1' })[0]).toContain('"n2"');
    expect(update({ containers: [container, { ...container, name: 'd' }] })).toEqual([
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ]);
    expect(update({}, {}, { tolerations: [{ key: 'a', operator: 'Exists' }] })).toEqual([
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ]);
    expect(update({ activeDeadlineSeconds: 20 }, {}, { activeDeadlineSeconds: 10 })).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value',
    ]);
  });
});

test('ephemeral containers are added, and neither change nor go', () => {
  const spec = (...ephemeralContainers: object[]): Pod =>
    decodeObject(Pod, { metadata, spec: { containers: [container], ephemeralContainers } }).object;
  const told = (now: Pod, old: Pod): string[] =>
    (Pod.validate?.(now, { old, subresource: 'ephemeralcontainers' }) ?? []).map(fieldErrorText);
  const debug = { name: 'debug', image: 'i', targetContainerName: 'c' };
  expect(told(spec(debug), spec())).toEqual([]);
  expect(told(spec(), spec(debug))[0]).toContain('existing ephemeral containers "debug" may not be removed');
  expect(told(spec({ ...debug, image: 'j' }), spec(debug))[0]).toContain('may not be changed');
  expect(told(spec({ name: 'c', image: 'i' }), spec())).toEqual([
    'spec.ephemeralContainers[0].name: Duplicate value: "c"',
  ]);
  expect(told(spec({ ...debug, targetContainerName: 'x', ports: [{ containerPort: 1 }] }), spec())).toEqual([
    'spec.ephemeralContainers[0].targetContainerName: Not found: "x"',
    'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
  ]);
});

describe('workloads', () => {
  const selector = { matchLabels: { app: 'web' } };
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } };

  test('the selector must match the template', () => {
    expect(problems(Deployment, { spec: { selector, template } })).toEqual([]);
    expect(problems(Deployment, { spec: { selector: { matchLabels: { app: 'x' } }, template } })).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ]);
    expect(problems(Deployment, { spec: { template } })).toEqual([
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ]);
    expect(problems(ReplicaSet, { spec: { selector: {}, template } })[0]).toContain(
      'empty selector is invalid for deployment',
    );
  });

  test('their pods run for good', () => {
    const once = { ...template, spec: { ...template.spec, restartPolicy: 'Never', activeDeadlineSeconds: 5 } };
    expect(problems(Deployment, { spec: { selector, template: once } })).toEqual([
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
    ]);
  });

  test('a rolling update must be able to move', () => {
    const withStrategy = (strategy: object) => problems(Deployment, { spec: { selector, template, strategy } });
    expect(withStrategy({ rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } })).toEqual([
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
    ]);
    expect(withStrategy({ type: 'Recreate', rollingUpdate: { maxSurge: 1 } })).toEqual([
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ]);
    expect(withStrategy({ rollingUpdate: { maxSurge: 'x' } })[0]).toContain('a valid percent string');
  });

  test('numbers are not negative', () => {
    expect(problems(Deployment, { spec: { selector, template, replicas: -1 } })).toEqual([
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ]);
  });
});

describe('services', () => {
  const ports = [{ port: 80 }];
  test.each<[string, object, string[]]>([
    ['a plain Service', { ports }, []],
    ['a headless Service without ports', { clusterIP: 'None' }, []],
    ['no ports', {}, ['spec.ports: Required value']],
    [
      'two ports without names',
      { ports: [{ port: 80 }, { port: 81 }] },
      ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    ],
    [
      'the same port twice',
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      },
      ['spec.ports[1]: Duplicate value: {"port":80,"protocol":"TCP"}'],
    ],
    [
      'a node port without a reason',
      { ports: [{ port: 80, nodePort: 30000 }] },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    ['an external name that is none', { type: 'ExternalName' }, ['spec.externalName: Required value']],
    [
      'a traffic policy for nobody',
      { ports, externalTrafficPolicy: 'Local' },
      ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ],
    [
      'a headless NodePort',
      { type: 'NodePort', clusterIP: 'None', ports },
      ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
    ],
    [
      'an unknown type',
      { type: 'Magic', ports },
      [
        'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(problems(Service, { spec })).toEqual(expected);
  });

  test('an address does not change', () => {
    const with_ = (clusterIP: string) => ({ spec: { ports, clusterIP, clusterIPs: [clusterIP] } });
    expect(problems(Service, with_('10.0.0.2'), with_('10.0.0.1'))).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
    ]);
  });
});

describe('configuration', () => {
  test('keys are file names', () => {
    expect(problems(ConfigMap, { data: { 'a b': '' } })[0]).toContain(
      'data[a b]: Invalid value: "a b": a valid config key',
    );
    expect(problems(ConfigMap, { data: { a: '' }, binaryData: { a: '' } })[0]).toContain('duplicate of key');
  });

  test('size is limited to a mebibyte', () => {
    expect(problems(ConfigMap, { data: { a: 'x'.repeat(1024 * 1024) } })).toEqual([]);
    expect(problems(ConfigMap, { data: { a: 'x'.repeat(1024 * 1024 + 1) } })).toEqual([
      '[]: Too long: may not be more than 1048576 bytes',
    ]);
  });

  test('what is immutable stays', () => {
    const old = { immutable: true, data: { a: '1' } };
    expect(problems(ConfigMap, { ...old, data: { a: '2' } }, old)).toEqual([
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
    expect(problems(ConfigMap, { data: { a: '1' } }, old)).toEqual([
      'immutable: Forbidden: field is immutable when `immutable` is set',
    ]);
  });

  test('typed Secrets have what their type needs', () => {
    expect(problems(Secret, { type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==' } })).toEqual([
      'data[tls.key]: Required value',
    ]);
    expect(
      problems(Secret, { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'eA==' } })[0],
    ).toContain('<secret contents redacted>');
    expect(problems(Secret, { type: 'b' }, { type: 'a' })).toEqual(['type: Invalid value: "b": field is immutable']);
  });
});

describe('access', () => {
  test('rules name verbs, groups and resources', () => {
    expect(problems(Role, { rules: [{ verbs: [], apiGroups: [''], resources: ['pods'] }] })).toEqual([
      'rules[0].verbs: Required value: verbs must contain at least one value',
    ]);
    expect(problems(Role, { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] })[0]).toContain(
      'namespaced rules cannot apply to non-resource URLs',
    );
    expect(problems(ClusterRole, { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] })).toEqual([]);
    expect(problems(ClusterRole, { rules: [{ verbs: ['get'], apiGroups: [''] }] })).toEqual([
      'rules[0].resources: Required value: resource rules must supply at least one resource',
    ]);
  });

  test('a binding keeps its role', () => {
    const binding = (name: string) => ({ roleRef: { kind: 'Role', name }, subjects: [{ kind: 'User', name: 'ann' }] });
    expect(problems(RoleBinding, binding('a'))).toEqual([]);
    expect(problems(RoleBinding, binding('b'), binding('a'))[0]).toContain('cannot change roleRef');
    expect(problems(RoleBinding, { ...binding('a'), subjects: [{ kind: 'ServiceAccount', name: 'x' }] })).toEqual([
      'subjects[0].namespace: Required value',
    ]);
  });
});

describe('the rest', () => {
  test('leases, nodes, events', () => {
    expect(problems(Lease, { spec: { leaseDurationSeconds: 0 } })).toEqual([
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    ]);
    const taint = { key: 'a', effect: 'NoSchedule' };
    expect(problems(Node, { spec: { taints: [taint, taint] } })[0]).toContain(
      'taints must be unique by key and effect pair',
    );
    expect(problems(Node, { spec: { podCIDR: '10.1.0.0/24' } }, { spec: { podCIDR: '10.2.0.0/24' } })[0]).toContain(
      'node updates may not change podCIDR except from "" to valid',
    );
    expect(problems(Event, { involvedObject: { namespace: 'other' } })).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
  });

  test('endpoints lead to addresses that can be reached', () => {
    expect(
      problems(Endpoints, { subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 80 }] }] })[0],
    ).toContain('may not be in the loopback range');
    expect(problems(EndpointSlice, { addressType: 'IPv4', endpoints: [{ addresses: ['fd00::1'] }] })).toEqual([
      'endpoints[0].addresses[0]: Invalid value: "fd00::1": must be an IPv4 address',
    ]);
    expect(problems(EndpointSlice, { addressType: 'IPv4', endpoints: [{ addresses: [] }] })).toHaveLength(1);
  });
});
