import { describe, expect, test } from 'vitest';
import { Namespace } from '../../api/core/namespace.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import type { PolicyRule } from '../../api/rbac/role.ts';
import { SelfSubjectAccessReview } from '../../api/authorization/self-subject-access-review.ts';
import { SubjectAccessReview } from '../../api/authorization/subject-access-review.ts';
import type { AdmissionRequest, LocalAuthorizer, RequestAttributes, User } from '../ports.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import { admissionContext } from '../testing/admission-context.ts';
import { fakeClient } from '../testing/fake-client.ts';
import { testServer } from '../testing/test-server.ts';
import { accessReviews } from './access-reviews.ts';
import { pathAttributes, resourceAttributes } from './attributes.ts';
import { bootstrapPolicy } from './bootstrap-policy.ts';
import { reconcileBootstrapPolicy } from './bootstrap-reconcile.ts';
import { allow } from './bootstrap-rules.ts';
import { createEscalationCheck } from './escalation-check.ts';
import { forbiddenError } from './forbidden.ts';
import { createRbacAuthorizer } from './rbac-authorizer.ts';
import { followRoles } from './role-feed.ts';
import { RoleIndex } from './role-index.ts';
import type { RbacObject } from './role-index.ts';
import { uncoveredRules } from './rule-covering.ts';
import { rulesReview } from './rules-review.ts';

const ann: User = { name: 'ann', groups: ['devs', 'system:authenticated'] };
const kubelet: User = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
const admin: User = { name: 'root', groups: ['system:masters'] };
const stored = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

/** An index with the bootstrap policy and more. */
function indexOf(...more: object[]): RoleIndex {
  const roles = new RoleIndex();
  const policy = bootstrapPolicy([
    { name: 'replicaset', rbac: { pods: ['create', 'delete'], 'replicasets.apps/status': ['update'] } },
  ]);
  for (const object of [...Object.values(policy).flat(), ...more] as RbacObject[]) {
    roles.apply({ ...object, metadata: { ...stored, ...object.metadata } });
  }
  return roles;
}

const podReader = { metadata: { name: 'reader', namespace: 'web' }, rules: [allow('get list', 'pods')] };
const bindDevs = {
  metadata: { name: 'devs', namespace: 'web' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'devs' }],
};

function may(authorizer: LocalAuthorizer, user: User, verb: string, resource: string, more: object = {}): boolean {
  return authorizer.authorize(resourceAttributes(user, { verb, resource, ...more })).allowed;
}

test('a role binding grants in its namespace only', () => {
  const authorizer = createRbacAuthorizer(indexOf(podReader, bindDevs));
  expect(may(authorizer, ann, 'list', 'pods', { namespace: 'web' })).toBe(true);
  expect(may(authorizer, ann, 'list', 'pods', { namespace: 'other' })).toBe(false);
  expect(may(authorizer, ann, 'list', 'pods')).toBe(false);
  expect(may(authorizer, ann, 'get', 'pods', { namespace: 'web', subresource: 'log' })).toBe(false);
  const { reason } = authorizer.authorize(resourceAttributes(ann, { verb: 'get', resource: 'pods', namespace: 'web' }));
  expect(reason).toBe('RBAC: allowed by RoleBinding "devs/web" of Role "reader" to Group "devs"');
});

test('a changed or deleted binding takes its grants along', () => {
  const roles = indexOf(podReader, bindDevs);
  const authorizer = createRbacAuthorizer(roles);
  const changed = {
    ...bindDevs,
    metadata: { ...stored, ...bindDevs.metadata },
    subjects: [{ kind: 'User', name: 'bob' }],
  };
  roles.apply(changed as unknown as RbacObject);
  expect(may(authorizer, ann, 'list', 'pods', { namespace: 'web' })).toBe(false);
  expect(may(authorizer, { name: 'bob', groups: [] }, 'list', 'pods', { namespace: 'web' })).toBe(true);
  roles.remove(changed as unknown as RbacObject);
  expect(may(authorizer, { name: 'bob', groups: [] }, 'list', 'pods', { namespace: 'web' })).toBe(false);
});

