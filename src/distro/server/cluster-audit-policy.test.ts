import { expect, test } from 'vitest';
import { compileAuditPolicy } from '../../apiserver/audit/audit-policy.ts';
import { validateAuditPolicy } from '../../apiserver/audit/audit-policy-validation.ts';
import { clusterAuditPolicy } from './cluster-audit-policy.ts';

const users: Readonly<Record<string, { readonly name: string; readonly groups: readonly string[] }>> = {
  admin: { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
  kubelet: { name: 'system:node:node-1', groups: ['system:nodes', 'system:authenticated'] },
  scheduler: { name: 'system:kube-scheduler', groups: ['system:authenticated'] },
  controller: {
    name: 'system:serviceaccount:kube-system:job-controller',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  },
  operator: {
    name: 'system:serviceaccount:apps:operator',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:apps', 'system:authenticated'],
  },
};

const scopes = compileAuditPolicy(clusterAuditPolicy);

/** `resource.group/subresource`, or a path. */
function levelOf(who: string, verb: string, what: string): string {
  const isResource = !what.startsWith('/');
  const [full = '', subresource = ''] = isResource ? what.split('/') : [];
  const [resource = '', ...group] = full.split('.');
  return scopes({
    user: users[who],
    verb,
    isResource,
    path: isResource ? '/api' : what,
    ...{ group: group.join('.'), version: 'v1', resource, subresource, namespace: 'default', name: 'x' },
  }).level;
}

test('the policy is valid', () => {
  expect(validateAuditPolicy({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', ...clusterAuditPolicy })).toEqual([]);
});

test.each([
  ['admin', 'create', 'pods'],
  ['admin', 'patch', 'deployments.apps'],
  ['admin', 'delete', 'nodes'],
  ['admin', 'deletecollection', 'pods'],
  ['admin', 'update', 'deployments.apps/status'],
  ['admin', 'get', 'secrets'],
  ['admin', 'list', 'configmaps'],
  ['admin', 'get', 'clusterroles.rbac.authorization.k8s.io'],
  ['admin', 'create', 'tokenreviews.authentication.k8s.io'],
  ['admin', 'create', 'serviceaccounts/token'],
  ['admin', 'create', 'pods/exec'],
  // By WebSocket.
  ['admin', 'get', 'pods/exec'],
  ['admin', 'get', 'nodes/proxy'],
  ['operator', 'get', 'secrets'],
  ['operator', 'update', 'widgets.example.com'],
  ['scheduler', 'create', 'pods/binding'],
  ['controller', 'create', 'pods'],
  ['kubelet', 'create', 'serviceaccounts/token'],
  ['kubelet', 'delete', 'pods'],
  // Nobody could be identified.
  ['nobody', 'create', 'pods'],
  ['nobody', 'get', 'secrets'],
])('of %s it is recorded who would %s %s', (who, verb, what) => {
  expect(levelOf(who, verb, what)).toBe('Metadata');
});

test.each([
  ['admin', 'get', 'pods'],
  ['admin', 'watch', 'deployments.apps'],
  ['admin', 'get', '/healthz'],
  ['admin', 'get', '/metrics'],
  ['admin', 'get', '/apis'],
  ['nobody', 'get', '/livez'],
  ['kubelet', 'get', 'secrets'],
  ['kubelet', 'watch', 'configmaps'],
  ['kubelet', 'update', 'leases.coordination.k8s.io'],
  ['kubelet', 'create', 'events'],
  ['kubelet', 'patch', 'pods/status'],
  ['kubelet', 'patch', 'nodes/status'],
  ['kubelet', 'create', 'subjectaccessreviews.authorization.k8s.io'],
  ['kubelet', 'create', 'tokenreviews.authentication.k8s.io'],
  ['scheduler', 'list', 'secrets'],
  ['scheduler', 'create', 'events.events.k8s.io'],
  ['controller', 'watch', 'secrets'],
  ['controller', 'update', 'deployments.apps/status'],
  ['operator', 'update', 'leases.coordination.k8s.io'],
])('of %s it is not recorded who would %s %s', (who, verb, what) => {
  expect(levelOf(who, verb, what)).toBe('None');
});
