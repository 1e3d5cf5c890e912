/** How trust bundles are named: after their signer, if they have one. Source: kubernetes' pkg/apis/core/validation/names.go. */
import { nameErrors } from '../../machinery/formats.ts';

/** What the names of all bundles of a signer begin with. */
export function trustBundlePrefix(signerName: string): string {
  return `${signerName.replaceAll('/', ':')}:`;
}

/** The signer that a name tells of; '' where it tells of none. */
export function signerOfTrustBundle(name: string): string {
  const end = name.lastIndexOf(':');
  return end < 0 ? '' : name.slice(0, end).replaceAll(':', '/');
}

/** What is wrong with the name of a bundle of a signer, or of none (''). `prefix`: something follows the name. */
export function trustBundleNameErrors(
  signerName: string,
  name: string,
  options: { readonly prefix?: boolean } = {},
): string[] {
  if (signerName === '') {
    if (name.includes(':')) return ['ClusterTrustBundle without signer name must not have ":" in its name'];
    return nameErrors('subdomain', name, options);
  }
  const prefix = trustBundlePrefix(signerName);
  if (!name.startsWith(prefix)) {
    return [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`];
  }
  return nameErrors('subdomain', name.slice(prefix.length), options);
}
