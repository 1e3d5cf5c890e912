import { describe, expect, test } from 'vitest';
import { compileJsonPath, compilePath } from './jsonpath.ts';

const data = {
  items: [
    {
      metadata: { name: 'a', labels: { 'x.y/z': '1' } },
      ports: [
        { name: 'http', port: 80 },
        { name: 'https', port: 443 },
      ],
    },
    { metadata: { name: 'b' }, ports: [{ name: 'http', port: 8080 }] },
  ],
};
const render = (template: string): string => compileJsonPath(template).render(data);

describe('a JSONPath template', () => {
  test.each([
    ['{.items[*].metadata.name}', 'a b'],
    ['{$.items[0].metadata.name}', 'a'],
    ['{@.items[1].metadata.name}', 'b'],
    ['{.items[-1:].metadata.name}', 'b'],
    ['{.items[-1].metadata.name}', 'b'],
    ['{.items[0:2].metadata.name}', 'a b'],
    ['{.items[0,1].metadata.name}', 'a b'],
    ['{..name}', 'a http https b http'],
    ['{.items[0].metadata.labels.x\\.y/z}', '1'],
    ["{.items[0].metadata.labels['x\\.y/z']}", '1'],
    ['{.items[*].ports[?(@.name=="http")].port}', '80 8080'],
    ['{.items[*].ports[?(@.port>100)].port}', '443 8080'],
    ['{.items[?(@.metadata.labels)].metadata.name}', 'a'],
    ['names: {.items[*].metadata.name}.', 'names: a b.'],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.ports[0].port}{"\\n"}{end}', 'a\t80\nb\t8080\n'],
    ['{range .items[*]}[{.metadata.name}{range .ports[*]} {.port}{end}]{end}', '[a 80 443][b 8080]'],
    ['{.items[0].ports[0]}', '{"name":"http","port":80}'],
    ['{.items[0].nope}|{.items[0].nope.deeper}', '|'],
    ['.items', '.items'],
  ])('%s gives %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  test.each([
    ['{.items[', 'unclosed action'],
    ['{.items[5]}', 'array index out of bounds: index 5, length 2'],
    ['{.items[?(@.metadata.name>1)]}', 'incompatible types for comparison'],
    ['{end}', 'not in range, nothing to end'],
  ])('%s fails: %s', (template, message) => {
    expect(() => render(template)).toThrow(message);
  });
});

test('a bare path may be written with and without braces and the leading dot', () => {
  for (const path of [
    'items[0].metadata.name',
    '.items[0].metadata.name',
    '{.items[0].metadata.name}',
    '{items[0].metadata.name}',
  ]) {
    expect(compilePath(path)(data)).toEqual(['a']);
  }
});

test('a missing field is an error when missing fields are not allowed', () => {
  expect(() => compilePath('.nope', { allowMissing: false })(data)).toThrow('nope is not found');
});
