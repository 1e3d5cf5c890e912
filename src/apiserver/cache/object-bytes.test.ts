import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { membersInList } from './object-bytes.ts';

test.each([
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"kind":"ConfigMap"}}',
  '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"kind":"ConfigMap"}}',
  '{"metadata":{"name":"a"},"data":{"kind":"ConfigMap"},"apiVersion":"v1","kind":"ConfigMap"}',
])('an item of a list leaves what it is to the list, however its bytes begin: %s', (text) => {
  expect(`{${membersInList(ConfigMap, Buffer.from(text)).toString()}`).toBe(
    '{"metadata":{"name":"a"},"data":{"kind":"ConfigMap"}}',
  );
});
