import { expect, test } from 'vitest';
import { warningHeader } from './warning-header.ts';

test('quotes, backslashes and line breaks can not end a warning, and other languages arrive', () => {
  expect(warningHeader(['a "b" \\c\r\nInjected: yes'])).toEqual({
    warning: [String.raw`299 - "a \"b\" \\c Injected: yes"`],
  });
  const [header = ''] = warningHeader(['größer']).warning ?? [];
  expect(Buffer.from(header, 'latin1').toString()).toBe('299 - "größer"');
});

test('each is said once, and they are cut off where they would be too much', () => {
  expect(warningHeader(['a', 'b', 'a', '']).warning).toEqual(['299 - "a"', '299 - "b"']);
  expect(warningHeader([])).toEqual({});
  const many = Array.from({ length: 1000 }, (_, index) => `${index} ${'x'.repeat(500)}`);
  const { warning = [] } = warningHeader(many);
  expect(warning.length).toBe(16);
  expect(Math.max(...warning.map((text) => text.length))).toBeLessThan(300);
});
