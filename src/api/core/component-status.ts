/** ComponentStatus: whether a part of the control plane is well; long deprecated. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const ComponentCondition = defineStruct('ComponentCondition', {
  type: text(1),
  status: text(2),
  message: text(3).omitEmpty(),
  error: text(4).omitEmpty(),
});
export type ComponentCondition = TypeOf<typeof ComponentCondition>;

const componentStatusFields = {
  conditions: list(2, ComponentCondition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
};
export type ComponentStatus = StoredObject<typeof componentStatusFields>;

export const ComponentStatus = defineResource({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  scope: 'Cluster',
  shortNames: ['cs'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  verbs: ['get', 'list'],
  fields: componentStatusFields,
  columns: {
    Name: ({ metadata }) => metadata.name,
    Status: { description: 'Status of the component conditions', value: healthText },
    Message: { description: 'Message of the component conditions', value: (status) => healthOf(status)?.message ?? '' },
    Error: { description: 'Error of the component conditions', value: (status) => healthOf(status)?.error ?? '' },
  },
});

function healthOf({ conditions = [] }: ComponentStatus): ComponentCondition | undefined {
  return conditions.find(({ type }) => type === 'Healthy');
}

function healthText(status: ComponentStatus): string {
  const health = healthOf(status);
  if (!health) return 'Unknown';
  return health.status === 'True' ? 'Healthy' : 'Unhealthy';
}
