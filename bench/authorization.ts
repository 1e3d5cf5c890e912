/**
 * `kubets bench authorization [--seconds N]`: what a decision costs with 1,000 roles and 5,000 bindings beside the bootstrap
 * policy, and 10,000 pods on 500 nodes: for users of several kinds, allowed and refused. "fresh" is a user of whom nothing is
 * remembered, as with every impersonation or review; "known" is one whose last answers are. Fails above 20 µs.
 */
import { parseArgs } from 'node:util';
import type { Pod } from '../src/api/core/pod.ts';
import type { PolicyRule } from '../src/api/rbac/role.ts';
import type { Subject } from '../src/api/rbac/role-binding.ts';
import { resourceAttributes } from '../src/apiserver/authorization/attributes.ts';
import { createAuthorizerChain } from '../src/apiserver/authorization/authorizer-chain.ts';
import { bootstrapPolicy } from '../src/apiserver/authorization/bootstrap-policy.ts';
import { componentRoles } from '../src/apiserver/authorization/bootstrap-component-roles.ts';
import { createNodeAuthorizer } from '../src/apiserver/authorization/node/node-authorizer.ts';
import { NodeGraph } from '../src/apiserver/authorization/node/node-graph.ts';
import { createRbacAuthorizer } from '../src/apiserver/authorization/rbac-authorizer.ts';
import { RoleIndex } from '../src/apiserver/authorization/role-index.ts';
import type { RbacObject } from '../src/apiserver/authorization/role-index.ts';
import type { RequestAttributes, User } from '../src/apiserver/ports.ts';
import { seededRandom } from '../src/base/random.ts';

const { values: flags } = parseArgs({ options: { seconds: { type: 'string', default: '0.5' } } });
const milliseconds = Number(flags.seconds) * 1000;
const limit = 20;

const counts = { namespaces: 100, roles: 800, clusterRoles: 200, bindings: 4_500, clusterBindings: 500 };
const people = { users: 1_000, groups: 200, accounts: 500 };
const cluster = { nodes: 500, pods: 10_000 };
const random = seededRandom();
const pick = (count: number): number => Math.floor(random.next() * count);
const rbac = 'rbac.authorization.k8s.io';
const stored = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function rulesOf(index: number): PolicyRule[] {
  return Array.from({ length: 6 }, (_, rule) => ({
    verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'],
    apiGroups: [`group${(index + rule) % 40}.example.com`],
    resources: [`widgets${rule}`, `widgets${rule}/status`, `gadgets${index % 50}`],
    ...(rule === 5 ? { resourceNames: ['one', 'two'] } : {}),
  }));
}

function subjectOf(index: number): Subject {
  if (index % 3 === 0) return { kind: 'User', apiGroup: rbac, name: `user${pick(people.users)}` };
  if (index % 3 === 1) return { kind: 'Group', apiGroup: rbac, name: `group${pick(people.groups)}` };
  return { kind: 'ServiceAccount', namespace: `ns${pick(counts.namespaces)}`, name: `sa${pick(people.accounts)}` };
}

/** As many as that, and one who is bound to a hundred roles in one namespace. */
function roleIndex(): RoleIndex {
  const roles = new RoleIndex();
  const put = (object: object, metadata: object): void =>
    roles.apply({ ...object, metadata: { ...stored, ...metadata } } as RbacObject);
  for (const object of Object.values(bootstrapPolicy()).flat()) put(object, object.metadata);
  const each = (count: number, make: (index: number) => void): void => {
    for (let index = 0; index < count; index++) make(index);
  };
  const inNamespace = (index: number): string => `ns${index % counts.namespaces}`;
  each(counts.clusterRoles, (index) => put({ rules: rulesOf(index) }, { name: `role${index}` }));
  each(counts.roles, (index) =>
    put({ rules: rulesOf(index) }, { name: `role${index}`, namespace: inNamespace(index) }),
  );
  const bound = (kind: string, name: string): object => ({ roleRef: { apiGroup: rbac, kind, name } });
  each(counts.clusterBindings, (index) =>
    put(
      { ...bound('ClusterRole', `role${pick(counts.clusterRoles)}`), subjects: [subjectOf(index)] },
      { name: `b${index}` },
    ),
  );
  each(counts.bindings, (index) => {
    const busy = { kind: 'User', apiGroup: rbac, name: 'busy' };
    const subjects = index % 45 === 0 ? [busy] : [subjectOf(index)];
    const namespace = index % 45 === 0 ? 'ns0' : inNamespace(index);
    put({ ...bound('ClusterRole', `role${pick(counts.clusterRoles)}`), subjects }, { name: `b${index}`, namespace });
  });
  return roles;
}

