/** What kubelets may do: as much as their own node and its pods need. Source: kubernetes' plugin/pkg/auth/authorizer/node. */
import type { PolicyRule } from '../../../api/rbac/role.ts';
import { nodeOfUser } from '../../authentication/users.ts';
import type { Decision, LocalAuthorizer, RequestAttributes } from '../../ports.ts';
import { CompiledRole, resourceKey } from '../compiled-role.ts';
import { ruleAllows } from '../rule-matching.ts';
import { noRules } from '../rule-resolver.ts';
import type { RuleResolver } from '../rule-resolver.ts';
import { fieldEquals } from '../selector-requirements.ts';
import type { GraphKind, NodeGraph } from './node-graph.ts';

const allowed: Decision = { allowed: true, reason: '' };
const noOpinion: Decision = { allowed: false, reason: '' };
const refused = (reason: string): Decision => ({ allowed: false, reason });

const leaseNamespace = 'kube-node-lease';
const ownVerbs: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete']);
const readVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
const updateVerbs: ReadonlySet<string> = new Set(['update', 'patch']);

/** Makes the authorizer; `rules` say what all kubelets may do alike. */
export function createNodeAuthorizer(graph: NodeGraph, rules: readonly PolicyRule[]): LocalAuthorizer & RuleResolver {
  const common = new CompiledRole(rules);
  return {
    authorize(attributes) {
      const node = nodeOfUser(attributes.user);
      if (node === undefined) return noOpinion;
      if (node === '') return refused(`unknown node for user ${JSON.stringify(attributes.user.name)}`);
      const judge = attributes.isResource ? judges[`${attributes.resource}.${attributes.group}`] : undefined;
      if (judge) return judge({ graph, node, attributes });
      const candidates = [...common.exactly(resourceKey(attributes)), ...common.widely(attributes)];
      return candidates.some((rule) => ruleAllows(rule, attributes)) ? allowed : noOpinion;
    },
    rulesFor: (user) =>
      nodeOfUser(user) === undefined
        ? noRules
        : { rules: [], incomplete: true, errors: ['node authorizer does not support user rule resolution'] },
  };
}

interface Question {
  readonly graph: NodeGraph;
  readonly node: string;
  readonly attributes: RequestAttributes;
}

/** Who decides about the resources that not all kubelets share, by `<plural>.<group>`. */
const judges: Readonly<Record<string, (question: Question) => Decision>> = {
  'secrets.': (question) => readNamespaced(question, 'secrets'),
  'configmaps.': (question) => readNamespaced(question, 'configmaps'),
  'persistentvolumeclaims.': (question) =>
    question.attributes.subresource === 'status'
      ? updateStatus(question, 'persistentvolumeclaims')
      : getOne(question, 'persistentvolumeclaims'),
  'persistentvolumes.': (question) => getOne(question, 'persistentvolumes'),
  'resourceclaims.resource.k8s.io': (question) => getOne(question, 'resourceclaims'),
  'volumeattachments.storage.k8s.io': (question) => getOne(question, 'volumeattachments'),
  'serviceaccounts.': (question) =>
    question.attributes.verb === 'get' && question.attributes.subresource === ''
      ? related(question, 'serviceaccounts')
      : createToken(question),
  'leases.coordination.k8s.io': ownLease,
  'csinodes.storage.k8s.io': ownCsiNode,
  'resourceslices.resource.k8s.io': resourceSlice,
  'podcertificaterequests.certificates.k8s.io': podCertificateRequest,
  'nodes.': ownNode,
  'pods.': ownPods,
};

function related({ graph, node, attributes }: Question, kind: GraphKind): Decision {
  if (attributes.name === '') return refused('No Object name found');
  return graph.relates(kind, attributes, node)
    ? allowed
    : refused(`no relationship found between node '${node}' and this object`);
}

function readNamespaced(question: Question, kind: GraphKind): Decision {
  const { verb, subresource, namespace } = question.attributes;
  if (!readVerbs.has(verb)) return refused('can only read resources of this type');
  if (subresource !== '') return refused('cannot read subresource');
  if (namespace === '') return refused('can only read namespaced object of this type');
  return related(question, kind);
}

