import { choice, duration, file, texts } from './flag.ts';
import type { FlagValues } from './flag.ts';

/** Who decides what users may do. */
export const authorizationFlags = {
  'authorization-mode': texts(
    'who is asked what users may do, in this order: Node, RBAC, Webhook, ABAC, AlwaysAllow, AlwaysDeny; by default Node,RBAC',
  ),
  'authorization-config': file(
    'an AuthorizationConfiguration: who is asked, in the place of the other flags; its changes are followed',
  ),
  'authorization-policy-file': file('the policies of ABAC: one JSON object a line'),
  'authorization-webhook-config-file': file('a kubeconfig that says where the mode Webhook asks'),
  'authorization-webhook-version': choice(['v1', 'v1beta1'], 'webhooks speak no others')(
    'the version of the SubjectAccessReviews that the webhook is sent',
    'v1beta1',
  ),
  'authorization-webhook-cache-authorized-ttl': duration("how long the webhook's yes holds; 0: for one request"),
  'authorization-webhook-cache-unauthorized-ttl': duration("how long the webhook's no holds; 0: for one request"),
};

/** What the command line said about authorization. */
export type AuthorizationFlags = FlagValues<typeof authorizationFlags>;
