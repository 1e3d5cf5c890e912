/** What is asked about every write, put together as configured. */
import { orderedAdmission } from '../admission-order.ts';
import type { RoleIndex } from '../authorization/role-index.ts';
import { createEscalationCheck } from '../authorization/escalation-check.ts';
import type { ServerContext } from '../create-api-server.ts';
import type { AdmissionPlugin, Authorizer } from '../ports.ts';
import { createWebhookClient } from '../webhooks/webhook-client.ts';
import type { WebhookCredentials } from '../webhooks/webhook-client.ts';
import { createCertificateApproval, createCertificateSigning } from './certificate-requests.ts';
import { createDefaultTolerationSeconds } from './default-toleration-seconds.ts';
import type { DefaultTolerations } from './default-toleration-seconds.ts';
import { createEventRateLimit } from './event-rate-limit.ts';
import { nodeRestriction } from './node-restriction.ts';
import { createOwnerReferencesPermissionEnforcement } from './owner-references-permission-enforcement.ts';
import { plainPlugins } from './plain-plugins.ts';
import type { PluginConfigurations } from './plugin-configurations.ts';
import { createPodCertificateCheck } from './pod-certificate-requests.ts';
import { trustBundleCheck } from './trust-bundle-certificates.ts';
import { createPodNodeSelector } from './pod-node-selector.ts';
import { createPodSecurity } from './pod-security/pod-security.ts';
import { createPodTolerationRestriction } from './pod-toleration-restriction.ts';
import { podSecurityMetrics } from './pod-security/pod-security-metrics.ts';
import { createMutatingPolicies } from './policies/mutating-policies.ts';
import { createParamAccessCheck } from './policies/param-access.ts';
import { policyMetrics } from './policies/policy-metrics.ts';
import { createValidatingPolicies } from './policies/validating-policies.ts';
import { createResourceQuota } from './resource-quota.ts';
import { createServiceAccountAdmission } from './service-account.ts';
import { createMutatingWebhooks } from './webhooks/mutating-webhooks.ts';
import { createValidatingWebhooks } from './webhooks/validating-webhooks.ts';
import type { WebhookParts } from './webhooks/webhook-caller.ts';
import { WebhookMetrics } from './webhooks/webhook-metrics.ts';

/** Which plug-ins there are, and how they are to be. */
export interface AdmissionSettings {
  /** Names of admission plug-ins to use besides the usual ones. */
  readonly enabledAdmission?: readonly string[] | undefined;
  /** Names of admission plug-ins to leave out. */
  readonly disabledAdmission?: readonly string[] | undefined;
  /** How long pods stay on nodes in trouble. */
  readonly defaultTolerations?: DefaultTolerations | undefined;
  readonly pluginConfigurations?: PluginConfigurations | undefined;
  /** What webhooks are shown, by the names of the plug-ins that ask them. Default: nothing. */
  readonly webhookCredentials?: Partial<Readonly<Record<WebhookPlugin, WebhookCredentials>>> | undefined;
}

/** A plug-in that asks webhooks. */
export type WebhookPlugin = 'MutatingAdmissionWebhook' | 'ValidatingAdmissionWebhook';

/** What of a server's other parts admission needs. */
export interface AdmissionNeeds {
  readonly authorizer: Authorizer;
  readonly roles: RoleIndex;
  /** Gives Services their addresses. */
  readonly allocation: AdmissionPlugin;
}

/** The plug-ins of a server that are chosen, in order. */
export function admissionParts(
  settings: AdmissionSettings,
  { clock, random, log, metrics, resources, resolveService }: ServerContext,
  { authorizer, roles, allocation }: AdmissionNeeds,
): readonly AdmissionPlugin[] {
  const { PodSecurity, PodNodeSelector, PodTolerationRestriction, EventRateLimit, ResourceQuota } =
    settings.pluginConfigurations ?? {};
  const webhooks = (name: WebhookPlugin): WebhookParts => ({
    call: createWebhookClient(resolveService, settings.webhookCredentials?.[name]),
    metrics: new WebhookMetrics(metrics, clock, name === 'MutatingAdmissionWebhook' ? 'admit' : 'validating'),
    ...{ resources, random, log },
  });
  return orderedAdmission(
    [
      ...plainPlugins,
      createPodSecurity(PodSecurity, podSecurityMetrics(metrics)),
      createPodNodeSelector(PodNodeSelector),
      createPodTolerationRestriction(PodTolerationRestriction),
      ...(EventRateLimit ? [createEventRateLimit(EventRateLimit, clock)] : []),
      createServiceAccountAdmission({ clock, random }),
      createDefaultTolerationSeconds(settings.defaultTolerations),
      nodeRestriction,
      createEscalationCheck(roles, authorizer),
      createParamAccessCheck(authorizer, resources),
      createCertificateApproval(authorizer),
      createCertificateSigning(authorizer),
      createPodCertificateCheck(authorizer),
      trustBundleCheck,
      createOwnerReferencesPermissionEnforcement(resources),
      createMutatingPolicies(resources, policyMetrics(metrics, clock, 'mutating')),
      createMutatingWebhooks(webhooks('MutatingAdmissionWebhook')),
      allocation,
      createValidatingPolicies(resources, policyMetrics(metrics, clock, 'validating')),
      createValidatingWebhooks(webhooks('ValidatingAdmissionWebhook')),
      createResourceQuota(random, ResourceQuota),
    ],
    { enabled: settings.enabledAdmission, disabled: settings.disabledAdmission },
  );
}
