/** The columns of `kubectl get hpa`. */
import type { Column } from '../../machinery/resource.ts';
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from './horizontal-pod-autoscaler.ts';

const shown = 2;
const unknown = '<unknown>';

/** The columns beside Name and Age. */
export const autoscalerColumns: Readonly<Record<string, Column<HorizontalPodAutoscaler>>> = {
  Reference: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
  Targets: targetsText,
  MinPods: ({ spec }) => (spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas)),
  MaxPods: ({ spec }) => spec.maxReplicas,
  Replicas: ({ status }) => status.currentReplicas ?? 0,
};

function targetsText({ spec: { metrics = [] }, status: { currentMetrics = [] } }: HorizontalPodAutoscaler): string {
  if (metrics.length === 0) return '<none>';
  const texts = metrics.map((metric, index) => metricText(metric, currentMetrics[index]));
  const more = texts.length > shown ? ` + ${texts.length - shown} more...` : '';
  return `${texts.slice(0, shown).join(', ')}${more}`;
}

function metricText(metric: MetricSpec, status: MetricStatus | undefined): string {
  const { pods, resource, containerResource } = metric;
  switch (metric.type) {
    case 'External':
      return valueText(metric.external?.target, status?.external?.current);
    case 'Object':
      return valueText(metric.object?.target, status?.object?.current);
    case 'Pods':
      return `${status?.pods ? (status.pods.current.averageValue ?? '0') : unknown}/${pods?.target.averageValue ?? ''}`;
    case 'Resource':
      return `${resource?.name ?? ''}: ${utilizationText(resource?.target, status?.resource?.current)}`;
    case 'ContainerResource':
      return `${containerResource?.name ?? ''}: ${utilizationText(containerResource?.target, status?.containerResource?.current)}`;
    default:
      return '<unknown type>';
  }
}

function valueText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current ? (current.value ?? '0') : unknown}/${target?.value ?? ''}`;
}

function utilizationText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined)
    return `${current ? (current.averageValue ?? '0') : unknown}/${target.averageValue}`;
  const percent = (value: number | undefined, absent: string): string => (value === undefined ? absent : `${value}%`);
  return `${percent(current?.averageUtilization, unknown)}/${percent(target?.averageUtilization, '<auto>')}`;
}
