import { expect, test } from 'vitest';
import { copyJson } from './copy-json.ts';

test('a copy is equal and shares nothing', () => {
  const value = JSON.parse('{"a":[1,{"b":null,"__proto__":{"c":"x"}},[]],"d":{},"e":true}') as Record<string, unknown>;
  const copy = copyJson(value);
  expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
  const inner = (from: Record<string, unknown>) => (from['a'] as object[])[1]!;
  expect(inner(copy)).not.toBe(inner(value));
  expect(Object.getPrototypeOf(inner(copy))).toBe(Object.prototype);
});

test('a copy of what is frozen may be changed', () => {
  const copy = copyJson(Object.freeze({ a: Object.freeze([Object.freeze({ b: 1 })]) })) as { a: { b: number }[] };
  copy.a[0]!.b = 2;
  copy.a.push({ b: 3 });
  expect(copy).toEqual({ a: [{ b: 2 }, { b: 3 }] });
});
