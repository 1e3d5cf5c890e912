/** Certificates that a kubelet may ask for: of the pods that it runs, of the signers that these name. */
import { PodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { StatusError } from '../../base/errors.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { resourceAttributes } from '../authorization/attributes.ts';
import type { AdmissionContext, AdmissionRequest } from '../ports.ts';
import { andThen } from '../../base/and-then.ts';

type Problem = string | undefined;
type Spec = PodCertificateRequest['spec'];

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const quoted = (text: string): string => JSON.stringify(text);

/**
 * Why a node may not ask for a certificate. What the cache may only not have seen yet is an InternalError, which is tried
 * again. Source: noderestriction's admitPodCertificateRequest.
 */
export function podCertificateProblem(
  request: AdmissionRequest,
  node: string,
  context: AdmissionContext,
): Problem | Promise<Problem> {
  const { operation, attributes, object } = request;
  if (operation !== 'CREATE') return `unexpected operation ${operation}`;
  if (attributes.subresource !== '') return `unexpected subresource ${attributes.subresource}`;
  const { spec } = object as unknown as PodCertificateRequest;
  const { namespace } = attributes;
  if (spec.nodeName !== node) {
    return `PodCertificateRequest.Spec.NodeName=${quoted(spec.nodeName)}, which is not the requesting node ${quoted(node)}`;
  }
  checkNode(spec, namespace, context);
  const pod = podOf(spec, namespace, context);
  const problem = podProblem(spec, pod);
  if (problem !== undefined) return problem;
  checkAccount(spec, namespace, context);
  return signerProblem(request, { spec, pod }, context);
}

function checkNode(spec: Spec, namespace: string, context: AdmissionContext): void {
  const node = found(context.find(Node, { name: spec.nodeName }), {
    resource: Node,
    what: `node ${quoted(spec.nodeName)}`,
    name: spec.nodeName,
  });
  const { uid } = node.metadata;
  if (uid === spec.nodeUID) return;
  throw temporary(
    `${named(spec, namespace)} names node UID ${quoted(spec.nodeUID)}, inconsistent with the running node (${quoted(uid)})`,
  );
}

function podOf(spec: Spec, namespace: string, context: AdmissionContext): Pod {
  const pod = found(context.find(Pod, { namespace, name: spec.podName }), {
    resource: Pod,
    what: `pod ${quoted(`${namespace}/${spec.podName}`)}`,
    name: spec.podName,
  });
  const { uid } = pod.metadata;
  if (uid === spec.podUID) return pod;
  throw temporary(
    `${named(spec, namespace)} contains pod UID (${quoted(spec.podUID)}) which differs from running pod ${quoted(uid)}`,
  );
}

function podProblem(spec: Spec, { metadata, spec: own }: Pod): Problem {
  const path = quoted(`${metadata.namespace ?? ''}/${metadata.name}`);
  if (own.nodeName !== spec.nodeName) {
    return `pod ${path} is not running on node ${quoted(spec.nodeName)} named in the PodCertificateRequest`;
  }
  if (metadata.annotations?.[mirrorAnnotation] !== undefined) return `pod ${path} is a mirror pod`;
  const { serviceAccountName = '' } = own;
  if (serviceAccountName === spec.serviceAccountName) return undefined;
  return `PodCertificateRequest for pod ${path} contains serviceAccountName (${quoted(spec.serviceAccountName)}) that differs from running pod (${quoted(serviceAccountName)})`;
}

function checkAccount(spec: Spec, namespace: string, context: AdmissionContext): void {
  const { serviceAccountName: name, serviceAccountUID } = spec;
  const account = found(context.find(ServiceAccount, { namespace, name }), {
    resource: ServiceAccount,
    what: `service account ${quoted(`${namespace}/${name}`)}`,
    name,
  });
  const { uid } = account.metadata;
  if (uid === serviceAccountUID) return;
  throw temporary(
    `${named(spec, namespace)} names service account UID ${quoted(serviceAccountUID)}, which differs from the running service account (${quoted(uid)})`,
  );
}

/** A signer that no volume of the pod names needs a permission, as an audience does that none names. */
function signerProblem(
  { attributes }: AdmissionRequest,
  { spec, pod }: { readonly spec: Spec; readonly pod: Pod },
  { authorizer }: AdmissionContext,
): Problem | Promise<Problem> {
  const { signerName, serviceAccountName: name } = spec;
  const sources = (pod.spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  if (sources.some(({ podCertificate }) => podCertificate?.signerName === signerName)) return undefined;
  const { user, namespace } = attributes;
  const question = {
    verb: 'request-serviceaccounts-podcertificate-signer',
    group: PodCertificateRequest.group,
    version: '*',
    resource: signerName.replaceAll('/', ':'),
  };
  const unnamed = `signer ${quoted(signerName)} not found in pod spec volume`;
  return andThen(authorizer.authorize(resourceAttributes(user, { ...question, namespace, name })), ({ allowed }) =>
    allowed ? undefined : `${unnamed}, ${user.name} is not authorized to request certificates of this signer`,
  );
}

interface Sought {
  readonly resource: Pick<Resource, 'plural'>;
  readonly what: string;
  readonly name: string;
}

function found<T extends ApiObject>(object: T | undefined, { resource, what, name }: Sought): T {
  if (object) return object;
  throw temporary(
    `while retrieving ${what} named in the PodCertificateRequest: ${resource.plural} ${quoted(name)} not found`,
  );
}

function named({ podName }: Spec, namespace: string): string {
  return `PodCertificateRequest for pod ${quoted(`${namespace}/${podName}`)}`;
}

function temporary(message: string): StatusError {
  return new StatusError('InternalError', message);
}
