/** An API server for tests: memory store, fake clock, everybody may do everything unless told otherwise. */
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import type { Store } from '../../store/store.ts';
import { apiServerUser } from '../authentication/users.ts';
import { createApiServer } from '../create-api-server.ts';
import type { KubernetesService } from '../kubernetes-endpoints.ts';
import type { ApiServer, ServerContext, ServerParts } from '../create-api-server.ts';

/** What a test may replace. */
export interface TestServerOptions {
  readonly store?: Store;
  readonly clock?: Clock;
  /** Servers on one store need different ones. */
  readonly random?: Random;
  readonly eventTtl?: number;
  readonly kubernetesService?: KubernetesService;
  parts?(context: ServerContext): Partial<ServerParts>;
}

/** A server with the client of its own user. */
export interface TestServer extends AsyncDisposable {
  readonly server: ApiServer;
  readonly client: Client;
  readonly clock: FakeClock;
}

/** Starts a server for a test. */
export async function testServer(options: TestServerOptions = {}): Promise<TestServer> {
  const clock = new FakeClock();
  const server = await createApiServer({
    store: options.store ?? new MemoryStore({ clock: options.clock ?? clock }),
    clock: options.clock ?? clock,
    random: options.random ?? seededRandom(),
    log: silentLogger,
    eventTtl: options.eventTtl,
    kubernetesService: options.kubernetesService,
    parts: (context) => ({
      authenticator: { authenticate: async () => ({ name: 'admin', groups: ['system:masters'] }) },
      authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
      ...options.parts?.(context),
    }),
  });
  return {
    server,
    client: server.client(apiServerUser),
    clock,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
