import { expect, test } from 'vitest';
import { parseYaml, parseYamlStream } from './yaml-input.ts';

test('scalars are read as Go reads YAML 1.1: octal modes, yes and no, but no dates and no base 60', () => {
  expect(parseYaml('a: yes\nb: 0644\nc: 2020-01-01\nd: 12:30:45\ne: !!str 1\nf: 1e3')).toEqual({
    a: true,
    b: 420,
    c: '2020-01-01',
    d: '12:30:45',
    e: '1',
    f: 1000,
  });
});

test('a stream gives its documents, empty ones left out', () => {
  expect(parseYamlStream('---\na: 1\n---\n# nothing\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
});

test('JSON is YAML', () => {
  expect(parseYaml('{"a": [1, "b"]}')).toEqual({ a: [1, 'b'] });
});

test('an error names the line', () => {
  expect(() => parseYaml('a: 1\nb: "open\n')).toThrow(/^error converting YAML to JSON: yaml: line \d/);
});

test('aliases are bounded', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'
      .split('')
      .map((key, at) => `${key}: &${key} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[at]}`).join(',')}]`),
  ];
  expect(() => parseYaml(bomb.join('\n'))).toThrow();
});
