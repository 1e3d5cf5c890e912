import { expect, test } from 'vitest';
import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../../api/flowcontrol/bootstrap-objects.ts';
import type { FlowSchemaSpec, Subject } from '../../api/flowcontrol/flow-schema.ts';
import { matchesSchema } from './schema-matching.ts';
import type { AskedFor } from './schema-matching.ts';
import { Classifier, SchemaInUse } from './classifier.ts';
import { PriorityLevels } from './priority-levels.ts';
import { SchemaCounters } from './schema-counters.ts';

const getPod: AskedFor = {
  isResource: true,
  verb: 'get',
  group: '',
  resource: 'pods',
  subresource: '',
  namespace: 'a',
  path: '/api/v1/namespaces/a/pods/b',
};
const path = (url: string, verb = 'get'): AskedFor => ({
  ...getPod,
  isResource: false,
  verb,
  resource: '',
  namespace: '',
  path: url,
});
const ann = { name: 'ann', groups: ['devs', 'system:authenticated'] };
const rule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/status'], namespaces: ['a', 'b'] };
const everyone: Subject = { kind: 'Group', group: { name: '*' } };

const rules = (resourceRule: object, subject: Subject = everyone): FlowSchemaSpec['rules'] => [
  { subjects: [subject], resourceRules: [{ ...rule, ...resourceRule }] },
];

test.each<[string, FlowSchemaSpec['rules'], Partial<AskedFor>, boolean]>([
  ['what it names', rules({}), {}, true],
  ['another verb', rules({}), { verb: 'delete' }, false],
  ['any verb', rules({ verbs: ['*'] }), { verb: 'delete' }, true],
  ['another resource', rules({}), { resource: 'secrets' }, false],
  ['any resource', rules({ resources: ['*'] }), { resource: 'secrets', subresource: 'x' }, true],
  ['a subresource that it names', rules({}), { subresource: 'status' }, true],
  ['another subresource', rules({}), { subresource: 'log' }, false],
  ['another group', rules({}), { group: 'apps' }, false],
  ['any group', rules({ apiGroups: ['*'] }), { group: 'apps' }, true],
  ['another namespace', rules({}), { namespace: 'c' }, false],
  ['any namespace', rules({ namespaces: ['*'] }), { namespace: 'c' }, true],
  ['no namespace', rules({ namespaces: ['*'] }), { namespace: '' }, false],
  ['no namespace, as it says', rules({ clusterScope: true }), { namespace: '' }, true],
  ['a path, which it does not name', rules({ verbs: ['*'] }), path('/healthz'), false],
  ['nothing at all', undefined, {}, false],
])('a schema and %s', (_, schemaRules, asked, matches) => {
  expect(matchesSchema({ rules: schemaRules }, ann, { ...getPod, ...asked })).toBe(matches);
});

test.each<[string, Subject, string, boolean]>([
  ['the user', { kind: 'User', user: { name: 'ann' } }, 'ann', true],
  ['another user', { kind: 'User', user: { name: 'bob' } }, 'ann', false],
  ['any user', { kind: 'User', user: { name: '*' } }, 'ann', true],
  ['a group of hers', { kind: 'Group', group: { name: 'devs' } }, 'ann', true],
  ['another group', { kind: 'Group', group: { name: 'ops' } }, 'ann', false],
  [
    'a service account',
    { kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: 's' } },
    'system:serviceaccount:n:s',
    true,
  ],
  [
    'another one',
    { kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: 's' } },
    'system:serviceaccount:n:t',
    false,
  ],
  [
    'all of a namespace',
    { kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: '*' } },
    'system:serviceaccount:n:t',
    true,
  ],
  [
    'all of another',
    { kind: 'ServiceAccount', serviceAccount: { namespace: 'n', name: '*' } },
    'system:serviceaccount:nn:t',
    false,
  ],
])('a subject that is %s', (_, subject, name, matches) => {
  expect(matchesSchema({ rules: rules({}, subject) }, { ...ann, name }, getPod)).toBe(matches);
});

