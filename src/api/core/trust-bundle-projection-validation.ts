import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import { signerOfTrustBundle, trustBundleNameErrors } from '../certificates/cluster-trust-bundle-name.ts';
import { signerNameErrors } from '../certificates/signer-name.ts';
import type { ClusterTrustBundleProjection } from './volume.ts';

/** What is wrong with which trust bundles a volume shows, apart from its path. Source: kubernetes' core validation. */
export function trustBundleProjectionErrors(projection: ClusterTrustBundleProjection, path: string): FieldError[] {
  const { name, signerName, labelSelector } = projection;
  if (name !== undefined && signerName !== undefined) {
    return [invalid(path, projection, 'only one of name and signerName may be used')];
  }
  if (name !== undefined) {
    const details = trustBundleNameErrors(signerOfTrustBundle(name), name);
    return [
      ...(name === '' ? [required(`${path}.name`, 'must be a valid object name')] : []),
      ...details.map((detail) => invalid(`${path}.name`, name, `not a valid clustertrustbundlename: ${detail}`)),
      ...(labelSelector
        ? [invalid(`${path}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified')]
        : []),
    ];
  }
  if (signerName === undefined) return [required(path, 'either name or signerName must be specified')];
  return [
    ...(signerName === '' ? [required(`${path}.signerName`, 'must be a valid signer name')] : []),
    ...signerNameErrors(signerName, `${path}.signerName`),
    ...labelSelectorErrors(labelSelector, `${path}.labelSelector`),
  ];
}