test('a service account subject is found by its user name', () => {
  const subjects = [{ kind: 'ServiceAccount', name: 'bot', namespace: 'ci' }];
  const authorizer = createRbacAuthorizer(indexOf(podReader, { ...bindDevs, subjects }));
  const bot = { name: 'system:serviceaccount:ci:bot', groups: [] };
  expect(may(authorizer, bot, 'get', 'pods', { namespace: 'web' })).toBe(true);
});

test('resource names and subresources narrow a rule', () => {
  const rules = [allow('get', 'secrets', 'core', 'a'), allow('get', '*/scale', '*')];
  const authorizer = createRbacAuthorizer(indexOf({ ...podReader, rules }, bindDevs));
  expect(may(authorizer, ann, 'get', 'secrets', { namespace: 'web', name: 'a' })).toBe(true);
  expect(may(authorizer, ann, 'get', 'secrets', { namespace: 'web', name: 'b' })).toBe(false);
  const scale = { namespace: 'web', group: 'apps', subresource: 'scale' };
  expect(may(authorizer, ann, 'get', 'deployments', scale)).toBe(true);
});

test('what was decided about one name says nothing about others', () => {
  const one = { ...podReader, rules: [{ ...allow('get', 'pods'), resourceNames: ['a'] }, allow('list', 'pods')] };
  const authorizer = createRbacAuthorizer(indexOf(one, bindDevs));
  for (let round = 0; round < 2; round++) {
    for (const [name, allowed] of Object.entries({ a: true, b: false })) {
      expect(may(authorizer, ann, 'get', 'pods', { namespace: 'web', name })).toBe(allowed);
      expect(may(authorizer, ann, 'list', 'pods', { namespace: 'web', name })).toBe(true);
      expect(may(authorizer, ann, 'delete', 'pods', { namespace: 'web', name })).toBe(false);
    }
  }
});

test('the bootstrap policy lets everyone see health, users discover, and components do their work', () => {
  const authorizer = createRbacAuthorizer(indexOf());
  const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
  expect(authorizer.authorize(pathAttributes(anonymous, 'get', '/readyz')).allowed).toBe(true);
  expect(authorizer.authorize(pathAttributes(anonymous, 'get', '/apis')).allowed).toBe(false);
  expect(authorizer.authorize(pathAttributes(ann, 'get', '/apis/apps/v1')).allowed).toBe(true);
  expect(may(authorizer, admin, 'delete', 'nodes', { name: 'x' })).toBe(true);
  expect(may(authorizer, kubelet, 'patch', 'pods', { namespace: 'web', subresource: 'status' })).toBe(false);
  expect(may(authorizer, kubelet, 'delete', 'deployments', { group: 'apps', namespace: 'web' })).toBe(false);
  const scheduler: User = { name: 'system:kube-scheduler', groups: ['system:authenticated'] };
  expect(may(authorizer, scheduler, 'create', 'pods', { namespace: 'web', subresource: 'binding' })).toBe(true);
  const proxy: User = { name: 'system:kube-proxy', groups: ['system:authenticated'] };
  expect(may(authorizer, proxy, 'list', 'endpointslices', { group: 'discovery.k8s.io' })).toBe(true);
  expect(
    may(authorizer, proxy, 'update', 'leases', { group: 'coordination.k8s.io', namespace: 'kube-node-lease' }),
  ).toBe(true);
  expect(may(authorizer, proxy, 'update', 'leases', { group: 'coordination.k8s.io', namespace: 'kube-system' })).toBe(
    false,
  );
  const manager: User = { name: 'system:kube-controller-manager', groups: [] };
  expect(may(authorizer, manager, 'create', 'pods', { namespace: 'web' })).toBe(true);
  const status = { group: 'apps', namespace: 'web', subresource: 'status' };
  expect(may(authorizer, manager, 'update', 'replicasets', status)).toBe(true);
});

