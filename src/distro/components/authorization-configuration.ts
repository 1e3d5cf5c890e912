/** Who is asked what users may do, as a file says it. Source: apiserver.config.k8s.io/v1 AuthorizationConfiguration. */
import { bool, defineStruct, duration, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

const ConnectionInfo = defineStruct('WebhookConnectionInfo', {
  type: text(1).omitEmpty(),
  kubeConfigFile: text(2).optional(),
});
const MatchCondition = defineStruct('WebhookMatchCondition', { expression: text(1).omitEmpty() });
const WebhookConfiguration = defineStruct('WebhookConfiguration', {
  authorizedTTL: duration(1).default('5m'),
  cacheAuthorizedRequests: bool(2).default(true),
  unauthorizedTTL: duration(3).default('30s'),
  cacheUnauthorizedRequests: bool(4).default(true),
  timeout: duration(5).optional(),
  subjectAccessReviewVersion: text(6).omitEmpty(),
  matchConditionSubjectAccessReviewVersion: text(7).omitEmpty(),
  failurePolicy: text(8).omitEmpty(),
  connectionInfo: struct(9, ConnectionInfo).default({}),
  matchConditions: list(10, MatchCondition).optional(),
});
const AuthorizerConfiguration = defineStruct('AuthorizerConfiguration', {
  type: text(1).omitEmpty(),
  name: text(2).omitEmpty(),
  webhook: struct(3, WebhookConfiguration).optional(),
});
/** The schema of the file. */
export const AuthorizationConfiguration = defineStruct('AuthorizationConfiguration', {
  apiVersion: text(1),
  kind: text(2),
  authorizers: list(3, AuthorizerConfiguration).optional(),
});

/** How a webhook is asked. */
export type AuthorizationWebhook = TypeOf<typeof WebhookConfiguration>;
/** One of those who are asked. */
export type AuthorizerConfiguration = TypeOf<typeof AuthorizerConfiguration>;
export type AuthorizationConfiguration = TypeOf<typeof AuthorizationConfiguration>;
