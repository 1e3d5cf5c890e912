/**
 * What autoscaling/v1 can't say in fields, as annotations: metrics in the shape that they had before autoscaling/v2.
 * Source: kubernetes' autoscaling/v1 conversion and types.
 */
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import type {
  HorizontalPodAutoscalerBehavior,
  HPAScalingRules,
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from './horizontal-pod-autoscaler.ts';

const prefix = 'autoscaling.alpha.kubernetes.io';
/** The annotations that hold them. */
export const hpaAnnotations = {
  metrics: `${prefix}/metrics`,
  currentMetrics: `${prefix}/current-metrics`,
  conditions: `${prefix}/conditions`,
  behavior: `${prefix}/behavior`,
} as const;

/** A metric in the old shape. */
export function metricToAnnotation({ type, object, pods, resource, containerResource, external }: MetricSpec): object {
  return definedOnly({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      targetValue: object.target.value ?? '0',
      selector: object.metric.selector,
      averageValue: object.target.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      targetAverageValue: pods.target.averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && { name: resource.name, ...targetToAnnotation(resource.target) },
    containerResource: containerResource && {
      name: containerResource.name,
      ...targetToAnnotation(containerResource.target),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      targetValue: external.target.value,
      targetAverageValue: external.target.averageValue,
    },
  });
}

function targetToAnnotation({ averageUtilization, averageValue }: MetricTarget): object {
  return { targetAverageUtilization: averageUtilization, targetAverageValue: averageValue };
}

/** A metric out of its old shape. */
export function metricFromAnnotation(metric: JsonObject): MetricSpec {
  const [object, pods, resource, container, external] = [
    part(metric, 'object'),
    part(metric, 'pods'),
    part(metric, 'resource'),
    part(metric, 'containerResource'),
    part(metric, 'external'),
  ];
  return definedOnly({
    type: metric['type'],
    object: object && {
      describedObject: object['target'],
      target: objectTarget(object),
      metric: identifier(object, 'selector'),
    },
    pods: pods && {
      metric: identifier(pods, 'selector'),
      target: { type: 'AverageValue', averageValue: pods['targetAverageValue'] },
    },
    resource: resource && { name: resource['name'], target: targetFromAnnotation(resource) },
    external: external && { metric: identifier(external, 'metricSelector'), target: externalTarget(external) },
    containerResource: container && {
      name: container['name'],
      target: targetFromAnnotation(container),
      container: container['container'],
    },
  }) as unknown as MetricSpec;
}

function objectTarget(object: JsonObject): object {
  if (object['averageValue'] !== undefined) return { type: 'AverageValue', averageValue: object['averageValue'] };
  return { type: 'Value', value: object['targetValue'] };
}

function externalTarget(external: JsonObject): object {
  if (external['targetValue'] !== undefined) return { type: 'Value', value: external['targetValue'] };
  return { type: 'AverageValue', averageValue: external['targetAverageValue'] };
}

function targetFromAnnotation(source: JsonObject): object {
  const utilization = source['targetAverageUtilization'];
  if (utilization !== undefined) return { type: 'Utilization', averageUtilization: utilization };
  return { type: 'AverageValue', averageValue: source['targetAverageValue'] };
}

/** The present value of a metric in the old shape. */
export function metricStatusToAnnotation(status: MetricStatus): object {
  const { type, object, pods, resource, containerResource, external } = status;
  return definedOnly({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      currentValue: object.current.value ?? '0',
      selector: object.metric.selector,
      averageValue: object.current.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      currentAverageValue: pods.current.averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && { name: resource.name, ...currentToAnnotation(resource.current) },
    containerResource: containerResource && {
      name: containerResource.name,
      ...currentToAnnotation(containerResource.current),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      currentValue: external.current.value ?? '0',
      currentAverageValue: external.current.averageValue,
    },
  });
}

function currentToAnnotation({ averageUtilization, averageValue }: MetricValueStatus): object {
  return { currentAverageUtilization: averageUtilization, currentAverageValue: averageValue ?? '0' };
}

/** The present value of a metric out of its old shape. */
export function metricStatusFromAnnotation(status: JsonObject): MetricStatus {
  const [object, pods, resource, container, external] = [
    part(status, 'object'),
    part(status, 'pods'),
    part(status, 'resource'),
    part(status, 'containerResource'),
    part(status, 'external'),
  ];
  const current = (source: JsonObject): object => ({
    averageValue: source['currentAverageValue'],
    averageUtilization: source['currentAverageUtilization'],
  });
  return definedOnly({
    type: status['type'],
    object: object && {
      metric: identifier(object, 'selector'),
      current: { value: object['currentValue'], averageValue: object['averageValue'] },
      describedObject: object['target'],
    },
    pods: pods && { metric: identifier(pods, 'selector'), current: { averageValue: pods['currentAverageValue'] } },
    resource: resource && { name: resource['name'], current: current(resource) },
    external: external && {
      metric: identifier(external, 'metricSelector'),
      current: { value: external['currentValue'], averageValue: external['currentAverageValue'] },
    },
    containerResource: container && {
      name: container['name'],
      current: current(container),
      container: container['container'],
    },
  }) as unknown as MetricStatus;
}

/** How fast to scale, with upstream's names of its own structs, which have escaped into the annotation. */
export function behaviorToAnnotation({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): object {
  return { ScaleUp: rulesToAnnotation(scaleUp), ScaleDown: rulesToAnnotation(scaleDown) };
}

function rulesToAnnotation(rules: HPAScalingRules | undefined): object | null {
  if (!rules) return null;
  const policies = (rules.policies ?? []).map(({ type, value, periodSeconds }) => ({
    Type: type,
    Value: value,
    PeriodSeconds: periodSeconds,
  }));
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
    SelectPolicy: rules.selectPolicy ?? null,
    Policies: policies,
    Tolerance: rules.tolerance ?? null,
  };
}

/** How fast to scale, out of the annotation, whatever the case of its names. */
export function behaviorFromAnnotation(behavior: JsonObject): HorizontalPodAutoscalerBehavior {
  return withLowerNames(behavior) as HorizontalPodAutoscalerBehavior;
}

function withLowerNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withLowerNames);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(
    entries.map(([name, member]) => [`${name.charAt(0).toLowerCase()}${name.slice(1)}`, withLowerNames(member)]),
  );
}

function part(source: JsonObject, name: string): JsonObject | undefined {
  const value = source[name];
  return isJsonObject(value) ? value : undefined;
}

function identifier(source: JsonObject, selector: string): MetricIdentifier {
  return definedOnly({ name: source['metricName'], selector: source[selector] }) as unknown as MetricIdentifier;
}

/** A copy without undefined members, at any depth. */
function definedOnly(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}
