import { describe, expect, test } from 'vitest';
import { cells, decoded, problems } from '../testing/kind-problems.ts';
import { IngressClass } from './ingress-class.ts';
import { Ingress } from './ingress.ts';
import { IPAddress } from './ip-address.ts';
import { NetworkPolicy } from './network-policy.ts';
import { ServiceCIDR } from './service-cidr.ts';

const service = { name: 's', port: { number: 80 } };
const rule = (path: object, host = 'a.b'): object => ({
  rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service }, ...path }] } }],
});

describe('ingresses', () => {
  test.each<[string, object, string[]]>([
    ['a plain one is fine', rule({}), []],
    ['one for a wildcard is fine', { ...rule({}, '*.a.b'), tls: [{ hosts: ['*.a.b'], secretName: 's' }] }, []],
    ['nothing', {}, ['spec: Invalid value: []: either `defaultBackend` or `rules` must be specified']],
    [
      'an address as host',
      rule({}, '1.2.3.4'),
      ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'],
    ],
    ['no paths', { rules: [{ http: {} }] }, ['spec.rules[0].http.paths: Required value']],
    [
      'no path type',
      rule({ pathType: '' }),
      ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
    ],
    [
      'another path type',
      rule({ pathType: 'x' }),
      [
        'spec.rules[0].http.paths[0].pathType: Unsupported value: "x": supported values: "Exact", "ImplementationSpecific", "Prefix"',
      ],
    ],
    [
      'a relative path',
      rule({ path: 'x' }),
      ['spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path'],
    ],
    [
      'a path that leads out',
      rule({ path: '/a/..' }),
      ['spec.rules[0].http.paths[0].path: Invalid value: "/a/..": cannot end with \'/..\''],
    ],
    [
      'a double slash',
      rule({ path: '/a//b' }),
      ['spec.rules[0].http.paths[0].path: Invalid value: "/a//b": must not contain \'//\''],
    ],
    [
      'no backend',
      { defaultBackend: {} },
      ['spec.defaultBackend: Invalid value: "": resource or service backend is required'],
    ],
    [
      'no port',
      { defaultBackend: { service: { name: 's' } } },
      ['spec.defaultBackend: Required value: port name or number is required'],
    ],
    [
      'two ports',
      { defaultBackend: { service: { name: 's', port: { name: 'a', number: 1 } } } },
      ['spec.defaultBackend: Invalid value: "": cannot set both port name & port number'],
    ],
    [
      'a resource without a name',
      { defaultBackend: { resource: { kind: 'X' } } },
      ['spec.defaultBackend.resource.name: Required value'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(problems(Ingress, { spec })).toEqual(expected);
  });

  test('annotation and field name the same class', () => {
    const metadata = { name: 'x', namespace: 'ns', annotations: { 'kubernetes.io/ingress.class': 'a' } };
    expect(problems(Ingress, { metadata, spec: { ...rule({}), ingressClassName: 'b' } })).toEqual([
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
    ]);
  });

  test('the table shows hosts, addresses and ports', () => {
    const rules = ['a', 'b', 'c', 'd'].map((host) => ({ host }));
    const status = { loadBalancer: { ingress: [{ ip: '10.0.0.2' }, { hostname: 'lb' }, { ip: '10.0.0.1' }] } };
    expect(cells(Ingress, { spec: { rules, tls: [{}], ingressClassName: 'nginx' }, status })).toEqual({
      Class: 'nginx',
      Hosts: 'a,b,c + 1 more...',
      Address: '10.0.0.1,10.0.0.2,lb',
      Ports: '80, 443',
    });
    expect(cells(Ingress, { spec: { rules: [{}] } })).toMatchObject({ Class: '<none>', Hosts: '*', Ports: '80' });
  });
});

describe('ingress classes', () => {
  const parameters = { kind: 'K', name: 'n' };
  test.each<[string, object, string[]]>([
    ['a plain one is fine', { controller: 'a.b/c', parameters }, []],
    ['no controller', {}, ['spec.controller: Required value']],
    [
      'a controller without a domain',
      { controller: 'x' },
      ['spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      'a namespace for the cluster',
      { controller: 'a.b/c', parameters: { ...parameters, namespace: 'x' } },
      ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
    ],
    [
      'no namespace',
      { controller: 'a.b/c', parameters: { ...parameters, scope: 'Namespace' } },
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
  ])('%s', (_, spec, expected) => {
    expect(problems(IngressClass, { metadata: { name: 'x' }, spec })).toEqual(expected);
  });

  test('the table shows the parameters with their group', () => {
    const spec = { controller: 'a.b/c', parameters: { ...parameters, apiGroup: 'g.io' } };
    expect(cells(IngressClass, { spec })).toEqual({ Controller: 'a.b/c', Parameters: 'K.g.io/n' });
    expect(cells(IngressClass, { spec: {} })).toEqual({ Controller: '', Parameters: '<none>' });
  });
});

describe('network policies', () => {
  const from = (peer: object): object => ({ ingress: [{ from: [peer] }] });
  const port = (value: object): object => ({ egress: [{ ports: [value] }] });
  test.each<[string, object, string[]]>([
    ['an empty one is fine', {}, []],
    ['no peer', from({}), ['spec.ingress[0].from[0]: Required value: must specify a peer']],
    [
      'two kinds of peer',
      from({ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }),
      ['spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer'],
    ],
    [
      'a network that is none',
      from({ ipBlock: { cidr: 'x' } }),
      [
        'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ],
    ],
    [
      'a hole outside',
      from({ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }),
      ['spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`'],
    ],
    [
      'a range that ends before it begins',
      port({ port: 80, endPort: 70 }),
      ['spec.egress[0].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`'],
    ],
    [
      'a range of names',
      port({ port: 'http', endPort: 70 }),
      ['spec.egress[0].ports[0].endPort: Invalid value: 70: may not be specified when `port` is non-numeric'],
    ],
    [
      'a range from nowhere',
      port({ endPort: 70 }),
      ['spec.egress[0].ports[0].endPort: Invalid value: 70: may not be specified when `port` is not specified'],
    ],
    [
      'another type',
      { policyTypes: ['X'] },
      ['spec.policyTypes[0]: Unsupported value: "X": supported values: "Ingress", "Egress"'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(problems(NetworkPolicy, { spec })).toEqual(expected);
  });

  test('a network that was stored may move inside the policy', () => {
    const old = { spec: from({ ipBlock: { cidr: 'x' } }) };
    expect(problems(NetworkPolicy, { spec: { ingress: [{}, { from: [{ ipBlock: { cidr: 'x' } }] }] } }, old)).toEqual(
      [],
    );
  });

  test('the directions follow from the rules', () => {
    expect(cells(NetworkPolicy, { spec: { podSelector: { matchLabels: { a: 'b' } } } })).toEqual({
      'Pod-Selector': 'a=b',
    });
    expect(cells(NetworkPolicy, {})).toEqual({ 'Pod-Selector': '<none>' });
  });
});

describe('addresses and their networks', () => {
  test.each<[string, object, string[]]>([
    ['a service owns it', { parentRef: { resource: 'services', namespace: 'a', name: 'b' } }, []],
    ['nobody owns it', {}, ['spec.parentRef: Required value']],
    ['its owner has no name', { parentRef: { resource: 'services' } }, ['spec.parentRef.name: Required value']],
  ])('%s', (_, spec, expected) => {
    expect(problems(IPAddress, { metadata: { name: '10.0.0.1' }, spec })).toEqual(expected);
  });

  test('the table shows the owner', () => {
    const parentRef = { group: 'Gateway.io', resource: 'gateways', namespace: 'ns', name: 'g' };
    expect(cells(IPAddress, { spec: { parentRef } })).toMatchObject({ ParentRef: 'gateways.gateway.io/ns/g' });
  });

  test.each<[string, string[], string[] | undefined, string[]]>([
    ['one network is fine', ['10.0.0.0/16'], undefined, []],
    ['both families are fine', ['10.0.0.0/16', '2001:db8::/64'], undefined, []],
    ['none', [], undefined, ['spec.cidrs: Required value: at least one CIDR required']],
    [
      'one family twice',
      ['10.0.0.0/16', '10.1.0.0/16'],
      undefined,
      [
        'spec.cidrs: Invalid value: ["10.0.0.0/16","10.1.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    ],
    [
      'bits beyond the prefix',
      ['10.0.0.1/16'],
      undefined,
      ['spec.cidrs[0]: Invalid value: "10.0.0.1/16": must not have bits set beyond the prefix length'],
    ],
    [
      'another way to write it',
      ['2001:DB8::/64'],
      undefined,
      ['spec.cidrs[0]: Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64")'],
    ],
    ['a second family may be added', ['10.0.0.0/16', '2001:db8::/64'], ['10.0.0.0/16'], []],
    [
      'nothing else may change',
      ['10.1.0.0/16'],
      ['10.0.0.0/16'],
      ['spec.cidrs[0]: Invalid value: "10.1.0.0/16": field is immutable'],
    ],
    ['nothing goes', [], ['10.0.0.0/16'], ['spec.cidrs: Invalid value: []: field is immutable']],
  ])('%s', (_, cidrs, before, expected) => {
    const old = before && { metadata: { name: 'x' }, spec: { cidrs: before } };
    expect(problems(ServiceCIDR, { metadata: { name: 'x' }, spec: { cidrs } }, old)).toEqual(expected);
  });
});

test('authors are warned of old annotations and of networks that may be addresses', () => {
  const annotations = { 'kubernetes.io/ingress.class': 'nginx' };
  const ingress = decoded(Ingress, { metadata: { name: 'x', annotations }, spec: rule({}) });
  expect(Ingress.warnings?.(ingress, {})).toEqual([
    'annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead',
  ]);
  expect(Ingress.warnings?.(ingress, { old: ingress })).toEqual([]);
  const spec = { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1/24', except: ['10.0.0.0/28'] } }] }] };
  expect(NetworkPolicy.warnings?.(decoded(NetworkPolicy, { spec }), {})).toEqual([
    'spec.egress[0].to[0].ipBlock.cidr: CIDR value "10.0.0.1/24" is ambiguous in this context (should be "10.0.0.0/24" or "10.0.0.1/32"?)',
  ]);
});
