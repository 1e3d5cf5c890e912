import { expect, test } from 'vitest';
import { defineResource } from '../../machinery/resource.ts';
import { int32 } from '../../machinery/schema.ts';
import { partialMetadata, renderTable, tableColumns } from './table.ts';

const Widget = defineResource({
  group: 'test',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  scope: 'Namespaced',
  fields: { size: int32(1) },
  columns: { Size: { value: (o) => o.size, type: 'integer' }, Colour: { value: () => undefined, wide: true } },
});

const widget = {
  apiVersion: 'test/v1',
  kind: 'Widget',
  metadata: { name: 'a', uid: 'u', resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z' },
  size: 3,
};
const now = Date.parse('2026-01-01T00:05:00Z');

test('a row has the name first, the age after the narrow columns and the wide ones last', () => {
  const table = renderTable(Widget, [widget], { now, metadata: { resourceVersion: '7' } });
  expect(table).toMatchObject({
    kind: 'Table',
    metadata: { resourceVersion: '7' },
    columnDefinitions: [
      { name: 'Name', format: 'name', priority: 0 },
      { name: 'Size', type: 'integer' },
      { name: 'Age' },
      { name: 'Colour', priority: 1 },
    ],
    rows: [{ cells: ['a', 3, '5m', null], object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } }],
  });
});

test('the client chooses how much of the object a row carries', () => {
  expect(renderTable(Widget, [widget], { now, includeObject: 'None' })['rows']).toEqual([
    { cells: ['a', 3, '5m', null] },
  ]);
  expect(renderTable(Widget, [widget], { now, includeObject: 'Object' })['rows']).toMatchObject([{ object: widget }]);
});

test('later events of a watch leave the header out', () => {
  expect(renderTable(Widget, [widget], { now, withColumns: false })['columnDefinitions']).toBeNull();
});

test('a kind that states its own Age decides its place', () => {
  const own = { ...Widget, columns: { Age: () => 'x', Size: () => 1 } };
  expect(tableColumns(own).map(({ name }) => name)).toEqual(['Name', 'Age', 'Size']);
});

test('metadata carries nothing but metadata', () => {
  const metadata = partialMetadata(widget, 'v1beta1');
  expect(metadata).toMatchObject({ apiVersion: 'meta.k8s.io/v1beta1', metadata: { name: 'a' } });
  expect(metadata).not.toHaveProperty('size');
});
