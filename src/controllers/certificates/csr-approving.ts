import { SubjectAccessReview } from '../../api/authorization/subject-access-review.ts';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { again, defineController, done } from '../../client/controller.ts';
import type { ControllerContext } from '../../client/controller.ts';
import { kubeletClientRule } from './request-rules.ts';
import type { RequestFacts } from './request-rules.ts';
import { approve, certificateController, isDecided, parsedRequest, untilNextLook } from './request-status.ts';
import { signerNames } from './signer-names.ts';

/** A form of request that is approved when its requester may create this subresource of requests. */
interface Recognizer {
  readonly subresource: string;
  readonly message: string;
  recognizes(request: CertificateSigningRequest, facts: RequestFacts): boolean;
}

const isKubeletClient: Recognizer['recognizes'] = ({ spec }, facts) =>
  spec.signerName === signerNames.kubeletClient && kubeletClientRule(facts, spec.usages ?? []) === undefined;

const recognizers: readonly Recognizer[] = [
  {
    subresource: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    recognizes: (request, facts) => request.spec.username === facts.commonName && isKubeletClient(request, facts),
  },
  {
    subresource: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    recognizes: isKubeletClient,
  },
];

/**
 * Approves client certificates of kubelets: of one that renews its own, and of those that join, where the requester may.
 * Source: kubernetes' pkg/controller/certificates/approver.
 */
export const csrApproving = defineController({
  name: 'csrapproving',
  account: certificateController.account,
  for: CertificateSigningRequest,
  rbac: {
    [certificateController.requests]: ['delete', 'get', 'list', 'watch'],
    [`${certificateController.requests}/approval`]: ['update'],
    [`signers.certificates.k8s.io ${signerNames.kubeletClient}`]: ['approve'],
    'subjectaccessreviews.authorization.k8s.io': ['create'],
  },
  async reconcile(key, context) {
    const request = context.cache.get(CertificateSigningRequest, key);
    if (!request || isDecided(request)) return done;
    const facts = await parsedRequest(request);
    const tried = recognizers.filter((one) => one.recognizes(request, facts));
    for (const { subresource, message } of tried) {
      if (!(await mayCreate(request, subresource, context))) continue;
      await approve(request, { reason: 'AutoApproved', message }, context);
      return done;
    }
    if (tried.length === 0) return done;
    const names = tried.map(({ subresource }) => subresource).join(' ');
    context.log.v(2).info(`recognized csr "${key.name}" as [${names}] but subject access review was not approved`);
    return again(untilNextLook(request, context));
  },
});

async function mayCreate(
  { spec }: CertificateSigningRequest,
  subresource: string,
  { client, signal }: ControllerContext,
): Promise<boolean> {
  const review = await client.create(
    SubjectAccessReview,
    {
      metadata: {},
      spec: {
        user: spec.username,
        uid: spec.uid,
        groups: spec.groups,
        extra: spec.extra,
        resourceAttributes: {
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          verb: 'create',
          subresource,
        },
      },
    },
    { signal },
  );
  return review.status?.allowed ?? false;
}
