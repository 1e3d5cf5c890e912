import { expect, test } from 'vitest';
import { ConfigMap } from '../api/core/config-map.ts';
import { Secret } from '../api/core/secret.ts';
import { defineResource } from '../machinery/resource.ts';
import { ServedResources } from './served-resources.ts';

const Widget = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  scope: 'Namespaced',
  fields: {},
});

test('kinds come and go with their owner, and each change is told', () => {
  const served = new ServedResources([ConfigMap]);
  const generations: number[] = [];
  using _listener = served.onChange(() => generations.push(served.generation));
  served.replace('widgets.example.com', [Widget]);
  expect(served.find('example.com', 'v1', 'widgets')).toBe(Widget);
  expect(served.all()).toEqual([ConfigMap, Widget]);
  served.replace('widgets.example.com', []);
  expect(served.find('example.com', 'v1', 'widgets')).toBeUndefined();
  expect(new Set(generations).size).toBe(2);
});

test('a built-in kind is not replaced by an added one of the same name', () => {
  const served = new ServedResources([Secret]);
  served.replace('secrets', [{ ...Secret }]);
  expect(served.find('', 'v1', 'secrets')).toBe(Secret);
});
