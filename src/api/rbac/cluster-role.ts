/** ClusterRole: what may be done everywhere, or wherever it is bound. Source: rbac.authorization.k8s.io/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { defineStruct, list, struct } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { PolicyRule } from './role.ts';
import { createdColumns } from '../core/created-columns.ts';
import { roleErrors } from './rbac-validation.ts';

export const AggregationRule = defineStruct('AggregationRule', {
  clusterRoleSelectors: list(1, LabelSelector).optional(),
});
export type AggregationRule = TypeOf<typeof AggregationRule>;

export const ClusterRole = defineResource({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  createdByReplace: true,
  nameFormat: 'path',
  fields: {
    rules: list(2, PolicyRule).optional(),
    aggregationRule: struct(3, AggregationRule).optional(),
  },
  columns: createdColumns,
  validate: (role) => roleErrors(role, { namespaced: false }),
});
export type ClusterRole = ObjectOf<typeof ClusterRole>;
