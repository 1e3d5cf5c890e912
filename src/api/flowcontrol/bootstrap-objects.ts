/**
 * The priority levels and flow schemas that every cluster begins with. Source: apiserver's flowcontrol/bootstrap.
 */
import type { FlowSchemaSpec, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from './flow-schema.ts';
import type { PriorityLevelConfigurationSpec } from './priority-level-configuration.ts';

/** Marks objects that the server keeps up to date by itself. */
export const autoUpdateAnnotations: Readonly<Record<string, string>> = { 'apf.kubernetes.io/autoupdate-spec': 'true' };

/** Levels that must be there as they are, by name. */
export const mandatoryPriorityLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
  },
};

/** Levels that are there until someone removes them. */
export const suggestedPriorityLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  system: queueing(30, 33, [64, 6]),
  'node-high': queueing(40, 25, [64, 6]),
  'leader-election': queueing(10, 0, [16, 4]),
  'workload-high': queueing(40, 50, [128, 6]),
  'workload-low': queueing(100, 90, [128, 6]),
  'global-default': queueing(20, 50, [128, 6]),
};

const everybody = groups('system:unauthenticated', 'system:authenticated');

/** Schemas that must be there as they are, by name. */
export const mandatoryFlowSchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: schema('exempt', 1, { rule: everything(groups('system:masters')) }),
  'catch-all': schema('catch-all', 10_000, { by: 'ByUser', rule: everything(everybody) }),
};

/** Schemas that are there until someone removes them. */
export const suggestedFlowSchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  'system-nodes': schema('system', 500, { by: 'ByUser', rule: everything(groups('system:nodes')) }),
  'system-node-high': schema('node-high', 400, {
    by: 'ByUser',
    rule: {
      subjects: groups('system:nodes'),
      resourceRules: [
        { ...rule('*', '', 'nodes nodes/status'), clusterScope: true },
        rule('*', 'coordination.k8s.io', 'leases'),
      ],
    },
  }),
  probes: schema('exempt', 2, {
    rule: {
      subjects: everybody,
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
    },
  }),
  'system-leader-election': schema('leader-election', 100, {
    by: 'ByUser',
    rule: {
      subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), ...systemServiceAccounts()],
      resourceRules: [rule('get create update', 'coordination.k8s.io', 'leases')],
    },
  }),
  'kube-controller-manager': schema('workload-high', 800, {
    by: 'ByNamespace',
    rule: everything(users('system:kube-controller-manager')),
  }),
  'kube-scheduler': schema('workload-high', 800, {
    by: 'ByNamespace',
    rule: everything(users('system:kube-scheduler')),
  }),
  'kube-system-service-accounts': schema('workload-high', 900, {
    by: 'ByNamespace',
    rule: everything(systemServiceAccounts()),
  }),
  'service-accounts': schema('workload-low', 9000, {
    by: 'ByUser',
    rule: everything(groups('system:serviceaccounts')),
  }),
  'global-default': schema('global-default', 9900, { by: 'ByUser', rule: everything(everybody) }),
};

function queueing(
  shares: number,
  lendablePercent: number,
  [queues, handSize]: readonly [number, number],
): PriorityLevelConfigurationSpec {
  const queuing = { queues, handSize, queueLengthLimit: 50 };
  const limitResponse = { type: 'Queue', queuing };
  return { type: 'Limited', limited: { nominalConcurrencyShares: shares, limitResponse, lendablePercent } };
}

function schema(
  level: string,
  matchingPrecedence: number,
  { by, rule }: { readonly by?: 'ByUser' | 'ByNamespace'; readonly rule: PolicyRulesWithSubjects },
): FlowSchemaSpec {
  return {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence,
    ...(by ? { distinguisherMethod: { type: by } } : {}),
    rules: [rule],
  };
}

function everything(subjects: readonly Subject[]): PolicyRulesWithSubjects {
  return {
    subjects,
    resourceRules: [{ ...rule('*', '*', '*'), clusterScope: true }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  };
}

function rule(verbs: string, group: string, names: string): ResourcePolicyRule {
  return { verbs: verbs.split(' '), apiGroups: [group], resources: names.split(' '), namespaces: ['*'] };
}

function groups(...names: readonly string[]): readonly Subject[] {
  return names.map((name) => ({ kind: 'Group', group: { name } }));
}

function users(...names: readonly string[]): readonly Subject[] {
  return names.map((name) => ({ kind: 'User', user: { name } }));
}

function systemServiceAccounts(): readonly Subject[] {
  return [{ kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'kube-system' } }];
}
