import type { SigningOptions } from '../../controllers/certificates/csr-signing.ts';
import { kubeProxySigner, signerNames } from '../../controllers/certificates/signer-names.ts';
import { signerOf } from '../pki/authority-bundle.ts';
import { pkiFiles, readPair, validityDays } from '../pki/cluster-pki.ts';

/** The cluster's authority signs for upstream's signers, and the proxies' certificates; as it is when it signs. */
export function nodeSigning(pki: string): SigningOptions {
  return {
    authority: () => signerOf(readPair(pkiFiles(pki).ca)),
    signers: [...Object.values(signerNames), kubeProxySigner],
    lifetime: validityDays * 86_400_000,
  };
}
