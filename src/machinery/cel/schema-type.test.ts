import { expect, test } from 'vitest';
import * as schema from '../schema.ts';
import { celTypes, fieldOf, formatType, objectType } from './cel-type.ts';
import { createCelEnvironment } from './environment.ts';
import { escapeCelName, unescapeCelName } from './escape-name.ts';
import { celTypeOfJsonSchema } from './json-schema-type.ts';
import { celTypeOf } from './schema-type.ts';

const Port = schema.defineStruct('Port', { name: schema.text(1), port: schema.intOrString(2) });
interface Tree {
  readonly children: readonly Tree[];
}
const treeNode: schema.StructNode = {
  kind: 'struct',
  name: 'Tree',
  atomic: false,
  get fields() {
    return { children: schema.list<Tree, Tree>(1, { node: treeNode }).node };
  },
};
const Thing = schema.defineStruct('Thing', {
  ports: schema.list(1, Port, { type: 'map', keys: ['name'] }),
  tags: schema.list(2, schema.text, { type: 'set' }),
  memory: schema.quantity(3).optional(),
  created: schema.time(4),
  namespace: schema.text(5),
  'a.b-c/d': schema.int32(6),
  raw: schema.json(7).optional(),
  secret: schema.bytes(8).optional(),
  timeout: schema.duration(9).optional(),
});

const environment = createCelEnvironment({ variables: { self: celTypeOf(Thing.node), tree: celTypeOf(treeNode) } });
const self = {
  ports: [
    { name: 'http', port: 80 },
    { name: 'https', port: 'tls' },
  ],
  tags: ['b', 'a'],
  memory: '1Gi',
  created: '2020-01-02T03:04:05Z',
  namespace: 'default',
  'a.b-c/d': 7,
  raw: { anything: [1, 1.5, null] },
  secret: 'aGk=',
  timeout: '1m',
};

test.each([
  "self.ports[0].port == 80 && self.ports[1].port == 'tls'",
  'self.ports == [self.ports[1], self.ports[0]]',
  "self.tags == ['a', 'b'] && self.tags + ['a', 'c'] == ['b', 'a', 'c']",
  "quantity(self.memory).isGreaterThan(quantity('1G'))",
  'self.created.getFullYear() == 2020',
  "self.namespace == 'default' && self.__namespace__ == 'default'",
  'self.a__dot__b__dash__c__slash__d == 7',
  'self.raw.anything[1] == 1.5 && type(self.raw.anything[0]) == int && self.raw.anything[2] == null',
  "self.secret == b'hi' && duration(self.timeout) == duration('60s')",
  'tree.children[0].children.size() == 0',
])('%s', (expression) => {
  const { value } = environment.compile(expression).program.evaluate({ self, tree: { children: [{ children: [] }] } });
  expect(value).toBe(true);
});

test('data that is not as its schema says is an error of the evaluation', () => {
  const evaluate = (expression: string, data: unknown): unknown =>
    environment.compile(expression).program.evaluate({ self: data }).value;
  expect(() => evaluate('self.tags.size() == 1', { tags: 'a' })).toThrow(
    'invalid data, expected an array for the provided schema with type=array',
  );
  expect(() => evaluate("self.namespace == 'a'", { namespace: 1 })).toThrow(
    'invalid data, expected string, got number',
  );
  expect(() => evaluate("self.namespace == 'a'", {})).toThrow('no such key: namespace');
  expect(() => evaluate("self.namespace == 'a'", { namespace: null })).toThrow('no such key: namespace');
});

test('an absent binding is an error, except of an optional', () => {
  const { program } = createCelEnvironment({ variables: { self: celTypeOf(Port.node) } }).compile("self.name == ''");
  expect(() => program.evaluate({})).toThrow('no such attribute(s): self');
});

test('lazy variables are computed when looked at, may be null, and their errors can be absorbed', () => {
  const fields = new Map(['none', 'bad'].map((name) => [name, { name, type: celTypes.dyn }] as const));
  const lazy = createCelEnvironment({
    variables: { variables: objectType('variables', () => fields, { nullFields: true }) },
  });
  const variables = {
    none: null,
    get bad(): unknown {
      return lazy.compile('1 / 0').program.evaluate({}).value;
    },
  };
  const evaluate = (expression: string): unknown => lazy.compile(expression).program.evaluate({ variables }).value;
  expect(evaluate('variables.none == null && has(variables.none)')).toBe(true);
  expect(evaluate('variables.bad == 1 || true')).toBe(true);
  expect(() => evaluate('variables.bad == 1')).toThrow('division by zero');
});

test('durations of schemas may be written in words', () => {
  const type = celTypeOfJsonSchema({ type: 'string', format: 'duration' }, { name: 'self' });
  const { program } = createCelEnvironment({ variables: { self: type ?? celTypes.dyn } }).compile('self.getHours()');
  expect(program.evaluate({ self: '3 days' }).value).toBe(72);
  expect(program.evaluate({ self: '90m' }).value).toBe(1);
});

test('types of OpenAPI schemas are named by their place, and leave out what has no schema', () => {
  const type = celTypeOfJsonSchema(
    {
      type: 'object',
      properties: {
        items: { type: 'array', items: { type: 'object', properties: { x: { type: 'integer' } } } },
        byName: { type: 'object', additionalProperties: { type: 'object', properties: {} } },
        anything: {},
        'not!reachable': { type: 'string' },
        'with-dash': { type: 'number' },
      },
    },
    { name: 'self', resourceRoot: true },
  );
  const fields = type?.kind === 'object' ? type.fields() : new Map();
  const shown = Object.fromEntries(Array.from(fields, ([name, { type: field }]) => [name, formatType(field)]));
  expect(shown).toEqual({
    items: 'list(self.items.@idx)',
    byName: 'map(string, self.byName.@elem)',
    with__dash__dash: 'double',
    kind: 'string',
    apiVersion: 'string',
    metadata: 'self.metadata',
  });
});

test('names are escaped and unescaped', () => {
  const names = {
    a: 'a',
    namespace: '__namespace__',
    'a.b': 'a__dot__b',
    'a-b/c': 'a__dash__b__slash__c',
    a__b: 'a__underscores__b',
    _: '_',
  };
  for (const [name, escaped] of Object.entries(names)) {
    expect(escapeCelName(name)).toBe(escaped);
    expect(unescapeCelName(escaped)).toBe(name);
  }
  expect(escapeCelName('1a')).toBeUndefined();
  expect(escapeCelName('a$b')).toBeUndefined();
  expect(escapeCelName('')).toBeUndefined();
  expect(unescapeCelName('a__unknown__')).toBeUndefined();
  expect(fieldOf(new Map([['__if__', 1]]), 'if')).toBe(1);
});