function nodeGraph(): NodeGraph {
  const graph = new NodeGraph();
  for (let index = 0; index < cluster.pods; index++) {
    const namespace = `ns${index % counts.namespaces}`;
    const volumes = [
      { name: 'a', secret: { secretName: `secret${index % 300}` } },
      { name: 'b', configMap: { name: 'kube-root-ca.crt' } },
    ];
    graph.putPod({
      metadata: { name: `pod${index}`, namespace, uid: `uid${index}` },
      spec: { nodeName: `node${index % cluster.nodes}`, serviceAccountName: 'default', containers: [], volumes },
      status: {},
    } as unknown as Pod);
  }
  return graph;
}

const roles = roleIndex();
const chain = createAuthorizerChain([
  createNodeAuthorizer(nodeGraph(), componentRoles['system:node'] ?? []),
  createRbacAuthorizer(roles),
]);

const known = 'system:authenticated';
const groups = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `group${(from + index) % people.groups}`);

interface Case {
  readonly who: string;
  readonly user: User;
  readonly allowed: Question;
  readonly refused: Question;
}
type Question = Parameters<typeof resourceAttributes>[1];

const discovery: Question = { verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' };
const foreign: Question = { verb: 'delete', group: 'apps', resource: 'deployments', namespace: 'ns7', name: 'web' };
const cases: readonly Case[] = [
  {
    who: 'a user in 3 groups',
    user: { name: 'user1', groups: [...groups(0, 3), known] },
    allowed: discovery,
    refused: foreign,
  },
  {
    who: 'a user in 40 groups',
    user: { name: 'user2', groups: [...groups(7, 40), known] },
    allowed: discovery,
    refused: foreign,
  },
  {
    who: 'a service account',
    user: {
      name: 'system:serviceaccount:ns3:sa3',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:ns3', known],
    },
    allowed: discovery,
    refused: foreign,
  },
  {
    who: 'one bound 100 times in the namespace',
    user: { name: 'busy', groups: [known] },
    allowed: discovery,
    refused: { ...foreign, namespace: 'ns0' },
  },
  {
    who: 'the scheduler',
    user: { name: 'system:kube-scheduler', groups: [known] },
    allowed: { verb: 'create', resource: 'pods', subresource: 'binding', namespace: 'ns3', name: 'p' },
    refused: { verb: 'delete', resource: 'secrets', namespace: 'ns3', name: 's' },
  },
  {
    who: 'a kubelet, about a secret',
    user: { name: 'system:node:node7', groups: ['system:nodes', known] },
    allowed: { verb: 'get', resource: 'secrets', namespace: 'ns7', name: 'secret7' },
    refused: { verb: 'get', resource: 'secrets', namespace: 'ns8', name: 'secret7' },
  },
  {
    who: 'a member of system:masters',
    user: { name: 'admin', groups: ['system:masters', known] },
    allowed: foreign,
    refused: foreign,
  },
];

/** µs of a decision; `fresh`: about a user of whom nothing is remembered. */
function cost(user: User, question: Question, fresh: boolean): number {
  const attributes = resourceAttributes(user, question);
  const once = fresh
    ? (): void => void chain.authorize({ ...attributes, user: { ...user } } satisfies RequestAttributes)
    : (): void => void chain.authorize(attributes);
  for (let round = 0; round < 2_000; round++) once();
  // Processor time: what else runs on the machine takes no part in it.
  const started = performance.now();
  const before = process.cpuUsage();
  let count = 0;
  while (performance.now() - started < milliseconds) {
    for (let round = 0; round < 100; round++) once();
    count += 100;
  }
  const { user: inProgram, system } = process.cpuUsage(before);
  return (inProgram + system) / count;
}

function isAllowed(user: User, question: Question): boolean {
  const decision = chain.authorize(resourceAttributes(user, question));
  if (decision instanceof Promise) throw new Error('nobody has to be waited for here');
  return decision.allowed;
}

console.log(
  `µs a decision, with ${counts.roles + counts.clusterRoles} roles and ${counts.bindings + counts.clusterBindings} bindings`,
);
console.log(
  ['', 'allowed, fresh', 'known', 'refused, fresh', 'known']
    .map((title, at) => (at === 0 ? title.padEnd(40) : title.padStart(16)))
    .join(''),
);
let worst = 0;
for (const { who, user, allowed, refused } of cases) {
  if (!isAllowed(user, allowed)) throw new Error(`${who} should be allowed`);
  if (refused !== allowed && isAllowed(user, refused)) throw new Error(`${who} should be refused`);
  const figures = [allowed, refused].flatMap((question) => [cost(user, question, true), cost(user, question, false)]);
  worst = Math.max(worst, ...figures);
  console.log(who.padEnd(40) + figures.map((figure) => figure.toFixed(2).padStart(16)).join(''));
}
console.log(`at most ${worst.toFixed(1)} µs; ${worst < limit ? 'within' : 'beyond'} ${limit} µs`);
if (worst >= limit) process.exitCode = 1;
