import { expect, test } from 'vitest';
import type { Taint } from '../../api/core/node.ts';
import { freeBlock } from './cidr-plan.ts';
import { toleratedFor, tolerates } from './tolerations.ts';

const taint: Taint = { key: 'k', value: 'v', effect: 'NoExecute' };

test('a toleration matches by key, value, effect and operator', () => {
  expect(tolerates({ key: 'k', operator: 'Equal', value: 'v' }, taint)).toBe(true);
  expect(tolerates({ key: 'k', value: 'v', effect: 'NoExecute' }, taint)).toBe(true);
  expect(tolerates({ key: 'k', operator: 'Exists' }, taint)).toBe(true);
  expect(tolerates({ operator: 'Exists' }, taint)).toBe(true);
  expect(tolerates({ key: 'k', value: 'w' }, taint)).toBe(false);
  expect(tolerates({ key: 'k', value: 'v', effect: 'NoSchedule' }, taint)).toBe(false);
});

test('the shortest of the used tolerations counts, and one missing means none', () => {
  const other: Taint = { key: 'other', effect: 'NoExecute' };
  expect(
    toleratedFor(
      [taint],
      [
        { operator: 'Exists', tolerationSeconds: 60 },
        { key: 'k', operator: 'Exists', tolerationSeconds: 30 },
      ],
    ),
  ).toBe(30_000);
  expect(toleratedFor([taint, other], [{ key: 'k', operator: 'Exists' }])).toBe(0);
  expect(toleratedFor([taint], [{ operator: 'Exists' }])).toBeUndefined();
});

test('blocks that overlap none of those taken are found in order, until none is left', () => {
  expect(freeBlock('10.0.0.0/22', 24, ['10.0.0.0/24', '10.0.1.128/25'])).toBe('10.0.2.0/24');
  expect(freeBlock('10.0.0.0/23', 24, ['10.0.0.0/16'])).toBeUndefined();
  expect(freeBlock('fd00::/62', 64, ['fd00::/64'])).toBe('fd00:0:0:1::/64');
  expect(() => freeBlock('nonsense', 24, [])).toThrow(/is not a network/);
});
