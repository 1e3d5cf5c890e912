/** Namespace: a scope for names and for rights. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, oneOf, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf, Writable } from '../../machinery/schema.ts';
import { namespaceErrors } from './namespace-validation.ts';

export const NamespaceSpec = defineStruct('NamespaceSpec', {
  finalizers: list(1, text).optional(),
});
export type NamespaceSpec = TypeOf<typeof NamespaceSpec>;

export const NamespaceCondition = defineStruct('NamespaceCondition', {
  type: text(1),
  status: text(2),
  lastTransitionTime: time(4).omitEmpty(),
  reason: text(5).omitEmpty(),
  message: text(6).omitEmpty(),
});
export type NamespaceCondition = TypeOf<typeof NamespaceCondition>;

export const NamespaceStatus = defineStruct('NamespaceStatus', {
  phase: oneOf(1, ['Active', 'Terminating']).omitEmpty(),
  conditions: list(2, NamespaceCondition, { type: 'map', keys: ['type'], mergeKey: 'type', patch: 'merge' }).optional(),
});
export type NamespaceStatus = TypeOf<typeof NamespaceStatus>;

const namespaceFields = {
  spec: struct(2, NamespaceSpec).default({}),
  status: struct(3, NamespaceStatus).default({}),
};
export type Namespace = StoredObject<typeof namespaceFields>;

export const Namespace = defineResource({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  scope: 'Cluster',
  countsGeneration: false,
  shortNames: ['ns'],
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status', 'finalize'],
  specSubresources: { finalize: ({ spec: { finalizers } }, { spec }) => ({ ...spec, finalizers }) },
  nameFormat: 'label',
  fields: namespaceFields,
  columns: { Status: { description: 'The status of the namespace', value: ({ status }) => status.phase } },
  selectableFields: {
    name: ({ metadata }) => metadata.name,
    'status.phase': ({ status }) => status.phase ?? '',
  },
  defaults({ metadata }) {
    if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  },
  validate: namespaceErrors,
  // Finalizers go through a path of their own.
  prepareForUpdate(namespace, old) {
    namespace.spec = structuredClone(old.spec) as Writable<NamespaceSpec>;
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    namespace.spec.finalizers = [...new Set([...(namespace.spec.finalizers ?? []), 'kubernetes'])];
  },
});
