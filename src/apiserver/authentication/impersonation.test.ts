import { expect, test } from 'vitest';
import { resourceAttributes } from '../authorization/attributes.ts';
import type { Authorizer, RequestAttributes, User } from '../ports.ts';
import { impersonate, impersonationConstraint } from './impersonation.ts';

/** What somebody may do, such as `impersonate users/ann`, and what was asked for. */
function permitting(...permissions: readonly string[]) {
  const asked: string[] = [];
  const seen: RequestAttributes[] = [];
  const authorizer: Authorizer = {
    authorize(attributes) {
      const { verb, group, resource, subresource, name, namespace } = attributes;
      const what = [resource, subresource, name].filter((part) => part !== '').join('/');
      const question = `${verb} ${group === '' ? '' : `${group} `}${what}${namespace === '' ? '' : ` in ${namespace}`}`;
      asked.push(question);
      seen.push(attributes);
      return { allowed: permissions.includes(question), reason: '' };
    },
  };
  return { authorizer, asked, seen };
}

const root: User = { name: 'root', groups: [] };
const onNode: User = {
  name: 'system:serviceaccount:ci:agent',
  groups: [],
  extra: { 'authentication.kubernetes.io/node-name': ['n1'], 'authentication.kubernetes.io/pod-name': ['p'] },
};

type Lines = Readonly<Record<string, string | readonly string[]>>;

/** As a client sends them: a line for each value. */
function sent(lines: Lines) {
  const raw = Object.entries(lines).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value] as const),
  );
  const headers = Object.fromEntries(
    Object.entries(lines).map(([name, values]) => [name.toLowerCase(), [values].flat().join(', ')]),
  );
  const attributesAs = (user: User): RequestAttributes =>
    resourceAttributes(user, { verb: 'list', resource: 'pods', version: 'v1', namespace: 'ci' });
  return { headers, rawHeaders: raw, attributesAs };
}

interface Allowed {
  readonly sends: Lines;
  readonly may: readonly string[];
  readonly becomes: User;
  readonly as?: User;
  readonly constraint?: string;
}

