/** What keeps claims and volumes while they are in use. Source: kubernetes' pkg/volume/util. */
export const protectionFinalizers = {
  claim: 'kubernetes.io/pvc-protection',
  volume: 'kubernetes.io/pv-protection',
} as const;
