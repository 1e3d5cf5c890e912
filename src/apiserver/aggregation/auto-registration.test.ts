import { expect, test } from 'vitest';
import type { APIService } from '../../api/apiregistration/api-service.ts';
import { planRegistration } from './auto-registration.ts';
import type { LocalGroupVersion } from './auto-registration.ts';

const label = 'kube-aggregator.kubernetes.io/automanaged';
const apps: LocalGroupVersion = {
  group: 'apps',
  version: 'v1',
  priority: { group: 17_800, version: 15 },
  managed: 'onstart',
};
const widgets: LocalGroupVersion = {
  group: 'example.com',
  version: 'v1',
  priority: { group: 1000, version: 100 },
  managed: 'true',
};

function present({ group, version, priority }: LocalGroupVersion, managed: string | undefined): APIService {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: {
      name: `${version}.${group}`,
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: managed === undefined ? {} : { [label]: managed },
    },
    spec: { group, version, groupPriorityMinimum: priority.group, versionPriority: priority.version },
    status: {},
  };
}

test('what is served gets an APIService, and what is no longer served loses it', () => {
  expect(planRegistration([apps, widgets], [], 'start').create).toEqual([apps, widgets]);
  const gone = present(widgets, 'true');
  expect(planRegistration([apps], [present(apps, 'onstart'), gone], 'later').remove).toEqual([gone]);
  const outdated = present({ ...apps, priority: { group: 1, version: 1 } }, 'onstart');
  expect(planRegistration([apps], [outdated], 'start').update).toEqual([{ existing: outdated, wanted: apps }]);
});

test('built-in ones are looked at once; who deletes or changes them later means it', () => {
  expect(planRegistration([apps, widgets], [], 'later').create).toEqual([widgets]);
  const changed = present({ ...apps, priority: { group: 1, version: 1 } }, 'onstart');
  expect(planRegistration([apps], [changed], 'later')).toEqual({ create: [], update: [], remove: [] });
});

test('what somebody else has registered is left alone', () => {
  const other = present({ ...widgets, priority: { group: 1, version: 1 } }, undefined);
  expect(planRegistration([widgets], [other], 'start')).toEqual({ create: [], update: [], remove: [] });
  expect(planRegistration([], [other], 'start').remove).toEqual([]);
});
