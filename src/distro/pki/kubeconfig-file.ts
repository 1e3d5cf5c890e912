import { dump } from 'js-yaml';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';

/** The text of a kubeconfig with one cluster, one user and everything inline. */
export function kubeconfigText(options: {
  readonly cluster: string;
  readonly server: string;
  readonly ca: string;
  readonly user: string;
  readonly pair: KeyPair;
}): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const context = options.cluster;
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: options.cluster, cluster: { 'certificate-authority-data': base64(options.ca), server: options.server } },
    ],
    users: [
      {
        name: options.user,
        user: {
          'client-certificate-data': base64(options.pair.certificate),
          'client-key-data': base64(options.pair.key),
        },
      },
    ],
    contexts: [{ name: context, context: { cluster: options.cluster, user: options.user } }],
    'current-context': context,
  });
}
