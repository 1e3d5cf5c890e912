/** The real API server behind TLS, with everything that an attacker might want, and attackers to send against it. */
import { createApiServer } from '../../src/apiserver/create-api-server.ts';
import type { ApiServer } from '../../src/apiserver/create-api-server.ts';
import { usualRequestHeaders } from '../../src/apiserver/authentication/request-header-authenticator.ts';
import { apiServerUser } from '../../src/apiserver/authentication/users.ts';
import type { ConnectionLimits } from '../../src/apiserver/http/listener.ts';
import { serveApi } from '../../src/apiserver/http/serve.ts';
import { standardParts } from '../../src/apiserver/standard-parts.ts';
import type { StandardPartsOptions } from '../../src/apiserver/standard-parts.ts';
import { createLogger, formatKlog } from '../../src/base/logger.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import type { Client } from '../../src/client/client.ts';
import type { Controller } from '../../src/client/controller.ts';
import { runControllers } from '../../src/controllers/run-controllers.ts';
import { controllerUser } from '../../src/distro/testing/test-cluster.ts';
import { createAuthority, createSigningKey, issueCertificate } from '../../src/machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../src/machinery/x509/certificate-authority.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { attacker } from './attacker.ts';
import type { Attacker } from './attacker.ts';

/** What a cluster under attack may be given. */
export interface AttackClusterOptions {
  readonly controllers?: readonly Controller[];
  readonly parts?: Partial<StandardPartsOptions>;
  readonly limits?: Partial<ConnectionLimits>;
  /** Where what users are led to is found: nothing of this machine is proxied to otherwise. */
  readonly reach?: (target: URL) => URL;
}

/** A cluster under attack. */
export interface AttackCluster extends AsyncDisposable {
  readonly server: ApiServer;
  readonly port: number;
  /** Signs client certificates. */
  readonly authority: KeyPair;
  /** Signs the certificates of front proxies. */
  readonly proxyAuthority: KeyPair;
  /** PEM of the private key of service account tokens. */
  readonly signingKey: string;
  /** Of the server itself, in process: prepares what is attacked. */
  readonly own: Client;
  /** May do everything. */
  readonly admin: Attacker;
  readonly anonymous: Attacker;
  /** Lines of the log, at --v=10. */
  readonly log: readonly string[];
  /** Somebody with a certificate of the authority. */
  user(name: string, ...groups: readonly string[]): Promise<Attacker>;
  /** Somebody with a certificate of their own. */
  with(certificate: KeyPair): Attacker;
}

export const issuer = 'https://kubernetes.default.svc.cluster.local';
export const proxyName = 'front-proxy';

/** Starts one on a free port of loopback; plug-ins that need controllers are left out. */
export async function attackCluster({
  controllers = [],
  parts = {},
  limits,
  reach,
}: AttackClusterOptions = {}): Promise<AttackCluster> {
  const now = Date.now();
  const [authority, proxyAuthority, signingKey] = await Promise.all([
    createAuthority('cluster-ca', now),
    createAuthority('front-proxy-ca', now),
    createSigningKey(),
  ]);
  const names = ['127.0.0.1', 'localhost'];
  const serving = await issueCertificate(authority, {
    commonName: 'kube-apiserver',
    names,
    usages: ['server'],
    now,
    days: 1,
  });
  const proxyClient = await issueCertificate(proxyAuthority, {
    commonName: proxyName,
    usages: ['client'],
    now,
    days: 1,
  });
  const lines: string[] = [];
  const log = createLogger({
    verbosity: 10,
    now: () => Date.now(),
    sink: (entry) => void lines.push(formatKlog(entry, { pid: 1, component: 'attacked' })),
  });
  const common = { clock: systemClock, random: systemRandom, log };
  const server = await createApiServer({
    ...common,
    store: new MemoryStore({ clock: systemClock }),
    parts: standardParts({
      issuer,
      signingKey,
      serviceCIDRs: ['10.96.0.0/12'],
      serverAddress: '127.0.0.1:6443',
      controllers,
      disabledAdmission: ['ServiceAccount'],
      clientCa: authority.certificate,
      requestHeader: {
        ca: proxyAuthority.certificate,
        allowedNames: [proxyName],
        ...usualRequestHeaders,
        usernameHeaders: ['X-Their-User', 'X-Remote-User'],
        extraHeaderPrefixes: ['X-Remote-Extra-', 'X-Their-Extra-'],
      },
      proxyClient: { cert: proxyClient.certificate, key: proxyClient.key },
      ...parts,
    }),
  });
  const listener = await serveApi({
    server,
    version: { gitVersion: 'v1.36.0+kubets' },
    host: '127.0.0.1',
    port: 0,
    kubeletTls: { ca: authority.certificate },
    reach,
    limits,
    tls: { cert: serving.certificate, key: serving.key, clientCa: [authority.certificate, proxyAuthority.certificate] },
  });
  const stop = new AbortController();
  const client = (name?: string): Client => server.client(name === undefined ? apiServerUser : controllerUser(name));
  const running = runControllers({ ...common, controllers, client }).run(stop.signal);
  const { port } = listener;
  const attackers: Attacker[] = [];
  const keep = (certificate?: KeyPair): Attacker => {
    const made = attacker({ port, ca: authority.certificate, certificate });
    attackers.push(made);
    return made;
  };
  const user = async (commonName: string, ...organizations: readonly string[]): Promise<Attacker> =>
    keep(await issueCertificate(authority, { commonName, organizations, usages: ['client'], now, days: 1 }));
  return {
    server,
    port,
    authority,
    proxyAuthority,
    signingKey,
    own: server.client(apiServerUser),
    admin: await user('admin', 'system:masters'),
    anonymous: keep(),
    log: lines,
    user,
    with: keep,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the cluster stops'));
      await running;
      for (const one of attackers) one[Symbol.dispose]();
      await listener[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
