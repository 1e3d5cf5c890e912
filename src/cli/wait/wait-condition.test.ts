import { expect, test } from 'vitest';
import { asKubeObject } from '../resource/kube-object.ts';
import { parseWaitCondition } from './wait-condition.ts';

const object = asKubeObject({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x', generation: 2 },
  status: {
    phase: 'Running',
    observedGeneration: 2,
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Old', status: 'True', observedGeneration: 1 },
    ],
  },
});

test.each([
  ['condition=Ready', true],
  ['condition=ready=TRUE', true],
  ['condition=Ready=False', false],
  ['condition=Missing', false],
  ['condition=Old', false],
  ["jsonpath='{.status.phase}'=Running", true],
  ['jsonpath={.status.phase}=Pending', false],
  ['jsonpath={.status.phase}', true],
  ['jsonpath={.status.podIP}', false],
  ['create', true],
  ['delete', false],
])('%s holds: %s', (text, expected) => {
  expect(parseWaitCondition(text).holds(object)).toBe(expected);
});

test('anything else is refused', () => {
  expect(() => parseWaitCondition('ready')).toThrow('unrecognized condition: "ready"');
});
