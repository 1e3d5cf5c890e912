import { describe, expect, test } from 'vitest';
import { problems } from '../testing/kind-problems.ts';
import { Pod } from './pod.ts';

const container = { name: 'c', image: 'i' };
const pod = (spec: object, annotations?: object): object => ({
  metadata: { name: 'x', namespace: 'ns', creationTimestamp: '2026-01-01T00:00:00Z', annotations },
  spec: { containers: [container], ...spec },
});
const claims = [{ name: 'gpu', resourceClaimName: 'shared' }];

describe('rarer parts of pods', () => {
  test.each<[string, object, string[]]>([
    [
      'a claim of nothing',
      { resourceClaims: [{ name: 'gpu' }] },
      [
        'spec.resourceClaims[0]: Invalid value: {"name":"gpu"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
      ],
    ],
    [
      'a claim that the pod has not',
      { resourceClaims: claims, containers: [{ ...container, resources: { claims: [{ name: 'nic' }] } }] },
      [
        'spec.containers[0].resources.claims[0]: Not found: "nic": must be one of the names in pod.spec.resourceClaims: gpu',
      ],
    ],
    [
      'a device that is no claim',
      {
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [{ ...container, volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }],
      },
      [
        'spec.containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      ],
    ],
    [
      'a mount that leaves its volume',
      {
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/x', subPath: '../y' }] }],
      },
      ['spec.containers[0].volumeMounts[0].subPath: Invalid value: "../y": must not contain \'..\''],
    ],
    [
      'users of its own on the host network',
      { hostUsers: false, hostNetwork: true },
      ['spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false'],
    ],
    [
      'a sysctl twice',
      {
        securityContext: {
          sysctls: [
            { name: 'a.b', value: '1' },
            { name: 'a.b', value: '2' },
          ],
        },
      },
      ['spec.securityContext.sysctls[1].name: Duplicate value: "a.b"'],
    ],
    [
      'domains for a wish',
      {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 },
        ],
      },
      [
        'spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
      ],
    ],
    [
      'another system',
      { os: { name: 'plan9' } },
      ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
    ],
  ])('%s is refused', (_name, spec, sentences) => {
    expect(problems(Pod, pod(spec))).toEqual(sentences);
  });

  test('annotations that mean something are well-formed', () => {
    const key = 'controller.kubernetes.io/pod-deletion-cost';
    expect(problems(Pod, pod({}, { [key]: '1.5' }))).toEqual([
      `metadata.annotations[${key}]: Invalid value: "1.5": must be a 32bit integer`,
    ]);
    expect(
      problems(Pod, pod({ nodeName: 'n' }, { 'kubernetes.io/config.mirror': 'x' }), pod({ nodeName: 'n' })),
    ).toEqual(['metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation']);
  });
});

describe('gated pods', () => {
  const gated = (spec: object): object => pod({ schedulingGates: [{ name: 'wait' }], ...spec });

  test('can be kept from more nodes', () => {
    expect(problems(Pod, gated({ nodeSelector: { a: '1', b: '2' } }), gated({ nodeSelector: { a: '1' } }))).toEqual([]);
  });

  test('cannot be let on others', () => {
    expect(problems(Pod, gated({ nodeSelector: { a: '2' } }), gated({ nodeSelector: { a: '1' } }))).toEqual([
      'spec.nodeSelector: Invalid value: {"a":"2"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ]);
  });
});
