/** Whether a rule of a role allows a request. Source: kubernetes' rbac/v1 evaluation helpers. */
import type { PolicyRule } from '../../api/rbac/role.ts';
import type { RequestAttributes } from '../ports.ts';

/** Whether `rule` allows the request. */
export function ruleAllows(rule: PolicyRule, attributes: RequestAttributes): boolean {
  return ruleCovers(rule, attributes) && ruleAllowsName(rule, attributes);
}

/** Whether `rule` allows the request as far as the object's name does not matter. */
export function ruleCovers(rule: PolicyRule, attributes: RequestAttributes): boolean {
  if (!includes(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResource) return (rule.nonResourceURLs ?? []).some((url) => pathMatches(url, attributes.path));
  return (
    includes(rule.apiGroups, attributes.group) &&
    resourceMatches(rule.resources ?? [], attributes.resource, attributes.subresource)
  );
}

/** Whether `rule` is about the request's object, or about all. */
export function ruleAllowsName({ resourceNames = [] }: PolicyRule, { isResource, name }: RequestAttributes): boolean {
  return !isResource || resourceNames.length === 0 || resourceNames.includes(name);
}

/** Whether `rule` is about a verb. */
export function includesVerb({ verbs }: PolicyRule, verb: string): boolean {
  return includes(verbs, verb);
}

function includes(values: readonly string[] | undefined, wanted: string): boolean {
  return values !== undefined && (values.includes('*') || values.includes(wanted));
}

/** Whether resource names of a rule (`pods`, `pods/log`, `*`, `*` + `/scale`) cover a resource. */
export function resourceMatches(rules: readonly string[], resource: string, subresource: string): boolean {
  if (rules.includes('*')) return true;
  if (subresource === '') return rules.includes(resource);
  return rules.includes(`${resource}/${subresource}`) || rules.includes(`*/${subresource}`);
}

/** Whether a non-resource URL of a rule (`/healthz`, `/livez/*`, `*`) covers a path. */
export function pathMatches(url: string, path: string): boolean {
  if (url === '*' || url === path) return true;
  return url.endsWith('*') && path.startsWith(url.slice(0, -1).replace(/\*+$/, ''));
}
