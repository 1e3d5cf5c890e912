import { describe, expect, test } from 'vitest';
import { Deployment } from '../api/apps/deployment.ts';
import { Pod } from '../api/core/pod.ts';
import { Secret } from '../api/core/secret.ts';
import { Role } from '../api/rbac/role.ts';
import { Lease } from '../api/coordination/lease.ts';
import { decodeObject } from './decode.ts';
import { duplicateFields } from './duplicate-fields.ts';

const pod = (spec: object): unknown => ({ metadata: { name: 'x' }, spec });
const container = (fields: object): unknown => pod({ containers: [{ name: 'c', image: 'i', ...fields }] });

describe('decodeObject', () => {
  test('fills in defaults, kind and apiVersion, in a fresh object', () => {
    const source = {
      metadata: { name: 'x', labels: { b: '1', a: '2' } },
      spec: { template: { spec: { containers: [] } } },
    };
    const { object } = decodeObject(Deployment, source);
    expect(object).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { replicas: 1, revisionHistoryLimit: 10 },
    });
    expect(Object.keys(object.metadata.labels ?? {})).toEqual(['a', 'b']);
    object.metadata.labels!['c'] = '3';
    expect(source.metadata.labels).not.toHaveProperty('c');
    expect(decodeObject(Deployment, {}).object.status).not.toBe(decodeObject(Deployment, {}).object.status);
  });

  test('reports unknown fields with their paths and drops them', () => {
    const { object, unknown } = decodeObject(Pod, {
      metadata: { name: 'x', foo: 1 },
      spec: { containers: [{ name: 'a' }, { name: 'b', bar: {} }] },
      extra: true,
    });
    expect(unknown).toEqual([
      'unknown field "metadata.foo"',
      'unknown field "spec.containers[1].bar"',
      'unknown field "extra"',
    ]);
    expect(JSON.stringify(object)).not.toMatch(/foo|bar|extra/);
  });

  test.each([
    [
      { spec: { replicas: '3' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: { paused: 'yes' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool',
    ],
    [{ spec: [] }, 'json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec'],
    [
      { metadata: { labels: { a: 1 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      { spec: { template: { spec: { containers: { name: 'x' } } } } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
    ],
    [[], 'json: cannot unmarshal array into Go value of type v1.Deployment'],
  ])('%j is refused as upstream words it', (value, text) => {
    expect(() => decodeObject(Deployment, value)).toThrow(
      `Deployment in version "v1" cannot be handled as a Deployment: ${text}`,
    );
  });

  test.each([
    [{ resources: { limits: { cpu: '1x' } } }, 'quantities must match the regular expression'],
    [{ resources: { limits: { cpu: true } } }, 'cannot unmarshal bool'],
    [{ ports: [{ containerPort: '80' }] }, 'ContainerPort.spec.containers.ports.containerPort of type int32'],
    [{ ports: [{ containerPort: 2 ** 31 }] }, 'cannot unmarshal number 2147483648'],
  ])('a container with %j is refused', (fields, text) => {
    expect(() => decodeObject(Pod, container(fields))).toThrow(text);
  });

  test('quantities become canonical', () => {
    const { object } = decodeObject(Pod, container({ resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }));
    expect(object.spec.containers[0]!.resources).toMatchObject({ limits: { cpu: '500m', memory: '1Gi' } });
  });

  test('times become UTC in their own precision', () => {
    const { object } = decodeObject(Lease, {
      metadata: { name: 'x', creationTimestamp: '2026-01-01T02:00:00.7+02:00' },
      spec: { renewTime: '2026-01-01T00:00:00.1234567Z' },
    });
    expect(object.metadata.creationTimestamp).toBe('2026-01-01T00:00:00Z');
    expect(object.spec.renewTime).toBe('2026-01-01T00:00:00.123456Z');
    expect(() => decodeObject(Lease, { spec: { renewTime: 'now' } })).toThrow('parsing time "now"');
  });

  test('null counts as absent and empty optional lists are left out', () => {
    const { object } = decodeObject(Pod, {
      metadata: { name: 'x', creationTimestamp: null, labels: {}, finalizers: [] },
    });
    expect(object.metadata).toEqual({ name: 'x' });
  });

  test('null as an element is the zero value of its type', () => {
    const { object } = decodeObject(Secret, { metadata: { labels: { a: null } }, data: { k: null } });
    expect(object).toMatchObject({ metadata: { labels: { a: '' } }, data: { k: '' } });
  });

  test('required fields get the zero value of their type', () => {
    const { object } = decodeObject(Role, { metadata: { name: 'x' } });
    expect(object).not.toHaveProperty('rules');
    const status = { containerStatuses: [{ name: 'c' }] };
    expect(decodeObject(Pod, { status }).object.status.containerStatuses![0]).toMatchObject({
      ready: false,
      restartCount: 0,
      imageID: '',
    });
  });

  test('a missing required label selector stays missing, because absent and empty mean opposite things', () => {
    expect(decodeObject(Deployment, {}).object.spec.selector).toBeUndefined();
  });

  test('equal objects have equal bytes whatever order they were sent in', () => {
    const a = decodeObject(Pod, {
      spec: { nodeName: 'n', hostNetwork: true },
      metadata: { name: 'x', labels: { a: '1', b: '2' } },
    });
    const b = decodeObject(Pod, {
      metadata: { labels: { b: '2', a: '1' }, name: 'x' },
      spec: { hostNetwork: true, nodeName: 'n' },
    });
    expect(JSON.stringify(a.object)).toBe(JSON.stringify(b.object));
  });

  test('a map key named __proto__ does not become a prototype', () => {
    const { object } = decodeObject(Pod, JSON.parse('{"metadata":{"annotations":{"__proto__":"x"}}}'));
    expect(Object.getPrototypeOf(object.metadata.annotations)).toBe(Object.prototype);
    expect(JSON.stringify(object.metadata.annotations)).toBe('{"__proto__":"x"}');
  });
});

describe('duplicateFields', () => {
  const duplicates = (text: string): readonly string[] => duplicateFields(text, JSON.parse(text));

  test('names each duplicate by its path', () => {
    expect(duplicates('{"a":1,"b":{"c":[{"d":1},{"d":1,"d":2}]},"a":2}')).toEqual([
      'duplicate field "b.c[1].d"',
      'duplicate field "a"',
    ]);
  });

  test('is not misled by colons and quotes in strings', () => {
    expect(duplicates('{"a":"x:\\"y\\":\\\\","b":["\\":"]}')).toEqual([]);
  });
});