test('edit includes view, and admin includes edit', () => {
  const { clusterRoles } = bootstrapPolicy();
  const rulesOf = (name: string): readonly PolicyRule[] =>
    clusterRoles.find(({ metadata }) => metadata.name === name)?.rules ?? [];
  expect(uncoveredRules(rulesOf('edit'), rulesOf('view'))).toEqual([]);
  expect(uncoveredRules(rulesOf('admin'), rulesOf('edit'))).toEqual([]);
  expect(uncoveredRules(rulesOf('view'), rulesOf('edit'))).not.toEqual([]);
});

test('what is forbidden is said in the words of upstream', () => {
  const inNamespace = resourceAttributes(ann, { verb: 'list', resource: 'pods', namespace: 'y' });
  expect(forbiddenError(inNamespace).message).toBe(
    'pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "y"',
  );
  const named = resourceAttributes(ann, {
    verb: 'get',
    group: 'apps',
    resource: 'deployments',
    subresource: 'scale',
    name: 'd',
  });
  expect(forbiddenError(named).message).toBe(
    'deployments.apps "d" is forbidden: User "ann" cannot get resource "deployments/scale" in API group "apps" at the cluster scope',
  );
  expect(forbiddenError(pathAttributes(ann, 'get', '/metrics')).message).toBe(
    'forbidden: User "ann" cannot get path "/metrics"',
  );
});

function creation(
  resource: typeof Role | typeof RoleBinding | typeof ClusterRole | typeof ClusterRoleBinding,
  user: User,
  object: Record<string, unknown>,
): AdmissionRequest {
  const { group, plural, version } = resource;
  const namespace = resource.namespaced ? 'web' : '';
  const attributes = resourceAttributes(user, { verb: 'create', group, version, resource: plural, namespace });
  return { attributes, operation: 'CREATE', resource, object, old: undefined, dryRun: false };
}

test('nobody grants more than they have', () => {
  const powers = { ...podReader, rules: [...podReader.rules, allow('create', 'roles rolebindings', Role.group)] };
  const roles = indexOf(powers, bindDevs);
  const check = createEscalationCheck(roles, createRbacAuthorizer(roles));
  const create = (resource: Parameters<typeof creation>[0], user: User, object: Record<string, unknown>): void =>
    void check.validate?.(creation(resource, user, object), admissionContext(fakeClient()));
  const role = (...rules: PolicyRule[]): Record<string, unknown> => ({ metadata: { name: 'new' }, rules });
  expect(() => create(Role, ann, role(allow('get', 'pods')))).not.toThrow();
  expect(() => create(Role, ann, role(allow('get delete', 'pods')))).toThrow(
    'roles.rbac.authorization.k8s.io "new" is forbidden: user "ann" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
  );
  expect(() => create(Role, admin, role(allow('*', '*', '*')))).not.toThrow();
  const binding = (name: string): Record<string, unknown> => ({
    metadata: { name: 'new' },
    roleRef: { kind: 'ClusterRole', name, apiGroup: Role.group },
  });
  expect(() => create(RoleBinding, ann, binding('cluster-admin'))).toThrow('not currently held');
  expect(() => create(RoleBinding, ann, binding('nowhere'))).toThrow('not found');
});

test('an aggregated role may be written by those only who may do everything', () => {
  const rules = [allow('create update', 'clusterroles', Role.group)];
  const roles = indexOf(
    { metadata: { name: 'writer' }, rules },
    { metadata: { name: 'w' }, roleRef: { kind: 'ClusterRole', name: 'writer' }, subjects: bindDevs.subjects },
  );
  const check = createEscalationCheck(roles, createRbacAuthorizer(roles));
  const context = admissionContext(fakeClient());
  const plain = { metadata: { name: 'new' }, rules: [] };
  const aggregated = { ...plain, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } };
  const judge = (object: object, old?: object): void =>
    void check.validate?.(
      {
        ...creation(ClusterRole, ann, object as Record<string, unknown>),
        ...(old ? { operation: 'UPDATE', old: old as AdmissionRequest['old'] } : {}),
      },
      context,
    );
  const refusal =
    'clusterroles.rbac.authorization.k8s.io "new" is forbidden: must have cluster-admin privileges to use the aggregationRule';
  expect(() => judge(plain)).not.toThrow();
  expect(() => judge(aggregated)).toThrow(refusal);
  expect(() => judge(plain, aggregated)).toThrow(refusal);
  // What only the garbage collector looks at may change.
  const owned = { ...aggregated, metadata: { ...aggregated.metadata, finalizers: ['x'] } };
  expect(() => judge(owned, aggregated)).not.toThrow();
});

