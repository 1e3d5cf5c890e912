import { createFlags, createObject, requireName } from '../../change/create-object.ts';
import { CommandError } from '../../command/command-error.ts';
import { arrayFlag, sliceFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import type { ResourceMapper } from '../../resource/resource-mapper.ts';

const roleFlags = {
  ...createFlags,
  resource: sliceFlag('Resource that the rule applies to'),
  'resource-name': arrayFlag(
    'Resource in the white list that the rule applies to, repeat this flag for multiple items',
  ),
  verb: sliceFlag('Verb that applies to the resources contained in the rule'),
} as const;

/** `kubectl create role` */
export const createRole = defineVerb({
  usage:
    'create role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]',
  long: 'Create a role with single rule.',
  examples: `# Create a role named "pod-reader" that allows user to perform "get", "watch" and "list" on pods
kubectl create role pod-reader --verb=get --verb=list --verb=watch --resource=pods

# Create a role named "foo" with API Group specified
kubectl create role foo --verb=get,list,watch --resource=rs.apps`,
  flags: roleFlags,
  async run(invocation) {
    const { args, flags, session, command } = invocation;
    const name = requireName(args, command);
    const rules = resourceRules(flags, await session.mapper());
    await createObject(invocation, 'Role', { metadata: { name }, rules });
  },
});

const clusterFlags = {
  ...roleFlags,
  'aggregation-rule': sliceFlag('An aggregation label selector for combining ClusterRoles.'),
  'non-resource-url': sliceFlag('A partial url that user should have access to.'),
} as const;

/** `kubectl create clusterrole` */
export const createClusterRole = defineVerb({
  usage:
    'create clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]',
  long: 'Create a cluster role.',
  examples: `# Create a cluster role named "pod-reader" that allows user to perform "get", "watch" and "list" on pods
kubectl create clusterrole pod-reader --verb=get,list,watch --resource=pods

# Create a cluster role name "foo" with NonResourceURL specified
kubectl create clusterrole "foo" --verb=get --non-resource-url=/logs/*

# Create a cluster role name "monitoring" with AggregationRule specified
kubectl create clusterrole monitoring --aggregation-rule="rbac.example.com/aggregate-to-monitoring=true"`,
  flags: clusterFlags,
  async run(invocation) {
    const { args, flags, session, command } = invocation;
    const name = requireName(args, command);
    const aggregated = flags['aggregation-rule'];
    const urls = flags['non-resource-url'];
    if (aggregated.length > 0) {
      const matchLabels = Object.fromEntries(aggregated.map((pair) => pair.split('=', 2)));
      await createObject(invocation, 'ClusterRole', {
        metadata: { name },
        aggregationRule: { clusterRoleSelectors: [{ matchLabels }] },
        rules: null,
      });
      return;
    }
    const rules = [
      ...(urls.length > 0 && flags.resource.length === 0 ? [] : resourceRules(flags, await session.mapper())),
      ...(urls.length > 0 ? [{ verbs: verbsOf(flags.verb), nonResourceURLs: urls }] : []),
    ];
    await createObject(invocation, 'ClusterRole', { metadata: { name }, rules });
  },
});

function verbsOf(verbs: readonly string[]): readonly string[] {
  if (verbs.length === 0) throw new CommandError('at least one verb must be specified');
  return verbs.includes('*') ? ['*'] : [...new Set(verbs)];
}

interface RuleFlags {
  readonly resource: readonly string[];
  readonly 'resource-name': readonly string[];
  readonly verb: readonly string[];
}

function resourceRules(flags: RuleFlags, mapper: ResourceMapper): readonly Record<string, unknown>[] {
  const verbs = verbsOf(flags.verb);
  if (flags.resource.length === 0) throw new CommandError('at least one resource must be specified');
  if (flags['resource-name'].length > 0 && flags.resource.length > 1) {
    throw new CommandError('resource name(s) can not be applied to multiple resources');
  }
  const groups = new Map<string, string[]>();
  for (const text of new Set(flags.resource)) {
    const [type = '', subresource] = text.split('/', 2);
    const { group, plural } = type === '*' ? { group: '*', plural: '*' } : mapper.resource(type);
    const resources = groups.get(group) ?? [];
    resources.push(subresource ? `${plural}/${subresource}` : plural);
    groups.set(group, resources);
  }
  const names = flags['resource-name'];
  return [...groups].map(([group, resources]) => ({
    verbs,
    apiGroups: [group],
    resources,
    ...(names.length > 0 ? { resourceNames: names } : {}),
  }));
}
