import { expect, test } from 'vitest';
import { parseAuditPolicy } from './audit-policy-file.ts';

const policy = (rest: string): string => `apiVersion: audit.k8s.io/v1\nkind: Policy\n${rest}`;

test('a policy is read, in YAML or JSON', () => {
  const rules = [{ level: 'Metadata', resources: [{ group: '', resources: ['secrets'] }] }];
  const document = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules };
  expect(parseAuditPolicy(JSON.stringify(document))).toMatchObject(document);
  expect(parseAuditPolicy(policy('metadata: {name: p}\nrules:\n- level: None\n')).rules).toEqual([{ level: 'None' }]);
});

test.each([
  ['', 'failed decoding: it is no object'],
  ['- a', 'failed decoding: it is no object'],
  ['kind: Policy\nrules: []', 'unknown group version field , Kind=Policy in policy'],
  [
    'apiVersion: audit.k8s.io/v1beta1\nkind: Policy',
    'unknown group version field audit.k8s.io/v1beta1, Kind=Policy in policy',
  ],
  [policy('rules: []'), 'loaded illegal policy with 0 rules'],
  [policy('rules: [{level: Metadata, user: [eve]}]'), 'strict decoding error: unknown field "rules[0].user"'],
  [policy('rules: [{}]'), 'rules[0].level: Required value'],
  [
    policy('rules: [{level: Some}]'),
    'rules[0].level: Unsupported value: "Some": supported values: "None", "Metadata", "Request", "RequestResponse"',
  ],
  [
    policy('omitStages: [Later]\nrules: [{level: None}]'),
    'omitStages[0]: Invalid value: "Later": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
  ],
  [
    policy('rules: [{level: None, omitStages: [Panic, x]}]'),
    'rules[0].omitStages[1]: Invalid value: "x": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
  ],
  [
    policy('rules: [{level: None, nonResourceURLs: [logs]}]'),
    'rules[0].nonResourceURLs[0]: Invalid value: "logs": non-resource URL rules must begin with a \'/\' character',
  ],
  [
    policy('rules: [{level: None, nonResourceURLs: ["/a*/b"]}]'),
    'rules[0].nonResourceURLs[0]: Invalid value: "/a*/b": non-resource URL wildcards \'*\' must be the final character of the rule',
  ],
  [
    policy('rules: [{level: None, nonResourceURLs: ["/a"], namespaces: [b]}]'),
    'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
  ],
  [
    policy('rules: [{level: None, resources: [{group: "", resourceNames: [a]}]}]'),
    'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
  ],
  [
    policy('rules: [{level: None, resources: [{group: "rbac/v1"}]}]'),
    'rules[0].resources.group: Invalid value: "rbac/v1": a lowercase RFC 1123 subdomain',
  ],
])('%j is refused: %s', (text, message) => {
  expect(() => parseAuditPolicy(text)).toThrow(message);
});