test('a label that has others gather the rules of a role needs these rules', () => {
  const powers = { ...podReader, rules: [allow('update', 'roles', Role.group)] };
  const roles = indexOf(powers, bindDevs);
  const check = createEscalationCheck(roles, createRbacAuthorizer(roles));
  const old = { metadata: { name: 'strong', namespace: 'web' }, rules: [allow('*', '*', '*')] };
  const labelled = { ...old, metadata: { ...old.metadata, labels: { a: 'b' } } };
  const request = { ...creation(Role, ann, labelled), operation: 'UPDATE', old } as unknown as AdmissionRequest;
  expect(() => check.validate?.(request, admissionContext(fakeClient()))).toThrow('not currently held');
});

test('a binding of a role that is not there is said', () => {
  const authorizer = createRbacAuthorizer(
    indexOf(bindDevs, { ...bindDevs, metadata: { name: 'b', namespace: 'web' } }),
  );
  const attributes = resourceAttributes(ann, { verb: 'get', resource: 'pods', namespace: 'web' });
  const reason = 'RBAC: role.rbac.authorization.k8s.io "reader" not found';
  expect(authorizer.authorize(attributes)).toEqual({ allowed: false, reason });
  expect(forbiddenError(attributes, reason).message).toBe(
    'pods is forbidden: User "ann" cannot get resource "pods" in API group "" in the namespace "web": RBAC: role.rbac.authorization.k8s.io "reader" not found',
  );
  expect(authorizer.rulesFor(ann, 'web').errors).toHaveLength(2);
});

test('the verbs escalate and bind lift the check', () => {
  const rules = [allow('escalate', 'roles', Role.group), allow('bind', 'clusterroles', Role.group, 'view')];
  const roles = indexOf({ ...podReader, rules }, bindDevs);
  const check = createEscalationCheck(roles, createRbacAuthorizer(roles));
  const context = admissionContext(fakeClient());
  const wide = { metadata: { name: 'new' }, rules: [allow('*', '*', '*')] };
  expect(() => check.validate?.(creation(Role, ann, wide), context)).not.toThrow();
  const roleRef = { kind: 'ClusterRole', apiGroup: Role.group };
  const bindTo = (name: string) =>
    creation(RoleBinding, ann, { metadata: { name: 'b' }, roleRef: { ...roleRef, name } });
  // The rule names the role, but lies in a namespaced role: it counts for bindings in that namespace.
  expect(() => check.validate?.(bindTo('view'), context)).not.toThrow();
  expect(() => check.validate?.(bindTo('edit'), context)).toThrow('not currently held');
});

test('reviews answer for oneself and for others', async () => {
  const reviews = accessReviews(createRbacAuthorizer(indexOf(podReader, bindDevs)));
  const ask = async (resource: typeof SubjectAccessReview | typeof SelfSubjectAccessReview, spec: object) => {
    const review = reviews.find((candidate) => candidate.resource.kind === resource.kind);
    const object = {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      metadata: { name: '' } as ApiObject['metadata'],
      spec,
    };
    return (await review?.create(object, resourceAttributes(ann, { verb: 'create', resource: resource.plural })))?.[
      'status'
    ];
  };
  const listPods = { resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'web' } };
  expect(await ask(SelfSubjectAccessReview, listPods)).toMatchObject({ allowed: true });
  expect(await ask(SubjectAccessReview, { ...listPods, user: 'bob' })).toEqual({ allowed: false });
  expect(await ask(SubjectAccessReview, { ...listPods, groups: ['devs'] })).toMatchObject({ allowed: true });
  await expect(ask(SubjectAccessReview, listPods)).rejects.toThrow('at least one of user or group must be specified');
  await expect(ask(SelfSubjectAccessReview, {})).rejects.toThrow(
    'exactly one of nonResourceAttributes or resourceAttributes',
  );
});

