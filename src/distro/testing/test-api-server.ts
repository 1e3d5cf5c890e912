import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { namespaceLifecycle } from '../../apiserver/admission/namespace-lifecycle.ts';
import { taintNodesByCondition } from '../../apiserver/admission/taint-nodes-by-condition.ts';
import { bootstrapPolicy } from '../../apiserver/authorization/bootstrap-policy.ts';
import { reconcileBootstrapPolicy } from '../../apiserver/authorization/bootstrap-reconcile.ts';
import { createRbacAuthorizer } from '../../apiserver/authorization/rbac-authorizer.ts';
import { feedRoles } from '../../apiserver/authorization/role-feed.ts';
import { RoleIndex } from '../../apiserver/authorization/role-index.ts';
import { createApiServer } from '../../apiserver/create-api-server.ts';
import type { ApiServer, ServerContext, ServerParts } from '../../apiserver/create-api-server.ts';
import type { Controller } from '../../client/controller.ts';
import { MemoryStore } from '../../store/memory-store.ts';

/** The API server of a test cluster: the real one with the real roles, over the memory store. */
export function testApiServer(options: {
  readonly controllers: readonly Controller[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}): Promise<ApiServer> {
  const { controllers, ...environment } = options;
  return createApiServer({
    ...environment,
    store: new MemoryStore(),
    parts: (context) => partsOf(context, controllers),
  });
}

function partsOf(context: ServerContext, controllers: readonly Controller[]): ServerParts {
  const roles = new RoleIndex();
  let feeding: Promise<void> = Promise.resolve();
  return {
    authenticator: { authenticate: () => Promise.resolve(undefined) },
    authorizer: createRbacAuthorizer(roles),
    admission: [namespaceLifecycle, taintNodesByCondition],
    async start() {
      const { client, clock, random, log, signal } = context;
      await reconcileBootstrapPolicy(client, bootstrapPolicy(controllers), signal);
      const feed = feedRoles(roles, { client, clock, random, log, signal });
      feeding = feed.done;
      await feed.ready;
    },
    stopped: () => feeding,
  };
}
