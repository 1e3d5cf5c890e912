import { readFileSync } from 'node:fs';
import type { SigningOptions } from '../../controllers/certificates/csr-signing.ts';
import { signerNames } from '../../controllers/certificates/signer-names.ts';
import type { SignerName } from '../../controllers/certificates/signer-names.ts';
import { UsageError } from '../config/cluster-config.ts';
import { readFlagFile } from './common-flags.ts';
import { duration, file } from './flag.ts';
import type { FlagValues } from './flag.ts';

/** What each signer is called in flags. */
const signers = {
  'kubelet-serving': signerNames.kubeletServing,
  'kubelet-client': signerNames.kubeletClient,
  'kube-apiserver-client': signerNames.apiServerClient,
  'legacy-unknown': signerNames.legacyUnknown,
} as const;

const pairOf = (signer: string) => ({
  certificate: file(`authority of the signer ${signer}, PEM; by default --cluster-signing-cert-file`),
  key: file(`key of the authority of the signer ${signer}, PEM`),
});
const kubeletServing = pairOf(signerNames.kubeletServing);
const kubeletClient = pairOf(signerNames.kubeletClient);
const apiServerClient = pairOf(signerNames.apiServerClient);
const legacyUnknown = pairOf(signerNames.legacyUnknown);

/** With what certificate requests are signed. */
export const clusterSigningFlags = {
  'cluster-signing-cert-file': file('authority that signs certificate requests, PEM; without it others sign'),
  'cluster-signing-key-file': file('key of --cluster-signing-cert-file, PEM'),
  'cluster-signing-duration': duration('how long signed certificates are valid, at most', 8_760 * 3_600_000),
  'cluster-signing-kubelet-serving-cert-file': kubeletServing.certificate,
  'cluster-signing-kubelet-serving-key-file': kubeletServing.key,
  'cluster-signing-kubelet-client-cert-file': kubeletClient.certificate,
  'cluster-signing-kubelet-client-key-file': kubeletClient.key,
  'cluster-signing-kube-apiserver-client-cert-file': apiServerClient.certificate,
  'cluster-signing-kube-apiserver-client-key-file': apiServerClient.key,
  'cluster-signing-legacy-unknown-cert-file': legacyUnknown.certificate,
  'cluster-signing-legacy-unknown-key-file': legacyUnknown.key,
};

/** What the command line said of them. */
export type ClusterSigningFlags = FlagValues<typeof clusterSigningFlags>;

interface Files {
  readonly certificate: string;
  readonly key: string;
}

/** How requests are signed; undefined where no authority is given. The files are read when something is signed. Throws UsageError. */
export function signingOptions(flags: ClusterSigningFlags): SigningOptions | undefined {
  const common = filesOf(flags['cluster-signing-cert-file'], flags['cluster-signing-key-file'], 'cluster-signing');
  const own = (Object.keys(signers) as (keyof typeof signers)[]).map((name) => {
    const prefix = `cluster-signing-${name}` as const;
    return [signers[name], filesOf(flags[`${prefix}-cert-file`], flags[`${prefix}-key-file`], prefix)] as const;
  });
  if (common && own.some(([, files]) => files !== undefined)) {
    throw new UsageError(
      'cannot specify --cluster-signing-{cert,key}-file and other --cluster-signing-*-file flags at the same time',
    );
  }
  const files = new Map<SignerName, Files | undefined>(own.map(([signer, given]) => [signer, given ?? common]));
  if ([...files.values()].every((pair) => pair === undefined)) return undefined;
  return {
    lifetime: flags['cluster-signing-duration'],
    // Read each time: signing is rare, and an authority may be replaced without a restart.
    authority(signer) {
      const pair = files.get(signer);
      return pair && { certificate: readFileSync(pair.certificate, 'utf8'), key: readFileSync(pair.key, 'utf8') };
    },
  };
}

function filesOf(certificate: string | undefined, key: string | undefined, what: string): Files | undefined {
  if (certificate === undefined && key === undefined) return undefined;
  if (key === undefined) throw new UsageError(`"${what}": cannot specify cert without key`);
  if (certificate === undefined) throw new UsageError(`"${what}": cannot specify key without cert`);
  readFlagFile(certificate, `--${what}-cert-file`);
  readFlagFile(key, `--${what}-key-file`);
  return { certificate, key };
}
