/** HorizontalPodAutoscaler: how many replicas something has, by what is measured. Source: autoscaling/v2. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, int64, list, quantity, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { autoscalerColumns } from './horizontal-pod-autoscaler-columns.ts';
import { defaultAutoscaler } from './horizontal-pod-autoscaler-defaults.ts';
import { autoscalerErrors } from './horizontal-pod-autoscaler-validation.ts';

export const CrossVersionObjectReference = defineStruct('CrossVersionObjectReference', {
  kind: text(1),
  name: text(2),
  apiVersion: text(3).omitEmpty(),
});
export type CrossVersionObjectReference = TypeOf<typeof CrossVersionObjectReference>;

export const HPAScalingPolicy = defineStruct('HPAScalingPolicy', {
  type: text(1),
  value: int32(2),
  periodSeconds: int32(3),
});
export type HPAScalingPolicy = TypeOf<typeof HPAScalingPolicy>;

export const HPAScalingRules = defineStruct('HPAScalingRules', {
  selectPolicy: text(1).optional(),
  policies: list(2, HPAScalingPolicy).optional(),
  stabilizationWindowSeconds: int32(3).optional(),
  tolerance: quantity(4).optional(),
});
export type HPAScalingRules = TypeOf<typeof HPAScalingRules>;

export const HorizontalPodAutoscalerBehavior = defineStruct('HorizontalPodAutoscalerBehavior', {
  scaleUp: struct(1, HPAScalingRules).optional(),
  scaleDown: struct(2, HPAScalingRules).optional(),
});
export type HorizontalPodAutoscalerBehavior = TypeOf<typeof HorizontalPodAutoscalerBehavior>;

export const MetricTarget = defineStruct('MetricTarget', {
  type: text(1),
  value: quantity(2).optional(),
  averageValue: quantity(3).optional(),
  averageUtilization: int32(4).optional(),
});
export type MetricTarget = TypeOf<typeof MetricTarget>;

export const ContainerResourceMetricSource = defineStruct('ContainerResourceMetricSource', {
  name: text(1),
  target: struct(2, MetricTarget),
  container: text(3),
});
export type ContainerResourceMetricSource = TypeOf<typeof ContainerResourceMetricSource>;

export const MetricIdentifier = defineStruct('MetricIdentifier', {
  name: text(1),
  selector: struct(2, LabelSelector).optional(),
});
export type MetricIdentifier = TypeOf<typeof MetricIdentifier>;

export const ExternalMetricSource = defineStruct('ExternalMetricSource', {
  metric: struct(1, MetricIdentifier),
  target: struct(2, MetricTarget),
});
export type ExternalMetricSource = TypeOf<typeof ExternalMetricSource>;

export const ObjectMetricSource = defineStruct('ObjectMetricSource', {
  describedObject: struct(1, CrossVersionObjectReference),
  target: struct(2, MetricTarget),
  metric: struct(3, MetricIdentifier),
});
export type ObjectMetricSource = TypeOf<typeof ObjectMetricSource>;

export const PodsMetricSource = defineStruct('PodsMetricSource', {
  metric: struct(1, MetricIdentifier),
  target: struct(2, MetricTarget),
});
export type PodsMetricSource = TypeOf<typeof PodsMetricSource>;

export const ResourceMetricSource = defineStruct('ResourceMetricSource', {
  name: text(1),
  target: struct(2, MetricTarget),
});
export type ResourceMetricSource = TypeOf<typeof ResourceMetricSource>;

export const MetricSpec = defineStruct('MetricSpec', {
  type: text(1),
  object: struct(2, ObjectMetricSource).optional(),
  pods: struct(3, PodsMetricSource).optional(),
  resource: struct(4, ResourceMetricSource).optional(),
  external: struct(5, ExternalMetricSource).optional(),
  containerResource: struct(7, ContainerResourceMetricSource).optional(),
});
export type MetricSpec = TypeOf<typeof MetricSpec>;

export const HorizontalPodAutoscalerSpec = defineStruct('HorizontalPodAutoscalerSpec', {
  scaleTargetRef: struct(1, CrossVersionObjectReference),
  minReplicas: int32(2).optional(),
  maxReplicas: int32(3),
  metrics: list(4, MetricSpec).optional(),
  behavior: struct(5, HorizontalPodAutoscalerBehavior).optional(),
});
export type HorizontalPodAutoscalerSpec = TypeOf<typeof HorizontalPodAutoscalerSpec>;

export const HorizontalPodAutoscalerCondition = defineStruct('HorizontalPodAutoscalerCondition', {
  type: text(1),
  status: text(2),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});
export type HorizontalPodAutoscalerCondition = TypeOf<typeof HorizontalPodAutoscalerCondition>;

export const MetricValueStatus = defineStruct('MetricValueStatus', {
  value: quantity(1).optional(),
  averageValue: quantity(2).optional(),
  averageUtilization: int32(3).optional(),
});
export type MetricValueStatus = TypeOf<typeof MetricValueStatus>;

export const ContainerResourceMetricStatus = defineStruct('ContainerResourceMetricStatus', {
  name: text(1),
  current: struct(2, MetricValueStatus),
  container: text(3),
});
export type ContainerResourceMetricStatus = TypeOf<typeof ContainerResourceMetricStatus>;

export const ExternalMetricStatus = defineStruct('ExternalMetricStatus', {
  metric: struct(1, MetricIdentifier),
  current: struct(2, MetricValueStatus),
});
export type ExternalMetricStatus = TypeOf<typeof ExternalMetricStatus>;

export const ObjectMetricStatus = defineStruct('ObjectMetricStatus', {
  metric: struct(1, MetricIdentifier),
  current: struct(2, MetricValueStatus),
  describedObject: struct(3, CrossVersionObjectReference),
});
export type ObjectMetricStatus = TypeOf<typeof ObjectMetricStatus>;

export const PodsMetricStatus = defineStruct('PodsMetricStatus', {
  metric: struct(1, MetricIdentifier),
  current: struct(2, MetricValueStatus),
});
export type PodsMetricStatus = TypeOf<typeof PodsMetricStatus>;

export const ResourceMetricStatus = defineStruct('ResourceMetricStatus', {
  name: text(1),
  current: struct(2, MetricValueStatus),
});
export type ResourceMetricStatus = TypeOf<typeof ResourceMetricStatus>;

export const MetricStatus = defineStruct('MetricStatus', {
  type: text(1),
  object: struct(2, ObjectMetricStatus).optional(),
  pods: struct(3, PodsMetricStatus).optional(),
  resource: struct(4, ResourceMetricStatus).optional(),
  external: struct(5, ExternalMetricStatus).optional(),
  containerResource: struct(7, ContainerResourceMetricStatus).optional(),
});
export type MetricStatus = TypeOf<typeof MetricStatus>;

export const HorizontalPodAutoscalerStatus = defineStruct('HorizontalPodAutoscalerStatus', {
  observedGeneration: int64(1).optional(),
  lastScaleTime: time(2).optional(),
  currentReplicas: int32(3).omitEmpty(),
  desiredReplicas: int32(4),
  currentMetrics: list(5, MetricStatus).optional(),
  conditions: list(6, HorizontalPodAutoscalerCondition, {
    type: 'map',
    keys: ['type'],
    mergeKey: 'type',
    patch: 'merge',
  }).optional(),
});
export type HorizontalPodAutoscalerStatus = TypeOf<typeof HorizontalPodAutoscalerStatus>;

const horizontalPodAutoscalerFields = {
  spec: struct(2, HorizontalPodAutoscalerSpec),
  status: struct(3, HorizontalPodAutoscalerStatus).default({}),
};
export type HorizontalPodAutoscaler = StoredObject<typeof horizontalPodAutoscalerFields>;

export const HorizontalPodAutoscaler = defineResource({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: ['status'],
  countsGeneration: false,
  fields: horizontalPodAutoscalerFields,
  columns: autoscalerColumns,
  defaults: defaultAutoscaler,
  validate: autoscalerErrors,
});
