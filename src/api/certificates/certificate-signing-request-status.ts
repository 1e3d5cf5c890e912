/** What writes of a certificate request's status may change: the approvers one half, the signers the other. */
import type { StatusContext } from '../../machinery/resource.ts';
import type { Writable } from '../../machinery/schema.ts';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  CertificateSigningRequestStatus,
} from './certificate-signing-request.ts';

/** Settles a write of the status. Approving changes nothing but conditions; signing keeps what was approved or denied. */
export function settleStatus(
  request: Writable<CertificateSigningRequest>,
  old: CertificateSigningRequest,
  { subresource, now }: StatusContext,
): void {
  const conditions = request.status.conditions ?? [];
  const { certificate } = old.status;
  if (subresource === 'approval') {
    request.status = {
      ...(conditions.length > 0 ? { conditions } : {}),
      ...(certificate === undefined ? {} : { certificate }),
    };
  } else for (const type of ['Approved', 'Denied']) keepDecision(conditions, old.status, type);
  for (const condition of conditions) {
    condition.lastUpdateTime ??= now;
    condition.lastTransitionTime ??= transitionTime(condition, old.status) ?? now;
  }
}

/** Where a decision was neither added nor removed, it stays as it was. */
function keepDecision(
  conditions: Writable<CertificateSigningRequestCondition>[],
  { conditions: before = [] }: CertificateSigningRequestStatus,
  type: string,
): void {
  const decided = before.filter((condition) => condition.type === type);
  const places = conditions.flatMap((condition, index) => (condition.type === type ? [index] : []));
  if (places.length !== decided.length) return;
  places.forEach((place, index) => {
    const kept = decided[index];
    if (kept) conditions[place] = { ...kept };
  });
}

function transitionTime(
  { type, status }: CertificateSigningRequestCondition,
  { conditions = [] }: CertificateSigningRequestStatus,
): string | undefined {
  return conditions.find((condition) => condition.type === type && condition.status === status)?.lastTransitionTime;
}
