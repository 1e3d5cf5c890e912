import { describe, expect, test } from 'vitest';
import type { RequestAttributes, User } from '../../ports.ts';
import { pathAttributes, resourceAttributes } from '../attributes.ts';
import { createAbacAuthorizer } from './abac-authorizer.ts';
import { parseAbacPolicies } from './abac-policy.ts';

const line = (spec: object): string =>
  JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec });

const file = [
  '# who may do what',
  '',
  line({ user: 'alice', namespace: '*', resource: '*', apiGroup: '*' }),
  line({ user: 'kubelet', namespace: '*', resource: 'pods', readonly: true }),
  line({ group: 'devs', namespace: 'web', resource: 'deployments', apiGroup: 'apps' }),
  line({ user: 'chuck', group: 'ops', namespace: 'web', resource: '*', apiGroup: '*' }),
  line({ user: '*', nonResourcePath: '/healthz*', readonly: true }),
  line({ namespace: 'web', resource: 'secrets' }),
].join('\n');

const known = (name: string, ...groups: string[]): User => ({ name, groups: [...groups, 'system:authenticated'] });
const authorizer = createAbacAuthorizer(parseAbacPolicies('policy.jsonl', file));

describe('policies', () => {
  const of = (user: User, verb: string, resource: string, more: object = {}): RequestAttributes =>
    resourceAttributes(user, { verb, resource, ...more });
  const web = { namespace: 'web' };
  const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
  test.each<[string, RequestAttributes, boolean]>([
    ['anything', of(known('alice'), 'delete', 'nodes', { group: 'x' }), true],
    ['no path', pathAttributes(known('alice'), 'get', '/metrics'), false],
    ['to read', of(known('kubelet'), 'watch', 'pods', web), true],
    ['not to write', of(known('kubelet'), 'create', 'pods', web), false],
    ['no other resource', of(known('kubelet'), 'get', 'services', web), false],
    ['no other group', of(known('kubelet'), 'get', 'pods', { ...web, group: 'x' }), false],
    ['a group in its namespace', of(known('bob', 'devs'), 'update', 'deployments', { ...web, group: 'apps' }), true],
    [
      'a group nowhere else',
      of(known('bob', 'devs'), 'update', 'deployments', { namespace: 'x', group: 'apps' }),
      false,
    ],
    ['one of a group', of(known('chuck', 'ops'), 'delete', 'pods', web), true],
    ['not one outside of it', of(known('chuck'), 'delete', 'pods', web), false],
    ['not others in it', of(known('bob', 'ops'), 'delete', 'pods', web), false],
    ['anybody who is known', pathAttributes(known('bob'), 'get', '/healthz/ping'), true],
    ['not to post', pathAttributes(known('bob'), 'post', '/healthz'), false],
    ['nobody else', pathAttributes(anonymous, 'get', '/healthz'), false],
    ['what is said of nobody', of(known('bob'), 'get', 'secrets', web), false],
  ])('allow %s', (_, attributes, allowed) => {
    const reason = allowed ? '' : 'No policy matched.';
    expect(authorizer.authorize(attributes)).toEqual({ allowed, reason });
  });
});

test('lines of old are understood: what they do not say is anything', () => {
  const old = createAbacAuthorizer(
    parseAbacPolicies('p', '{"user":"bob","readonly":true,"resource":"pods"}\n{"group":"root"}\n{"resource":"events"}'),
  );
  const may = (user: User, verb: string, resource: string): boolean =>
    old.authorize(resourceAttributes(user, { verb, resource, group: 'any', namespace: 'any' })).allowed;
  expect([may(known('bob'), 'get', 'pods'), may(known('bob'), 'delete', 'pods')]).toEqual([true, false]);
  expect([may(known('x', 'root'), 'delete', 'nodes'), may(known('x'), 'list', 'events')]).toEqual([true, true]);
  expect(old.authorize(pathAttributes(known('x', 'root'), 'get', '/any')).allowed).toBe(true);
  expect(may({ name: 'system:anonymous', groups: ['system:unauthenticated'] }, 'list', 'events')).toBe(false);
});

test('a line that makes no sense is named', () => {
  expect(() => parseAbacPolicies('/p', `${line({ user: 'a' })}\n{"apiVersion":"x/v1","kind":"Policy"}`)).toThrow(
    'error reading policy file /p, line 2: {"apiVersion":"x/v1","kind":"Policy"}: no kind "Policy" is registered for version "x/v1"',
  );
  expect(() => parseAbacPolicies('/p', 'nonsense')).toThrow('error reading policy file /p, line 1: nonsense: ');
});

test('what one may do can be listed', () => {
  expect(authorizer.rulesFor(known('kubelet'), 'web')).toEqual({
    rules: [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] }],
    incomplete: false,
    errors: [],
  });
});