function getOne(question: Question, kind: GraphKind): Decision {
  const { verb, subresource } = question.attributes;
  if (verb !== 'get') return refused('can only get individual resources of this type');
  if (subresource !== '') return refused('cannot get subresource');
  return related(question, kind);
}

function updateStatus(question: Question, kind: GraphKind): Decision {
  if (!updateVerbs.has(question.attributes.verb)) return refused('can only get/update/patch this type');
  return related(question, kind);
}

function createToken(question: Question): Decision {
  const { verb, name, subresource } = question.attributes;
  if (verb !== 'create' || name === '') return refused('can only create tokens for individual service accounts');
  if (subresource !== 'token') return refused('can only create token subresource of serviceaccount');
  return related(question, 'serviceaccounts');
}

/** That a new one has the node's name is for NodeRestriction to see: of a creation the name is not known yet. */
function ownLease({ node, attributes: { verb, namespace, name } }: Question): Decision {
  if (!ownVerbs.has(verb)) return refused('can only get, create, update, patch, or delete a node lease');
  if (namespace !== leaseNamespace)
    return refused(`can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`);
  if (verb !== 'create' && name !== node)
    return refused('can only access node lease with the same name as the requesting node');
  return allowed;
}

function ownCsiNode({ node, attributes: { verb, subresource, name } }: Question): Decision {
  if (!ownVerbs.has(verb)) return refused('can only get, create, update, patch, or delete a CSINode');
  if (subresource !== '') return refused('cannot authorize CSINode subresources');
  if (verb !== 'create' && name !== node)
    return refused('can only access CSINode with the same name as the requesting node');
  return allowed;
}

function resourceSlice(question: Question): Decision {
  const { node, attributes } = question;
  if (attributes.subresource !== '') return refused('cannot authorize ResourceSlice subresources');
  switch (attributes.verb) {
    case 'create':
      return allowed;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return related(question, 'resourceslices');
    case 'watch':
    case 'list':
    case 'deletecollection':
      return fieldEquals(attributes, 'spec.nodeName', node)
        ? allowed
        : refused('can only list/watch/deletecollection resourceslices with nodeName field selector');
    default:
      return refused(
        'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
      );
  }
}

/** NodeRestriction sees to it that a node asks for its own pods only. */
function podCertificateRequest(question: Question): Decision {
  const { node, attributes } = question;
  if (attributes.subresource !== '')
    return refused('nodes may not access the status subresource of PodCertificateRequests');
  switch (attributes.verb) {
    case 'create':
      return allowed;
    case 'get':
      return related(question, 'podcertificaterequests');
    case 'list':
    case 'watch':
      return fieldEquals(attributes, 'spec.nodeName', node)
        ? allowed
        : refused('can only list/watch podcertificaterequests with nodeName field selector');
    default:
      return refused(`nodes may not ${attributes.verb} podcertificaterequests`);
  }
}

/** NodeRestriction sees to it that a node writes its own Node only. */
function ownNode({ node, attributes: { verb, subresource, name } }: Question): Decision {
  if (subresource === 'status') return updateVerbs.has(verb) ? allowed : noOpinion;
  if (subresource !== '') return noOpinion;
  if (verb === 'create' || updateVerbs.has(verb)) return allowed;
  if (!readVerbs.has(verb)) return noOpinion;
  if (name === node) return allowed;
  if (name === '') return refused(`node '${node}' cannot read all nodes, only its own Node object`);
  return refused(`node '${node}' cannot read '${name}', only its own Node object`);
}

/** NodeRestriction sees to it that a node writes its own pods only. */
function ownPods(question: Question): Decision {
  const { node, attributes } = question;
  const { verb, subresource, name } = attributes;
  if (subresource === 'status') return updateVerbs.has(verb) ? allowed : noOpinion;
  if (subresource === 'eviction') return verb === 'create' ? allowed : noOpinion;
  if (subresource !== '') return noOpinion;
  switch (verb) {
    case 'get':
      return getOne(question, 'pods');
    case 'list':
    case 'watch':
      if (fieldEquals(attributes, 'spec.nodeName', node)) return allowed;
      if (name !== '') return related(question, 'pods');
      return refused('can only list/watch pods with spec.nodeName field selector');
    case 'create':
    case 'delete':
      return allowed;
    default:
      return noOpinion;
  }
}
