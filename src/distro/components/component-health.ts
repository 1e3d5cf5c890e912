import { hostname } from 'node:os';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { hostAddresses } from '../node-network.ts';
import { readFlagFile } from './common-flags.ts';
import type { healthFlags } from './common-flags.ts';
import type { ComponentContext } from './component-command.ts';
import { connectionOf } from './component-flags.ts';
import type { FlagValues } from './flag.ts';
import { serveHealth } from './health-server.ts';
import { servingCertificate } from './serving-certificate.ts';

/** Which component the health port is of. */
export interface ComponentHealth {
  readonly component: string;
  readonly client: HttpClient;
  /** Further lines of /metrics. */
  metrics(): string;
}

/** Opens the health port that flags describe; dispose the result to close it. */
export async function serveComponentHealth(
  flags: FlagValues<ReturnType<typeof healthFlags>>,
  { component, client, metrics }: ComponentHealth,
  { clock, log }: ComponentContext,
): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const port = flags['secure-port'];
  if (port === 0) return stack;
  const ca = flags['client-ca-file'];
  const delegate = async (kubeconfig: string | undefined): Promise<HttpClient> =>
    kubeconfig === undefined ? client : stack.use(createHttpClient(await connectionOf(kubeconfig), { clock }));
  const addresses = ['127.0.0.1', ...hostAddresses().all];
  const server = await serveHealth({
    address: flags['bind-address'],
    port,
    serving: await servingCertificate(flags, {
      name: component,
      names: ['localhost', hostname(), ...addresses],
      now: clock.now(),
    }),
    clientCA: ca === undefined ? undefined : readFlagFile(ca, '--client-ca-file'),
    authentication: await delegate(flags['authentication-kubeconfig']),
    authorization: await delegate(flags['authorization-kubeconfig']),
    metrics: () => `${processMetrics()}${metrics()}`,
  });
  stack.use(server);
  log.info('Serving securely', { address: flags['bind-address'], port: server.port });
  return stack;
}

function processMetrics(): string {
  const { user, system } = process.cpuUsage();
  return [
    '# TYPE process_cpu_seconds_total counter',
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
    '# TYPE process_resident_memory_bytes gauge',
    `process_resident_memory_bytes ${process.memoryUsage().rss}`,
    '',
  ].join('\n');
}
