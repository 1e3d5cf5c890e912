import { describe, expect, test } from 'vitest';
import { decoded, problems, statusProblems } from '../testing/kind-problems.ts';
import { Node } from './node.ts';
import { Service } from './service.ts';

const ports = [{ port: 80 }];

describe('services', () => {
  test('that others can reach have a policy for it', () => {
    expect(decoded(Service, { spec: { ports, externalIPs: ['1.2.3.4'] } }).spec.externalTrafficPolicy).toBe('Cluster');
    expect(decoded(Service, { spec: { ports } }).spec).not.toHaveProperty('externalTrafficPolicy');
  });

  test.each<[string, object, string]>([
    [
      'addresses that do not match',
      { ports, clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.2'] },
      'spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`',
    ],
    [
      'two addresses of a family',
      { ports, clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', '10.0.0.2'] },
      'spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family',
    ],
    [
      'an address of another family',
      { ports, clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv6'] },
      'spec.clusterIPs[0]: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    [
      'an unknown family',
      { ports, ipFamilies: ['IPv5'] },
      'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
    ],
    [
      'ranges without a balancer',
      { ports, loadBalancerSourceRanges: ['10.0.0.0/8'] },
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      'a class without a balancer',
      { ports, loadBalancerClass: 'a/b' },
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      'a loopback address',
      { ports, externalIPs: ['127.0.0.1'] },
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [
      'an unknown distribution',
      { ports, trafficDistribution: 'Random' },
      'spec.trafficDistribution: Unsupported value: "Random": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
    ],
    [
      'families of a name',
      { type: 'ExternalName', externalName: 'a.b', ipFamilies: ['IPv4'] },
      'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
    ],
    [
      'a health check for nobody',
      { ports, healthCheckNodePort: 30000 },
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  ])('%s is refused', (_name, spec, sentence) => {
    expect(problems(Service, { spec })).toEqual([sentence]);
  });

  test('a second address comes and goes, the first stays', () => {
    const both = {
      ports,
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1', 'fd00::1'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'PreferDualStack',
    };
    const one = {
      ports,
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    };
    expect(problems(Service, { spec: both }, { spec: one })).toEqual([]);
    expect(problems(Service, { spec: one }, { spec: both })).toEqual([]);
    expect(problems(Service, { spec: { ...one, ipFamilyPolicy: 'PreferDualStack' } }, { spec: both })).toEqual([
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary clusterIP',
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary ipFamily',
    ]);
  });

  test('only balancers have ingress addresses', () => {
    const status = { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } };
    expect(statusProblems(Service, { spec: { ports, type: 'LoadBalancer' }, status })).toEqual([]);
    expect(statusProblems(Service, { spec: { ports }, status })).toEqual([
      "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
    ]);
  });
});

describe('nodes', () => {
  test('have one network of pods, under two names', () => {
    expect(decoded(Node, { spec: { podCIDR: '10.1.0.0/24' } }).spec.podCIDRs).toEqual(['10.1.0.0/24']);
    expect(decoded(Node, { spec: { podCIDRs: ['10.1.0.0/24', 'fd00::/64'] } }).spec.podCIDR).toBe('10.1.0.0/24');
    expect(problems(Node, { spec: { podCIDRs: ['10.1.0.0/24', '10.2.0.0/24'] } })).toEqual([
      'spec.podCIDRs: Invalid value: ["10.1.0.0/24","10.2.0.0/24"]: may specify no more than one CIDR for each IP family',
    ]);
    const old = { spec: { podCIDR: '10.1.0.0/24', providerID: 'a://b' } };
    expect(problems(Node, { spec: { podCIDR: '10.2.0.0/24', providerID: 'c://d' } }, old)).toEqual([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ]);
  });

  test('have taints with effects, and whole pods', () => {
    expect(
      problems(Node, { spec: { taints: [{ key: 'a', value: 'b c' }] }, status: { capacity: { pods: '1.5' } } }),
    ).toEqual([
      expect.stringContaining('metadata.taints[0].value: Invalid value: "b c": a valid label must be'),
      'metadata.taints[0].effect: Required value',
      'status.capacity.pods: Invalid value: "1500m": must be an integer',
      'status.allocatable.pods: Invalid value: "1500m": must be an integer',
    ]);
  });
});
