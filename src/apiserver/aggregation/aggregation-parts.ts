/** Puts together what aggregation needs: who serves what, the registration of own versions, the word to other servers. */
import { APIService } from '../../api/apiregistration/api-service.ts';
import type { ServerContext } from '../create-api-server.ts';
import type { RequestHeaderOptions } from '../authentication/request-header-authenticator.ts';
import { Aggregation } from './aggregation.ts';
import { publishAuthenticationConfig } from './authentication-config.ts';
import { registerGroupVersions } from './auto-registration.ts';
import { identityHeaders } from './remote-server.ts';
import type { ProxyClient } from './remote-server.ts';

/** Settings of aggregation. */
export interface AggregationSettings {
  /** PEM of the authorities of client certificates; aggregated servers are told. */
  readonly clientCa?: string | undefined;
  /** Proxies that may say who asks; aggregated servers are told how this one says it. */
  readonly requestHeader?: RequestHeaderOptions | undefined;
  /** How this server proves to aggregated ones that it speaks for users. */
  readonly proxyClient?: ProxyClient | undefined;
}

/** The running parts. */
export interface AggregationParts {
  /** Undefined where APIServices are not served. */
  readonly aggregation: Aggregation | undefined;
  /** Resolves once it is known who serves what; what goes on then is added to `running`. */
  start(running: Promise<void>[]): Promise<void>;
}

/** Makes the parts; nothing happens until they are started. */
export function aggregationParts(settings: AggregationSettings, context: ServerContext): AggregationParts {
  const { resources, client, clock, random, log, resolveService, signal } = context;
  const isServed = resources.find(APIService.group, APIService.version, APIService.plural) !== undefined;
  if (!isServed) return { aggregation: undefined, start: async () => undefined };
  const { proxyClient } = settings;
  const withholds = identityHeaders(settings.requestHeader);
  const common = { client, clock, random, log };
  const aggregation = new Aggregation({ ...common, resolve: resolveService, proxyClient, withholds });
  return {
    aggregation,
    async start(running) {
      running.push(aggregation.run(signal));
      await Promise.all([aggregation.ready(signal), publishAuthenticationConfig(client, settings)]);
      running.push(registerGroupVersions({ resources, client, clock, random, log }, signal));
    },
  };
}
