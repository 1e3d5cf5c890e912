import type { ClusterRole } from '../../api/rbac/cluster-role.ts';
import type { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { DescribeContext } from './describers.ts';
import { writeAnnotations, writeLabels } from './meta-lines.ts';

interface PolicyRule {
  readonly apiGroups?: readonly string[] | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly resourceNames?: readonly string[] | undefined;
  readonly nonResourceURLs?: readonly string[] | undefined;
  readonly verbs: readonly string[];
}

/** A role or cluster role: its rules, taken apart by resource and put together by what they allow. */
export async function describeRole({ metadata, rules }: ClusterRole, { writer }: DescribeContext): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, 'PolicyRule:');
  writer.line(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs');
  writer.line(1, '---------\t-----------------\t--------------\t-----');
  for (const line of ruleLines(rules ?? [])) writer.line(1, line);
}

/** The rules as table lines, one for each resource, sorted as upstream sorts them. */
export function ruleLines(rules: readonly PolicyRule[]): readonly string[] {
  const compacted = new Map<string, PolicyRule>();
  rules.flatMap(breakdown).forEach((rule, at) => {
    // Rules about URLs stay apart, however alike they are.
    const own = rule.nonResourceURLs ? at : undefined;
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames, own]);
    const known = compacted.get(key);
    compacted.set(key, known ? { ...known, verbs: [...known.verbs, ...rule.verbs] } : rule);
  });
  const shown = (list: readonly string[] | undefined): string => `[${(list ?? []).join(' ')}]`;
  return [...compacted.values()]
    .map((rule) => ({ rule, key: sortKey(rule) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ rule }) =>
      [resourceText(rule), shown(rule.nonResourceURLs), shown(rule.resourceNames), shown(rule.verbs)].join('\t'),
    );
}

function breakdown(rule: PolicyRule): readonly PolicyRule[] {
  const urls = (rule.nonResourceURLs ?? []).map((url) => ({ verbs: rule.verbs, nonResourceURLs: [url] }));
  const resources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) => {
      const one = { verbs: rule.verbs, apiGroups: [group], resources: [resource] };
      return rule.resourceNames?.length ? rule.resourceNames.map((name) => ({ ...one, resourceNames: [name] })) : [one];
    }),
  );
  return [...resources, ...urls];
}

function sortKey(rule: PolicyRule): string {
  // Upstream sorts by the printed form of the whole rule, which begins with its verbs.
  const list = (values: readonly string[] | undefined): string => `[${(values ?? []).join(' ')}]`;
  return [rule.verbs, rule.apiGroups, rule.resources, rule.resourceNames, rule.nonResourceURLs].map(list).join(',');
}

function resourceText({ resources = [], apiGroups = [] }: PolicyRule): string {
  const [resource = '', ...rest] = resources;
  if (resource === '') return '';
  const [name = '', ...subresource] = resource.split('/');
  const group = apiGroups[0] ? `.${apiGroups[0]}` : '';
  return [`${name}${group}`, ...subresource].join('/') + rest.map((one) => `,${one}`).join('');
}

/** A role binding: which role, and who holds it. */
export async function describeBinding(
  { metadata, roleRef, subjects }: ClusterRoleBinding,
  { writer }: DescribeContext,
): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, 'Role:');
  writer.line(1, `Kind:\t${roleRef.kind}`);
  writer.line(1, `Name:\t${roleRef.name}`);
  writer.line(0, 'Subjects:');
  writer.line(1, 'Kind\tName\tNamespace');
  writer.line(1, '----\t----\t---------');
  for (const subject of subjects ?? []) writer.line(1, `${subject.kind}\t${subject.name}\t${subject.namespace ?? ''}`);
}
