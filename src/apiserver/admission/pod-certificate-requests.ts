/**
 * What of a PodCertificateRequest takes cryptography, or asks who somebody is: whether whoever asks holds the key, whether
 * what is issued is a certificate of that key, and who may sign. Source: kubernetes' certificates validation and
 * pkg/registry/certificates/podcertificaterequest.
 */
import type { AnyPodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import { PodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import { deprecatedPodKey } from '../../api/certificates/deprecated-pod-key.ts';
import { endingOf, sameStatus } from '../../api/certificates/pod-certificate-request-validation.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, omittedValue } from '../../machinery/field-error.ts';
import type { ObjectMeta } from '../../machinery/meta.ts';
import type { AdmissionPlugin, AdmissionRequest, Authorizer } from '../ports.ts';
import { invalidError } from '../resources/api-errors.ts';
import { issuanceErrors } from './pod-certificate-issuance.ts';
import { hasSignerPermission } from './signer-permission.ts';

type Asked = AnyPodCertificateRequest & { readonly metadata: ObjectMeta };
type Spec = AnyPodCertificateRequest['spec'];

const stubPath = 'spec.stubPKCS10Request';
const keyPath = 'spec.pkixPublicKey';

/** Part of how the kind is stored: no plug-in of upstream, so that nobody can switch it off. */
export function createPodCertificateCheck(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'PodCertificateRequestCheck',
    concerns: [PodCertificateRequest.qualified],
    validate(request, { now }) {
      const asked = request.object as Asked | undefined;
      if (!asked) return;
      if (request.operation === 'CREATE') return checkKey(request, asked);
      const old = request.old as Asked | undefined;
      if (!old || request.attributes.subresource !== 'status' || sameStatus(asked.status, old.status)) return;
      return checkIssuance({ request, authorizer, now: now() }, asked);
    },
  };
}

async function checkKey(request: AdmissionRequest, { metadata, spec }: Asked): Promise<void> {
  const errors = await keyErrors(spec);
  if (errors.length > 0) throw invalidError(request.resource, metadata.name, errors);
}

async function keyErrors({
  podUID,
  stubPKCS10Request,
  pkixPublicKey,
  proofOfPossession = '',
}: Spec): Promise<FieldError[]> {
  // Loaded when the first request comes: few servers see any.
  const keys = await import('../../machinery/x509/subject-key.ts');
  const path = pkixPublicKey ? keyPath : stubPath;
  const stated = pkixPublicKey || stubPKCS10Request;
  const der = Buffer.from(stated ?? '', 'base64');
  const asked = pkixPublicKey ? undefined : await keys.requestKeyOf(der);
  const key = pkixPublicKey ? keys.publicKeyOf(der) : asked?.key;
  if (!key) {
    const detail = pkixPublicKey ? 'must be a valid PKIX-serialized public key' : 'must be a valid PKCS#10 CSR';
    return [invalid(path, stated, detail)];
  }
  const fault = keys.podKeyFault(key);
  if (fault) return [invalid(path, fault.found ?? stated, fault.detail)];
  if (!pkixPublicKey) {
    return asked?.isSigned
      ? []
      : [invalid(stubPath, omittedValue, 'could not verify the signature of the PKCS#10 CSR')];
  }
  if (keys.hasSigned(key, podUID, Buffer.from(proofOfPossession, 'base64'))) return [];
  return [invalid('spec.proofOfPossession', omittedValue, 'could not verify proof-of-possession signature')];
}

interface Issuing {
  readonly request: AdmissionRequest;
  readonly authorizer: Authorizer;
  /** Wall-clock milliseconds. */
  readonly now: number;
}

async function checkIssuance({ request, authorizer, now }: Issuing, { metadata, spec, status }: Asked): Promise<void> {
  const refuse = (errors: readonly FieldError[]): void => {
    if (errors.length > 0) throw invalidError(request.resource, metadata.name, errors);
  };
  if (endingOf(status) === 'Issued') {
    refuse(await issuanceErrors({ ...deprecatedPodKey(metadata), ...spec, status, now }));
  }
  const { user } = request.attributes;
  const { signerName } = spec;
  if (await hasSignerPermission(user, authorizer, { verb: 'sign', signerName })) return;
  const detail = `User ${JSON.stringify(user.name)} is not permitted to "sign" for signer ${JSON.stringify(signerName)}`;
  refuse([forbidden('spec.signerName', detail)]);
}
