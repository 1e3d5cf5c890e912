import { describe, expect, test } from 'vitest';
import { Deployment } from '../apps/deployment.ts';
import { CronJob } from '../batch/cron-job.ts';
import { decoded } from '../testing/kind-problems.ts';
import { Pod } from './pod.ts';

const container = { name: 'c', image: 'i' };

function warningsOf(spec: object, name = 'x'): readonly string[] {
  const pod = decoded(Pod, { metadata: { name }, spec: { containers: [container], ...spec } });
  return Pod.warnings?.(pod, {}) ?? [];
}

describe('pods are warned of', () => {
  test.each<[string, object, string[]]>([
    ['nothing', {}, []],
    [
      'labels that nodes have no longer',
      {
        nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      },
      [
        'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
        'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
      ],
    ],
    [
      'variables that hide others',
      {
        containers: [
          {
            ...container,
            env: [
              { name: 'A', value: '1' },
              { name: 'A', value: '$(A)2' },
              { name: 'A', value: '3' },
            ],
          },
        ],
      },
      ['spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply'],
    ],
    [
      'ports twice',
      {
        containers: [
          {
            ...container,
            ports: [
              { name: 'a', containerPort: 80 },
              { name: 'b', containerPort: 80, hostPort: 80 },
            ],
          },
          { name: 'd', image: 'i', ports: [{ containerPort: 80 }] },
        ],
      },
      [
        'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
        'spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]',
        'spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[1]',
      ],
    ],
    [
      'parts of bytes',
      { containers: [{ ...container, resources: { requests: { memory: '100m', cpu: '100m' } } }] },
      ['spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer'],
    ],
    [
      'volumes that are gone, and secrets without a name',
      { volumes: [{ name: 'v', gitRepo: { repository: 'r' } }], imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}] },
      [
        'spec.volumes[0].gitRepo: deprecated in v1.11',
        'spec.imagePullSecrets[1].name: duplicate name "a"',
        'spec.imagePullSecrets[2].name: invalid empty name ""',
      ],
    ],
  ])('%s', (_name, spec, warnings) => {
    expect(warningsOf(spec)).toEqual(warnings);
  });

  test('names that are no host names', () => {
    expect(warningsOf({}, 'a.b')).toEqual([
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ]);
  });
});

describe('workloads are warned of their templates', () => {
  const template = { spec: { containers: [container], nodeSelector: { 'beta.kubernetes.io/arch': 'x' } } };
  const warning = (path: string): string =>
    `${path}.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead`;

  test('at first and when they change', () => {
    const deployment = decoded(Deployment, { spec: { selector: {}, template } });
    expect(Deployment.warnings?.(deployment, {})).toEqual([warning('spec.template')]);
    expect(Deployment.warnings?.(deployment, { old: deployment })).toEqual([]);
  });

  test('where templates of jobs hold them', () => {
    const cronJob = decoded(CronJob, { spec: { schedule: '@daily', jobTemplate: { spec: { template } } } });
    expect(CronJob.warnings?.(cronJob, {})).toEqual([warning('spec.jobTemplate.spec.template')]);
  });
});
