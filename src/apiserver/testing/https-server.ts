/** An API server behind a real HTTPS listener, with certificates and kubeconfigs for its users. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../base/system-clock.ts';
import { createAuthentication } from '../authentication/authentication.ts';
import { createCertificateAuthenticator } from '../authentication/certificate-authenticator.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import type { Listener } from '../http/listener.ts';
import type { RequestHandlerOptions } from '../http/request-handler.ts';
import { serveApi } from '../http/serve.ts';
import { createOpenApi } from '../openapi/openapi.ts';
import { testAuthority } from '../../machinery/testing/test-certificates.ts';
import type { TestAuthority, TestCertificate } from '../../machinery/testing/test-certificates.ts';
import { testServer } from './test-server.ts';
import type { TestServer, TestServerOptions } from './test-server.ts';

/** A server with its listener. */
export interface HttpsTestServer extends TestServer {
  readonly authority: TestAuthority;
  readonly listener: Listener;
  readonly url: string;
  /** A certificate of a cluster administrator. */
  readonly admin: TestCertificate;
  /** Writes a kubeconfig for a certificate; returns its path. */
  kubeconfig(user?: TestCertificate): string;
}

/** Starts a server for a test, on a free port of loopback. */
export async function httpsTestServer(
  options: TestServerOptions & Partial<Pick<RequestHandlerOptions, 'kubeletTls' | 'reach' | 'streamed'>> = {},
): Promise<HttpsTestServer> {
  const authority = await testAuthority();
  const server = await testServer({
    clock: systemClock,
    ...options,
    parts: (context) => ({
      authenticator: createAuthentication({ authenticators: [createCertificateAuthenticator()] }),
      documents: [
        createDiscovery({ resources: context.resources, serverAddress: '127.0.0.1:6443' }),
        createOpenApi({ resources: context.resources }),
      ],
      ...options.parts?.(context),
    }),
  });
  const listener = await serveApi({
    server: server.server,
    version: { gitVersion: 'v1.36.0+kubets' },
    kubeletTls: options.kubeletTls,
    reach: options.reach,
    streamed: options.streamed,
    host: '127.0.0.1',
    port: 0,
    tls: { ...(await authority.server()), clientCa: authority.cert },
  });
  const admin = await authority.client('admin', ['system:masters']);
  const directory = mkdtempSync(join(tmpdir(), 'kubets-apiserver-'));
  const url = `https://127.0.0.1:${listener.port}`;
  let files = 0;
  return {
    ...server,
    authority,
    listener,
    url,
    admin,
    kubeconfig(user = admin) {
      const path = join(directory, `kubeconfig-${files++}.json`);
      writeFileSync(path, JSON.stringify(kubeconfig({ url, ca: authority.cert, user })), { mode: 0o600 });
      return path;
    },
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function kubeconfig({ url, ca, user }: { url: string; ca: string; user: TestCertificate }): object {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: 'test',
        user: { 'client-certificate-data': base64(user.cert), 'client-key-data': base64(user.key) },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
}
