/** Validation of ClusterTrustBundles. Source: kubernetes' certificates validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, tooLong } from '../../machinery/field-error.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { readCertificate } from '../../machinery/x509/certificate-structure.ts';
import { trustBundleNameErrors } from './cluster-trust-bundle-name.ts';
import type { ClusterTrustBundle } from './cluster-trust-bundle.ts';
import { pemBlocks } from './pem-blocks.ts';
import type { PemBlock } from './pem-blocks.ts';
import { signerNameErrors } from './signer-name.ts';

const maxBundle = 1024 * 1024;
const bundlePath = 'spec.trustBundle';

/** What is wrong with a bundle. Certificates that stay as they are are not judged again: parsers change. */
export function trustBundleErrors(
  bundle: ClusterTrustBundle,
  { old }: ValidationContext<ClusterTrustBundle>,
): FieldError[] {
  const { signerName = '', trustBundle } = bundle.spec;
  return [
    ...nameErrors(bundle),
    ...(signerName === '' ? [] : signerNameErrors(signerName, 'spec.signerName')),
    ...(old?.spec.trustBundle === trustBundle ? [] : certificatesErrors(trustBundle)),
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

function certificatesErrors(text: string): FieldError[] {
  if (new TextEncoder().encode(text).length > maxBundle) return [tooLong(bundlePath, '', maxBundle)];
  const blocks = pemBlocks(text);
  const faults = blocks.flatMap((block, index) => blockFaults(block).map((fault) => `entry ${index} ${fault}`));
  // What is malformed is said first: it may be what makes anchors missing or alike.
  const details = faults.length > 0 ? faults : blocks.length === 0 ? [missing] : duplicates(blocks);
  return details.map((detail) => invalid(bundlePath, '<value omitted>', detail));
}

const missing = 'at least one trust anchor must be provided';

function blockFaults({ type, hasHeaders, content }: PemBlock): string[] {
  if (type !== 'CERTIFICATE') return [`has bad block type: ${type}`];
  if (hasHeaders) return ['has PEM block headers'];
  const certificate = readCertificate(content);
  if (!certificate) return ['does not parse as X.509'];
  return certificate.isAuthority ? [] : ['does not have the CA bit set'];
}

function duplicates(blocks: readonly PemBlock[]): string[] {
  const indices = new Map<string, number[]>();
  for (const [index, { content }] of blocks.entries()) {
    const key = content.join();
    indices.set(key, [...(indices.get(key) ?? []), index]);
  }
  const repeated = [...indices.values()].filter(({ length }) => length > 1);
  return repeated.map((list) => `duplicate trust anchor (indices [${list.join(' ')}])`);
}
