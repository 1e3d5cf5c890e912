import { expect, test } from 'vitest';
import { goJsonError } from './go-json-error.ts';

test.each([
  ['', 'unexpected end of JSON input'],
  ['{', 'unexpected end of JSON input'],
  ['{"a":[1,{"b":', 'unexpected end of JSON input'],
  ['"abc', 'unexpected end of JSON input'],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['{"a":}', "invalid character '}' looking for beginning of value"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', `invalid character '"' after object key:value pair`],
  ['{"a":[{}}', "invalid character '}' after array element"],
  ['{"a":{"b":[]]}', "invalid character ']' after object key:value pair"],
  ['{} {}', "invalid character '{' after top-level value"],
  ['{"a":"b\nc"}', String.raw`invalid character '\n' in string literal`],
  [String.raw`"\x"`, "invalid character 'x' in string escape code"],
  [String.raw`"\u12g4"`, String.raw`invalid character 'g' in \u hexadecimal character escape`],
  ['[tru]', "invalid character ']' in literal true (expecting 'e')"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['1.a', "invalid character 'a' after decimal point in numeric literal"],
  ['1e+ ', "invalid character ' ' in exponent of numeric literal"],
  ['01', "invalid character '1' after top-level value"],
  ["'", String.raw`invalid character '\'' looking for beginning of value`],
  ['é', "invalid character 'é' looking for beginning of value"],
])('of %j Go says: %s', (text, sentence) => {
  expect(() => void JSON.parse(text)).toThrow(SyntaxError);
  expect(goJsonError(text)).toBe(sentence);
});

test('a text that nests deeply is no harm', () => {
  expect(goJsonError('['.repeat(1_000_000))).toBe('unexpected end of JSON input');
});
