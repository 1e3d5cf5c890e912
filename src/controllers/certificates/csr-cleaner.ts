import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { again, defineController, done } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import { certificatePeriod } from '../../machinery/x509/certificate-period.ts';
import { certificateController } from './request-status.ts';

const hour = 3_600_000;
/** Milliseconds that requests stay. Source: kubernetes' pkg/controller/certificates/cleaner. */
const settledFor = hour;
const pendingFor = 24 * hour;

/** When a request has outlived its use, in wall-clock milliseconds; undefined: it waits for somebody. */
export function cleanedAt({ metadata, status }: CertificateSigningRequest): number | undefined {
  const { certificate = '', conditions = [] } = status;
  if (conditions.length === 0) return Date.parse(metadata.creationTimestamp) + pendingFor;
  const ends = conditions.flatMap(({ type, lastUpdateTime }) => {
    const isApproved = type === 'Approved' && certificate !== '';
    const updated = Date.parse(lastUpdateTime ?? '');
    return [
      ...((isApproved || type === 'Denied' || type === 'Failed') && !Number.isNaN(updated)
        ? [updated + settledFor]
        : []),
      ...(isApproved ? [certificateEnd(certificate)] : []),
    ];
  });
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** Deletes requests an hour after they were answered, and after a day those that nobody has answered. */
export const csrCleaner = defineController({
  name: 'csrcleaner',
  account: certificateController.account,
  for: CertificateSigningRequest,
  rbac: { [certificateController.requests]: ['delete', 'get', 'list', 'watch'] },
  async reconcile(key, { cache, client, clock, log, signal }) {
    const request = cache.get(CertificateSigningRequest, key);
    const due = request && cleanedAt(request);
    if (!request || due === undefined) return done;
    const remaining = due - clock.now();
    if (remaining >= 0) return again(remaining + 1);
    const { uid, resourceVersion } = request.metadata;
    await client.delete(CertificateSigningRequest, keyOf(request), { preconditions: { uid, resourceVersion }, signal });
    log.info('Cleaned a certificate request', { csr: key });
    return done;
  },
});

function certificateEnd(certificate: string): number {
  try {
    return certificatePeriod(atob(certificate)).notAfter;
  } catch {
    // A third party's signer may have put anything there; the other rules still hold.
    return Infinity;
  }
}
