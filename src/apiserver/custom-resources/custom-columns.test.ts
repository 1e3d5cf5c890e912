import { expect, test } from 'vitest';
import type { DefinitionVersion } from '../../api/apiextensions/custom-resource-definition.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import { customColumns } from './custom-columns.ts';

const version = (type: string, more: object = {}): DefinitionVersion => ({
  name: 'v1',
  served: true,
  storage: true,
  additionalPrinterColumns: [{ name: 'C', type, jsonPath: '.spec.list[*].x', ...more }],
});

function cellOf(type: string, ...xs: readonly unknown[]): unknown {
  const object = { spec: { list: xs.map((x) => ({ x })) } } as unknown as ApiObject;
  return customColumns(version(type))['C']?.value(object, 0);
}

test('a column of text shows all values that its path finds, others the first', () => {
  expect(cellOf('string', 'a', 1, [1, 2], { b: 'c' })).toBe('a 1 [1,2] {"b":"c"}');
  expect(cellOf('integer', 1.5, 2)).toBe(1);
  expect(cellOf('integer', 'a')).toBeNull();
  expect(cellOf('boolean', true)).toBe(true);
  expect(cellOf('string')).toBeNull();
});

test('the priority of a column is the one that is stated', () => {
  expect(customColumns(version('string', { priority: 42 }))['C']).toMatchObject({ wide: true, priority: 42 });
});
