/** Who decides, put together as configured. */
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { BootstrapPolicy } from './bootstrap-policy.ts';
import { reconcileBootstrapPolicy } from './bootstrap-reconcile.ts';
import type { ServerContext } from '../create-api-server.ts';
import { countedDecisions } from './authorization-metrics.ts';
import { createAuthorizerChain } from './authorizer-chain.ts';
import type { AuthorizerPart } from './authorizer-chain.ts';
import { componentRoles } from './bootstrap-component-roles.ts';
import { alwaysAllow, alwaysDeny } from './fixed-authorizers.ts';
import { followNodeObjects } from './node/follow-node-objects.ts';
import { createNodeAuthorizer } from './node/node-authorizer.ts';
import { NodeGraph } from './node/node-graph.ts';
import { createRbacAuthorizer } from './rbac-authorizer.ts';
import { followRoles } from './role-feed.ts';
import { RoleIndex } from './role-index.ts';

/** One of those who are asked. */
export type AuthorizerChoice =
  | { readonly type: 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny'; readonly name?: string }
  /** One that was made elsewhere: webhooks, policy files. */
  | { readonly type: 'ABAC' | 'Webhook'; readonly name: string; readonly authorizer: AuthorizerPart };

/** Who is asked whether a request may proceed. */
export interface AuthorizationSettings {
  /** In this order. Default: Node, then RBAC. */
  readonly authorizers?: readonly AuthorizerChoice[] | undefined;
  /** Tells of other choices until aborted. */
  follow?(change: (authorizers: readonly AuthorizerChoice[]) => void, signal: AbortSignal): Promise<void>;
}

/** The authorizers of a server, and what belongs to them. */
export interface AuthorizationParts {
  readonly authorizer: AuthorizerPart;
  /** The roles of the cluster; empty where nobody asks RBAC. */
  readonly roles: RoleIndex;
  /** Brings the bootstrap policy in, before the server is ready. */
  start(policy: BootstrapPolicy): Promise<void>;
  /** Follows changes of the configuration until the server ends. */
  run(): Promise<void>;
}

const usual: readonly AuthorizerChoice[] = [{ type: 'Node' }, { type: 'RBAC' }];

/** Makes the authorizers of a server. */
export function authorizationParts(
  { authorizers = usual, follow }: AuthorizationSettings,
  { client, follow: followObjects, metrics, signal }: Pick<ServerContext, 'client' | 'follow' | 'metrics' | 'signal'>,
): AuthorizationParts {
  const roles = new RoleIndex();
  const parts = new Map<string, AuthorizerPart>();
  const once = (type: string, make: () => AuthorizerPart): AuthorizerPart => {
    let part = parts.get(type);
    if (!part) parts.set(type, (part = make()));
    return part;
  };
  const makers = {
    Node() {
      const graph = new NodeGraph();
      followNodeObjects(graph, followObjects);
      return createNodeAuthorizer(graph, componentRoles['system:node'] ?? []);
    },
    RBAC() {
      followRoles(roles, followObjects);
      return createRbacAuthorizer(roles);
    },
    AlwaysAllow: () => alwaysAllow,
    AlwaysDeny: () => alwaysDeny,
  };
  const chainOf = (choices: readonly AuthorizerChoice[]): AuthorizerPart =>
    createAuthorizerChain(
      choices.map((choice) => {
        const { type, name = type.toLowerCase() } = choice;
        const part = 'authorizer' in choice ? choice.authorizer : once(choice.type, makers[choice.type]);
        return countedDecisions(part, { type, name }, metrics);
      }),
    );
  let chain = chainOf(authorizers);
  return {
    authorizer: {
      authorize: (attributes) => chain.authorize(attributes),
      rulesFor: (user, namespace) => chain.rulesFor(user, namespace),
    },
    roles,
    async start(policy) {
      // Nobody looks at roles that are not asked about.
      if (!parts.has('RBAC')) return;
      await reconcileBootstrapPolicy(client, policy, signal);
      // Where the store is elsewhere, what was written is seen a moment later: until then components would be refused.
      await client.list(ClusterRoleBinding, { signal });
    },
    async run() {
      await follow?.((choices) => void (chain = chainOf(choices)), signal);
    },
  };
}
