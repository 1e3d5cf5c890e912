/** Whether what a ClusterTrustBundle has are certificates of authorities. Source: kubernetes' certificates validation. */
import { X509Certificate } from 'node:crypto';
import { ClusterTrustBundle } from '../../api/certificates/cluster-trust-bundle.ts';
import { pemBlocks } from '../../api/certificates/pem-blocks.ts';
import type { PemBlock } from '../../api/certificates/pem-blocks.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, tooLong } from '../../machinery/field-error.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { invalidError } from '../resources/api-errors.ts';

const maxBundle = 1024 * 1024;
const bundlePath = 'spec.trustBundle';
const missing = 'at least one trust anchor must be provided';

/** Part of how the kind is stored: no plug-in of upstream, so that nobody can switch it off. */
export const trustBundleCheck: AdmissionPlugin = {
  name: 'ClusterTrustBundleCheck',
  concerns: [ClusterTrustBundle.qualified],
  validate({ object, old, resource, attributes }) {
    const text = (object as ClusterTrustBundle | undefined)?.spec.trustBundle;
    // Certificates that stay as they are are not judged again: parsers change.
    if (text === undefined || text === (old as ClusterTrustBundle | undefined)?.spec.trustBundle) return;
    const errors = trustBundleFaults(text);
    if (errors.length > 0) throw invalidError(resource, attributes.name, errors);
  },
};

/** What is wrong with the certificates of a bundle. */
export function trustBundleFaults(text: string): FieldError[] {
  if (Buffer.byteLength(text) > maxBundle) return [tooLong(bundlePath, '', maxBundle)];
  const blocks = pemBlocks(text);
  const faults = blocks.flatMap((block, index) => blockFaults(block).map((fault) => `entry ${index} ${fault}`));
  // What is malformed is said first: it may be what makes anchors missing or alike.
  const details = faults.length > 0 ? faults : blocks.length === 0 ? [missing] : duplicates(blocks);
  return details.map((detail) => invalid(bundlePath, '<value omitted>', detail));
}

function blockFaults({ type, hasHeaders, content }: PemBlock): string[] {
  if (type !== 'CERTIFICATE') return [`has bad block type: ${type}`];
  if (hasHeaders) return ['has PEM block headers'];
  const certificate = certificateOf(content);
  if (!certificate) return ['does not parse as X.509'];
  return certificate.ca ? [] : ['does not have the CA bit set'];
}

/** Node's parser takes bytes behind a certificate for nothing; they are none of it. */
function certificateOf(content: Uint8Array): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(content);
    return certificate.raw.length === content.length ? certificate : undefined;
  } catch {
    return undefined;
  }
}

function duplicates(blocks: readonly PemBlock[]): string[] {
  const indices = new Map<string, number[]>();
  for (const [index, { content }] of blocks.entries()) {
    const key = Buffer.from(content).toString('latin1');
    indices.set(key, [...(indices.get(key) ?? []), index]);
  }
  const repeated = [...indices.values()].filter(({ length }) => length > 1);
  return repeated.map((list) => `duplicate trust anchor (indices [${list.join(' ')}])`);
}
