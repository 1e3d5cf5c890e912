/** Which webhooks and policies a request concerns. Source: apiserver's admission/plugin/webhook/predicates. */
import type { RuleWithOperations } from '../../../api/admissionregistration/validating-webhook-configuration.ts';
import { Namespace } from '../../../api/core/namespace.ts';
import type { LabelSelector } from '../../../machinery/meta.ts';
import type { ApiObject, Resource } from '../../../machinery/resource.ts';
import { labelSelectorMatcher } from '../../../machinery/selector.ts';
import type { LabelMatcher } from '../../../machinery/selector.ts';
import { kindPrefix } from '../../cache/storage-key.ts';
import type { AdmissionContext, AdmissionRequest } from '../../ports.ts';

/** What narrows a webhook or a policy down. */
export interface MatchCriteria {
  readonly rules?: readonly RuleWithOperations[] | undefined;
  readonly matchPolicy?: 'Equivalent' | 'Exact' | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly objectSelector?: LabelSelector | undefined;
}

const configurationGroup = 'admissionregistration.k8s.io';
const reviewGroups: readonly string[] = ['authentication.k8s.io', 'authorization.k8s.io'];

/** Whether a request is about webhooks or policies themselves, which nothing may keep anyone from mending. */
export function isAboutAdmission({ resource }: AdmissionRequest): boolean {
  return resource.group === configurationGroup;
}

/**
 * Whether policies have no say in a request: besides those, of reviews, which policies may cause themselves. Source:
 * kubernetes' pkg/kubeapiserver/admission/exclusion.
 */
export function isBeyondPolicies(request: AdmissionRequest): boolean {
  return isAboutAdmission(request) || reviewGroups.includes(request.resource.group);
}

/**
 * The kind under which a request is shown to a webhook: its own, or with matchPolicy Equivalent another version of it that
 * the rules name. undefined: the request is not the webhook's business.
 */
export function matchedResource(
  criteria: MatchCriteria,
  request: AdmissionRequest,
  served: readonly Resource[],
): Resource | undefined {
  const { rules = [], matchPolicy } = criteria;
  const asked = (resource: Resource): boolean => rules.some((rule) => ruleMatches(rule, request, resource));
  if (asked(request.resource)) return request.resource;
  if (matchPolicy === 'Exact') return undefined;
  return served.find((other) => other !== request.resource && sharesStorage(other, request.resource) && asked(other));
}

function sharesStorage(one: Resource, other: Resource): boolean {
  return kindPrefix(one) === kindPrefix(other);
}

function ruleMatches(rule: RuleWithOperations, request: AdmissionRequest, resource: Resource): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  const { subresource } = request.attributes;
  return (
    includes(operations, request.operation) &&
    includes(apiGroups, resource.group) &&
    includes(apiVersions, resource.version) &&
    (scope === '*' || scope === (resource.namespaced ? 'Namespaced' : 'Cluster')) &&
    resources.some((entry) => resourceMatches(entry, resource.plural, subresource))
  );
}

function includes(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value);
}

function resourceMatches(entry: string, plural: string, subresource: string): boolean {
  const [resource, part = ''] = entry.split('/');
  return (resource === '*' || resource === plural) && (part === subresource || (part === '*' && entry.includes('/')));
}

const matchers = new WeakMap<LabelSelector, LabelMatcher>();

function matcherOf(selector: LabelSelector | undefined): LabelMatcher | undefined {
  if (!selector) return undefined;
  let matcher = matchers.get(selector);
  if (!matcher) matchers.set(selector, (matcher = labelSelectorMatcher(selector)));
  return matcher;
}

/** Whether the selectors let a request through: those of its namespace, and of its new or old object. */
export function selectorsMatch(criteria: MatchCriteria, request: AdmissionRequest, context: AdmissionContext): boolean {
  const ofObject = matcherOf(criteria.objectSelector);
  if (ofObject) {
    // What has no metadata is selected by nothing that selects, not even by what asks for the absence of labels.
    if (request.objectKind && !isEmpty(criteria.objectSelector)) return false;
    const labels = [request.object as ApiObject | undefined, request.old].map((object) => object?.metadata?.labels);
    if (!labels.some((one, at) => (at === 0 ? request.object : request.old) !== undefined && ofObject(one)))
      return false;
  }
  const ofNamespace = matcherOf(criteria.namespaceSelector);
  return !ofNamespace || namespaceMatches(ofNamespace, request, context);
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

function namespaceMatches(matches: LabelMatcher, request: AdmissionRequest, context: AdmissionContext): boolean {
  const { resource, attributes } = request;
  if (resource === Namespace) {
    const object = (request.object ?? request.old) as ApiObject | undefined;
    return matches(object?.metadata?.labels);
  }
  if (!resource.namespaced) return true;
  const namespace = context.find(Namespace, { name: attributes.namespace });
  return namespace === undefined || matches(namespace.metadata.labels);
}
