/** Validation of volumes' certificates of pods. Source: kubernetes' core validation, validateProjectionSources. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, notSupported, required } from '../../machinery/field-error.ts';
import {
  expirationBounds,
  maxExpirationOf,
  podKeyTypes,
  userAnnotationErrors,
} from '../certificates/pod-certificate-terms.ts';
import { signerNameErrors } from '../certificates/signer-name.ts';
import type { PodCertificateProjection } from './volume.ts';

/** What is wrong with the certificate that a volume wants, but for the paths themselves. */
export function podCertificateProjectionErrors(wanted: PodCertificateProjection, path: string): FieldError[] {
  const { signerName, keyType, maxExpirationSeconds: seconds, userAnnotations } = wanted;
  const types: readonly string[] = podKeyTypes;
  return [
    ...signerNameErrors(signerName, `${path}.signerName`),
    ...(types.includes(keyType) ? [] : [notSupported(`${path}.keyType`, keyType, types)]),
    ...expirationErrors(seconds, maxExpirationOf(signerName), `${path}.maxExpirationSeconds`),
    ...userAnnotationErrors(userAnnotations, `${path}.userAnnotations`),
    ...(podCertificateFiles(wanted).length > 0
      ? []
      : [required(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath')]),
  ];
}

/** Where a volume has the certificate and its key: the field that says so, and the path. */
export function podCertificateFiles(
  wanted: PodCertificateProjection,
): readonly { readonly field: 'credentialBundlePath' | 'keyPath' | 'certificateChainPath'; readonly path: string }[] {
  return (['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const).flatMap((field) => {
    const path = wanted[field];
    return path ? [{ field, path }] : [];
  });
}

function expirationErrors(seconds: number | undefined, max: number, path: string): FieldError[] {
  if (seconds === undefined) return [];
  const bound = seconds < expirationBounds.min ? `>= ${expirationBounds.min}` : seconds > max ? `<= ${max}` : undefined;
  return bound === undefined ? [] : [invalid(path, seconds, `if provided, maxExpirationSeconds must be ${bound}`)];
}
