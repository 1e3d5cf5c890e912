/** Defaults of HorizontalPodAutoscalers. Source: kubernetes' autoscaling/v2 defaults. */
import type { Writable } from '../../machinery/schema.ts';
import type { HorizontalPodAutoscaler, HPAScalingRules, MetricSpec } from './horizontal-pod-autoscaler.ts';

/** What is measured when nothing is said: the CPU, which is to be used by four fifths. */
export const usualCpuMetric: MetricSpec = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
};

const usualRules: Readonly<Record<'scaleUp' | 'scaleDown', HPAScalingRules>> = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
};

/** Fills in what an autoscaler leaves open. */
export function defaultAutoscaler({ spec }: Writable<HorizontalPodAutoscaler>): void {
  spec.minReplicas ??= 1;
  if (!spec.metrics) spec.metrics = [structuredClone(usualCpuMetric) as Writable<MetricSpec>];
  const { behavior } = spec;
  if (!behavior) return;
  for (const direction of ['scaleUp', 'scaleDown'] as const) {
    behavior[direction] = {
      ...(structuredClone(usualRules[direction]) as Writable<HPAScalingRules>),
      ...behavior[direction],
    };
  }
}
