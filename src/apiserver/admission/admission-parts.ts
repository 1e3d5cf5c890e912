/** What is asked about every write, put together as configured. */
import { orderedAdmission } from '../admission-order.ts';
import type { RoleIndex } from '../authorization/role-index.ts';
import { createEscalationCheck } from '../authorization/escalation-check.ts';
import type { ServerContext } from '../create-api-server.ts';
import type { AdmissionPlugin, Authorizer } from '../ports.ts';
import { createWebhookClient } from '../webhooks/webhook-client.ts';
import { createCertificateApproval, createCertificateSigning } from './certificate-requests.ts';
import { createDefaultTolerationSeconds } from './default-toleration-seconds.ts';
import type { DefaultTolerations } from './default-toleration-seconds.ts';
import { nodeRestriction } from './node-restriction.ts';
import { createOwnerReferencesPermissionEnforcement } from './owner-references-permission-enforcement.ts';
import { plainPlugins } from './plain-plugins.ts';
import { createPodSecurity } from './pod-security/pod-security.ts';
import { createMutatingPolicies } from './policies/mutating-policies.ts';
import { createValidatingPolicies } from './policies/validating-policies.ts';
import { resourceQuota } from './resource-quota.ts';
import { createServiceAccountAdmission } from './service-account.ts';
import { createMutatingWebhooks } from './webhooks/mutating-webhooks.ts';
import { createValidatingWebhooks } from './webhooks/validating-webhooks.ts';

/** Which plug-ins there are, and how they are to be. */
export interface AdmissionSettings {
  /** Names of admission plug-ins to use besides the usual ones. */
  readonly enabledAdmission?: readonly string[] | undefined;
  /** Names of admission plug-ins to leave out. */
  readonly disabledAdmission?: readonly string[] | undefined;
  /** How long pods stay on nodes in trouble. */
  readonly defaultTolerations?: DefaultTolerations | undefined;
}

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
  { clock, random, log, resources, resolveService }: ServerContext,
  { authorizer, roles, allocation }: AdmissionNeeds,
): readonly AdmissionPlugin[] {
  const webhooks = { call: createWebhookClient(resolveService), resources, random, log };
  return orderedAdmission(
    [
      ...plainPlugins,
      createPodSecurity(),
      createServiceAccountAdmission({ clock, random }),
      createDefaultTolerationSeconds(settings.defaultTolerations),
      nodeRestriction,
      createEscalationCheck(roles, authorizer),
      createCertificateApproval(authorizer),
      createCertificateSigning(authorizer),
      createOwnerReferencesPermissionEnforcement(resources),
      createMutatingPolicies(resources),
      createMutatingWebhooks(webhooks),
      allocation,
      createValidatingPolicies(resources),
      createValidatingWebhooks(webhooks),
      resourceQuota,
    ],
    { enabled: settings.enabledAdmission, disabled: settings.disabledAdmission },
  );
}
