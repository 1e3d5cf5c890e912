import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { parseYaml } from '../resource/yaml-input.ts';
import { compareKeys, toYaml } from './yaml-output.ts';

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

test.skipIf(!existsSync('/usr/bin/kubectl'))('texts look as they do in the output of upstream kubectl', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yaml-output-'));
  try {
    const data = Object.fromEntries(randomTexts(7, 300).map((text, at) => [`k${at}`, text]));
    for (const [key, text] of Object.entries(data)) writeFileSync(join(directory, key), text);
    const args = ['create', 'configmap', 'x', '--dry-run=client', '-o', 'yaml', `--from-file=${directory}`];
    const theirs = execFileSync('/usr/bin/kubectl', args, {
      encoding: 'utf8',
      env: { KUBECONFIG: join(directory, '..', 'no-kubeconfig') },
    });
    expect(
      toYaml({ apiVersion: 'v1', data, kind: 'ConfigMap', metadata: { creationTimestamp: null, name: 'x' } }),
    ).toBe(theirs);
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
