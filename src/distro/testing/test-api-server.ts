import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { createApiServer } from '../../apiserver/create-api-server.ts';
import type { ApiServer } from '../../apiserver/create-api-server.ts';
import { standardParts } from '../../apiserver/standard-parts.ts';
import type { Controller } from '../../client/controller.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { createSigningKey } from '../../machinery/x509/certificate-authority.ts';

/** What a test cluster's server is made of. */
export interface TestApiServerOptions {
  readonly controllers: readonly Controller[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Names of admission plug-ins to leave out. */
  readonly disabledAdmission?: readonly string[] | undefined;
  /** Whether pods need their service account also where no controller makes it. Default: false. */
  readonly serviceAccounts?: boolean | undefined;
  /** Whether Secrets may be bootstrap tokens. Default: false. */
  readonly bootstrapTokens?: boolean | undefined;
}

/** One key for all test clusters of a process: nothing depends on which it is. */
let signingKey: Promise<string> | undefined;

/** The API server of a test cluster: the real one with its usual parts, over the memory store. */
export async function testApiServer(options: TestApiServerOptions): Promise<ApiServer> {
  const { controllers, clock, random, log, serviceAccounts = false } = options;
  signingKey ??= createSigningKey();
  return createApiServer({
    clock,
    random,
    log,
    store: new MemoryStore({ clock }),
    parts: standardParts({
      issuer: 'https://kubernetes.default.svc.cluster.local',
      signingKey: await signingKey,
      serviceCIDRs: ['10.96.0.0/12'],
      serverAddress: '127.0.0.1:6443',
      controllers,
      bootstrapTokens: options.bootstrapTokens,
      disabledAdmission: [...(options.disabledAdmission ?? []), ...(serviceAccounts ? [] : impossible(controllers))],
    }),
  });
}

/** Pods need a service account; where no controller makes one, they are admitted without. */
function impossible(controllers: readonly Controller[]): readonly string[] {
  return controllers.some(({ name }) => name === 'service-account-controller') ? [] : ['ServiceAccount'];
}
