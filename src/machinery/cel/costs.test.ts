/** Costs decide which CRDs are accepted and when an evaluation ends, so they must be upstream's to the unit. */
import { describe, expect, test } from 'vitest';
import { CelError } from './cel-error.ts';
import { createCelEnvironment } from './environment.ts';
import type { JsonSchema } from './json-schema-type.ts';
import { celTypeOfJsonSchema, maxCardinality } from './json-schema-type.ts';
import { CelAuthorizer, authorizerType } from './libraries/authorizer.ts';
import { jsonPatch } from './libraries/json-patch.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';

const text: JsonSchema = { type: 'string' };
const integer: JsonSchema = { type: 'integer' };
const schema: JsonSchema = {
  type: 'object',
  properties: {
    name: text,
    short: { type: 'string', maxLength: 10 },
    phase: { type: 'string', enum: ['Pending', 'Bound'] },
    count: integer,
    ratio: { type: 'number' },
    on: { type: 'boolean' },
    data: { type: 'string', format: 'byte' },
    since: { type: 'string', format: 'date-time' },
    day: { type: 'string', format: 'date' },
    period: { type: 'string', format: 'duration' },
    port: { 'x-kubernetes-int-or-string': true },
    labels: { type: 'object', additionalProperties: text },
    few: { type: 'object', additionalProperties: integer, maxProperties: 2 },
    numbers: { type: 'array', items: integer },
    bounded: { type: 'array', maxItems: 5, items: { type: 'string', maxLength: 3 } },
    words: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    items: {
      type: 'array',
      items: { type: 'object', properties: { k: text, v: text, w: text } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    },
    nested: {
      type: 'object',
      properties: { deep: { type: 'object', properties: { value: integer, other: integer } } },
    },
  },
};
const object = {
  name: 'Rook takes 👑',
  short: 'abc',
  phase: 'Bound',
  count: 5,
  ratio: 1,
  on: true,
  data: 'QUI=',
  since: '2011-08-18T19:03:37.01+01:00',
  day: '1997-07-16',
  period: '1h2m3s4ms',
  port: '25%',
  labels: { a: '1', b: '2' },
  few: { b: 1, d: 2 },
  numbers: [1, 1, 2, 2, 3, 3, 4, 5],
  bounded: ['x', 'y'],
  words: ['a', 'b', 'c'],
  items: [
    { k: 'a1', v: 'b1' },
    { k: 'a2', v: 'b2' },
    { k: 'a3', v: 'b3', w: 'z' },
  ],
  nested: { deep: { value: 4 } },
};

/** True expressions: what they cost with the object above, and what they may cost at most by its schema. */
const costs: Readonly<Record<string, readonly [actual: number, estimated: number]>> = {
  // scalars
  'self.count == self.count': [5, 4],
  'self.count + 1 == 5 + 1': [5, 5],
  'type(self.count) == int': [4, 4],
  'self.ratio == 1.0': [3, 2],
  'double(self.count) > self.ratio': [6, 6],
  'double(5) < 10.0': [1, 2],
  'self.on == true': [3, 2],
  "self.phase in ['Pending', 'Bound']": [2, 14],
  'self.data == self.data': [5, 314577],
  "self.data == b'AB'": [3, 3],
  "self.port == '25%' || self.port == 1": [3, 6],
  'self.nested.deep.value == 4': [5, 4],
  'has(self.nested.deep.value)': [3, 3],
  '!has(self.nested.deep.other)': [4, 4],
  // times
  'self.period.getHours() == 1': [4, 4],
  "self.period == duration('1h2m') + duration('3s4ms')": [4, 6],
  'self.day.getDate() == 16': [4, 4],
  "self.since.getDate('01:00') == 18": [4, 4],
  "string(self.since) == '2011-08-18T19:03:37.01+01:00'": [6, 6],
  // strings
  "self.name.startsWith('Rook')": [3, 3],
  "self.name.matches('^[^0-9]*$')": [8, 943721],
  "self.short.matches('^[a-z]*$')": [4, 12],
  'size(self.name) == 12': [4, 4],
  "self.name.charAt(3) == 'k'": [4, 4],
  "self.name.indexOf('o', 2) == 2": [4, 314576],
  "self.name.replace(' ', 'x', 1) == 'Rookxtakes 👑'": [7, 629150],
  "self.name.split(' ') == ['Rook', 'takes', '👑']": [6, 629159],
  "self.name.substring(4, 10).trim() == 'takes'": [6, 629149],
  'self.name.lowerAscii() == self.name.lowerAscii()': [10, 943723],
  "'%e'.format([3.14]) == '3.140000×10⁰⁰'": [3, 13],
  // lists and maps
  '1 in self.numbers': [10, 1572865],
  'self.numbers + [9] == [1, 1, 2, 2, 3, 3, 4, 5, 9]': [4, 24],
  'self.numbers.all(e, e > 0)': [43, 7864318],
  'self.numbers.exists(e, e > 2)': [36, 9437181],
  'self.numbers.exists_one(e, e > 4)': [22, 6291456],
  'size(self.numbers.filter(e, e % 2 == 0)) == 3': [68, 25165823],
  'self.numbers.map(e, e * 20).filter(e, e > 50).exists(e, e == 60)': [194, 53477367],
  'self.numbers.transformList(i, e, e > 2, e * 2).size() > 0': [77, 25165823],
  "self.bounded.all(s, s.startsWith('x') || s.startsWith('y'))": [15, 38],
  "self.words == ['c', 'b', 'a']": [3, 13],
  "sets.contains(self.words, ['a'])": [6, 1048588],
  "self.items.all(m, !has(m.w) || m.w == 'z')": [21, 8388603],
  // an element without the field: the error is absorbed, but has cost as much
  "self.items.exists(m, m.w == 'z')": [24, 7340028],
  "'a' in self.labels": [3, 3],
  'self.few.all(k, self.few[k] > 0)': [17, 19],
  'self.few.transformMap(k, v, v > 1, v + 1).size() == 1': [14, 49],
  // optionals
  "self.?short.orValue('v') == 'abc'": [3, 4],
  "optional.of('a').optMap(v, v == 'value').hasValue()": [8, 18],
  // libraries
  '!isQuantity(self.short)': [4, 7],
  'quantity("200M").compareTo(quantity("0.2G")) == 0': [4, 4],
  '[4, 3, 2, 1].sort() == [1, 2, 3, 4]': [44, 64],
  'lists.range(3).sortBy(e, -e) == [2, 1, 0]': [89, 119],
  '[1, 2, 3].sum() == 6': [4, 14],
  "ip('192.168.0.1') == ip('192.168.0.1')": [5, 5],
  "cidr('192.168.0.0/16').containsIP('192.168.0.1')": [5, 8],
  "cidr('2001:db8::/32').containsCIDR('2001:db8::/126')": [7, 11],
  "ip.isCanonical('2001:db8::abcd')": [3, 3],
  "!url('https:://kubernetes.io/').getHost().matches('x')": [6, 1844674407370955300],
  "jsonpatch.escapeKey('abc/def~ abc/def~') == 'abc~1def~0 abc~1def~0'": [5, 4],
  "!format.dns1123Label().validate('contains a space').hasValue() == false": [20, 68],
};

const type = celTypeOfJsonSchema(schema, { name: 'self' });
if (!type) throw new Error('the schema has a type');
const environment = createCelEnvironment({ variables: { self: type }, libraries: [...kubernetesLibraries, jsonPatch] });

describe('costs', () => {
  for (const [expression, [actual, estimated]] of Object.entries(costs)) {
    test(expression, () => {
      const { program, cost } = environment.compile(expression);
      const result = program.evaluate({ self: object });
      expect({ ...result, max: cost.max }).toEqual({ value: true, cost: actual, max: estimated });
    });
  }

  test('an evaluation ends when it exceeds its limit, and says what it cost', () => {
    const { program } = environment.compile('self.numbers.all(a, self.numbers.all(b, a * b > 0))');
    const { cost } = program.evaluate({ self: object });
    expect(program.evaluate({ self: object }, { costLimit: cost }).value).toBe(true);
    const evaluate = (): unknown => program.evaluate({ self: object }, { costLimit: cost - 1 });
    expect(evaluate).toThrow('operation cancelled: actual cost limit exceeded');
  });

  test('the budget is not absorbed by ||', () => {
    const { program } = environment.compile('self.numbers.all(a, a > 0) || true');
    expect(() => program.evaluate({ self: object }, { costLimit: 5 })).toThrow(CelError);
  });

  test('an evaluation ends when its signal is aborted', () => {
    const { program } = environment.compile('self.numbers.all(a, self.numbers.all(b, a * b > 0))');
    const numbers = Array.from({ length: 200 }, () => 1);
    const evaluate = (): unknown => program.evaluate({ self: { numbers } }, { signal: AbortSignal.abort() });
    expect(evaluate).toThrow('operation interrupted');
  });

  test('an authorization check costs so much that an expression affords two', () => {
    const authorizer = new CelAuthorizer(() => ({ allowed: true, reason: 'yes' }));
    const asking = createCelEnvironment({ variables: { authorizer: authorizerType } });
    const check =
      "authorizer.group('apps').resource('deployments').namespace('test').name('x').check('create').allowed()";
    const { program, cost } = asking.compile(check);
    expect(cost).toEqual({ min: 350006, max: 350006 });
    expect(program.evaluate({ authorizer })).toEqual({ value: true, cost: 350006 });
    const selector = asking.compile(
      "authorizer.group('').resource('pods').labelSelector('a=b').check('list').allowed()",
    );
    expect(selector.cost).toEqual({ min: 350115, max: 350115 });
    const three = asking.compile([check, check, check].join(' && '));
    expect(() => three.program.evaluate({ authorizer })).toThrow('actual cost limit exceeded');
  });

  test('the cardinality of a type is how often it fits into a request', () => {
    expect(maxCardinality(type)).toBe(Math.floor((3 * 1024 * 1024) / 3));
    const required = celTypeOfJsonSchema(
      { type: 'object', properties: { ab: text }, required: ['ab'] },
      { name: 'self' },
    );
    expect(required?.minJsonSize).toBe(10);
  });
});
