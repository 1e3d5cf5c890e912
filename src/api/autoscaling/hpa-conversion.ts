/**
 * A HorizontalPodAutoscaler is one stored object with two faces: autoscaling/v2 and autoscaling/v1. These turn one into the
 * other. Source: kubernetes' autoscaling/v1 conversion.
 */
import type { JsonObject } from '../../base/json.ts';
import type { ObjectMeta } from '../../machinery/meta.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import {
  behaviorFromAnnotation,
  behaviorToAnnotation,
  hpaAnnotations,
  metricFromAnnotation,
  metricStatusFromAnnotation,
  metricStatusToAnnotation,
  metricToAnnotation,
} from './hpa-annotations.ts';
import type { HorizontalPodAutoscaler as V1 } from './horizontal-pod-autoscaler-v1.ts';
import { usualCpuMetric } from './horizontal-pod-autoscaler-defaults.ts';
import type {
  HorizontalPodAutoscaler as V2,
  HorizontalPodAutoscalerCondition,
  MetricSpec,
  MetricStatus,
} from './horizontal-pod-autoscaler.ts';

/** The autoscaling/v1 form. */
export function toV1({ metadata, spec, status }: V2): V1 {
  const { metrics = [], behavior, scaleTargetRef, minReplicas, maxReplicas } = spec;
  const { currentMetrics = [], conditions = [], ...counts } = status;
  const others = metrics.filter((metric) => cpuUtilization(metric) === undefined);
  const annotations = {
    ...(others.length > 0 ? { [hpaAnnotations.metrics]: JSON.stringify(others.map(metricToAnnotation)) } : {}),
    ...(currentMetrics.length > 0
      ? { [hpaAnnotations.currentMetrics]: JSON.stringify(currentMetrics.map(metricStatusToAnnotation)) }
      : {}),
    ...(behavior ? { [hpaAnnotations.behavior]: JSON.stringify(behaviorToAnnotation(behavior)) } : {}),
    ...(conditions.length > 0 ? { [hpaAnnotations.conditions]: JSON.stringify(conditions) } : {}),
  };
  const cpu = currentMetrics.find(({ resource }) => resource?.name === 'cpu' && resource.current.averageUtilization);
  return definedOnly({
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: withAnnotations(metadata, annotations),
    spec: {
      scaleTargetRef,
      minReplicas,
      maxReplicas,
      targetCPUUtilizationPercentage: metrics.map(cpuUtilization).find((value) => value !== undefined),
    },
    status: {
      observedGeneration: counts.observedGeneration,
      lastScaleTime: counts.lastScaleTime,
      currentReplicas: counts.currentReplicas ?? 0,
      desiredReplicas: counts.desiredReplicas,
      currentCPUUtilizationPercentage: cpu?.resource?.current.averageUtilization,
    },
  });
}

/** The autoscaling/v2 form. Annotations that can't be read are ignored. */
export function toV2({ metadata, spec, status }: V1): V2 {
  const { targetCPUUtilizationPercentage: target, ...own } = spec;
  const { currentCPUUtilizationPercentage: current, ...counts } = status;
  const stated = [
    ...(target === undefined ? [] : [cpuMetric(target)]),
    ...read(metadata, 'metrics').map(metricFromAnnotation),
  ];
  const [behavior] = read(metadata, 'behavior');
  const measured = read(metadata, 'currentMetrics').map(metricStatusFromAnnotation);
  const currentMetrics = measured.length > 0 || current === undefined ? measured : [cpuStatus(current)];
  const conditions = read(metadata, 'conditions') as unknown as readonly HorizontalPodAutoscalerCondition[];
  return definedOnly({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: withAnnotations(metadata, {}),
    spec: {
      ...own,
      metrics: stated.length > 0 ? stated : [usualCpuMetric],
      behavior: behavior && behaviorFromAnnotation(behavior),
    },
    status: {
      ...counts,
      currentMetrics: currentMetrics.length > 0 ? currentMetrics : undefined,
      conditions: conditions.length > 0 ? conditions : undefined,
    },
  });
}

function cpuUtilization({ type, resource }: MetricSpec): number | undefined {
  return type === 'Resource' && resource?.name === 'cpu' ? resource.target.averageUtilization : undefined;
}

function cpuMetric(averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

function cpuStatus(averageUtilization: number): MetricStatus {
  return { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } };
}

const names = new Set<string>(Object.values(hpaAnnotations));

/** The metadata with just these of the annotations that carry parts of the object. */
function withAnnotations(metadata: ObjectMeta, added: Readonly<Record<string, string>>): ObjectMeta {
  const { annotations: old = {}, ...rest } = metadata;
  const kept = Object.entries(old).filter(([name]) => !names.has(name));
  const all = [...kept, ...Object.entries(added)].sort(([a], [b]) => (a < b ? -1 : 1));
  return all.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(all) };
}

function read({ annotations }: ObjectMeta, name: keyof typeof hpaAnnotations): JsonObject[] {
  const text = annotations?.[hpaAnnotations[name]];
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]).filter(isJsonObject);
  } catch {
    return [];
  }
}

function definedOnly<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
