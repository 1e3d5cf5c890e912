import { expect, test } from 'vitest';
import { cells, problems, statusProblems } from '../testing/kind-problems.ts';
import { PodDisruptionBudget } from './pod-disruption-budget.ts';

test.each<[string, object, string]>([
  [
    'both bounds',
    { minAvailable: 1, maxUnavailable: 1 },
    'spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
  ],
  [
    'a negative bound',
    { minAvailable: -1 },
    'spec.minAvailable: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'more than all',
    { maxUnavailable: '101%' },
    'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
  ],
  [
    'a selector of nothing known',
    { selector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
    'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
  ],
])('%s is refused', (_name, spec, sentence) => {
  expect(problems(PodDisruptionBudget, { spec })).toEqual([sentence]);
});

test('budgets show their bounds', () => {
  expect(cells(PodDisruptionBudget, { spec: { minAvailable: '50%' }, status: { disruptionsAllowed: 2 } })).toEqual({
    'Min Available': '50%',
    'Max Unavailable': 'N/A',
    'Allowed Disruptions': 2,
  });
  expect(statusProblems(PodDisruptionBudget, { status: { expectedPods: -1 } })).toEqual([
    'status.expectedPods: Invalid value: -1: must be greater than or equal to 0',
  ]);
});
