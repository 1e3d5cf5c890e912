import { forbidden } from '../../machinery/field-error.ts';
import { ageOf } from '../../machinery/human-duration.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { bool, int32, oneOf, text } from '../../machinery/schema.ts';

/** The highest value that users may give. Source: scheduling.HighestUserDefinablePriority. */
const highestUserValue = 1_000_000_000;

/** The classes that every cluster has, by name. Source: scheduling.SystemPriorityClasses. */
export const systemPriorities: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** Maps a priority name to the number the scheduler compares. */
export const PriorityClass = defineResource({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  scope: 'Cluster',
  shortNames: ['pc'],
  fields: {
    value: int32(2),
    globalDefault: bool(3).omitEmpty(),
    description: text(4).omitEmpty(),
    preemptionPolicy: oneOf(5, ['Never', 'PreemptLowerPriority']).default('PreemptLowerPriority'),
  },
  immutable: ['preemptionPolicy'],
  columns: {
    Value: { value: ({ value }) => value, type: 'integer' },
    'Global-Default': { value: ({ globalDefault }) => globalDefault ?? false, type: 'boolean' },
    Age: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
    PreemptionPolicy: ({ preemptionPolicy }) => preemptionPolicy,
  },
  prepareForCreate({ metadata }) {
    // It has a generation that nothing raises.
    metadata.generation = 1;
  },
  validate({ metadata: { name }, value }, { old }) {
    if (old) return value === old.value ? [] : [forbidden('value', 'may not be changed in an update.')];
    if (name.startsWith('system-')) {
      const reserved = systemPriorities[name] !== value;
      const detail = `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`;
      return reserved ? [forbidden('metadata.name', detail)] : [];
    }
    const tooHigh = `maximum allowed value of a user defined priority is ${highestUserValue}`;
    return value > highestUserValue ? [forbidden('value', tooHigh)] : [];
  },
});
export type PriorityClass = ObjectOf<typeof PriorityClass>;
