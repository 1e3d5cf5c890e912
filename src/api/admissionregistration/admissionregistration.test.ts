import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../machinery/decode.ts';
import { cells, problems } from '../testing/kind-problems.ts';
import { MutatingAdmissionPolicyBinding } from './mutating-admission-policy-binding.ts';
import { MutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import { MutatingWebhookConfiguration } from './mutating-webhook-configuration.ts';
import { ValidatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts';
import { ValidatingAdmissionPolicy } from './validating-admission-policy.ts';
import { ValidatingWebhookConfiguration } from './validating-webhook-configuration.ts';

const metadata = { name: 'x' };
const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const hook = {
  name: 'a.b.c',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  clientConfig: { service: { name: 's', namespace: 'ns' } },
  rules: [rule],
};
const hooked = (fields: object): object => ({ metadata, webhooks: [{ ...hook, ...fields }] });

describe('webhooks', () => {
  test.each<[string, object, string[]]>([
    ['a plain one is fine', {}, []],
    ['one behind a URL is fine', { clientConfig: { url: 'https://a.b/c' } }, []],
    [
      'a short name',
      { name: 'a.b' },
      ['webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots'],
    ],
    [
      'effects that nobody states',
      { sideEffects: undefined },
      ['webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    ],
    [
      'effects',
      { sideEffects: 'Some' },
      ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
    ],
    [
      'no patience',
      { timeoutSeconds: 31 },
      ['webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds'],
    ],
    [
      'no reviews',
      { admissionReviewVersions: [] },
      ['webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1'],
    ],
    [
      'reviews of the future',
      { admissionReviewVersions: ['v9'] },
      ['webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1'],
    ],
    [
      'nowhere',
      { clientConfig: {} },
      ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
    ],
    [
      'an open line',
      { clientConfig: { url: 'http://u@h/p?q#f' } },
      [
        'webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
        'webhooks[0].clientConfig.url: Invalid value: "u": user information is not permitted in the URL',
        'webhooks[0].clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
        'webhooks[0].clientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
      ],
    ],
    [
      'a path with holes',
      { clientConfig: { service: { name: 's', namespace: 'n', path: '/a//b' } } },
      ['webhooks[0].clientConfig.service.path: Invalid value: "/a//b": segment[1] may not be empty'],
    ],
    ['no operations', { rules: [{ ...rule, operations: [] }] }, ['webhooks[0].rules[0].operations: Required value']],
    [
      'everything and pods',
      { rules: [{ ...rule, resources: ['*', 'pods'] }] },
      [
        'webhooks[0].rules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
      ],
    ],
    [
      'all of pods and one of them',
      { rules: [{ ...rule, resources: ['pods/*', 'pods/log'] }] },
      [
        'webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if \'pods/*\' is present, must not specify pods/log',
      ],
    ],
    [
      'a condition that is none',
      { matchConditions: [{ name: 'c', expression: '1 + 1' }] },
      ['webhooks[0].matchConditions[0].expression: Invalid value: "1 + 1": must evaluate to bool but got int'],
    ],
    [
      'a condition with parameters',
      { matchConditions: [{ name: 'c', expression: 'params == null' }] },
      [
        expect.stringContaining(
          'webhooks[0].matchConditions[0].expression: Invalid value: "params == null": compilation failed: ERROR: <input>:1:1: undeclared reference to \'params\'',
        ),
      ],
    ],
  ])('%s', (_, fields, expected) => {
    expect(problems(ValidatingWebhookConfiguration, hooked(fields))).toEqual(expected);
    expect(problems(MutatingWebhookConfiguration, hooked(fields))).toEqual(expected);
  });

  test('a name stands once', () => {
    expect(problems(ValidatingWebhookConfiguration, { metadata, webhooks: [hook, hook] })).toEqual([
      'webhooks[1].name: Duplicate value: "a.b.c"',
    ]);
  });

  test('what is left out has a meaning', () => {
    const { webhooks } = decodeObject(MutatingWebhookConfiguration, hooked({})).object;
    expect(webhooks?.[0]).toMatchObject({
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      reinvocationPolicy: 'Never',
      rules: [{ scope: '*' }],
      clientConfig: { service: { port: 443 } },
    });
    expect(cells(MutatingWebhookConfiguration, hooked({}))).toEqual({ Webhooks: 1 });
  });
});

describe('policies', () => {
  const matchConstraints = { resourceRules: [rule] };
  const judging = (fields: object): object => ({
    metadata,
    spec: { matchConstraints, validations: [{ expression: 'object.spec.replicas < 5' }], ...fields },
  });
  test.each<[string, object, string[]]>([
    ['a plain one is fine', {}, []],
    [
      'one with variables and parameters is fine',
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        variables: [
          { name: 'max', expression: 'int(params.data.max)' },
          { name: 'more', expression: 'variables.max + 1' },
        ],
        validations: [{ expression: 'variables.more > 2', messageExpression: '"at least " + string(variables.max)' }],
      },
      [],
    ],
    ['nothing to match', { matchConstraints: undefined }, ['spec.matchConstraints: Required value']],
    ['no rules', { matchConstraints: {} }, ['spec.matchConstraints.resourceRules: Required value']],
    [
      'nothing to judge',
      { validations: [] },
      [
        'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
        'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
      ],
    ],
    [
      'a verdict that is a number',
      { validations: [{ expression: '1' }] },
      ['spec.validations[0].expression: Invalid value: "1": must evaluate to bool but got int'],
    ],
    [
      'a message that is a number',
      { validations: [{ expression: 'true', messageExpression: '1' }] },
      ['spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string but got int'],
    ],
    [
      'a message of two lines',
      { validations: [{ expression: 'true', message: 'a\nb' }] },
      ['spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks'],
    ],
    [
      'another reason',
      { validations: [{ expression: 'true', reason: 'Mood' }] },
      [
        'spec.validations[0].reason: Unsupported value: "Mood": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      ],
    ],
    [
      'a variable out of order',
      {
        variables: [
          { name: 'a', expression: 'variables.b' },
          { name: 'b', expression: '1' },
        ],
      },
      [
        expect.stringContaining(
          'spec.variables[0].expression: Invalid value: "variables.b": compilation failed: ERROR: <input>:1:10: undefined field \'b\'',
        ),
      ],
    ],
    [
      'a reserved name',
      { variables: [{ name: 'for', expression: '1' }] },
      ['spec.variables[0].name: Invalid value: "for": name is not a valid CEL identifier'],
    ],
    [
      'annotations that are numbers',
      { auditAnnotations: [{ key: 'k', valueExpression: '1' }] },
      ['spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type]'],
    ],
    [
      'no kind of parameters',
      { paramKind: { apiVersion: 'a/b/c' } },
      [
        'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        'spec.paramKind.kind: Required value',
      ],
    ],
  ])('%s', (_, fields, expected) => {
    expect(problems(ValidatingAdmissionPolicy, judging(fields))).toEqual(expected);
  });

  test('a mutating policy changes something, and says how often', () => {
    const mutations = [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }];
    const spec = { matchConstraints, mutations, reinvocationPolicy: 'Never' };
    expect(problems(MutatingAdmissionPolicy, { metadata, spec })).toEqual([]);
    expect(problems(MutatingAdmissionPolicy, { metadata, spec: { matchConstraints } })).toEqual([
      'spec.mutations: Required value: mutations must contain at least one item',
      'spec.reinvocationPolicy: Required value',
    ]);
    const expression = 'Object{spec: Object.spec{replicas: 3}}';
    const applied = [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }];
    expect(problems(MutatingAdmissionPolicy, { metadata, spec: { ...spec, mutations: applied } })).toEqual([]);
    const number = [{ patchType: 'JSONPatch', jsonPatch: { expression: '1' } }];
    expect(problems(MutatingAdmissionPolicy, { metadata, spec: { ...spec, mutations: number } })).toEqual([
      'spec.mutations[0].jsonPatch.expression: Invalid value: "1": must evaluate to list but got int',
    ]);
    const wrong = [{ patchType: 'ApplyConfiguration' }, {}];
    expect(problems(MutatingAdmissionPolicy, { metadata, spec: { ...spec, mutations: wrong } })).toEqual([
      'spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
      'spec.mutations[1].patchType: Required value',
    ]);
  });

  test.each<[string, object, string[]]>([
    ['a binding that denies is fine', { policyName: 'p', validationActions: ['Deny', 'Audit'] }, []],
    ['one of nothing', { validationActions: ['Deny'] }, ['spec.policyName: Required value']],
    [
      'one without consequences',
      { policyName: 'p' },
      ['spec.validationActions: Required value: at least one validation action is required'],
    ],
    [
      'one that says it twice',
      { policyName: 'p', validationActions: ['Deny', 'Warn'] },
      [expect.stringContaining('must not contain both Deny and Warn')],
    ],
    [
      'parameters from nowhere',
      { policyName: 'p', validationActions: ['Warn'], paramRef: {} },
      [
        'spec.paramRef: Required value: one of name or selector must be specified',
        'spec.paramRef.parameterNotFoundAction: Required value',
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(problems(ValidatingAdmissionPolicyBinding, { metadata, spec })).toEqual(expected);
  });

  test('tables show kinds and names of parameters', () => {
    const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
    expect(cells(ValidatingAdmissionPolicy, judging({ paramKind }))).toEqual({
      Validations: 1,
      ParamKind: 'v1/ConfigMap',
    });
    expect(cells(ValidatingAdmissionPolicy, judging({}))).toMatchObject({ ParamKind: '<unset>' });
    const spec = { policyName: 'p', paramRef: { name: 'c', namespace: 'ns' } };
    expect(cells(MutatingAdmissionPolicyBinding, { metadata, spec })).toEqual({ PolicyName: 'p', ParamRef: 'ns/c' });
  });
});
