import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import type { PolicyRule } from '../../api/rbac/role.ts';
import { defineController, done, watched } from '../../client/controller.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { keyOf } from '../../machinery/resource.ts';
import { labelSelectorMatcher } from '../../machinery/selector.ts';

/** Gives ClusterRoles with an aggregation rule the rules of all roles that it selects: `admin`, `edit`, `view`. */
export const clusterRoleAggregation = defineController({
  name: 'clusterrole-aggregation-controller',
  for: ClusterRole,
  rbac: { 'clusterroles.rbac.authorization.k8s.io': ['escalate', 'get', 'list', 'patch', 'update', 'watch'] },
  watches: [
    watched(ClusterRole, (_, { cache }) =>
      cache
        .list(ClusterRole)
        .filter(({ aggregationRule }) => aggregationRule)
        .map(keyOf),
    ),
  ],
  async reconcile(key, { cache, client, signal }) {
    const role = cache.get(ClusterRole, key);
    if (!role?.aggregationRule || role.metadata.deletionTimestamp !== undefined) return done;
    const rules = aggregatedRules(role, cache.list(ClusterRole));
    if (equalJson(rules, role.rules ?? [])) return done;
    // The version makes a change that came in between a conflict, which brings the key back.
    const { resourceVersion } = role.metadata;
    const body = { metadata: { resourceVersion }, rules: rules.map((rule) => ({ ...rule })) };
    await client.patch(ClusterRole, key, { type: 'merge', body }, { signal });
    return done;
  },
});

/** The rules of everything that `role` selects, each once, in the order of names within each selector. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const byName = all.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const selected = (role.aggregationRule?.clusterRoleSelectors ?? []).flatMap((selector) => {
    const matches = labelSelectorMatcher(selector);
    return byName.filter(({ metadata }) => metadata.name !== role.metadata.name && matches(metadata.labels));
  });
  const seen = new Set<string>();
  return selected
    .flatMap(({ rules = [] }) => rules)
    .filter((rule) => {
      const text = JSON.stringify(rule);
      return !seen.has(text) && seen.add(text);
    });
}
