import { systemClock } from '../../base/system-clock.ts';
import type { KubetsCommand } from '../command-line.ts';
import { createFileLogger } from '../process/log-file.ts';

/** `kubets dns`: the cluster's DNS, as its pod runs it. */
export const dnsCommand: KubetsCommand = {
  name: 'dns',
  summary: 'serve cluster DNS (runs in a pod of the add-on)',
  configure: (command) =>
    void command
      .option('--kubeconfig <file>', 'how to reach the API server; inside a pod its service account is used')
      .option('--cluster-domain <name>', 'the domain of the cluster', 'cluster.local')
      .option('--port <port>', 'UDP and TCP port', '53')
      .option('-v, --v <level>', 'verbosity of the log', '2'),
  async run({ options }, io) {
    const log = createFileLogger({
      component: 'dns',
      directory: undefined,
      verbosity: Number(options.v),
      clock: systemClock,
    });
    const { createHttpClient } = await import('../../client/http-client.ts');
    const { createDnsServer } = await import('../../dns/create-dns-server.ts');
    const { connectionOf } = await import('../components/component-flags.ts');
    await using client = createHttpClient({ ...(await connectionOf(options.kubeconfig)), userAgent: 'kubets-dns' });
    const clusterDomain = String(options.clusterDomain);
    await createDnsServer({ client, clusterDomain, listen: { port: Number(options.port) }, log }).run(io.signal);
    return 0;
  },
};
