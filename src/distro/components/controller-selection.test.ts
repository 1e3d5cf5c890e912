import { expect, test } from 'vitest';
import { allControllers } from '../../controllers/registry.ts';
import { controllerFlagName, selectControllers } from './controller-selection.ts';

const all = allControllers({ ca: () => 'pem', clusterCIDRs: ['10.244.0.0/16'] });
const usual = all.filter(({ optional }) => optional !== true).map(controllerFlagName);
const selected = (...list: readonly string[]) => selectControllers(all, list).map(controllerFlagName);

test('* is all that are usual, and a name behind - leaves one out', () => {
  expect(selected('*')).toEqual(usual);
  expect(selected('*', '-namespace-controller')).toEqual(usual.filter((name) => name !== 'namespace-controller'));
});

test('the controllers of bootstrap tokens run where they are asked for, as upstream', () => {
  expect(selected('*', 'bootstrapsigner', 'token-cleaner-controller').filter((name) => !usual.includes(name))).toEqual([
    'bootstrap-signer-controller',
    'token-cleaner-controller',
  ]);
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
