/** What a kubelet may write of pods: mirror pods of its own, and the status of those that it runs. */
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { podReferences } from '../../api/core/pod-references.ts';
import type { AdmissionContext, AdmissionRequest } from '../ports.ts';
import { notFoundError } from '../resources/api-errors.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Why a node may not write a pod in this way. Throws NotFound. Source: noderestriction's admitPod… */
export function podProblem(request: AdmissionRequest, node: string, context: AdmissionContext): string | undefined {
  const { operation, attributes } = request;
  const quoted = JSON.stringify(node);
  switch (attributes.subresource) {
    case '':
      if (operation === 'CREATE') return mirrorProblem(request.object as unknown as Pod, node, context);
      if (operation === 'DELETE')
        return existing(request, context).spec.nodeName === node
          ? undefined
          : `node ${quoted} can only delete pods with spec.nodeName set to itself`;
      return `unexpected operation ${JSON.stringify(operation)}, node ${quoted} can only create and delete mirror pods`;
    case 'status':
      if (operation !== 'UPDATE') return `unexpected operation ${JSON.stringify(operation)}`;
      return statusProblem(request, node);
    case 'eviction':
      return existing(request, context).spec.nodeName === node
        ? undefined
        : `node ${node} can only evict pods with spec.nodeName set to itself`;
    default:
      return `unexpected pod subresource ${JSON.stringify(attributes.subresource)}, only 'status' and 'eviction' are allowed`;
  }
}

function existing({ attributes, old }: AdmissionRequest, { find }: AdmissionContext): Pod {
  const { namespace, name } = attributes;
  const pod = (old as Pod | undefined) ?? find(Pod, { namespace, name });
  if (!pod) throw notFoundError(Pod, name);
  return pod;
}

function mirrorProblem(pod: Pod, node: string, context: AdmissionContext): string | undefined {
  const quoted = JSON.stringify(node);
  if (pod.metadata.annotations?.[mirrorAnnotation] === undefined) {
    return `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, node ${quoted} can only create mirror pods`;
  }
  if (pod.spec.nodeName !== node) return `node ${quoted} can only create pods with spec.nodeName set to itself`;
  return ownerProblem(pod, node, context) ?? referenceProblem(pod, quoted);
}

function ownerProblem({ metadata }: Pod, node: string, { find }: AdmissionContext): string | undefined {
  const quoted = JSON.stringify(node);
  const [owner, ...others] = metadata.ownerReferences ?? [];
  if (others.length > 0) return `node ${quoted} can only create pods with a single owner reference set to itself`;
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    return `node ${quoted} can only create pods with an owner reference set to itself`;
  if (!owner.controller) return `node ${quoted} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion) return `node ${quoted} must not set blockOwnerDeletion on an owner reference`;
  const found = find(Node, { name: node });
  if (!found) throw notFoundError(Node, node);
  const { uid } = found.metadata;
  return owner.uid === uid ? undefined : `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`;
}

/** A mirror pod that refers to objects would let its node read them. */
function referenceProblem(pod: Pod, quoted: string): string | undefined {
  const { spec } = pod;
  const { secrets, configMaps } = podReferences(pod);
  const volumes = spec.volumes ?? [];
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? []);
  const refers = (what: string): string => `node ${quoted} can not create pods that reference ${what}`;
  if (spec.serviceAccountName) return refers('a service account');
  if (secrets.size > 0) return refers('secrets');
  if (configMaps.size > 0) return refers('configmaps');
  if (sources.some(({ clusterTrustBundle }) => clusterTrustBundle)) return refers('clustertrustbundles');
  if (sources.some(({ podCertificate }) => podCertificate)) return refers('podcertificates');
  if (volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim)) return refers('persistentvolumeclaims');
  if (spec.resourceClaims?.length) return refers('resourceclaims');
  return undefined;
}

function statusProblem({ object, old }: AdmissionRequest, node: string): string | undefined {
  const quoted = JSON.stringify(node);
  const current = old as Pod | undefined;
  const changed = object as unknown as Pod;
  if (current?.spec.nodeName !== node)
    return `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`;
  if (!equalJson(current.metadata.labels ?? {}, changed.metadata.labels ?? {}))
    return `node ${quoted} cannot update labels through pod status`;
  if (!equalJson(claims(current), claims(changed))) return `node ${quoted} cannot update resource claim statues`;
  const [was, is] = [current.status.extendedResourceClaimStatus, changed.status.extendedResourceClaimStatus];
  return equalJson(was, is) ? undefined : `node ${quoted} cannot update extended resource claim status`;
}

function claims({ status }: Pod): unknown {
  return (status.resourceClaimStatuses ?? []).map(({ name, resourceClaimName }) => ({ name, resourceClaimName }));
}
