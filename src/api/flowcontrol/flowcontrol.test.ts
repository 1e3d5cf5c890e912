import { describe, expect, test } from 'vitest';
import { cells, problems } from '../testing/kind-problems.ts';
import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from './bootstrap-objects.ts';
import { FlowSchema } from './flow-schema.ts';
import { PriorityLevelConfiguration } from './priority-level-configuration.ts';

const level = { priorityLevelConfiguration: { name: 'l' } };
const ann = { kind: 'User', user: { name: 'ann' } };
const pods = { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] };
const rules = (rule: object): object => ({ ...level, rules: [{ subjects: [ann], resourceRules: [pods], ...rule }] });

test.each(Object.entries({ ...mandatoryFlowSchemas, ...suggestedFlowSchemas }))(
  'the flow schema %s of every cluster is fine',
  (name, spec) => {
    expect(problems(FlowSchema, { metadata: { name }, spec })).toEqual([]);
  },
);

test.each(Object.entries({ ...mandatoryPriorityLevels, ...suggestedPriorityLevels }))(
  'the priority level %s of every cluster is fine',
  (name, spec) => {
    expect(problems(PriorityLevelConfiguration, { metadata: { name }, spec })).toEqual([]);
  },
);

describe('flow schemas', () => {
  test.each<[string, object, string[]]>([
    ['a plain one is fine', rules({}), []],
    ['no level', {}, ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level']],
    [
      'the first place',
      { ...level, matchingPrecedence: 1 },
      ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
    ],
    [
      'a place beyond the last',
      { ...level, matchingPrecedence: 10001 },
      ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
    ],
    [
      'nobody',
      rules({ subjects: [] }),
      ['spec.rules[0].subjects: Required value: subjects must contain at least one value'],
    ],
    [
      'two subjects in one',
      rules({ subjects: [{ ...ann, group: { name: 'g' } }] }),
      ["spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'"],
    ],
    [
      'no rules',
      rules({ resourceRules: [] }),
      ['spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty'],
    ],
    [
      'another verb',
      rules({ resourceRules: [{ ...pods, verbs: ['eat'] }] }),
      [
        'spec.rules[0].resourceRules[0].verbs: Unsupported value: ["eat"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
      ],
    ],
    [
      'no namespace',
      rules({ resourceRules: [{ ...pods, namespaces: [] }] }),
      [
        'spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
      ],
    ],
    [
      'a star in the middle',
      rules({ nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/a*b'] }] }),
      [
        'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a*b": wildcard can only do suffix matching',
      ],
    ],
  ])('%s', (_, spec, expected) => {
    expect(problems(FlowSchema, { spec })).toEqual(expected);
  });

  test('those that must be there cannot be changed', () => {
    const spec = { ...mandatoryFlowSchemas['catch-all'], matchingPrecedence: 9 };
    expect(problems(FlowSchema, { metadata: { name: 'catch-all' }, spec })).toEqual([
      expect.stringMatching(/^spec: Invalid value: .*: spec of 'catch-all' must equal the fixed value$/),
    ]);
  });

  test('the table shows how requests are told apart', () => {
    const status = { conditions: [{ type: 'Dangling', status: 'False' }] };
    expect(cells(FlowSchema, { spec: level, status })).toEqual({
      PriorityLevel: 'l',
      MatchingPrecedence: 1000,
      DistinguisherMethod: '<none>',
      Age: expect.any(String),
      MissingPL: 'False',
    });
  });
});

describe('priority levels', () => {
  const queue = (queuing: object): object => ({
    type: 'Limited',
    limited: { limitResponse: { type: 'Queue', queuing } },
  });
  test.each<[string, object, string[]]>([
    ['a plain one is fine', queue({}), []],
    ['no limit', { type: 'Limited' }, ['spec.limited: Required value: must not be empty when type is Limited']],
    [
      'another exempt one',
      { type: 'Exempt' },
      ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"],
    ],
    [
      'no response',
      { type: 'Limited', limited: {} },
      ['spec.limited.limitResponse.type: Unsupported value: "": supported values: "Queue", "Reject"'],
    ],
    [
      'a hand of more than the deck',
      queue({ queues: 4, handSize: 5 }),
      ['spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (4)'],
    ],
    [
      'too large a hand',
      queue({ queues: 1024, handSize: 10 }),
      [
        'spec.limited.limitResponse.queuing.handSize: Invalid value: 10: required entropy bits of deckSize 1024 and handSize 10 should not be greater than 60',
      ],
    ],
    [
      'lending more than all',
      { type: 'Limited', limited: { lendablePercent: 101, limitResponse: { type: 'Reject' } } },
      ['spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(problems(PriorityLevelConfiguration, { spec })).toEqual(expected);
  });

  test('queues have a usual number and length', () => {
    expect(cells(PriorityLevelConfiguration, { spec: queue({}) })).toEqual({
      Type: 'Limited',
      NominalConcurrencyShares: 30,
      Queues: 64,
      HandSize: 8,
      QueueLengthLimit: 50,
    });
  });
});
