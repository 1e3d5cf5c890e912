import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { Node } from '../../api/core/node.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { Controller } from '../../client/controller.ts';
import { nodeNameFault, nodeServingFault } from './node-claims.ts';
import { nodePrefix, nodesGroup, requestRules } from './request-rules.ts';
import type { RequestFacts } from './request-rules.ts';
import { approve, isDecided, parsedRequest, untilNextLook } from './request-status.ts';
import { kubeProxySigner, signerNames } from './signer-names.ts';

/** What nodes may not have certificates for. */
export interface NodeApprovingOptions {
  /** Networks that no node's address is in: those of Services and pods. */
  readonly foreignNetworks: readonly string[];
}

const requests = 'certificatesigningrequests.certificates.k8s.io';

/**
 * Approves what upstream leaves to an administrator: the serving certificates of kubelets, when the requester is that
 * kubelet and the names and addresses are its Node's and nobody else's; and the proxies' client certificate, for nodes.
 * Everything else is left to others. Runs in our distribution, and elsewhere when it is asked for.
 */
export function nodeCertificateApproving({ foreignNetworks }: NodeApprovingOptions): Controller {
  return defineController({
    name: 'node-certificate-approver',
    optional: true,
    for: CertificateSigningRequest,
    rbac: {
      [requests]: ['get', 'list', 'watch'],
      [`${requests}/approval`]: ['update'],
      [`signers.certificates.k8s.io ${signerNames.kubeletServing} ${kubeProxySigner}`]: ['approve'],
      nodes: ['get', 'list', 'watch'],
    },
    // Read only when a request comes, but the informer must know the kind.
    watches: [watched(Node, () => [])],
    async reconcile(key, context) {
      const request = context.cache.get(CertificateSigningRequest, key);
      if (!request || isDecided(request)) return done;
      const { signerName } = request.spec;
      if (signerName !== signerNames.kubeletServing && signerName !== kubeProxySigner) return done;
      const facts = await parsedRequest(request);
      const fault =
        requesterFault(request, facts) ??
        requestRules[signerName](facts, request.spec.usages ?? []) ??
        (signerName === kubeProxySigner
          ? undefined
          : nodeServingFault(facts, { nodes: context.cache.list(Node), foreignNetworks }));
      if (fault === undefined) {
        const message = `Auto approving ${signerName === kubeProxySigner ? 'kube-proxy client' : 'kubelet serving'} certificate of the requesting node.`;
        await approve(request, { reason: 'AutoApproved', message }, context);
        return done;
      }
      context.log.info('A certificate request of a node is left to an administrator', { csr: key, reason: fault });
      return again(untilNextLook(request, context));
    },
  });
}

/** A node asks for itself only. */
function requesterFault({ spec }: CertificateSigningRequest, facts: RequestFacts): string | undefined {
  const { username = '', groups = [] } = spec;
  if (!username.startsWith(nodePrefix) || !groups.includes(nodesGroup)) return 'the requester is no node';
  if (spec.signerName === kubeProxySigner) return undefined;
  if (facts.commonName !== username) return 'the requester is not who the certificate would be for';
  return nodeNameFault(username.slice(nodePrefix.length));
}
