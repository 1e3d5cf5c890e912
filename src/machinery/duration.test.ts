import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { ageOf, humanDuration } from './human-duration.ts';

test.each([
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['0', 0],
  ['-2s', -2000],
  ['1h0m0s', 3_600_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  ['', 'time: invalid duration ""'],
  ['5', 'time: missing unit in duration "5"'],
  ['5x', 'time: unknown unit "x" in duration "5x"'],
  ['.s', 'time: invalid duration ".s"'],
])('%j is refused', (text, message) => {
  expect(() => parseDuration(text)).toThrow(message);
});

test.each([
  [90_000, '1m30s'],
  [3_600_000, '1h0m0s'],
  [1500, '1.5s'],
  [250, '250ms'],
  [0, '0s'],
  [0.5, '500µs'],
  [-2000, '-2s'],
  [60_000, '1m0s'],
  [10_000, '10s'],
])('%d ms is written %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [-5000, '<invalid>'],
  [-1500, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [125_000, '2m5s'],
  [10 * 60_000, '10m'],
  [3 * 3_600_000 + 60_000, '3h1m'],
  [20 * 3_600_000, '20h'],
  [50 * 3_600_000, '2d2h'],
  [48 * 3_600_000, '2d'],
  [9 * 86_400_000, '9d'],
  [800 * 86_400_000, '2y70d'],
  [3650 * 86_400_000, '10y'],
])('the age %d ms is shown as %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

test('an object without a time has an unknown age', () => {
  expect(ageOf(undefined, 0)).toBe('<unknown>');
  expect(ageOf('1970-01-01T00:00:00Z', 5000)).toBe('5s');
});
