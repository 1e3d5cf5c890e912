import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { messageOf, StatusError } from '../../base/errors.ts';
import type { CertificateSource } from '../../client/certificates/certificate-source.ts';
import { refuseUpgrade } from '../../client/streaming/upgrade-response.ts';
import { tlsServerOptions } from '../../machinery/x509/tls-suites.ts';
import { createStreamingHandler } from '../streaming/streaming-handler.ts';
import { RequestAuthorizer } from './request-authorizer.ts';
import { answer } from './routes.ts';
import type { ServerParts } from './routes.ts';
import { runtimeStreams } from './runtime-streams.ts';

/** How a kubelet serves. */
export interface KubeletServerOptions {
  readonly address: string;
  /** 0 takes any free one; see `listening`. */
  readonly port: number;
  /** What is shown to clients; as long as there is none, nobody can connect. */
  readonly serving: CertificateSource;
  /** PEM of the authorities that sign client certificates; asked again when the serving certificate is replaced. */
  clientCA(): string;
  /** Default: the API server's own client. */
  readonly trustedUsers?: readonly string[] | undefined;
  /** Told the port once connections are accepted. */
  readonly listening?: ((port: number) => void) | undefined;
}

/** The name of the API server's client certificate towards kubelets, as kubeadm issues it. */
export const apiserverClientName = 'kube-apiserver-kubelet-client';

/** Serves logs, exec, attach, port-forward, metrics and pods over HTTPS until aborted. */
export async function runKubeletServer(
  options: KubeletServerOptions,
  parts: ServerParts,
  signal: AbortSignal,
): Promise<void> {
  const { services, workers } = parts;
  const { client, clock, config, log } = services;
  const trustedUsers = options.trustedUsers ?? [apiserverClientName];
  const authorizer = new RequestAuthorizer({ client, clock, nodeName: config.nodeName, trustedUsers });
  const stream = createStreamingHandler({ resolver: runtimeStreams(services, workers), log, signal });
  const server = https.createServer(
    { ...secureContext(options), requestCert: true, rejectUnauthorized: false },
    (request, response) => void handle(request, response, { parts, authorizer, signal }),
  );
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    authorizer.authorize(request).then(
      () => {
        if (!stream(request, socket, head))
          refuseUpgrade(socket, new StatusError('NotFound', `nothing is streamed at ${request.url ?? '/'}`));
      },
      (error: unknown) => refuseUpgrade(socket, error),
    );
  });
  using _renewals = options.serving.subscribe(() => {
    try {
      server.setSecureContext(secureContext(options));
      log.info('The serving certificate was replaced');
    } catch (error) {
      log.error('The serving certificate cannot be used; the former one is shown on', { err: messageOf(error) });
    }
  });
  await listen(server, options);
  options.listening?.((server.address() as AddressInfo).port);
  log.info('Started to listen', { address: options.address, port: (server.address() as AddressInfo).port });
  await closed(server, signal);
}

function secureContext({ serving, clientCA }: KubeletServerOptions): SecureContextOptions {
  const { pair } = serving;
  return { ...tlsServerOptions(), ca: clientCA(), ...(pair ? { cert: pair.certificate, key: pair.key } : {}) };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  {
    parts,
    authorizer,
    signal,
  }: { readonly parts: ServerParts; readonly authorizer: RequestAuthorizer; readonly signal: AbortSignal },
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort(new Error('the client has gone')));
  try {
    await authorizer.authorize(request);
    await answer({ request, response, signal: AbortSignal.any([signal, gone.signal]) }, parts);
  } catch (error) {
    if (gone.signal.aborted || response.headersSent) return void response.end();
    const status = error instanceof StatusError ? error : new StatusError('InternalError', messageOf(error));
    response.writeHead(status.code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${status.message}\n`);
  }
}

function listen(server: https.Server, { address, port }: KubeletServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error & { readonly code?: string }) => {
      const advice = cause.code === 'EADDRINUSE' ? '; another kubelet runs, or give another --port' : '';
      reject(new Error(`the kubelet cannot listen on ${address}:${port}: ${cause.message}${advice}`, { cause }));
    });
    server.listen({ host: address, port }, resolve);
  });
}

async function closed(server: https.Server, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const close = (): void => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
  });
}
