import { expect, test } from 'vitest';
import { decodeObject } from '../../machinery/decode.ts';
import { fieldErrorText } from '../../machinery/field-error.ts';
import { cells, problems } from '../testing/kind-problems.ts';
import { StorageVersionMigration } from './storage-version-migration.ts';
import { StorageVersionMigrationV1beta1 } from './storage-version-migration-v1beta1.ts';
import { migrationErrors } from './migration-validation.ts';

const metadata = { name: 'x' };
const spec = { resource: { group: 'apps', resource: 'deployments' } };
const condition = (type: string, status = 'True'): object => ({
  type,
  status,
  reason: 'R',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

function decoded(status: object): StorageVersionMigration {
  return decodeObject(StorageVersionMigration, { metadata, spec, status }).object;
}

test('a migration names a kind, for good', () => {
  expect(problems(StorageVersionMigration, { metadata, spec })).toEqual([]);
  expect(problems(StorageVersionMigration, { metadata, spec: {} })).toEqual([
    'spec.resource.resource: Required value: resource is required',
  ]);
  const other = { resource: { group: 'batch', resource: 'deployments' } };
  expect(problems(StorageVersionMigration, { metadata, spec: other }, { metadata, spec })).toEqual([
    'group: Invalid value: "batch": field is immutable',
  ]);
});

test.each<[string, object, object, string[]]>([
  ['it runs, then succeeds', { conditions: [condition('Running')] }, { conditions: [condition('Succeeded')] }, []],
  [
    'it does not do both',
    {},
    { conditions: [condition('Running'), condition('Failed')] },
    [
      'status.conditions: Invalid value: [{"type":"Running","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"R","message":""},{"type":"Failed","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"R","message":""}]: Running condition cannot be true when failed condition is true',
    ],
  ],
  [
    'its version stays',
    { resourceVersion: '5' },
    { resourceVersion: '6' },
    ['status.resourceVersion: Invalid value: "6": cannot be updated'],
  ],
  [
    'its version is a number',
    {},
    { resourceVersion: 'x' },
    [
      'status.resourceVersion: Invalid value: "x": failed to parse resource version "x": strconv.ParseInt: parsing "x": invalid syntax',
    ],
  ],
])('%s', (_, before, after, expected) => {
  const errors = migrationErrors(decoded(after), { old: decoded(before), subresource: 'status' });
  expect(errors.map(fieldErrorText)).toEqual(expected);
});

test('both versions are one object', () => {
  const { storedAs } = StorageVersionMigrationV1beta1;
  const old = decodeObject(StorageVersionMigrationV1beta1, { metadata, spec }).object;
  const stored = storedAs?.toStored(old);
  expect(stored).toEqual({ ...old, apiVersion: 'storagemigration.k8s.io/v1' });
  expect(storedAs?.fromStored(decoded({}))).toEqual(old);
  expect(cells(StorageVersionMigration, { spec })).toMatchObject({ Resource: 'deployments.apps' });
});
