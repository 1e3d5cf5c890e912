import { describe, expect, test } from 'vitest';
import { cells, decoded, problems, statusProblems } from '../testing/kind-problems.ts';
import { ComponentStatus } from './component-status.ts';
import { LimitRange } from './limit-range.ts';
import { PodTemplate } from './pod-template.ts';
import { ReplicationController } from './replication-controller.ts';
import { ResourceQuota } from './resource-quota.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };

describe('limit ranges', () => {
  const limits = (limit: object): object => ({ spec: { limits: [{ type: 'Container', ...limit }] } });

  test('complete what they say of containers', () => {
    expect(decoded(LimitRange, limits({ max: { cpu: '2' }, min: { memory: '1Mi' } })).spec.limits[0]).toMatchObject({
      default: { cpu: '2' },
      defaultRequest: { cpu: '2', memory: '1Mi' },
    });
    expect(decoded(LimitRange, limits({ type: 'Pod', max: { cpu: '2' } })).spec.limits[0]).not.toHaveProperty(
      'default',
    );
  });

  test.each<[string, object, string]>([
    [
      'an unknown type',
      { type: 'Node' },
      'spec.limits[0].type: Invalid value: "Node": must be a standard limit type or fully qualified',
    ],
    [
      'defaults of pods',
      { type: 'Pod', default: { cpu: '1' } },
      "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
    ],
    [
      'a minimum above the maximum',
      { min: { cpu: '2' }, max: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '2' } },
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    ],
    [
      'a claim without bounds',
      { type: 'PersistentVolumeClaim' },
      'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
    [
      'a ratio below one',
      { maxLimitRequestRatio: { cpu: '500m' } },
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
    ],
    [
      'a ratio that the bounds exclude',
      { maxLimitRequestRatio: { cpu: '4' }, min: { cpu: '1' }, max: { cpu: '2' } },
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = 2.000000',
    ],
    [
      'storage of a container',
      { max: { storage: '1Gi' } },
      'spec.limits[0].max[storage]: Invalid value: "storage": must be a standard resource for containers',
    ],
  ])('%s is refused', (_name, limit, sentence) => {
    expect(problems(LimitRange, limits(limit))).toContain(sentence);
  });
});

describe('quotas', () => {
  test.each<[string, object, string]>([
    [
      'an unknown resource',
      { hard: { foo: '1' } },
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
    ],
    ['half a pod', { hard: { pods: '500m' } }, 'spec.hard[pods]: Invalid value: "500m": must be an integer'],
    [
      'less than nothing',
      { hard: { cpu: '-1' } },
      'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    ['an unknown scope', { scopes: ['Sometimes'] }, 'spec.scopes: Invalid value: ["Sometimes"]: unsupported scope'],
    [
      'opposite scopes',
      { scopes: ['BestEffort', 'NotBestEffort'] },
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
    ],
    [
      'memory of pods that ask for none',
      { scopes: ['BestEffort'], hard: { memory: '1Gi' } },
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
    ],
    [
      'a class among none',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } },
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
  ])('%s is refused', (_name, spec, sentence) => {
    expect(problems(ResourceQuota, { spec })).toContain(sentence);
  });

  test('keep their scopes, and show what is used', () => {
    const old = { spec: { hard: { pods: '5' }, scopes: ['Terminating'] } };
    expect(problems(ResourceQuota, { spec: { hard: { pods: '6' }, scopes: ['Terminating'] } }, old)).toEqual([]);
    expect(problems(ResourceQuota, { spec: { hard: { pods: '6' } } }, old)).toEqual([
      'spec.scopes: Invalid value: []: field is immutable',
    ]);
    const status = { hard: { pods: '5', 'limits.cpu': '2', 'count/jobs.batch': '3' }, used: { pods: '1' } };
    expect(cells(ResourceQuota, { ...old, status })).toEqual({
      Request: 'count/jobs.batch: 0/3, pods: 1/5',
      Limit: 'limits.cpu: 0/2',
    });
  });
});

describe('replication controllers', () => {
  test('select by the labels of their template', () => {
    const controller = decoded(ReplicationController, { spec: { template } });
    expect(controller).toMatchObject({
      metadata: { labels: { app: 'web' } },
      spec: { replicas: 1, selector: { app: 'web' } },
    });
    expect(problems(ReplicationController, { spec: { template } })).toEqual([]);
    expect(problems(ReplicationController, { spec: { selector: { app: 'x' }, template } })).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ]);
    expect(problems(ReplicationController, { spec: {} })).toEqual([
      'spec.selector: Required value',
      'spec.template: Required value',
    ]);
    expect(ReplicationController.scale?.selector(controller)).toBe('app=web');
    expect(cells(ReplicationController, { spec: { template, replicas: 2 }, status: { replicas: 1 } })).toEqual({
      Desired: 2,
      Current: 1,
      Ready: 0,
      Containers: 'c',
      Images: 'i:1',
      Selector: 'app=web',
    });
    expect(
      statusProblems(ReplicationController, { spec: { template }, status: { replicas: 0, readyReplicas: 1 } }),
    ).toEqual(['status.readyReplicas: Invalid value: 1: cannot be greater than status.replicas']);
  });
});

test('pod templates are checked as those of controllers are', () => {
  expect(cells(PodTemplate, { template })).toEqual({
    Name: 'x',
    Containers: 'c',
    Images: 'i:1',
    'Pod Labels': 'app=web',
  });
  expect(
    problems(PodTemplate, {
      template: { spec: { ...template.spec, ephemeralContainers: [{ name: 'e', image: 'i' }] } },
    }),
  ).toEqual(['template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template']);
});

test('component statuses say whether all is well', () => {
  const conditions = [{ type: 'Healthy', status: 'True', message: 'ok' }];
  expect(cells(ComponentStatus, { conditions })).toEqual({ Name: 'x', Status: 'Healthy', Message: 'ok', Error: '' });
  expect(cells(ComponentStatus, {})).toMatchObject({ Status: 'Unknown' });
});
