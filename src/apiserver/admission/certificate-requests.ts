/** Admission of certificate requests: who may approve and sign for a signer, and what may be asked for. */
import type { Pkcs10CertificateRequest } from '@peculiar/x509';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { messageOf } from '../../base/errors.ts';
import { invalid } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { systemMasters } from '../authentication/users.ts';
import { resourceAttributes } from '../authorization/attributes.ts';
import type { AdmissionPlugin, AdmissionRequest, Authorizer } from '../ports.ts';
import { invalidError } from '../resources/api-errors.ts';
import { refusal } from './refusal.ts';

/** The signer of certificates that the API server accepts of clients. */
const clientSigner = 'kubernetes.io/kube-apiserver-client';

/** Approving needs the verb `approve` on the signer. Source: plugin/pkg/admission/certificates/approval. */
export function createCertificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    validate(request) {
      const found = requestOf(request);
      if (!found || request.attributes.subresource !== 'approval') return;
      return requirePermission(request, authorizer, { verb: 'approve', signerName: found.spec.signerName });
    },
  };
}

/** Issuing, and giving up, needs the verb `sign` on the signer. Source: plugin/pkg/admission/certificates/signing. */
export function createCertificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    validate(request) {
      const found = requestOf(request);
      const old = request.old as CertificateSigningRequest | undefined;
      if (!found || !old || request.attributes.subresource !== 'status') return;
      const sameCertificate = found.status.certificate === old.status.certificate;
      if (sameCertificate && equalJson(failuresOf(found), failuresOf(old))) return;
      return requirePermission(request, authorizer, { verb: 'sign', signerName: found.spec.signerName });
    },
  };
}

/** A request is signed by its own key, and none asks to be of `system:masters`. Source: certificates/subjectrestriction. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  async validate(request) {
    const found = requestOf(request);
    if (!found || request.operation !== 'CREATE') return;
    const parsed = await parsedRequest(found);
    if (found.spec.signerName !== clientSigner) return;
    const groups = parsed.subjectName.getField('O');
    if (!groups.includes(systemMasters)) return;
    throw refusal(request, `use of ${clientSigner} signer with ${systemMasters} group is not allowed`);
  },
};

async function parsedRequest({ metadata, spec }: CertificateSigningRequest): Promise<Pkcs10CertificateRequest> {
  try {
    // Loaded when the first request comes: few servers see any.
    await import('reflect-metadata');
    const { Pkcs10CertificateRequest } = await import('@peculiar/x509');
    const parsed = new Pkcs10CertificateRequest(Buffer.from(spec.request, 'base64').toString());
    if (await parsed.verify()) return parsed;
    throw new Error('x509: signature does not match its public key');
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

async function requirePermission(
  request: AdmissionRequest,
  authorizer: Authorizer,
  { verb, signerName }: { readonly verb: 'approve' | 'sign'; readonly signerName: string },
): Promise<void> {
  const { user } = request.attributes;
  const names = [signerName, `${signerName.split('/')[0]}/*`];
  const attributes = { verb, group: 'certificates.k8s.io', version: '*', resource: 'signers' };
  for (const name of names) {
    const { allowed } = await authorizer.authorize(resourceAttributes(user, { ...attributes, name }));
    if (allowed) return;
  }
  throw refusal(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`);
}
