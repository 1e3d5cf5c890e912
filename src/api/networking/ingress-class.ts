import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const IngressClassParametersReference = defineStruct('IngressClassParametersReference', {
  apiGroup: text(1).optional(),
  kind: text(2),
  name: text(3),
  scope: text(4).optional(),
  namespace: text(5).optional(),
});
export type IngressClassParametersReference = TypeOf<typeof IngressClassParametersReference>;

export const IngressClassSpec = defineStruct('IngressClassSpec', {
  controller: text(1).omitEmpty(),
  parameters: struct(2, IngressClassParametersReference).optional(),
});
export type IngressClassSpec = TypeOf<typeof IngressClassSpec>;

const ingressClassFields = {
  spec: struct(2, IngressClassSpec).default({}),
};
/** A IngressClass. Source: networking.k8s.io/v1. */
export type IngressClass = StoredObject<typeof ingressClassFields>;

export const IngressClass = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  fields: ingressClassFields,
});
