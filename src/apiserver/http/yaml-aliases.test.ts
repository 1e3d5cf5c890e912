import { expect, test } from 'vitest';
import { refuseExpansion } from './yaml-aliases.ts';

const limits = { size: 1000, depth: 10 };

test('what several aliases lead to counts each time', () => {
  const text = 'x'.repeat(90);
  expect(() => refuseExpansion({ a: Array.from({ length: 9 }, () => text) }, limits)).not.toThrow();
  const part = [text];
  expect(() =>
    refuseExpansion(
      Array.from({ length: 20 }, () => part),
      limits,
    ),
  ).toThrow('document contains excessive aliasing');
});

test('twenty lines that stand for ten to the twentieth are refused at once', () => {
  let part: unknown = 'x';
  for (let level = 0; level < 9; level++) part = Array.from({ length: 10 }, () => part);
  expect(() => refuseExpansion(part, { size: 3_000_000, depth: 1000 })).toThrow('document contains excessive aliasing');
});

test('what contains itself, and what is deep by aliases only, is refused', () => {
  const circle: unknown[] = [];
  circle.push({ a: circle });
  expect(() => refuseExpansion(circle, limits)).toThrow('anchor value contains itself');
  const bottom = [[[[[[1]]]]]];
  expect(() => refuseExpansion({ shallow: bottom, deep: [[[[[[bottom]]]]]] }, limits)).toThrow('excessive aliasing');
});
