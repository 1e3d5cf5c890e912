import { expect, test } from 'vitest';
import { allControllers } from '../../controllers/registry.ts';
import { controllerFlagName, selectControllers } from './controller-selection.ts';

const all = allControllers({ ca: 'pem', clusterCIDRs: ['10.244.0.0/16'] });
const selected = (...list: readonly string[]) => selectControllers(all, list).map(controllerFlagName);

test('* is all, and a name behind - leaves one out', () => {
  expect(selected('*')).toEqual(all.map(controllerFlagName));
  expect(selected('*', '-namespace-controller')).toEqual(
    all.map(controllerFlagName).filter((name) => name !== 'namespace-controller'),
  );
});

test('names alone are all that runs, also names of former releases', () => {
  expect(selected('deployment-controller', 'replicaset')).toEqual(['deployment-controller', 'replicaset-controller']);
  expect(selected('node-lifecycle-controller')).toEqual(selected('nodelifecycle'));
});

test('a name that no controller has is refused with those that there are', () => {
  expect(() => selected('*', '-replication-manager')).toThrow(
    /--controllers knows \* and, with or without - before it, .*deployment-controller, .*; not "-replication-manager"/,
  );
});
