/** Clients match on what is said of wrong expressions: every text here is upstream's. */
import { describe, expect, test } from 'vitest';
import { CelError } from './cel-error.ts';
import { celTypes, listType, mapType, objectType, optionalType } from './cel-type.ts';
import { createCelEnvironment } from './environment.ts';

const pod = objectType('Pod', () => new Map([['replicas', { name: 'replicas', type: celTypes.int }]]));
const environment = createCelEnvironment({
  variables: {
    pod,
    names: listType(celTypes.string),
    labels: mapType(celTypes.string, celTypes.int),
    maybe: optionalType(celTypes.int),
    flag: celTypes.bool,
  },
});

function errorOf(text: string): CelError {
  try {
    environment.compile(text);
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
  throw new Error(`${text} compiles`);
}

const expectedPrimary =
  "expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** Expressions, where the error is, and what it says. */
const errors: readonly (readonly [text: string, position: string, message: string])[] = [
  ['x', '1:1', "undeclared reference to 'x' (in container '')"],
  ['1 + x', '1:5', "undeclared reference to 'x' (in container '')"],
  ['fun()', '1:4', "undeclared reference to 'fun' (in container '')"],
  ["'a'.fun()", '1:8', "undeclared reference to 'fun' (in container '')"],
  ["1 + 'a'", '1:3', "found no matching overload for '_+_' applied to '(int, string)'"],
  ['names[1u]', '1:6', "found no matching overload for '_[_]' applied to '(list(string), uint)'"],
  ['names.startsWith(1)', '1:17', "found no matching overload for 'startsWith' applied to 'list(string).(int)'"],
  ['size(1)', '1:5', "found no matching overload for 'size' applied to '(int)'"],
  ['maybe + 1', '1:7', "found no matching overload for '_+_' applied to '(optional_type(int), int)'"],
  ['pod.name', '1:4', "undefined field 'name'"],
  ['flag.x', '1:5', "type 'bool' does not support field selection"],
  [
    'flag.all(y, y)',
    '1:1',
    "expression of type 'bool' cannot be range of a comprehension (must be list, map, or dynamic)",
  ],
  ['flag && 1', '1:9', "expected type 'bool' but found 'int'"],
  ['names.all(n, 1)', '1:14', "expected type 'bool' but found 'int'"],
  ["[1, 'a']", '1:5', "expected type 'int' but found 'string'"],
  ["{'a': 1, 'b': 'c'}", '1:15', "expected type 'int' but found 'string'"],
  ["[?'value']", '1:3', "expected type 'optional_type(string)' but found 'string'"],
  ['int{}', '1:4', "'int' is not a message type"],
  ['Msg{}', '1:4', "undeclared reference to 'Msg' (in container '')"],
  ['has(pod)', '1:5', 'invalid argument to has() macro'],
  ['names.all(a.b, true)', '1:12', 'argument must be a simple name'],
  ['names.map(__result__, true)', '1:11', 'iteration variable overwrites accumulator variable'],
  ['names.all(a, a, true)', '1:14', 'duplicate variable name: a'],
  ['0xFFFFFFFFFFFFFFFFF', '1:1', 'invalid int literal'],
  ['9223372036854775808', '1:1', 'invalid int literal'],
  ['1.99e90000009', '1:1', 'invalid double literal'],
  ['var', '1:1', 'reserved identifier: var'],
  ["duration('1d')", '1:10', 'invalid duration argument'],
  ["timestamp('x')", '1:11', 'invalid timestamp argument'],
  ["'a'.matches('(')", '1:13', 'invalid matches argument'],
  [
    "'%d'.format(['a'])",
    '1:14',
    'error during formatting: decimal clause can only be used on integers, was given string',
  ],
  ["'%s'.format([])", '1:12', 'index 0 out of range'],
  ["'x'.format([1])", '1:11', 'too many arguments supplied to string.format (expected 0, got 1)'],
  ['1 +', '1:4', `Syntax error: mismatched input '<EOF>' ${expectedPrimary}`],
  ['1 + +', '1:5', `Syntax error: mismatched input '+' ${expectedPrimary}`],
  ['foo(){}', '1:6', "Syntax error: mismatched input '{' expecting <EOF>"],
  ['a | b', '1:3', "Syntax error: token recognition error at: '| '"],
  ['1 2', '1:3', "Syntax error: extraneous input '2' expecting <EOF>"],
  ['"\\xFh"', '1:1', `Syntax error: token recognition error at: '"\\xFh'`],
  ['Msg{:a}', '1:5', "Syntax error: extraneous input ':' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}"],
  ['1 + $', '1:5', "Syntax error: token recognition error at: '$'"],
];

describe('errors', () => {
  for (const [text, position, message] of errors) {
    test(text, () => {
      const { line, column, message: found } = errorOf(text).issues[0] ?? { line: 0, column: 0, message: '' };
      expect(`${line}:${column}: ${found}`).toBe(`${position}: ${message}`);
    });
  }

  test('every issue is shown with its line and a caret, in order', () => {
    expect(errorOf('x ||\n\t  y').message).toBe(
      [
        "ERROR: <input>:1:1: undeclared reference to 'x' (in container '')",
        ' | x ||',
        ' | ^',
        "ERROR: <input>:2:4: undeclared reference to 'y' (in container '')",
        ' |    y',
        ' | ...^',
      ].join('\n'),
    );
  });

  test('columns count code points, and wide characters are underlined by wide dots', () => {
    expect(errorOf("'👑' + x").message).toBe(
      "ERROR: <input>:1:7: undeclared reference to 'x' (in container '')\n | '👑' + x\n | .．....^",
    );
  });
});
