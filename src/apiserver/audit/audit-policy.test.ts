import { expect, test } from 'vitest';
import { compileAuditPolicy } from './audit-policy.ts';
import type { AuditPolicyRule, AuditedAttributes } from './audit-policy.ts';

const tim = { name: 'tim', groups: ['humans', 'system:authenticated'] };

function resource(attributes: Partial<AuditedAttributes> = {}): AuditedAttributes {
  return {
    user: tim,
    verb: 'get',
    path: '',
    isResource: true,
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace: 'default',
    name: 'busybox',
    ...attributes,
  };
}

const path = (path_: string): AuditedAttributes =>
  resource({ path: path_, isResource: false, resource: '', namespace: '', name: '' });

const requests: Readonly<Record<string, AuditedAttributes>> = {
  pod: resource(),
  log: resource({ subresource: 'log' }),
  scale: resource({ group: 'apps', resource: 'deployments', subresource: 'scale' }),
  node: resource({ resource: 'nodes', namespace: '', name: 'n' }),
  logs: path('/logs'),
  subPath: path('/logs/a'),
  unknown: resource({ user: undefined }),
};

type Rule = Omit<AuditPolicyRule, 'level'>;
const core = (resources: readonly string[], resourceNames?: readonly string[]): Rule => ({
  resources: [{ group: '', resources, ...(resourceNames ? { resourceNames } : {}) }],
});

const rules: readonly (readonly [rule: Rule, matched: string])[] = [
  [{}, 'pod log scale node logs subPath unknown'],
  [{ users: ['tim'] }, 'pod log scale node logs subPath'],
  [{ users: ['eve'] }, ''],
  [{ userGroups: ['humans'] }, 'pod log scale node logs subPath'],
  [{ verbs: ['create'] }, ''],
  [{ verbs: ['get', 'create'], users: ['tim'] }, 'pod log scale node logs subPath'],
  [{ namespaces: ['default'] }, 'pod log scale unknown'],
  [{ namespaces: [''] }, 'node'],
  [{ namespaces: ['default', ''] }, 'pod log scale node unknown'],
  [core(['pods']), 'pod unknown'],
  [core(['pods/log']), 'log'],
  [core(['pods/*']), 'pod log unknown'],
  [core(['*']), 'pod log node unknown'],
  [core(['*/log']), 'log'],
  [{ resources: [{ group: '' }] }, 'pod log node unknown'],
  [{ resources: [{ group: '*', resources: ['*/scale'] }] }, 'scale'],
  [{ resources: [{ group: 'apps' }] }, 'scale'],
  [core(['pods'], ['busybox']), 'pod unknown'],
  [core(['pods'], ['other']), ''],
  [{ ...core(['pods']), namespaces: ['kube-system'] }, ''],
  [{ nonResourceURLs: ['/logs'] }, 'logs'],
  [{ nonResourceURLs: ['/logs*'] }, 'logs subPath'],
  [{ nonResourceURLs: ['/logs/*'] }, 'subPath'],
  [{ nonResourceURLs: ['*'] }, 'logs subPath'],
];

test.each(rules)('the rule %j matches: %s', (rule, matched) => {
  const scopes = compileAuditPolicy({ rules: [{ level: 'Metadata', ...rule }] });
  const found = Object.keys(requests).filter((name) => scopes(requests[name]!).level !== 'None');
  expect(found.join(' ')).toBe(matched);
});

test('the first rule that matches counts, also one that says None', () => {
  const scopes = compileAuditPolicy({
    rules: [{ level: 'None', users: ['tim'] }, { level: 'Request', verbs: ['get'] }, { level: 'RequestResponse' }],
  });
  expect(scopes(resource()).level).toBe('None');
  expect(scopes(resource({ user: { name: 'eve', groups: [] } })).level).toBe('Request');
  expect(scopes(resource({ user: undefined, verb: 'create' })).level).toBe('RequestResponse');
});

test('stages that the policy or the rule leaves out are left out; a rule overrides whether managed fields are', () => {
  const scopes = compileAuditPolicy({
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      { level: 'Request', verbs: ['get'], omitStages: ['Panic'], omitManagedFields: false },
      { level: 'Request', verbs: ['list'] },
    ],
  });
  expect(scopes(resource())).toEqual({
    level: 'Request',
    omitStages: new Set(['RequestReceived', 'Panic']),
    omitManagedFields: false,
  });
  expect(scopes(resource({ verb: 'list' })).omitManagedFields).toBe(true);
  expect([...scopes(resource({ verb: 'update' })).omitStages]).toEqual(['RequestReceived']);
});