const own = 'authentication.k8s.io';
const allowed: Readonly<Record<string, Allowed>> = {
  'a user with groups, each asked for': {
    sends: { 'Impersonate-User': 'ann', 'Impersonate-Group': ['devs', 'CN=ops,O=acme'] },
    may: ['impersonate users/ann', 'impersonate groups/devs', 'impersonate groups/CN=ops,O=acme'],
    becomes: { name: 'ann', groups: ['devs', 'CN=ops,O=acme', 'system:authenticated'] },
  },
  'a uid and extras, by keys that are percent-encoded': {
    sends: {
      'Impersonate-User': 'ann',
      'Impersonate-Uid': '7',
      'Impersonate-Extra-Acme.com%2fProject': ['a', 'b'],
      'Impersonate-Extra-bad%zz': 'kept as it is',
    },
    may: [
      'impersonate users/ann',
      `impersonate ${own} uids/7`,
      `impersonate ${own} userextras/acme.com/project/a`,
      `impersonate ${own} userextras/acme.com/project/b`,
      `impersonate ${own} userextras/bad%zz/kept as it is`,
    ],
    becomes: {
      name: 'ann',
      uid: '7',
      groups: ['system:authenticated'],
      extra: { 'acme.com/project': ['a', 'b'], 'bad%zz': ['kept as it is'] },
    },
  },
  'a service account with the groups that it has': {
    sends: { 'Impersonate-User': 'system:serviceaccount:ci:bot' },
    may: ['impersonate serviceaccounts/bot in ci'],
    becomes: {
      name: 'system:serviceaccount:ci:bot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:ci', 'system:authenticated'],
    },
  },
  'a service account with other groups': {
    sends: { 'Impersonate-User': 'system:serviceaccount:ci:bot', 'Impersonate-Group': 'only' },
    may: ['impersonate serviceaccounts/bot in ci', 'impersonate groups/only'],
    becomes: { name: 'system:serviceaccount:ci:bot', groups: ['only', 'system:authenticated'] },
  },
  'what no service account can be called is a user': {
    sends: { 'Impersonate-User': 'system:serviceaccount:C_I:bot' },
    may: ['impersonate users/system:serviceaccount:C_I:bot'],
    becomes: { name: 'system:serviceaccount:C_I:bot', groups: ['system:authenticated'] },
  },
  'the anonymous user': {
    sends: { 'Impersonate-User': 'system:anonymous' },
    may: ['impersonate users/system:anonymous'],
    becomes: { name: 'system:anonymous', groups: ['system:unauthenticated'] },
  },
  'who says not to be authenticated is not': {
    sends: { 'Impersonate-User': 'ann', 'Impersonate-Group': 'system:unauthenticated' },
    may: ['impersonate users/ann', 'impersonate groups/system:unauthenticated'],
    becomes: { name: 'ann', groups: ['system:unauthenticated'] },
  },
  'a user, for some requests only': {
    sends: { 'Impersonate-User': 'ann', 'Impersonate-Group': 'devs', 'Impersonate-Uid': '7' },
    may: [
      'impersonate-on:user-info:list pods in ci',
      `impersonate:user-info ${own} users/ann`,
      `impersonate:user-info ${own} groups/devs`,
      `impersonate:user-info ${own} uids/7`,
    ],
    becomes: { name: 'ann', uid: '7', groups: ['devs', 'system:authenticated'] },
    constraint: 'impersonate:user-info',
  },
  'many groups by one permission': {
    sends: { 'Impersonate-User': 'ann', 'Impersonate-Group': ['a', 'b', 'c', 'd'] },
    may: [
      'impersonate-on:user-info:list pods in ci',
      `impersonate:user-info ${own} users/ann`,
      `impersonate:user-info ${own} groups/*`,
    ],
    becomes: { name: 'ann', groups: ['a', 'b', 'c', 'd', 'system:authenticated'] },
    constraint: 'impersonate:user-info',
  },
  'a service account, for some requests only': {
    sends: { 'Impersonate-User': 'system:serviceaccount:ci:bot' },
    may: [
      'impersonate-on:serviceaccount:list pods in ci',
      `impersonate:serviceaccount ${own} serviceaccounts/bot in ci`,
    ],
    becomes: {
      name: 'system:serviceaccount:ci:bot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:ci', 'system:authenticated'],
    },
    constraint: 'impersonate:serviceaccount',
  },
  'any node, for some requests only': {
    sends: { 'Impersonate-User': 'system:node:n2' },
    may: ['impersonate-on:arbitrary-node:list pods in ci', `impersonate:arbitrary-node ${own} nodes/n2`],
    becomes: { name: 'system:node:n2', groups: ['system:nodes', 'system:authenticated'] },
    constraint: 'impersonate:arbitrary-node',
  },
  'the node that the pod is on': {
    as: onNode,
    sends: { 'Impersonate-User': 'system:node:n1' },
    may: ['impersonate-on:associated-node:list pods in ci', `impersonate:associated-node ${own} nodes/*`],
    becomes: { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] },
    constraint: 'impersonate:associated-node',
  },
};

for (const [name, { sends, may, becomes, as = root, constraint }] of Object.entries(allowed)) {
  test(`is allowed: ${name}`, async () => {
    const user = await impersonate(as, sent(sends), permitting(...may).authorizer);
    expect(user).toEqual(becomes);
    expect(impersonationConstraint(user)).toBe(constraint);
  });
  test(`needs every permission: ${name}`, async () => {
    for (const missing of may) {
      const { authorizer } = permitting(...may.filter((permission) => permission !== missing));
      await expect(impersonate(as, sent(sends), authorizer), missing).rejects.toMatchObject({ reason: 'Forbidden' });
    }
  });
}

const onUsers = 'impersonate-on:user-info:list pods in ci';
const ann = `impersonate:user-info ${own} users/ann`;
const refused: Readonly<
  Record<string, { readonly sends: Lines; readonly may?: readonly string[]; readonly says: string }>
