import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bytes, defineStruct, inlined, int32, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const MatchCondition = defineStruct('MatchCondition', {
  name: text(1),
  expression: text(2),
});
export type MatchCondition = TypeOf<typeof MatchCondition>;

export const Rule = defineStruct('Rule', {
  apiGroups: list(1, text).optional(),
  apiVersions: list(2, text).optional(),
  resources: list(3, text).optional(),
  scope: oneOf(4, ['*', 'Cluster', 'Namespaced']).optional(),
});
export type Rule = TypeOf<typeof Rule>;

export const RuleWithOperations = defineStruct('RuleWithOperations', {
  operations: list(1, text).optional(),
  ...inlined(2, Rule),
});
export type RuleWithOperations = TypeOf<typeof RuleWithOperations>;

export const ServiceReference = defineStruct('ServiceReference', {
  namespace: text(1),
  name: text(2),
  path: text(3).optional(),
  port: int32(4).optional(),
});
export type ServiceReference = TypeOf<typeof ServiceReference>;

export const WebhookClientConfig = defineStruct('WebhookClientConfig', {
  service: struct(1, ServiceReference).optional(),
  caBundle: bytes(2).optional(),
  url: text(3).optional(),
});
export type WebhookClientConfig = TypeOf<typeof WebhookClientConfig>;

export const ValidatingWebhook = defineStruct('ValidatingWebhook', {
  name: text(1),
  clientConfig: struct(2, WebhookClientConfig),
  rules: list(3, RuleWithOperations).optional(),
  failurePolicy: oneOf(4, ['Fail', 'Ignore']).optional(),
  namespaceSelector: struct(5, LabelSelector).optional(),
  sideEffects: oneOf(6, ['None', 'NoneOnDryRun', 'Some', 'Unknown']),
  timeoutSeconds: int32(7).optional(),
  admissionReviewVersions: list(8, text),
  matchPolicy: oneOf(9, ['Equivalent', 'Exact']).optional(),
  objectSelector: struct(10, LabelSelector).optional(),
  matchConditions: list(11, MatchCondition, {
    type: 'map',
    keys: ['name'],
    mergeKey: 'name',
    patch: 'merge',
  }).optional(),
});
export type ValidatingWebhook = TypeOf<typeof ValidatingWebhook>;

const validatingWebhookConfigurationFields = {
  webhooks: list(2, ValidatingWebhook, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge' }).optional(),
};
/** A ValidatingWebhookConfiguration. Source: admissionregistration.k8s.io/v1. */
export type ValidatingWebhookConfiguration = StoredObject<typeof validatingWebhookConfigurationFields>;

export const ValidatingWebhookConfiguration = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  scope: 'Cluster',
  categories: ['api-extensions'],
  fields: validatingWebhookConfigurationFields,
});
