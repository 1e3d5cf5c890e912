/** Admission of certificate requests: who may approve and sign for a signer, and what may be asked for. */
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { messageOf } from '../../base/errors.ts';
import { invalid } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ParsedRequest } from '../../machinery/x509/certificate-request.ts';
import { systemMasters } from '../authentication/users.ts';
import type { AdmissionPlugin, AdmissionRequest, Authorizer } from '../ports.ts';
import { invalidError } from '../resources/api-errors.ts';
import { refusal } from './refusal.ts';
import { requireSignerPermission } from './signer-permission.ts';
import type { SignerAct } from './signer-permission.ts';

/** The signer of certificates that the API server accepts of clients. */
const clientSigner = 'kubernetes.io/kube-apiserver-client';

/** Approving needs the verb `approve` on the signer. Source: plugin/pkg/admission/certificates/approval. */
export function createCertificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    concerns: [CertificateSigningRequest.qualified],
    validate(request) {
      const found = requestOf(request);
      if (!found || request.attributes.subresource !== 'approval') return;
      return requireSignerPermission(request, authorizer, permission('approve', found));
    },
  };
}

/** Issuing, and giving up, needs the verb `sign` on the signer. Source: plugin/pkg/admission/certificates/signing. */
export function createCertificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    concerns: [CertificateSigningRequest.qualified],
    validate(request) {
      const found = requestOf(request);
      const old = request.old as CertificateSigningRequest | undefined;
      if (!found || !old || request.attributes.subresource !== 'status') return;
      const sameCertificate = found.status.certificate === old.status.certificate;
      if (sameCertificate && equalJson(failuresOf(found), failuresOf(old))) return;
      return requireSignerPermission(request, authorizer, permission('sign', found));
    },
  };
}

/** A request is signed by its own key, and none asks to be of `system:masters`. Source: certificates/subjectrestriction. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  concerns: [CertificateSigningRequest.qualified],
  async validate(request) {
    const found = requestOf(request);
    if (!found || request.operation !== 'CREATE') return;
    const parsed = await parsedRequest(found);
    if (found.spec.signerName !== clientSigner) return;
    if (!parsed.organizations.includes(systemMasters)) return;
    throw refusal(request, `use of ${clientSigner} signer with ${systemMasters} group is not allowed`);
  },
};

async function parsedRequest({ metadata, spec }: CertificateSigningRequest): Promise<ParsedRequest> {
  try {
    // Loaded when the first request comes: few servers see any.
    const { parseCertificateRequest } = await import('../../machinery/x509/certificate-request.ts');
    return await parseCertificateRequest(Buffer.from(spec.request, 'base64').toString());
  } catch (error) {
    throw invalidError(CertificateSigningRequest, metadata.name, [
      invalid('spec.request', spec.request, messageOf(error)),
    ]);
  }
}

function requestOf({ resource, object }: AdmissionRequest): CertificateSigningRequest | undefined {
  return resource.qualified === CertificateSigningRequest.qualified
    ? (object as CertificateSigningRequest | undefined)
    : undefined;
}

function failuresOf({ status: { conditions = [] } }: CertificateSigningRequest): readonly object[] {
  return conditions.filter(({ type }) => type === 'Failed');
}

function permission(verb: 'approve' | 'sign', { spec: { signerName } }: CertificateSigningRequest): SignerAct {
  const refused = `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`;
  return { verb, signerName, refused };
}
