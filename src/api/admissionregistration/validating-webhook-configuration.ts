/** ValidatingWebhookConfiguration: servers that are asked whether a write may be. Source: admissionregistration.k8s.io/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bytes, defineStruct, inlined, int32, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { webhooksErrors } from './webhook-validation.ts';

/** An expression that must be true of a request. */
export const MatchCondition = defineStruct('MatchCondition', {
  name: text(1),
  expression: text(2),
});
export type MatchCondition = TypeOf<typeof MatchCondition>;

/** Kinds by group, version and plural, each of which may be `*`. */
export const Rule = defineStruct('Rule', {
  apiGroups: list(1, text).optional(),
  apiVersions: list(2, text).optional(),
  resources: list(3, text).optional(),
  scope: oneOf(4, ['*', 'Cluster', 'Namespaced']).default('*'),
});
export type Rule = TypeOf<typeof Rule>;

/** What is done to which kinds. */
export const RuleWithOperations = defineStruct('RuleWithOperations', {
  operations: list(1, text).optional(),
  ...inlined(2, Rule),
});
export type RuleWithOperations = TypeOf<typeof RuleWithOperations>;

/** A service in the cluster. */
export const ServiceReference = defineStruct('ServiceReference', {
  namespace: text(1),
  name: text(2),
  path: text(3).optional(),
  port: int32(4).default(443),
});
export type ServiceReference = TypeOf<typeof ServiceReference>;

/** Where a webhook is reached, and the authority that signs its certificate. */
export const WebhookClientConfig = defineStruct('WebhookClientConfig', {
  service: struct(1, ServiceReference).optional(),
  caBundle: bytes(2).optional(),
  url: text(3).optional(),
});
export type WebhookClientConfig = TypeOf<typeof WebhookClientConfig>;

/** A server that judges, and the requests that it judges. */
export const ValidatingWebhook = defineStruct('ValidatingWebhook', {
  name: text(1),
  clientConfig: struct(2, WebhookClientConfig),
  rules: list(3, RuleWithOperations).optional(),
  failurePolicy: oneOf(4, ['Fail', 'Ignore']).default('Fail'),
  namespaceSelector: struct(5, LabelSelector).default({}),
  sideEffects: oneOf(6, ['None', 'NoneOnDryRun', 'Some', 'Unknown']),
  timeoutSeconds: int32(7).default(10),
  admissionReviewVersions: list(8, text),
  matchPolicy: oneOf(9, ['Equivalent', 'Exact']).default('Equivalent'),
  objectSelector: struct(10, LabelSelector).default({}),
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
export type ValidatingWebhookConfiguration = StoredObject<typeof validatingWebhookConfigurationFields>;

/** Has other servers judge writes. */
export const ValidatingWebhookConfiguration = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  scope: 'Cluster',
  categories: ['api-extensions'],
  fields: validatingWebhookConfigurationFields,
  countsGeneration: true,
  columns: {
    Webhooks: {
      value: ({ webhooks }) => webhooks?.length ?? 0,
      type: 'integer',
      description: 'Webhooks indicates the number of webhooks registered in this configuration',
    },
  },
  validate: ({ webhooks }, { old }) => webhooksErrors(webhooks, old?.webhooks),
});
