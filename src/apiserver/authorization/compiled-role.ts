/** The rules of a role, laid out so that a question finds those that may answer it. */
import type { PolicyRule } from '../../api/rbac/role.ts';
import type { RequestAttributes } from '../ports.ts';

const none: readonly PolicyRule[] = [];

/** A role's rules by what they are about. */
export class CompiledRole {
  readonly rules: readonly PolicyRule[];
  /** Rules without wildcards, by group, resource and subresource. */
  readonly #byResource = new Map<string, PolicyRule[]>();
  /** Rules about `*` of groups or resources. */
  readonly #wide: PolicyRule[] = [];
  /** Rules about paths. */
  readonly #paths: PolicyRule[] = [];

  constructor(rules: readonly PolicyRule[]) {
    this.rules = rules;
    for (const rule of rules) this.#add(rule);
  }

  #add(rule: PolicyRule): void {
    const { apiGroups = [], resources = [], nonResourceURLs = [] } = rule;
    if (nonResourceURLs.length > 0) this.#paths.push(rule);
    if (apiGroups.includes('*') || resources.some((resource) => resource.startsWith('*'))) {
      this.#wide.push(rule);
      return;
    }
    for (const group of apiGroups) {
      for (const resource of resources) {
        const key = `${group}/${resource}`;
        const known = this.#byResource.get(key);
        if (known) known.push(rule);
        else this.#byResource.set(key, [rule]);
      }
    }
  }

  /** The rules that name exactly the resource of a `resourceKey`. */
  exactly(resourceKey: string): readonly PolicyRule[] {
    return this.#byResource.get(resourceKey) ?? none;
  }

  /** The other rules that a question may be answered by. */
  widely({ isResource }: RequestAttributes): readonly PolicyRule[] {
    return isResource ? this.#wide : this.#paths;
  }
}

/** How a question's resource is named in `CompiledRole.exactly`; '' for paths. */
export function resourceKey({ isResource, group, resource, subresource }: RequestAttributes): string {
  if (!isResource) return '';
  return subresource === '' ? `${group}/${resource}` : `${group}/${resource}/${subresource}`;
}
