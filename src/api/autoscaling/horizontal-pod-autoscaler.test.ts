import { describe, expect, test } from 'vitest';
import { cells, decoded, problems } from '../testing/kind-problems.ts';
import { HorizontalPodAutoscaler as V1 } from './horizontal-pod-autoscaler-v1.ts';
import { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import { toV1, toV2 } from './hpa-conversion.ts';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const spec = { scaleTargetRef, maxReplicas: 5 };
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } };
const pods = { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '100' } } };

test('autoscalers watch the CPU, and scale at the usual pace, unless told otherwise', () => {
  expect(
    decoded(HorizontalPodAutoscaler, { spec: { ...spec, behavior: { scaleDown: { selectPolicy: 'Disabled' } } } }).spec,
  ).toEqual({
    ...spec,
    minReplicas: 1,
    metrics: [cpu],
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: { selectPolicy: 'Disabled', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
    },
  });
});

test.each<[string, object, string]>([
  [
    'fewer at most than at least',
    { minReplicas: 7 },
    'spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`',
  ],
  [
    'none at all',
    { minReplicas: 0, metrics: [cpu] },
    'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
  ],
  ['no target', { scaleTargetRef: { kind: 'Deployment', name: '' } }, 'spec.scaleTargetRef.name: Required value'],
  [
    'an unknown metric',
    { metrics: [{ type: 'Mood' }] },
    'spec.metrics[0].type: Unsupported value: "Mood": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
  ],
  [
    'a metric without its source',
    { metrics: [{ type: 'Pods' }] },
    'spec.metrics[0].pods: Required value: must populate information for the given metric source',
  ],
  [
    'two sources',
    { metrics: [{ ...cpu, pods: pods.pods }] },
    'spec.metrics[0].pods: Forbidden: must populate the given metric source only',
  ],
  [
    'no use of the CPU',
    {
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0 } } },
      ],
    },
    'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
  ],
  [
    'a policy for nothing',
    { behavior: { scaleUp: { policies: [{ type: 'Pods', value: 0, periodSeconds: 2000 }] } } },
    'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 2000: must be less than or equal to 1800',
  ],
])('%s is refused', (_name, wrong, sentence) => {
  expect(problems(HorizontalPodAutoscaler, { spec: { ...spec, ...wrong } })).toContain(sentence);
});

describe('both versions', () => {
  const metadata = { name: 'x', namespace: 'ns', annotations: { mine: '1' } };
  const object = decoded(HorizontalPodAutoscaler, {
    metadata,
    spec: { ...spec, metrics: [cpu, pods], behavior: { scaleUp: {} } },
    status: {
      currentReplicas: 2,
      desiredReplicas: 3,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 70, averageValue: '700m' } } },
      ],
      conditions: [{ type: 'AbleToScale', status: 'True' }],
    },
  });

  test('say the same', () => {
    const old = toV1(object);
    expect(old.spec).toEqual({ scaleTargetRef, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 80 });
    expect(old.status).toEqual({ currentReplicas: 2, desiredReplicas: 3, currentCPUUtilizationPercentage: 70 });
    expect(old.metadata.annotations).toEqual({
      mine: '1',
      'autoscaling.alpha.kubernetes.io/behavior':
        '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15},{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}',
      'autoscaling.alpha.kubernetes.io/conditions': '[{"type":"AbleToScale","status":"True"}]',
      'autoscaling.alpha.kubernetes.io/current-metrics':
        '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":70,"currentAverageValue":"700m"}}]',
      'autoscaling.alpha.kubernetes.io/metrics':
        '[{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"100"}}]',
    });
    expect(toV2(old)).toEqual(object);
  });

  test('are validated and shown alike', () => {
    expect(problems(V1, { spec: { scaleTargetRef, maxReplicas: 0 } })).toEqual(
      problems(HorizontalPodAutoscaler, { spec: { scaleTargetRef, maxReplicas: 0 } }),
    );
    const shown = {
      Reference: 'Deployment/web',
      Targets: 'cpu: 70%/80%, <unknown>/100',
      MinPods: '1',
      MaxPods: 5,
      Replicas: 2,
    };
    expect(cells(HorizontalPodAutoscaler, { ...object })).toEqual(shown);
    expect(cells(V1, { ...toV1(object) })).toEqual(shown);
  });

  test('an autoscaler of the first version that says nothing watches the CPU', () => {
    expect(toV2(decoded(V1, { spec })).spec.metrics).toEqual([cpu]);
  });
});