> = {
  'who may do nothing is told of the narrowest way': {
    sends: { 'Impersonate-User': 'ann' },
    says: 'pods is forbidden: User "root" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "ci"',
  },
  'who may impersonate for this request, but not this user': {
    sends: { 'Impersonate-User': 'ann' },
    may: [onUsers],
    says: 'users.authentication.k8s.io "ann" is forbidden: User "root" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
  },
  'masters are out of reach of constrained impersonation': {
    sends: { 'Impersonate-User': 'ann', 'Impersonate-Group': 'system:masters' },
    may: [onUsers, ann, `impersonate:user-info ${own} groups/system:masters`],
    says: 'at the cluster scope: impersonating the system:masters group is not allowed',
  },
  'a group without a name': {
    sends: { 'Impersonate-User': 'ann', 'Impersonate-Group': ['a', ''] },
    may: [onUsers, ann],
    says: 'impersonating the empty string group is not allowed',
  },
  'an extra whose key is no path': {
    sends: { 'Impersonate-User': 'ann', 'Impersonate-Extra-scopes': 'x' },
    may: [onUsers, ann],
    says: 'impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "scopes": must be a domain-prefixed path (such as "acme.io/foo")',
  },
  'an extra without a value': {
    sends: { 'Impersonate-User': 'ann', 'Impersonate-Extra-acme.io%2fa': '' },
    may: [onUsers, ann],
    says: 'impersonating the empty string value in extra is not allowed',
  },
};

for (const [name, { sends, may = [], says }] of Object.entries(refused)) {
  test(`is refused: ${name}`, async () => {
    await expect(impersonate(root, sent(sends), permitting(...may).authorizer)).rejects.toThrow(says);
  });
}

test('nobody is anybody by groups, a uid or extras alone', () => {
  const shown = (lines: Lines) => () => impersonate(root, sent(lines), permitting().authorizer);
  expect(shown({ 'Impersonate-Group': 'devs' })).toThrow(
    'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"devs"}, Extra:map[string][]string(nil)} without impersonating a user name',
  );
  expect(shown({ 'Impersonate-Uid': '7' })).toThrow('UID:"7"');
  expect(shown({ 'Impersonate-Extra-a': 'b' })).toThrow('Extra:map[string][]string{"a":[]string{"b"}}');
});

test('without the headers nobody is asked', () => {
  const { authorizer, asked } = permitting();
  expect(impersonate(root, sent({ accept: '*/*' }), authorizer)).toBe(root);
  expect(impersonate(root, sent({ 'Impersonate-User': '' }), authorizer)).toBe(root);
  expect(asked).toEqual([]);
});

test('the way that worked last is tried first', async () => {
  const { authorizer, asked } = permitting('impersonate users/ann');
  await impersonate(root, sent({ 'Impersonate-User': 'ann' }), authorizer);
  expect(asked).toEqual([onUsers, 'impersonate users/ann']);
  asked.length = 0;
  await impersonate(root, sent({ 'Impersonate-User': 'ann' }), authorizer);
  expect(asked).toEqual(['impersonate users/ann']);
});

test('authorizers see of an account on a node only which extras it has', async () => {
  const { authorizer, seen } = permitting(
    'impersonate-on:associated-node:list pods in ci',
    `impersonate:associated-node ${own} nodes/*`,
  );
  await impersonate(onNode, sent({ 'Impersonate-User': 'system:node:n1' }), authorizer);
  for (const { user } of seen) {
    expect(user.extra).toEqual({
      'authentication.kubernetes.io/associated-node-keys': Object.keys(onNode.extra ?? {}).sort(),
    });
  }
  const elsewhere = permitting(
    'impersonate-on:associated-node:list pods in ci',
    `impersonate:associated-node ${own} nodes/*`,
  );
  await expect(
    impersonate(onNode, sent({ 'Impersonate-User': 'system:node:n2' }), elsewhere.authorizer),
  ).rejects.toMatchObject({ reason: 'Forbidden' });
});
