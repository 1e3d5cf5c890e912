/** Validation of what autoscalers measure. Source: kubernetes' autoscaling validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, pathSegmentErrors } from '../../machinery/formats.ts';
import { compareQuantities } from '../../machinery/quantity.ts';
import { containerResourceNameErrors } from '../core/resource-validation.ts';
import { formatted } from '../core/value-checks.ts';
import type { MetricIdentifier, MetricSpec, MetricTarget } from './horizontal-pod-autoscaler.ts';
import { targetReferenceErrors } from './target-reference-validation.ts';

const sources = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;
const types: readonly string[] = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** What is wrong with a metric at `path`. */
export function metricErrors(metric: MetricSpec, path: string): FieldError[] {
  const own = `${path}.type`;
  const expected = sources.find((source) => source === `${metric.type.charAt(0).toLowerCase()}${metric.type.slice(1)}`);
  const given = sources.filter((source) => metric[source] !== undefined);
  const extra = given.length === 1 ? [] : given.filter((source) => source !== expected);
  return [
    ...(metric.type ? [] : [required(own, 'must specify a metric source type')]),
    ...(types.includes(metric.type) ? [] : [notSupported(own, metric.type, types)]),
    ...(given[0] === undefined ? [] : sourceErrors(metric, given[0], `${path}.${given[0]}`)),
    ...(expected !== undefined && metric[expected] === undefined
      ? [required(`${path}.${expected}`, 'must populate information for the given metric source')]
      : []),
    ...extra.map((source) => forbidden(`${path}.${source}`, 'must populate the given metric source only')),
  ];
}

function sourceErrors(metric: MetricSpec, name: (typeof sources)[number], path: string): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric;
  if (name === 'object' && object) {
    const { target } = object;
    const isOpen = target.value === undefined && target.averageValue === undefined;
    return [
      ...targetReferenceErrors(object.describedObject, `${path}.describedObject`),
      ...measureErrors(object, path),
      ...(isOpen ? [required(`${path}.target.averageValue`, 'must set either a target value or averageValue')] : []),
    ];
  }
  if (name === 'external' && external) return externalErrors(external, path);
  if (name === 'pods' && pods) {
    const detail = 'must specify a positive target averageValue';
    const missing = pods.target.averageValue === undefined ? [required(`${path}.target.averageValue`, detail)] : [];
    return [...measureErrors(pods, path), ...missing];
  }
  if (containerResource) {
    const { name: of, container } = containerResource;
    return [
      ...(of
        ? containerResourceNameErrors(of, `${path}.name`)
        : [required(`${path}.name`, 'must specify a resource name')]),
      ...(container
        ? formatted(container, `${path}.container`, dns1123LabelErrors)
        : [required(`${path}.container`, 'must specify a container')]),
      ...resourceTargetErrors(containerResource.target, `${path}.target`),
    ];
  }
  if (!resource) return [];
  return [
    ...(resource.name ? [] : [required(`${path}.name`, 'must specify a resource name')]),
    ...resourceTargetErrors(resource.target, `${path}.target`),
  ];
}

interface Measure {
  readonly metric: MetricIdentifier;
  readonly target: MetricTarget;
}

function measureErrors({ metric: { name }, target }: Measure, path: string): FieldError[] {
  const own = `${path}.metric.name`;
  return [
    ...(name
      ? pathSegmentErrors(name).map((detail) => invalid(own, name, detail))
      : [required(own, 'must specify a metric name')]),
    ...targetErrors(target, `${path}.target`),
  ];
}

function externalErrors(external: Measure, path: string): FieldError[] {
  const { value, averageValue } = external.target;
  const words = 'a target value for metric';
  return [
    ...measureErrors(external, path),
    ...(value === undefined && averageValue === undefined
      ? [required(`${path}.target.averageValue`, `must set either ${words} or a per-pod target`)]
      : []),
    ...(value !== undefined && averageValue !== undefined
      ? [forbidden(`${path}.target.value`, `may not set both ${words} and a per-pod target`)]
      : []),
  ];
}

function resourceTargetErrors(target: MetricTarget, path: string): FieldError[] {
  const { averageUtilization, averageValue } = target;
  const words = 'a target raw value';
  return [
    ...targetErrors(target, path),
    ...(averageUtilization === undefined && averageValue === undefined
      ? [required(`${path}.averageUtilization`, `must set either ${words} or a target utilization`)]
      : []),
    ...(averageUtilization !== undefined && averageValue !== undefined
      ? [forbidden(`${path}.averageValue`, `may not set both ${words} and a target utilization`)]
      : []),
  ];
}

function targetErrors({ type, value, averageValue, averageUtilization }: MetricTarget, path: string): FieldError[] {
  const positive = (amount: string | undefined, own: string): FieldError[] =>
    amount !== undefined && compareQuantities(amount, '0') <= 0 ? [invalid(own, amount, 'must be positive')] : [];
  return [
    ...(type ? [] : [required(`${path}.type`, 'must specify a metric target type')]),
    ...(['Utilization', 'Value', 'AverageValue'].includes(type)
      ? []
      : [invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...positive(value, `${path}.value`),
    ...positive(averageValue, `${path}.averageValue`),
    ...(averageUtilization !== undefined && averageUtilization < 1
      ? [invalid(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0')]
      : []),
  ];
}
