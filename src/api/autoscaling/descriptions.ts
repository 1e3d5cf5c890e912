/** What autoscalers, scales and their fields are for. */
import type { Descriptions, StructDescriptions } from '../../machinery/descriptions.ts';

const metricKinds: StructDescriptions = {
  type: 'Which of the others is set: Object, Pods, Resource, ContainerResource or External.',
  object: 'A metric of one object.',
  pods: 'A metric of each pod.',
  resource: 'A resource that the pods request.',
  containerResource: 'A resource that a container of the pods requests.',
  external: 'A metric from outside the cluster.',
};
const metric = 'The metric.';
const target = 'The value aimed at.';
const current = 'The value now.';
const resource = 'cpu or memory.';
const container = 'Name of the container.';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  HorizontalPodAutoscaler: { '': 'Changes the number of pods by what they have to do.' },
  HorizontalPodAutoscalerSpec: {
    '': 'What is scaled, between which bounds, by what.',
    scaleTargetRef: 'What is scaled.',
    minReplicas: 'The fewest pods; 1 by default.',
    maxReplicas: 'The most pods.',
    metrics: 'What is measured; the one that wants most pods decides.',
    behavior: 'How fast it goes up and down.',
    targetCPUUtilizationPercentage: 'The use of requested CPU that is aimed at, in percent.',
  },
  CrossVersionObjectReference: {
    '': 'Names an object.',
    kind: 'Its kind.',
    name: 'Its name.',
    apiVersion: 'Group and version of the kind.',
  },
  MetricSpec: { '': 'Something to measure.', ...metricKinds },
  MetricStatus: { '': 'Something that was measured.', ...metricKinds },
  ObjectMetricSource: { '': 'A metric of one object.', describedObject: 'The object.', target, metric },
  MetricTarget: {
    '': 'A value aimed at.',
    type: 'Utilization, Value or AverageValue.',
    value: 'The value.',
    averageValue: 'The value per pod.',
    averageUtilization: 'The use per pod of what is requested, in percent.',
  },
  MetricIdentifier: { '': 'Names a metric.', name: 'Its name.', selector: 'Labels of the metric.' },
  PodsMetricSource: { '': 'A metric of each pod.', metric, target },
  ResourceMetricSource: { '': 'A resource that the pods request.', name: resource, target },
  ContainerResourceMetricSource: {
    '': 'A resource that a container of the pods requests.',
    name: resource,
    target,
    container,
  },
  ExternalMetricSource: { '': 'A metric from outside the cluster.', metric, target },
  HorizontalPodAutoscalerBehavior: {
    '': 'How fast the number of pods changes.',
    scaleUp: 'Upwards.',
    scaleDown: 'Downwards.',
  },
  HPAScalingRules: {
    '': 'How fast it goes in one direction.',
    selectPolicy: 'Which policy decides: Max, Min or Disabled.',
    policies: 'The policies.',
    stabilizationWindowSeconds: 'How far back to look for the safest number, in seconds.',
    tolerance: 'How far off the target is still good enough; 0.1 by default.',
  },
  HPAScalingPolicy: {
    '': 'How much may change in a time.',
    type: 'Pods or Percent.',
    value: 'How much.',
    periodSeconds: 'The time, in seconds.',
  },
  HorizontalPodAutoscalerStatus: {
    '': 'What was measured and done.',
    observedGeneration: 'The generation of the spec that this status is about.',
    lastScaleTime: 'When the number last changed.',
    currentReplicas: 'How many pods there were.',
    desiredReplicas: 'How many pods there should be.',
    currentMetrics: 'What was measured.',
    conditions: 'What is the case.',
    currentCPUUtilizationPercentage: 'The use of requested CPU, in percent.',
  },
  ObjectMetricStatus: { '': 'A metric of one object.', metric, current, describedObject: 'The object.' },
  MetricValueStatus: {
    '': 'A value.',
    value: 'The value.',
    averageValue: 'The value per pod.',
    averageUtilization: 'The use per pod of what is requested, in percent.',
  },
  PodsMetricStatus: { '': 'A metric of each pod.', metric, current },
  ResourceMetricStatus: { '': 'A resource that the pods request.', name: resource, current },
  ContainerResourceMetricStatus: {
    '': 'A resource that a container of the pods requests.',
    name: resource,
    current,
    container,
  },
  ExternalMetricStatus: { '': 'A metric from outside the cluster.', metric, current },
  Scale: { '': 'How many replicas something has and should have.' },
  ScaleSpec: { '': 'How many there should be.', replicas: 'The number.' },
  ScaleStatus: {
    '': 'How many there are.',
    replicas: 'The number.',
    selector: 'Labels of the pods, as text.',
  },
};
