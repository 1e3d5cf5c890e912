/** Descriptions of what scales workloads and of what keeps them from being scaled. Source: kubectl's describe. */
import type {
  HorizontalPodAutoscaler,
  HPAScalingRules,
  MetricSpec,
  MetricTarget,
} from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import type { PodDisruptionBudget } from '../../api/policy/pod-disruption-budget.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { longTime } from './meta-lines.ts';
import { selectorText, writeMarks, writeName } from './workload-lines.ts';

type MetricStatus = NonNullable<HorizontalPodAutoscaler['status']['currentMetrics']>[number];
/** What a metric is at. */
type Value = Omit<MetricTarget, 'type'>;

const unknown = '<unknown>';

/** Everything about an autoscaler but its events. */
export async function describeAutoscaler(
  autoscaler: HorizontalPodAutoscaler,
  { writer }: DescribeContext,
): Promise<void> {
  const { metadata, spec, status } = autoscaler;
  const { kind, name } = spec.scaleTargetRef;
  writeName(writer, autoscaler);
  writeMarks(writer, autoscaler);
  writer.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  writer.line(0, `Reference:\t${kind}/${name}`);
  writer.line(0, 'Metrics:\t( current / target )');
  (spec.metrics ?? []).forEach((metric, at) => writer.line(1, metricText(metric, status.currentMetrics?.[at])));
  writer.line(0, `Min replicas:\t${spec.minReplicas ?? '<unset>'}`);
  writer.line(0, `Max replicas:\t${spec.maxReplicas}`);
  if (spec.behavior) {
    writer.line(0, 'Behavior:');
    writeRules(writer, 'Scale Up', spec.behavior.scaleUp);
    writeRules(writer, 'Scale Down', spec.behavior.scaleDown);
  }
  writer.line(0, `${kind} pods:\t${status.currentReplicas ?? 0} current / ${status.desiredReplicas} desired`);
  if (!status.conditions?.length) return;
  writer.line(0, 'Conditions:');
  writer.line(1, 'Type\tStatus\tReason\tMessage');
  writer.line(1, '----\t------\t------\t-------');
  for (const condition of status.conditions) {
    writer.line(1, `${condition.type}\t${condition.status}\t${condition.reason ?? ''}\t${condition.message ?? ''}`);
  }
}

function metricText({ type, ...metric }: MetricSpec, status: MetricStatus | undefined): string {
  const { external, pods, object, resource, containerResource } = metric;
  if (type === 'External' && external) {
    const what = external.target.averageValue === undefined ? 'value' : 'average value';
    return `${JSON.stringify(external.metric.name)} (target ${what}):\t${amounts(external.target, status?.external?.current)}`;
  }
  if (type === 'Pods' && pods) {
    return `${JSON.stringify(pods.metric.name)} on pods:\t${amounts(pods.target, status?.pods?.current)}`;
  }
  if (type === 'Object' && object) {
    const { kind, name } = object.describedObject;
    const what = object.target.type === 'AverageValue' ? 'average value' : 'value';
    return `"${object.metric.name}" on ${kind}/${name} (target ${what}):\t${amounts(object.target, status?.object?.current)}`;
  }
  if (type === 'Resource' && resource) {
    return `resource ${resource.name} on pods${usageText(resource.target, status?.resource?.current)}`;
  }
  if (type === 'ContainerResource' && containerResource) {
    const { name, container, target } = containerResource;
    return `resource ${name} of container "${container}" on pods${usageText(target, status?.containerResource?.current)}`;
  }
  return `<unknown metric type ${JSON.stringify(type)}>`;
}

function amounts(target: MetricTarget, current: Value | undefined): string {
  const wanted = target.averageValue ?? target.value ?? '<nil>';
  return `${current?.averageValue ?? current?.value ?? unknown} / ${wanted}`;
}

function usageText(target: MetricTarget, current: Value | undefined): string {
  if (target.averageValue !== undefined) return `:\t${current?.averageValue ?? unknown} / ${target.averageValue}`;
  const isKnown = current?.averageUtilization !== undefined;
  const used = isKnown ? `${current.averageUtilization}% (${current.averageValue ?? '<nil>'})` : unknown;
  const wanted = target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`;
  return `  (as a percentage of request):\t${used} / ${wanted}`;
}

function writeRules(writer: DescribeWriter, title: string, rules: HPAScalingRules | undefined): void {
  if (!rules) return;
  const { stabilizationWindowSeconds: seconds, policies = [], selectPolicy = 'Max' } = rules;
  writer.line(1, `${title}:`);
  if (seconds !== undefined) writer.line(2, `Stabilization Window: ${seconds} seconds`);
  if (policies.length === 0) return;
  writer.line(2, `Select Policy: ${selectPolicy}`);
  writer.line(2, 'Policies:');
  for (const { type, value, periodSeconds } of policies) {
    writer.line(3, `- Type: ${type}\tValue: ${value}\tPeriod: ${periodSeconds} seconds`);
  }
}

/** Everything about a disruption budget but its events. */
export async function describeDisruptionBudget(
  budget: PodDisruptionBudget,
  { writer }: DescribeContext,
): Promise<void> {
  const { spec, status } = budget;
  writeName(writer, budget);
  if (spec.minAvailable !== undefined) writer.line(0, `Min available:\t${spec.minAvailable}`);
  else if (spec.maxUnavailable !== undefined) writer.line(0, `Max unavailable:\t${spec.maxUnavailable}`);
  writer.line(0, `Selector:\t${spec.selector ? selectorText(spec.selector) : '<unset>'}`);
  writer.line(0, 'Status:');
  writer.line(2, `Allowed disruptions:\t${status.disruptionsAllowed}`);
  writer.line(2, `Current:\t${status.currentHealthy}`);
  writer.line(2, `Desired:\t${status.desiredHealthy}`);
  writer.line(2, `Total:\t${status.expectedPods}`);
}