test.each<[string, string, boolean]>([
  ['/healthz', '/healthz', true],
  ['/healthz', '/healthz/ping', true],
  ['/healthz', '/healthzz', false],
  ['/healthz/*', '/healthz/ping', true],
  ['/healthz/*', '/healthz', false],
  ['*', '/anything', true],
])('the path %s and a request for %s', (url, asked, matches) => {
  const nonResourceRules = [{ verbs: ['get'], nonResourceURLs: [url] }];
  const spec = { rules: [{ subjects: [everyone], nonResourceRules }] };
  expect(matchesSchema(spec, ann, path(asked))).toBe(matches);
  expect(matchesSchema(spec, ann, path(asked, 'post'))).toBe(false);
});

function usualClassifier(): Classifier {
  const named = <S>(specs: Readonly<Record<string, S>>): { metadata: { name: string }; spec: S }[] =>
    Object.entries(specs).map(([name, spec]) => ({ metadata: { name }, spec }));
  const levels = new PriorityLevels(600, 0);
  levels.configure(named({ ...mandatoryPriorityLevels, ...suggestedPriorityLevels }), 0);
  const schemas = named({ ...mandatoryFlowSchemas, ...suggestedFlowSchemas });
  return new Classifier(
    schemas.map(
      (schema) =>
        new SchemaInUse(schema, levels.get(schema.spec.priorityLevelConfiguration.name)!, new SchemaCounters()),
    ),
  );
}

const account = (namespace: string): [string, string[]] => [
  `system:serviceaccount:${namespace}:x`,
  ['system:serviceaccounts'],
];
const lease = { group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-system' };

test.each<[string, readonly [string, readonly string[]], Partial<AskedFor>, string, string]>([
  ['an administrator', ['admin', ['system:masters']], {}, 'exempt', 'exempt'],
  ['a probe', ['system:anonymous', ['system:unauthenticated']], path('/livez'), 'probes', 'exempt'],
  [
    'a node that renews its lease',
    ['system:node:n', ['system:nodes']],
    { ...lease, verb: 'update' },
    'system-node-high',
    'node-high',
  ],
  [
    'a node that says how it is',
    ['system:node:n', ['system:nodes']],
    { verb: 'patch', resource: 'nodes', subresource: 'status', namespace: '' },
    'system-node-high',
    'node-high',
  ],
  ['a node otherwise', ['system:node:n', ['system:nodes']], {}, 'system-nodes', 'system'],
  [
    'a scheduler that leads',
    ['system:kube-scheduler', []],
    { ...lease, verb: 'update' },
    'system-leader-election',
    'leader-election',
  ],
  ['a scheduler that works', ['system:kube-scheduler', []], {}, 'kube-scheduler', 'workload-high'],
  ['the controllers', ['system:kube-controller-manager', []], {}, 'kube-controller-manager', 'workload-high'],
  ['what runs in kube-system', account('kube-system'), {}, 'kube-system-service-accounts', 'workload-high'],
  ['what runs elsewhere', account('default'), {}, 'service-accounts', 'workload-low'],
  ['a person', ['ann', []], {}, 'global-default', 'global-default'],
  ['nobody that is known', ['system:anonymous', ['system:unauthenticated']], {}, 'global-default', 'global-default'],
])('with the usual schemas, %s', (_, [name, groups], asked, schema, level) => {
  const classifier = usualClassifier();
  const user = {
    name,
    groups: groups.includes('system:unauthenticated') ? groups : [...groups, 'system:authenticated'],
  };
  const request = { ...getPod, ...asked, name: '', kind: undefined };
  const found = classifier.classify(user, request);
  expect([found.name, found.level.name]).toEqual([schema, level]);
});

test('who is in neither standing group comes last', () => {
  const request = { ...getPod, name: '', kind: undefined };
  expect(usualClassifier().classify({ name: 'x', groups: [] }, request).name).toBe('catch-all');
});
