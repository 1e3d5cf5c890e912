/** The signers of upstream's controller manager. Source: certificates.k8s.io/v1. */
export const signerNames = {
  /** Client certificates for anybody, which an administrator approves. */
  apiServerClient: 'kubernetes.io/kube-apiserver-client',
  /** Client certificates of kubelets. */
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  /** Serving certificates of kubelets. */
  kubeletServing: 'kubernetes.io/kubelet-serving',
  /** What old versions of the API asked for; nobody can ask for it any more. */
  legacyUnknown: 'kubernetes.io/legacy-unknown',
} as const;

/** Our distribution's signer of the client certificate that the proxies of all nodes have, and of nothing else. */
export const kubeProxySigner = 'kubets.io/kube-proxy-client';

/** A signer that is known here. */
export type SignerName = (typeof signerNames)[keyof typeof signerNames] | typeof kubeProxySigner;
