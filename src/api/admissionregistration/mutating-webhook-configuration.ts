import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { MatchCondition, RuleWithOperations, WebhookClientConfig } from './validating-webhook-configuration.ts';

export const MutatingWebhook = defineStruct('MutatingWebhook', {
  name: text(1),
  clientConfig: struct(2, WebhookClientConfig),
  rules: list(3, RuleWithOperations).optional(),
  failurePolicy: oneOf(4, ['Fail', 'Ignore']).optional(),
  namespaceSelector: struct(5, LabelSelector).optional(),
  sideEffects: oneOf(6, ['None', 'NoneOnDryRun', 'Some', 'Unknown']),
  timeoutSeconds: int32(7).optional(),
  admissionReviewVersions: list(8, text),
  matchPolicy: oneOf(9, ['Equivalent', 'Exact']).optional(),
  reinvocationPolicy: oneOf(10, ['IfNeeded', 'Never']).optional(),
  objectSelector: struct(11, LabelSelector).optional(),
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
/** A MutatingWebhookConfiguration. Source: admissionregistration.k8s.io/v1. */
export type MutatingWebhookConfiguration = StoredObject<typeof mutatingWebhookConfigurationFields>;

export const MutatingWebhookConfiguration = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  scope: 'Cluster',
  categories: ['api-extensions'],
  fields: mutatingWebhookConfigurationFields,
});
