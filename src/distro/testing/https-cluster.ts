/** The real API server and controllers over the memory store, behind HTTPS, with the real clock: for real clients. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiServerUser } from '../../apiserver/authentication/users.ts';
import type { ApiServer } from '../../apiserver/create-api-server.ts';
import { serveApi } from '../../apiserver/http/serve.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import type { Connection } from '../../client/connection.ts';
import type { Controller } from '../../client/controller.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { runControllers } from '../../controllers/run-controllers.ts';
import { createAuthority, issueCertificate } from '../../machinery/x509/certificate-authority.ts';
import { kubeconfigText } from '../pki/kubeconfig-file.ts';
import { testApiServer } from './test-api-server.ts';
import { controllerUser } from './test-cluster.ts';

/** What such a cluster may be given. */
export interface HttpsClusterOptions {
  readonly controllers?: readonly Controller[] | undefined;
  /** Names of admission plug-ins to leave out. */
  readonly disabledAdmission?: readonly string[] | undefined;
  /** Whether pods need their service account also where no controller makes it. Default: false. */
  readonly serviceAccounts?: boolean | undefined;
}

/** A cluster for real clients. Dispose it to stop everything. */
export interface HttpsCluster extends AsyncDisposable {
  readonly server: ApiServer;
  /** Over HTTPS; may do everything. */
  readonly client: HttpClient;
  readonly connection: Connection;
  readonly url: string;
  readonly port: number;
  /** Path of a kubeconfig for `client`'s user. */
  readonly kubeconfig: string;
  /** A folder that goes with the cluster. */
  readonly directory: string;
}

/** Starts one on a free port of the loopback. */
export async function httpsCluster({ controllers = [], ...options }: HttpsClusterOptions = {}): Promise<HttpsCluster> {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-cluster-'));
  const now = Date.now();
  const ca = await createAuthority('test-ca', now);
  const names = ['127.0.0.1', 'localhost'];
  const pair = await issueCertificate(ca, { commonName: 'kube-apiserver', names, usages: ['server'], now, days: 1 });
  const organizations = ['system:masters'];
  const admin = await issueCertificate(ca, { commonName: 'admin', organizations, usages: ['client'], now, days: 1 });
  const common = { clock: systemClock, random: systemRandom, log: silentLogger };
  const server = await testApiServer({ ...common, ...options, controllers });
  const listener = await serveApi({
    server,
    version: { gitVersion: 'v1.36.0+kubets' },
    host: '127.0.0.1',
    port: 0,
    tls: { cert: pair.certificate, key: pair.key, clientCa: ca.certificate },
  });
  const stop = new AbortController();
  const client = (name?: string) => server.client(name === undefined ? apiServerUser : controllerUser(name));
  const running = runControllers({ ...common, controllers, client }).run(stop.signal);
  const url = `https://127.0.0.1:${listener.port}`;
  const kubeconfig = join(directory, 'kubeconfig');
  const cluster = { cluster: 'test', server: url, ca: ca.certificate, user: 'admin', pair: admin };
  writeFileSync(kubeconfig, kubeconfigText(cluster), { mode: 0o600 });
  const certificate = { cert: admin.certificate, key: admin.key };
  const connection: Connection = { servers: [url], ca: ca.certificate, certificate };
  const http = createHttpClient(connection);
  return {
    server,
    client: http,
    connection,
    url,
    port: listener.port,
    kubeconfig,
    directory,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the cluster stops'));
      await running;
      await http[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
