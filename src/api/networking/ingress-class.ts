/** IngressClass: which controller carries out the ingresses of a class. Source: networking.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ingressClassErrors } from './ingress-class-validation.ts';

/** The object that holds a controller's settings for a class. */
export const IngressClassParametersReference = defineStruct('IngressClassParametersReference', {
  apiGroup: text(1).optional(),
  kind: text(2),
  name: text(3),
  scope: text(4).optional(),
  namespace: text(5).optional(),
});
export type IngressClassParametersReference = TypeOf<typeof IngressClassParametersReference>;

/** The controller, under a domain-prefixed name, and its settings. */
export const IngressClassSpec = defineStruct('IngressClassSpec', {
  controller: text(1).omitEmpty(),
  parameters: struct(2, IngressClassParametersReference).optional(),
});
export type IngressClassSpec = TypeOf<typeof IngressClassSpec>;

const ingressClassFields = {
  spec: struct(2, IngressClassSpec).default({}),
};
export type IngressClass = StoredObject<typeof ingressClassFields>;

/** Names an ingress controller for ingresses to ask for. */
export const IngressClass = defineResource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  fields: ingressClassFields,
  columns: {
    Controller: {
      value: ({ spec }) => spec.controller ?? '',
      description: 'Controller that is responsible for handling this class',
    },
    Parameters: { value: parametersText, description: 'A reference to a resource with additional parameters' },
  },
  immutable: ['spec.controller'],
  validate: ingressClassErrors,
  defaults({ spec }) {
    if (spec.parameters) spec.parameters.scope ??= 'Cluster';
  },
});

function parametersText({ spec: { parameters } }: IngressClass): string {
  if (!parameters) return '<none>';
  const { apiGroup, kind, name } = parameters;
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`;
}
