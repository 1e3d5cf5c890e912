/**
 * What a pod may say of the certificate that it wants, in a volume and in the request that its kubelet makes of it. Source:
 * kubernetes' core and certificates validation.
 */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required, tooLong } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';

/** The kinds of keys that a kubelet makes. */
export const podKeyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'] as const;
export type PodKeyType = (typeof podKeyTypes)[number];

/** How long a certificate may be valid at most, in seconds: the bounds of what may be asked for. */
export const expirationBounds = { min: 3600, max: 7_862_400, maxOfKubernetes: 86_400 } as const;

/** All keys and values of the annotations together, in bytes. */
const maxAnnotations = 256 * 1024;

/** How long a certificate of a signer may be valid: that of one of Kubernetes' own, a day. */
export function maxExpirationOf(signerName: string): number {
  const host = signerName.split('/')[0] ?? '';
  const isKubernetes = host === 'kubernetes.io' || host.endsWith('.kubernetes.io');
  return isKubernetes ? expirationBounds.maxOfKubernetes : expirationBounds.max;
}

/** What is wrong with what a pod tells its signer: keys need a domain, values may be anything. */
export function userAnnotationErrors(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const encoder = new TextEncoder();
  const size = entries.reduce((sum, [key, value]) => sum + encoder.encode(key + value).length, 0);
  return [
    ...entries.flatMap(([key]) => annotationKeyErrors(key.toLowerCase(), path)),
    ...(size > maxAnnotations ? [tooLong(path, '', maxAnnotations)] : []),
  ];
}

function annotationKeyErrors(key: string, path: string): FieldError[] {
  if (key === '') return [required(path)];
  const errors = qualifiedNameErrors(key).map((detail) => invalid(path, key, detail));
  if (errors.length > 0 || key.includes('/')) return errors;
  return [invalid(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")')];
}