test('reviews hand on selectors as far as they can be read, and say what could not be', async () => {
  const seen: RequestAttributes[] = [];
  const reviews = accessReviews({
    authorize(attributes) {
      seen.push(attributes);
      return { allowed: false, reason: '', error: 'so it went' };
    },
  });
  const review = (kind: string, spec: object, namespace = ''): Promise<Record<string, unknown>> | undefined => {
    const found = reviews.find(({ resource }) => resource.kind === kind);
    const metadata = { name: '', ...(namespace === '' ? {} : { namespace }) } as ApiObject['metadata'];
    const object = { apiVersion: 'authorization.k8s.io/v1', kind, metadata, spec };
    return found?.create(object, resourceAttributes(ann, { verb: 'create', resource: 'x', namespace }), {
      dryRun: false,
    });
  };
  const pods = { verb: 'list', resource: 'pods' };
  const fieldSelector = {
    requirements: [
      { key: 'a', operator: 'In', values: ['b,c'] },
      { key: 'd', operator: 'Exists' },
    ],
  };
  const labelSelector = { requirements: [{ key: 'x', operator: 'Fuzzy' }] };
  const subject = { user: 'bob', uid: 'u', groups: ['g'], extra: { k: ['v'] } };
  const answer = await review('SubjectAccessReview', {
    ...subject,
    resourceAttributes: { ...pods, fieldSelector, labelSelector },
  });
  expect(answer?.['status']).toEqual({
    allowed: false,
    evaluationError:
      'so it went; spec.resourceAttributes.fieldSelector partially ignored due to parse error; spec.resourceAttributes.labelSelector ignored due to parse error',
  });
  const user = { name: 'bob', uid: 'u', groups: ['g'], extra: { k: ['v'] } };
  expect(seen[0]).toMatchObject({ user, version: '*', fieldSelector: String.raw`a=b\,c` });
  const both = { rawSelector: 'a=b', requirements: fieldSelector.requirements };
  await expect(
    review('SelfSubjectAccessReview', { resourceAttributes: { ...pods, fieldSelector: both, labelSelector: {} } }),
  ).rejects.toThrow(
    '[spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements, ' +
      'spec.resourceAttributes.labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required]',
  );
  const elsewhere = { user: 'bob', resourceAttributes: { ...pods, namespace: 'b' } };
  await expect(review('LocalSubjectAccessReview', elsewhere, 'a')).rejects.toThrow(
    'spec.resourceAttributes.namespace: Invalid value: "b": must match metadata.namespace',
  );
  const named = reviews.find(({ resource }) => resource.kind === 'SelfSubjectAccessReview');
  const review1 = { metadata: { name: 'mine' }, spec: { resourceAttributes: pods } } as unknown as ApiObject;
  await expect(
    named?.create(review1, resourceAttributes(ann, { verb: 'create', resource: 'x' }), { dryRun: false }),
  ).rejects.toThrow('metadata: Invalid value: {"name":"mine"}: must be empty');
  const path = { user: 'bob', nonResourceAttributes: { path: '/x', verb: 'get' } };
  await expect(review('LocalSubjectAccessReview', path, 'a')).rejects.toThrow('disallowed on this kind of request');
});

test('a rules review lists what one may do', async () => {
  const object = { apiVersion: 'v1', kind: 'x', metadata: { name: '', ...stored }, spec: { namespace: 'web' } };
  const review = rulesReview(createRbacAuthorizer(indexOf(podReader, bindDevs)));
  const { status } = await review.create(object, resourceAttributes(ann, { verb: 'create', resource: 'x' }));
  expect(status).toMatchObject({ incomplete: false });
  expect((status as { resourceRules: object[] }).resourceRules).toContainEqual(allow('get list', 'pods'));
});

