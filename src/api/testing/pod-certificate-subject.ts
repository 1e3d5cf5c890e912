/** Whose certificate a PodCertificateRequest of the tests asks for. */
export const testPodCertificateSubject = {
  signerName: 'example.com/signer',
  podName: 'web-0',
  podUID: 'pod-uid',
  serviceAccountName: 'default',
  serviceAccountUID: 'account-uid',
  nodeName: 'node-1',
  nodeUID: 'node-uid',
} as const;
