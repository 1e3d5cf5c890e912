import { FollowedFiles } from '../pki/followed-files.ts';
import { pkiFiles } from '../pki/cluster-pki.ts';

/** The certificates that a control-plane process uses, as they are now; PEM. */
export type FollowedPki = ReturnType<typeof followPki>;

/** Reads them from the folder of a cluster's certificates. */
export function followPki(directory: string) {
  const files = pkiFiles(directory);
  const proxy = files.client('front-proxy-client');
  return new FollowedFiles({
    ca: files.ca.certificate,
    frontProxyCa: files.frontProxyCa.certificate,
    cert: files.apiserver.certificate,
    key: files.apiserver.key,
    kubeletCert: files.apiserverKubeletClient.certificate,
    kubeletKey: files.apiserverKubeletClient.key,
    proxyCert: proxy.certificate,
    proxyKey: proxy.key,
  });
}
