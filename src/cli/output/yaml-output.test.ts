import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unpackUpstreamClients } from '../../../tools/upstream-clients.ts';
import { seededRandom } from '../../base/random.ts';
import { parseYaml } from '../resource/yaml-input.ts';
import { toKyaml } from './kyaml-output.ts';
import { compareKeys, toYaml } from './yaml-output.ts';

test('KYAML reads back as what was written, and lists of maps share the lines of their brackets', () => {
  const value = {
    list: [{ b: 1, 'a.b': [1, 'x'] }, []],
    none: [],
    empty: {},
    nothing: null,
    texts: randomTexts(3, 300),
  };
  expect(parseYaml(toKyaml(value))).toEqual(value);
  expect(toKyaml({ list: [{ b: 1, 'a b': [1, 'x'] }, []], none: [] })).toBe(`---
{
  list: [{
    "a b": [
      1,
      "x",
    ],
    b: 1,
  }, []],
  none: [],
}
`);
});

test('objects have sorted keys, lists are not indented under theirs, empty ones stand on the line', () => {
  const value = {
    kind: 'Pod',
    apiVersion: 'v1',
    spec: { list: [{ b: 1, a: [1, 2] }, 'x'], empty: {}, none: [], nothing: null },
  };
  expect(toYaml(value)).toBe(`apiVersion: v1
kind: Pod
spec:
  empty: {}
  list:
  - a:
    - 1
    - 2
    b: 1
  - x
  none: []
  nothing: null
`);
});

test('keys with numbers are sorted by the number', () => {
  expect(['k10', 'k9', 'k1', 'a/b', 'a.b', 'B', 'a'].toSorted(compareKeys)).toEqual([
    'B',
    'a',
    'a.b',
    'a/b',
    'k1',
    'k9',
    'k10',
  ]);
});

test('times, numbers, booleans and nulls in strings are quoted', () => {
  expect(toYaml(['2026-11-22T23:16:52Z', '1e3', '0x1f', 'true', 'y', 'null', '', '1:30', '<<', 'plain text'])).toBe(
    ['"2026-11-22T23:16:52Z"', '"1e3"', '"0x1f"', '"true"', '"y"', '"null"', '""', '"1:30"', '<<', 'plain text']
      .map((text) => `- ${text}\n`)
      .join(''),
  );
});

test('what is written is read back as it was', () => {
  const value = { a: randomTexts(1, 300), b: { c: ' lead', d: 'x\n\n', e: '\n' } };
  expect(parseYaml(toYaml(value))).toEqual(value);
});

/** Keys that a careless reader of YAML takes for something else, and some that none does. */
const strangeKeys =
  'true T y no on null inf _inf NaN 01 0x1f 0b1 017 08 0o17 1e3 1e999 1_000 99999999999999999999 2024-01-02 2024-02-31 a-b a.b -a a- .a _ 1.2.3 0x1p-2';

test.each([
  ['yaml', toYaml],
  ['kyaml', (value: unknown) => toKyaml(value, false)],
] as const)('texts in %s look as they do in the output of upstream kubectl', (format, print) => {
  const directory = mkdtempSync(join(tmpdir(), 'yaml-output-'));
  try {
    // Upstream's KYAML breaks texts with lines that start like this.
    const wellWritten = randomTexts(7, 300).filter((text) => !/\n/.test(text) || !/^[\r\u00a0]/m.test(text));
    const texts = (format === 'kyaml' ? wellWritten : randomTexts(7, 300)).map((text, at) => [`k${at}`, text] as const);
    const keys = format === 'kyaml' ? strangeKeys.split(' ').map((key) => [key, 'x'] as const) : [];
    const entries = [...texts, ...keys].toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, text] of entries) writeFileSync(join(directory, key), text);
    const args = ['create', 'configmap', 'x', '--dry-run=client', '-o', format, `--from-file=${directory}`];
    const theirs = execFileSync(unpackUpstreamClients().kubectl, args, {
      encoding: 'utf8',
      env: { KUBECONFIG: join(directory, '..', 'no-kubeconfig') },
    });
    const data = Object.fromEntries(entries);
    expect(print({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'x' }, data })).toBe(theirs);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** Texts made of everything that YAML gives a meaning to. */
function randomTexts(seed: number, count: number): readonly string[] {
  const random = seededRandom(seed);
  const parts = [
    'a',
    'b ',
    ' ',
    '\n',
    '"',
    "'",
    ':',
    '#',
    '-',
    '?',
    '{',
    '1',
    '.',
    'e',
    '_',
    '\t',
    'é',
    '😀',
    'word word word ',
    '0x',
    'T',
    '~',
    '\\',
    '\u00a0',
    '%',
    '@',
    'longlonglonglonglong',
    '\r',
    '\x07',
    ': ',
    ' #',
    '*',
    '&',
    '[',
    '|',
    '>',
    '!',
    '=',
    '<',
    '012',
    '2020-01-01',
    'true',
    'null',
    'yes',
  ];
  const pick = (): string => parts[Math.floor(random.next() * parts.length)] ?? '';
  return Array.from({ length: count }, () => Array.from({ length: Math.floor(random.next() * 14) }, pick).join(''));
}
