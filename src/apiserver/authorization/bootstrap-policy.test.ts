/** What every cluster begins with, beside upstream's of 1.36: roles as `verbs : resources [: groups [: names]]`. */
import { describe, expect, test } from 'vitest';
import type { PolicyRule } from '../../api/rbac/role.ts';
import { bootstrapPolicy } from './bootstrap-policy.ts';
import { allow, allowPaths, reportEvents } from './bootstrap-rules.ts';
import { compactRule, uncoveredRules } from './rule-covering.ts';

const read = 'get list watch';
const write = 'create delete deletecollection patch update';
const change = 'get list patch update watch';
const health = '/healthz /livez /readyz';

const upstream: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['* : * : *', '* : /*'],
  'system:aggregate-to-admin': [
    'create : localsubjectaccessreviews : authorization.k8s.io',
    `${read} ${write} : rolebindings roles : rbac.authorization.k8s.io`,
  ],
  'system:aggregate-to-edit': [
    `${read} : pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy`,
    'impersonate : serviceaccounts',
    `${write} : pods pods/attach pods/exec pods/portforward pods/proxy`,
    'create : pods/eviction',
    `${write} : configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy`,
    'create : serviceaccounts/token',
    `${write} : daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale : apps`,
    `${write} : horizontalpodautoscalers : autoscaling`,
    `${write} : cronjobs jobs : batch`,
    `${write} : daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale : extensions`,
    `${write} : poddisruptionbudgets : policy`,
    `${write} : ingresses networkpolicies : networking.k8s.io`,
    `${read} ${write} : leases : coordination.k8s.io`,
    `${write} : resourceclaims resourceclaimtemplates : resource.k8s.io`,
  ],
  'system:aggregate-to-view': [
    `${read} : configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status`,
    `${read} : bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status`,
    `${read} : namespaces`,
    `${read} : endpointslices : discovery.k8s.io`,
    `${read} : controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status : apps`,
    `${read} : horizontalpodautoscalers horizontalpodautoscalers/status : autoscaling`,
    `${read} : cronjobs cronjobs/status jobs jobs/status : batch`,
    `${read} : daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale : extensions`,
    `${read} : poddisruptionbudgets poddisruptionbudgets/status : policy`,
    `${read} : ingresses ingresses/status networkpolicies : networking.k8s.io`,
    `${read} : resourceclaims resourceclaims/status resourceclaimtemplates : resource.k8s.io`,
  ],
  'system:auth-delegator': [
    'create : tokenreviews : authentication.k8s.io',
    'create : subjectaccessreviews : authorization.k8s.io',
  ],
  'system:basic-user': [
    'create : selfsubjectaccessreviews selfsubjectrulesreviews : authorization.k8s.io',
    'create : selfsubjectreviews : authentication.k8s.io',
  ],
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': [
    'create : certificatesigningrequests/nodeclient : certificates.k8s.io',
  ],
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': [
    'create : certificatesigningrequests/selfnodeclient : certificates.k8s.io',
  ],
  ...Object.fromEntries(
    ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'].map((signer) => [
      `system:certificates.k8s.io:${signer}-approver`,
      [`approve : signers : certificates.k8s.io : kubernetes.io/${signer}`],
    ]),
  ),
  'system:cluster-trust-bundle-discovery': [`${read} : clustertrustbundles : certificates.k8s.io`],
  'system:discovery': [`get : /api /api/* /apis /apis/* ${health} /openapi /openapi/* /version /version/`],
  'system:kube-aggregator': [`${read} : endpoints services`],
  'system:kube-controller-manager': [
    'create patch update : events : core events.k8s.io',
    'create : leases : coordination.k8s.io',
    'get update : leases : coordination.k8s.io : kube-controller-manager',
    'create update : secrets serviceaccounts',
    'delete : secrets',
    'get : configmaps namespaces secrets serviceaccounts',
    'create : tokenreviews : authentication.k8s.io',
    'create : subjectaccessreviews : authorization.k8s.io',
    'list watch : * : *',
    'create : serviceaccounts/token',
  ],
  'system:kube-dns': ['list watch : endpoints services'],
  'system:kube-scheduler': [
    'create patch update : events : core events.k8s.io',
    'create : leases : coordination.k8s.io',
    'get list update watch : leases : coordination.k8s.io : kube-scheduler',
    `${read} ${write} : leasecandidates : coordination.k8s.io`,
    `${read} : nodes namespaces replicationcontrollers services persistentvolumeclaims persistentvolumes`,
    'delete get list watch : pods',
    'create : bindings pods/binding',
    'patch update : pods/status',
    `${read} : replicasets : apps extensions`,
    `${read} : statefulsets : apps`,
    `${read} : poddisruptionbudgets : policy`,
    'create : tokenreviews : authentication.k8s.io',
    'create : subjectaccessreviews : authorization.k8s.io',
    `${read} : csidrivers csinodes csistoragecapacities volumeattachments : storage.k8s.io`,
    `${read} : deviceclasses resourceslices : resource.k8s.io`,
    `${change} : resourceclaims resourceclaims/status : resource.k8s.io`,
    `${change} : pods/finalizers`,
  ],
  'system:kubelet-api-admin': [
    `${read} proxy : nodes`,
    '* : nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats',
  ],
  'system:monitoring': [`get : ${health} /healthz/* /livez/* /metrics /metrics/slis /readyz/*`],
  'system:node': [
    'create : tokenreviews : authentication.k8s.io',
    'create : localsubjectaccessreviews subjectaccessreviews : authorization.k8s.io',
    `${read} : services pods configmaps secrets`,
    'create get list patch update watch : nodes',
    'patch update : nodes/status pods/status',
    'create patch update : events',
    'create delete : pods',
    'create : pods/eviction',
    'get : persistentvolumeclaims persistentvolumes endpoints serviceaccounts',
    'create get list watch : certificatesigningrequests : certificates.k8s.io',
    'create delete get patch update : leases : coordination.k8s.io',
    'get : volumeattachments : storage.k8s.io',
    'create : serviceaccounts/token',
    'get patch update : persistentvolumeclaims/status',
    `${read} : csidrivers : storage.k8s.io`,
    'create delete get patch update : csinodes : storage.k8s.io',
    `${read} : runtimeclasses : node.k8s.io`,
    'get : resourceclaims : resource.k8s.io',
    'deletecollection : resourceslices : resource.k8s.io',
    `${read} : clustertrustbundles : certificates.k8s.io`,
    'create get list watch : podcertificaterequests : certificates.k8s.io',
  ],
  'system:node-bootstrapper': ['create get list watch : certificatesigningrequests : certificates.k8s.io'],
  'system:node-problem-detector': [
    'get : nodes',
    'patch : nodes/status',
    'create patch update : events : core events.k8s.io',
  ],
  'system:node-proxier': [
    'list watch : endpoints services',
    `${read} : nodes`,
    'create patch update : events : core events.k8s.io',
    'list watch : endpointslices : discovery.k8s.io',
    'list watch : servicecidrs : networking.k8s.io',
  ],
  'system:persistent-volume-provisioner': [
    'create delete get list watch : persistentvolumes',
    'get list update watch : persistentvolumeclaims',
    `${read} : storageclasses : storage.k8s.io`,
    'watch : events',
    'create patch update : events : core events.k8s.io',
  ],
  'system:public-info-viewer': [`get : ${health} /version /version/`],
  'system:service-account-issuer-discovery': [
    'get : /.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
  ],
  'system:volume-scheduler': [
    `${change} : persistentvolumes persistentvolumeclaims`,
    `${read} : storageclasses : storage.k8s.io`,
  ],
};

