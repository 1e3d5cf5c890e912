/** MutatingWebhookConfiguration: servers that may change what is written. Source: admissionregistration.k8s.io/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { webhooksErrors } from './webhook-validation.ts';
import { MatchCondition, RuleWithOperations, WebhookClientConfig } from './validating-webhook-configuration.ts';

/** A server that changes objects, and the requests that it is sent. */
export const MutatingWebhook = defineStruct('MutatingWebhook', {
  name: text(1),
  clientConfig: struct(2, WebhookClientConfig),
  rules: list(3, RuleWithOperations).optional(),
  failurePolicy: oneOf(4, ['Fail', 'Ignore']).default('Fail'),
  namespaceSelector: struct(5, LabelSelector).default({}),
  sideEffects: oneOf(6, ['None', 'NoneOnDryRun', 'Some', 'Unknown']),
  timeoutSeconds: int32(7).default(10),
  admissionReviewVersions: list(8, text),
  matchPolicy: oneOf(9, ['Equivalent', 'Exact']).default('Equivalent'),
  reinvocationPolicy: oneOf(10, ['IfNeeded', 'Never']).default('Never'),
  objectSelector: struct(11, LabelSelector).default({}),
  matchConditions: list(12, MatchCondition, {
    type: 'map',
    keys: ['name'],
    mergeKey: 'name',
    patch: 'merge',
  }).optional(),
});
export type MutatingWebhook = TypeOf<typeof MutatingWebhook>;

const mutatingWebhookConfigurationFields = {
  webhooks: list(2, MutatingWebhook, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge' }).optional(),
};
export type MutatingWebhookConfiguration = StoredObject<typeof mutatingWebhookConfigurationFields>;

/** Has other servers change what is written. */
export const MutatingWebhookConfiguration = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  scope: 'Cluster',
  categories: ['api-extensions'],
  fields: mutatingWebhookConfigurationFields,
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
