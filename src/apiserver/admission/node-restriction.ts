/**
 * Holds a kubelet to its own node, that node's lease and the pods that run there. The Node authorizer decides without the
 * object; this looks at it. Source: kubernetes' plugin/pkg/admission/noderestriction.
 */
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { PodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { Node } from '../../api/core/node.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { ResourceSlice } from '../../api/resource/resource-slice.ts';
import { CSINode } from '../../api/storage/csi-node.ts';
import { messageOf } from '../../base/errors.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { nodeOfUser, nodeUserPrefix } from '../authentication/users.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { nodeProblem } from './node-restriction-nodes.ts';
import { podCertificateProblem } from './node-restriction-pod-certificates.ts';
import { podProblem } from './node-restriction-pods.ts';
import { tokenProblem } from './node-restriction-tokens.ts';
import { refusal } from './refusal.ts';

/** Why a node may not do what it asks for; undefined when it may. Throws StatusError for objects that are not there. */
type Check = (request: AdmissionRequest, node: string, context: AdmissionContext) => Problem | Promise<Problem>;
type Problem = string | undefined;

const leaseNamespace = 'kube-node-lease';

const checks: Readonly<Record<string, Check>> = {
  [Pod.qualified]: podProblem,
  [Node.qualified]: nodeProblem,
  [PersistentVolumeClaim.qualified]: claimProblem,
  [ServiceAccount.qualified]: tokenProblem,
  [Lease.qualified]: leaseProblem,
  [CSINode.qualified]: csiNodeProblem,
  [ResourceSlice.qualified]: sliceProblem,
  [CertificateSigningRequest.qualified]: certificateProblem,
  [PodCertificateRequest.qualified]: podCertificateProblem,
};

/** Upstream's NodeRestriction. */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  concerns: Object.keys(checks),
  admit(request, context) {
    const { user } = request.attributes;
    const node = nodeOfUser(user);
    if (node === undefined || request.operation === 'CONNECT') return;
    const check = checks[request.resource.qualified];
    if (!check) return;
    if (node === '') throw refusal(request, `could not determine node from user ${JSON.stringify(user.name)}`);
    const problem = check(request, node, context);
    if (problem instanceof Promise) return problem.then((found) => refuse(request, found));
    return refuse(request, problem);
  },
};

function refuse(request: AdmissionRequest, problem: Problem): void {
  if (problem !== undefined) throw refusal(request, problem);
}

function nameOf({ operation, attributes, object }: AdmissionRequest): string | undefined {
  // Of a creation the path does not say the name.
  if (operation !== 'CREATE') return attributes.name;
  return (object?.['metadata'] as { readonly name?: string } | undefined)?.name;
}

function leaseProblem(request: AdmissionRequest, node: string): Problem {
  if (request.attributes.namespace !== leaseNamespace)
    return `can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`;
  return nameOf(request) === node ? undefined : 'can only access node lease with the same name as the requesting node';
}

function csiNodeProblem(request: AdmissionRequest, node: string): Problem {
  return nameOf(request) === node ? undefined : 'can only access CSINode with the same name as the requesting node';
}

function sliceProblem({ operation, object, old }: AdmissionRequest, node: string): Problem {
  if (operation !== 'CREATE' && operation !== 'DELETE') return undefined;
  const slice = (operation === 'CREATE' ? object : old) as ResourceSlice | undefined;
  if (slice?.spec.nodeName === node) return undefined;
  return `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`;
}

/** What of a claim's status is the kubelet's business: how far its volume has grown. */
function claimProblem({ operation, attributes, object, old }: AdmissionRequest, node: string): Problem {
  if (attributes.subresource !== 'status') return 'may only update PVC status';
  if (operation !== 'UPDATE') return `unexpected operation ${JSON.stringify(operation)}`;
  if (equalJson(fixedPart(object as PersistentVolumeClaim | undefined), fixedPart(old as PersistentVolumeClaim)))
    return undefined;
  return `node ${JSON.stringify(node)} is not allowed to update fields other than status.quantity and status.conditions`;
}

function fixedPart(claim: PersistentVolumeClaim | undefined): unknown {
  if (!claim) return undefined;
  const resized = { capacity: undefined, allocatedResources: undefined, allocatedResourceStatuses: undefined };
  const metadata = { ...claim.metadata, resourceVersion: undefined, managedFields: undefined };
  return { ...claim, metadata, status: { ...claim.status, ...resized, conditions: undefined } };
}

const nodeSigners: readonly string[] = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet'];

async function certificateProblem({ operation, object }: AdmissionRequest, node: string): Promise<Problem> {
  const { spec } = (object ?? {}) as Partial<CertificateSigningRequest>;
  if (operation !== 'CREATE' || !spec || !nodeSigners.includes(spec.signerName)) return undefined;
  const wanted = `${nodeUserPrefix}${node}`;
  // Loaded when the first request comes: few servers see many.
  const { parseCertificateRequest } = await import('../../machinery/x509/certificate-request.ts');
  try {
    const { commonName } = await parseCertificateRequest(Buffer.from(spec.request, 'base64').toString());
    return commonName === wanted ? undefined : `can only create a node CSR with CN=${wanted}`;
  } catch (error) {
    return `unable to parse csr: ${messageOf(error)}`;
  }
}
