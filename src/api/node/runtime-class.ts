/** RuntimeClass: which container runtime runs a pod, and what it costs. Source: node.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, map, quantity, struct, text } from '../../machinery/schema.ts';
import { Toleration } from '../core/pod-spec.ts';
import { runtimeClassErrors } from './runtime-class-validation.ts';

/** What a pod of the class uses besides its containers. */
export const Overhead = defineStruct('Overhead', { podFixed: map(1, quantity).optional() });

/** Which nodes have the runtime. */
export const Scheduling = defineStruct('Scheduling', {
  nodeSelector: map(1, text, { atomic: true }).optional(),
  tolerations: list(2, Toleration).optional(),
});

const runtimeClassFields = {
  handler: text(2),
  overhead: struct(3, Overhead).optional(),
  scheduling: struct(4, Scheduling).optional(),
};
export type RuntimeClass = StoredObject<typeof runtimeClassFields>;

/** Names a runtime of the nodes for pods to ask for. */
export const RuntimeClass = defineResource({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  scope: 'Cluster',
  fields: runtimeClassFields,
  immutable: ['handler'],
  columns: { Handler: ({ handler }) => handler },
  validate: runtimeClassErrors,
});
