import { expect, test } from 'vitest';
import { exactIntegerOf, parseExactJson } from './exact-json.ts';

test.each([
  ['9007199254740991', 9_007_199_254_740_991],
  ['9007199254740992', 9_007_199_254_740_992n],
  ['-9007199254740993', -9_007_199_254_740_993n],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['-9223372036854775808', -(2n ** 63n)],
  ['9223372036854775808', 2 ** 63],
  ['0000000000000000', undefined],
  ['10000000000000000.5', 1e16],
  ['1e20', 1e20],
  ['"9007199254740993"', '9007199254740993'],
])('%s is read as what it is', (text, value) => {
  if (value === undefined) return expect(() => parseExactJson(text)).toThrow(SyntaxError);
  expect(parseExactJson(text)).toBe(value);
});

test('a long integer is found wherever it stands', () => {
  for (let shift = 0; shift < 40; shift++) {
    const text = `{"x":"${'a'.repeat(shift)}","n":[1,9007199254740993,{"m":-9007199254740995}]}`;
    expect(parseExactJson(text)).toEqual({
      x: 'a'.repeat(shift),
      n: [1, 9_007_199_254_740_993n, { m: -9_007_199_254_740_995n }],
    });
  }
});

test('what was read is written again as it was', () => {
  const text = '{"a":9007199254740993,"b":[-9223372036854775808,1,"x"]}';
  expect(JSON.stringify(parseExactJson(text))).toBe(text);
  expect(exactIntegerOf('12')).toBe(12);
});

test('a text of nothing but digits is looked at once', () => {
  const text = JSON.stringify({ x: '7'.repeat(3_000_000), y: 1 });
  // Looked at anew for each of its places it would take a day, and the test would never end.
  expect(parseExactJson(text)).toEqual(JSON.parse(text));
});