describe('the bootstrap policy, brought in,', () => {
  const policy = bootstrapPolicy();
  const { signal } = new AbortController();
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:discovery' };

  test('adds what is lacking, keeps what operators added, and rests then', async () => {
    const client = fakeClient();
    const own = allow('get', 'widgets', 'example.com');
    const labels = { 'kubernetes.io/bootstrapping': 'mine' };
    client.put(ClusterRole, { metadata: { name: 'system:discovery', labels }, rules: [own] });
    client.put(ClusterRoleBinding, { metadata: { name: 'system:discovery' }, roleRef, subjects: [] });
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
    client.put(ClusterRole, { metadata: { name: 'view' }, aggregationRule, rules: [own] });
    await reconcileBootstrapPolicy(client, policy, signal);
    const role = await client.get(ClusterRole, { name: 'system:discovery' });
    expect(role.rules?.[0]).toEqual(own);
    expect(role.rules?.length).toBeGreaterThan(1);
    expect(role.metadata.labels).toEqual(labels);
    expect(role.metadata.annotations).toEqual({ 'rbac.authorization.kubernetes.io/autoupdate': 'true' });
    const binding = await client.get(ClusterRoleBinding, { name: 'system:discovery' });
    expect(binding.subjects?.map(({ name }) => name)).toEqual(['system:authenticated']);
    const view = await client.get(ClusterRole, { name: 'view' });
    expect(view.rules).toEqual([own]);
    expect(view.aggregationRule?.clusterRoleSelectors).toHaveLength(2);
    const versions = [...client.objects.values()].map(({ metadata }) => metadata.resourceVersion);
    await reconcileBootstrapPolicy(client, policy, signal);
    expect([...client.objects.values()].map(({ metadata }) => metadata.resourceVersion)).toEqual(versions);
  });

  test('leaves alone what says so', async () => {
    const client = fakeClient();
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
    client.put(ClusterRoleBinding, { metadata: { name: 'system:discovery', annotations }, roleRef, subjects: [] });
    client.put(ClusterRole, { metadata: { name: 'system:discovery', annotations }, rules: [] });
    await reconcileBootstrapPolicy(client, policy, signal);
    expect((await client.get(ClusterRoleBinding, { name: 'system:discovery' })).subjects).toEqual([]);
    expect((await client.get(ClusterRole, { name: 'system:discovery' })).rules).toEqual([]);
  });

  test('makes bindings of other roles anew', async () => {
    await using server = await testServer();
    const { client } = server;
    const subjects = [{ apiGroup: roleRef.apiGroup, kind: 'Group', name: 'everybody' }];
    const other = { ...roleRef, name: 'cluster-admin' };
    await client.create(ClusterRoleBinding, { metadata: { name: 'system:discovery' }, roleRef: other, subjects });
    await reconcileBootstrapPolicy(client, policy, signal);
    const binding = await client.get(ClusterRoleBinding, { name: 'system:discovery' });
    expect(binding.roleRef).toMatchObject(roleRef);
    expect(binding.subjects?.map(({ name }) => name)).toEqual(['system:authenticated']);
  });
});

test('roles that change in the cluster change decisions at once', async () => {
  const roles = new RoleIndex();
  await using server = await testServer({
    parts({ follow }) {
      followRoles(roles, follow);
      return {};
    },
  });
  const { client } = server;
  const authorizer = createRbacAuthorizer(roles);
  await client.create(Namespace, { metadata: { name: 'web' } });
  await client.create(Role, podReader);
  expect(may(authorizer, ann, 'get', 'pods', { namespace: 'web' })).toBe(false);
  await client.create(RoleBinding, bindDevs);
  expect(may(authorizer, ann, 'get', 'pods', { namespace: 'web' })).toBe(true);
  await client.delete(RoleBinding, { namespace: 'web', name: 'devs' });
  expect(may(authorizer, ann, 'get', 'pods', { namespace: 'web' })).toBe(false);
});