/** What roles of ours have besides, and why. */
const beyond: Readonly<Record<string, readonly PolicyRule[]>> = {
  // Cluster DNS reads slices.
  'system:kube-dns': [allow('list watch', 'endpointslices', 'discovery.k8s.io')],
  'system:kube-scheduler': [allow(read, 'priorityclasses', 'scheduling.k8s.io')],
  // Kubelets may report in either group.
  'system:node': [reportEvents],
};

function ruleOf(text: string): PolicyRule {
  const [verbs = '', what = '', groups, names] = text.split(' : ');
  if (what === '/*') return allowPaths(verbs, '*');
  return what.startsWith('/') ? allowPaths(verbs, what) : allow(verbs, what, groups, names);
}

const { clusterRoles, clusterRoleBindings, roles, roleBindings } = bootstrapPolicy();
const shown = (rules: readonly PolicyRule[]): string[] => rules.map(compactRule);

describe('the ClusterRole', () => {
  test.each(Object.entries(upstream))('%s grants what it does upstream', (name, texts) => {
    const rules = clusterRoles.find(({ metadata }) => metadata.name === name)?.rules ?? [];
    const wanted = texts.map(ruleOf);
    expect(shown(uncoveredRules(rules, wanted))).toEqual([]);
    expect(shown(uncoveredRules([...wanted, ...(beyond[name] ?? [])], rules))).toEqual([]);
  });
});

test('there are no other ClusterRoles but those of controllers and the aggregated ones', () => {
  const names = clusterRoles.map(({ metadata }) => metadata.name);
  const others = names.filter((name) => !(name in upstream) && !name.startsWith('system:controller:'));
  expect(others.sort()).toEqual(['admin', 'edit', 'view']);
  expect(names.filter((name) => name.startsWith('system:controller:'))).toHaveLength(39);
});

