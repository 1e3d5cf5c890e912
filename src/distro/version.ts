/** The version of Kubernetes that kubets behaves as. */
export const kubernetesVersion = 'v1.36.0+kubets';

/** What `kubets --version` prints. */
export function versionText(): string {
  return `kubets (Kubernetes ${kubernetesVersion})`;
}
