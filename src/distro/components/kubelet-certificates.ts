import { CertificateSource, withCertificate } from '../../client/certificates/certificate-source.ts';
import type { WantedCertificate } from '../../client/certificates/request-certificate.ts';
import { rotateCertificate } from '../../client/certificates/rotate-certificate.ts';
import type { Connection } from '../../client/connection.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import type { KubeletConfig } from '../../kubelet/kubelet-config.ts';
import type { ComponentContext } from './component-command.ts';
import { connectionOf } from './component-flags.ts';
import type { KubeletFlags } from './kubelet-flags.ts';
import {
  bootstrapKubelet,
  keptSource,
  kubeletClientCertificate,
  kubeletServingCertificate,
} from './kubelet-identity.ts';
import { servingCertificate } from './serving-certificate.ts';

/** Who a kubelet that runs alone is, to the API server and to its own clients. Dispose it to stop renewing. */
export interface KubeletCertificates extends AsyncDisposable {
  readonly client: HttpClient;
  readonly serving: CertificateSource;
}

/** What says which certificates it has. */
export interface KubeletCertificatesOptions {
  readonly flags: KubeletFlags;
  readonly kubeconfig: string;
  readonly config: Pick<KubeletConfig, 'nodeName' | 'nodeIP'>;
  readonly context: Pick<ComponentContext, 'clock' | 'random' | 'log' | 'signal'>;
}

/**
 * Joins the cluster if there is a bootstrap kubeconfig, connects, and keeps the certificates valid that are to be renewed.
 * Throws UsageError.
 */
export async function openKubeletCertificates(options: KubeletCertificatesOptions): Promise<KubeletCertificates> {
  const { flags, kubeconfig, config, context } = options;
  const serving = await servingSource(options);
  const { 'bootstrap-kubeconfig': bootstrapKubeconfig, 'cert-dir': directory } = flags;
  if (bootstrapKubeconfig !== undefined)
    await bootstrapKubelet({ kubeconfig, bootstrapKubeconfig, directory, nodeName: config.nodeName, ...context });
  const stack = new AsyncDisposableStack();
  const connection = { ...(await connectionOf(kubeconfig)), userAgent: 'kubelet' };
  const identity = clientSource(connection, options);
  const client = stack.use(createHttpClient(withCertificate(connection, identity), context));
  stack.use(identity.subscribe(() => client.renew()));
  const stop = new AbortController();
  const rotate = (name: string, source: CertificateSource, wanted: WantedCertificate): Promise<void> =>
    rotateCertificate(
      {
        ...context,
        ...{ name, wanted, client },
        current: () => source.pair,
        replace: (pair) => source.replace(pair),
      },
      AbortSignal.any([context.signal, stop.signal]),
    );
  const running = [
    ...(flags['rotate-certificates']
      ? [rotate('kubelet-client', identity, kubeletClientCertificate(config.nodeName))]
      : []),
    ...(flags['rotate-server-certificates']
      ? [rotate('kubelet-server', serving, kubeletServingCertificate(config.nodeName, [config.nodeIP]))]
      : []),
  ];
  stack.defer(async () => {
    stop.abort(new Error('the kubelet ends'));
    await Promise.all(running);
  });
  return { client, serving, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function clientSource({ certificate }: Connection, { flags, context }: KubeletCertificatesOptions): CertificateSource {
  const given = certificate && { certificate: certificate.cert, key: certificate.key };
  if (!flags['rotate-certificates']) return new CertificateSource(given);
  return keptSource(flags['cert-dir'], 'kubelet-client', { given, now: context.clock.now() });
}

async function servingSource({ flags, config, context }: KubeletCertificatesOptions): Promise<CertificateSource> {
  const now = context.clock.now();
  const asked = flags['rotate-server-certificates'];
  const names = [config.nodeName, config.nodeIP, 'localhost', '127.0.0.1'];
  const hasOwn = flags['tls-cert-file'] !== undefined || flags['tls-private-key-file'] !== undefined;
  const given = asked && !hasOwn ? undefined : await servingCertificate(flags, { name: 'kubelet', names, now });
  return asked ? keptSource(flags['cert-dir'], 'kubelet-server', { given, now }) : new CertificateSource(given);
}
