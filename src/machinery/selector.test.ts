import { describe, expect, test } from 'vitest';
import { hasReason } from '../base/errors.ts';
import {
  equalitySelector,
  formatLabelSelector,
  labelSelectorMatcher,
  parseFieldSelector,
  parseLabelSelector,
} from './selector.ts';

describe('parseLabelSelector', () => {
  const labels = { app: 'web', tier: 'a', size: '10', empty: '' };
  test.each([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web , tier in ( a , b )', true],
    ['app!=web', false],
    ['other!=x', true],
    ['tier notin (b,c)', true],
    ['other notin (b)', true],
    ['tier in (b)', false],
    ['app', true],
    ['!app', false],
    ['!nope', true],
    ['size>9', true],
    ['size<10', false],
    ['app>1', false],
    ['empty=', true],
    ['empty in (,x)', true],
    ['example.com/x!=y,app', true],
    ['app,!in', true],
  ])('%s selects: %s', (text, expected) => {
    expect(parseLabelSelector(text)(labels)).toBe(expected);
  });

  const unparsable = 'unable to parse requirement: ';
  const label = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with";
  test.each([
    ['=x', "found '=', expected: !, identifier, or 'end of string'"],
    ['app=web,', "found '', expected: identifier after ','"],
    ['app,,web', "found ',', expected: identifier after ','"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['!x=a', "found '=', expected: ',' or 'end of string'"],
    ['a b', `${unparsable}found 'b', expected: in, notin, =, ==, !=, gt, lt`],
    ['a (', `${unparsable}found '(', expected: in, notin, =, ==, !=, gt, lt`],
    ['!', `${unparsable}found '', expected: identifier`],
    ['x in a', `${unparsable}found 'a' expected: '('`],
    ['x in (', `${unparsable}found '', expected: ',', ')' or identifier`],
    ['x in (a', `${unparsable}found '', expected: ',' or ')'`],
    ['x in (a b)', `${unparsable}found 'b', expected: ',' or ')'`],
    ['x in (a,', `${unparsable}found '', expected: ',', or identifier`],
    ['-x=1', `${unparsable}<nil>: Invalid value: "-x": name part ${label}`],
    ['a>b', `${unparsable}values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`],
    [`a=${'x'.repeat(64)}`, `${unparsable}values[0][a]: Invalid value: "${'x'.repeat(64)}": must be no more than 63`],
    ['a in (ok,b_)', `${unparsable}values[0][a]: Invalid value: "b_": a valid label`],
  ])("%s is refused as BadRequest in upstream's words", (text, sentence) => {
    let caught: unknown;
    try {
      parseLabelSelector(text);
    } catch (error) {
      caught = error;
    }
    expect(hasReason(caught, 'BadRequest')).toBe(true);
    expect((caught as Error).message).toContain(sentence);
    expect((caught as Error).message.startsWith(sentence.slice(0, 20))).toBe(true);
  });

  test('an absent key is not selected by equality with the empty string', () => {
    expect(parseLabelSelector('x=')({})).toBe(false);
    expect(parseLabelSelector('x=')(undefined)).toBe(false);
  });
});

describe('labelSelectorMatcher', () => {
  test('undefined matches nothing and the empty selector everything', () => {
    expect(labelSelectorMatcher(undefined)({})).toBe(false);
    expect(labelSelectorMatcher({})({})).toBe(true);
  });

  test('all requirements must hold', () => {
    const matches = labelSelectorMatcher({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a', 'b'] },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    });
    expect(matches({ app: 'web', tier: 'b' })).toBe(true);
    expect(matches({ app: 'web', tier: 'b', old: '' })).toBe(false);
    expect(matches({ app: 'web' })).toBe(false);
  });
});

test('selectors print as upstream prints them', () => {
  expect(
    formatLabelSelector({
      matchLabels: { b: '1', a: '2' },
      matchExpressions: [
        { key: 'c', operator: 'NotIn', values: ['z', 'y'] },
        { key: 'd', operator: 'Exists' },
        { key: 'e', operator: 'DoesNotExist' },
      ],
    }),
  ).toBe('a=2,b=1,c notin (y,z),d,!e');
  expect(equalitySelector({ b: '1', a: '2' })).toBe('a=2,b=1');
});

test('field selectors are split into comparisons', () => {
  expect(parseFieldSelector('spec.nodeName=a,status.phase!=Failed,metadata.name==x\\,y')).toEqual([
    { path: 'spec.nodeName', operator: '=', value: 'a' },
    { path: 'status.phase', operator: '!=', value: 'Failed' },
    { path: 'metadata.name', operator: '=', value: 'x,y' },
  ]);
  expect(parseFieldSelector('')).toEqual([]);
  expect(() => parseFieldSelector('abc')).toThrow("invalid selector: 'abc'; can't understand 'abc'");
});

test('labels that nobody set are not there, whatever they are called', () => {
  for (const key of ['constructor', 'toString', 'valueOf']) {
    expect(parseLabelSelector(key)({})).toBe(false);
    expect(parseLabelSelector(`!${key}`)({})).toBe(true);
    expect(parseLabelSelector(`${key}!=a`)(undefined)).toBe(true);
  }
  expect(parseLabelSelector('constructor=a')({ constructor: 'a' })).toBe(true);
});
