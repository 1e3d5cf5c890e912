/** Validation of ClusterTrustBundles. Source: kubernetes' certificates validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid } from '../../machinery/field-error.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { trustBundleNameErrors } from './cluster-trust-bundle-name.ts';
import type { ClusterTrustBundle } from './cluster-trust-bundle.ts';
import { signerNameErrors } from './signer-name.ts';

/** What is wrong with a bundle, but for its certificates: those the API server reads. */
export function trustBundleErrors(
  bundle: ClusterTrustBundle,
  { old }: ValidationContext<ClusterTrustBundle>,
): FieldError[] {
  const { signerName = '' } = bundle.spec;
  return [
    ...nameErrors(bundle),
    ...(signerName === '' ? [] : signerNameErrors(signerName, 'spec.signerName')),
    ...(old && (old.spec.signerName ?? '') !== signerName
      ? [invalid('spec.signerName', signerName, 'field is immutable')]
      : []),
  ];
}

function nameErrors({ metadata: { name, generateName }, spec: { signerName = '' } }: ClusterTrustBundle): FieldError[] {
  const faults = (field: string, value: string, prefix: boolean): FieldError[] =>
    trustBundleNameErrors(signerName, value, { prefix }).map((detail) => invalid(field, value, detail));
  return [
    ...(generateName ? faults('metadata.generateName', generateName, true) : []),
    ...faults('metadata.name', name, false),
  ];
}