test('every cluster has upstream’s bindings', () => {
  const subjects = clusterRoleBindings
    .filter(({ metadata }) => !metadata.name.startsWith('system:controller:'))
    .map(({ metadata, roleRef, subjects: of = [] }) => [
      metadata.name === roleRef.name ? metadata.name : 'misnamed',
      of.map(({ kind, name }) => `${kind} ${name}`).join(', '),
    ]);
  expect(Object.fromEntries(subjects)).toEqual({
    'cluster-admin': 'Group system:masters',
    'system:basic-user': 'Group system:authenticated',
    'system:cluster-trust-bundle-discovery': 'Group system:serviceaccounts',
    'system:discovery': 'Group system:authenticated',
    'system:kube-controller-manager': 'User system:kube-controller-manager',
    'system:kube-dns': 'ServiceAccount kube-dns',
    'system:kube-scheduler': 'User system:kube-scheduler',
    'system:monitoring': 'Group system:monitoring',
    'system:node': '',
    'system:node-proxier': 'User system:kube-proxy',
    'system:public-info-viewer': 'Group system:authenticated, Group system:unauthenticated',
    'system:service-account-issuer-discovery': 'Group system:serviceaccounts',
    'system:volume-scheduler': 'User system:kube-scheduler',
  });
  const controllers = clusterRoleBindings.filter(({ metadata }) => metadata.name.startsWith('system:controller:'));
  for (const { metadata, roleRef, subjects: [subject] = [] } of controllers) {
    const name = metadata.name.slice('system:controller:'.length);
    expect(subject).toEqual({ kind: 'ServiceAccount', name, namespace: 'kube-system' });
    expect(roleRef.name).toBe(metadata.name);
  }
});

test('namespaces of the system have upstream’s roles and bindings', () => {
  const locks = 'create get list update watch : leasecandidates leases : coordination.k8s.io';
  const wanted: Readonly<Record<string, string>> = {
    'kube-system/extension-apiserver-authentication-reader': `${read} : configmaps : core : extension-apiserver-authentication`,
    'kube-system/system::leader-locking-kube-controller-manager': locks,
    'kube-system/system::leader-locking-kube-scheduler': locks,
    'kube-system/system:controller:cloud-provider': 'create get list watch : configmaps',
    // Ours: each proxy says in a Lease what its kernel reflects.
    'kube-node-lease/kubets:kube-proxy': 'create get patch update : leases : coordination.k8s.io',
  };
  const path = ({ namespace, name }: { readonly namespace?: string | undefined; readonly name: string }): string =>
    `${namespace ?? ''}/${name}`;
  expect(roles.map(({ metadata }) => path(metadata)).sort()).toEqual(Object.keys(wanted).sort());
  for (const { metadata, rules = [] } of roles) {
    const own = [ruleOf(wanted[path(metadata)] ?? '')];
    expect([...uncoveredRules(own, rules), ...uncoveredRules(rules, own)]).toEqual([]);
  }
  const bound = roleBindings.map(({ metadata, subjects = [] }) => [
    path(metadata),
    subjects.map(({ name }) => name).join(' '),
  ]);
  expect(Object.fromEntries(bound)).toEqual({
    'kube-system/system::extension-apiserver-authentication-reader':
      'system:kube-controller-manager system:kube-scheduler',
    'kube-system/system::leader-locking-kube-controller-manager':
      'system:kube-controller-manager kube-controller-manager leader-election-controller',
    'kube-system/system::leader-locking-kube-scheduler': 'system:kube-scheduler kube-scheduler',
    'kube-system/system:controller:cloud-provider': 'cloud-provider',
    'kube-node-lease/kubets:kube-proxy': 'system:kube-proxy',
  });
});

test('all of it is marked as upstream marks it', () => {
  for (const { metadata } of [...clusterRoles, ...clusterRoleBindings, ...roles, ...roleBindings]) {
    expect(metadata.annotations).toEqual({ 'rbac.authorization.kubernetes.io/autoupdate': 'true' });
    expect(metadata.labels).toMatchObject({ 'kubernetes.io/bootstrapping': 'rbac-defaults' });
  }
  const labelOf = (name: string): string[] =>
    Object.keys(clusterRoles.find(({ metadata }) => metadata.name === name)?.metadata.labels ?? {});
  expect(labelOf('edit')).toContain('rbac.authorization.k8s.io/aggregate-to-admin');
  expect(labelOf('view')).toContain('rbac.authorization.k8s.io/aggregate-to-edit');
});
