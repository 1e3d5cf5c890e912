/** A request as the expressions of policies see it, and what a policy's definition and binding ask of it. */
import type {
  MatchResources,
  NamedRuleWithOperations,
  ParamKind,
} from '../../../api/admissionregistration/validating-admission-policy.ts';
import type { ParamRef } from '../../../api/admissionregistration/validating-admission-policy-binding.ts';
import { labelSelectorMatcher } from '../../../machinery/selector.ts';
import type { ApiObject, Resource } from '../../../machinery/resource.ts';
import type { AdmissionContext, AdmissionRequest } from '../../ports.ts';
import type { ShownObjects } from '../shown-objects.ts';
import { matchedResource, selectorsMatch } from '../webhooks/webhook-matching.ts';

/** What policies look at beside the request. */
export interface PolicyContext {
  readonly objects: ShownObjects;
  readonly context: AdmissionContext;
  readonly served: readonly Resource[];
}

const anything: Partial<MatchResources> = {};

/** The kind under which a policy or binding sees a request; undefined: it is not its business. */
export function matchedBy(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  { context, served }: PolicyContext,
): Resource | undefined {
  const { resourceRules = [], excludeResourceRules = [], ...criteria } = match ?? anything;
  if (!selectorsMatch(criteria, request, context)) return undefined;
  const named = (rules: readonly NamedRuleWithOperations[]): readonly NamedRuleWithOperations[] =>
    rules.filter(
      ({ resourceNames = [] }) => resourceNames.length === 0 || resourceNames.includes(request.attributes.name),
    );
  const { matchPolicy } = criteria;
  if (matchedResource({ rules: named(excludeResourceRules), matchPolicy }, request, served)) return undefined;
  // A binding without rules is about whatever its policy is about.
  if (resourceRules.length === 0) return request.resource;
  return matchedResource({ rules: named(resourceRules), matchPolicy }, request, served);
}

/** What a binding is evaluated with: objects, or null where there is none. Throws an Error when it is set up wrongly. */
export function paramsOf(
  { paramKind, paramRef }: { readonly paramKind: ParamKind | undefined; readonly paramRef: ParamRef | undefined },
  request: AdmissionRequest,
  { context, served }: PolicyContext,
): readonly (ApiObject | null)[] {
  if (!paramKind || !paramRef) return [null];
  const { apiVersion = '', kind = '' } = paramKind;
  const resource = served.find((one) => one.apiVersion === apiVersion && one.kind === kind);
  if (!resource) throw new Error(`paramKind kind \`${apiVersion}, Kind=${kind}\` not known`);
  const found = context.objects(resource).filter(paramSelector(paramRef, resource, request));
  if (found.length === 0 && paramRef.parameterNotFoundAction === 'Deny') {
    throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return found;
}

function paramSelector(
  { name, namespace, selector }: ParamRef,
  resource: Resource,
  { attributes }: AdmissionRequest,
): (object: ApiObject) => boolean {
  if (!resource.namespaced && namespace) {
    throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const within = namespace || attributes.namespace;
  if (resource.namespaced && within === '') {
    throw new Error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  }
  const matches = name ? undefined : labelSelectorMatcher(selector);
  return ({ metadata }) =>
    (!resource.namespaced || metadata.namespace === within) &&
    (matches ? matches(metadata.labels) : metadata.name === name);
}
