import { describe, expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import type { Json } from '../../base/json.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

describe('JSON patch', () => {
  test.each<[string, Json, Json, Json]>([
    ['add a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['insert', { l: [1, 3] }, [{ op: 'add', path: '/l/1', value: 2 }], { l: [1, 2, 3] }],
    ['append', { l: [1] }, [{ op: 'add', path: '/l/-', value: 2 }], { l: [1, 2] }],
    [
      'remove',
      { a: 1, l: [1, 2] },
      [
        { op: 'remove', path: '/a' },
        { op: 'remove', path: '/l/0' },
      ],
      { l: [2] },
    ],
    ['replace', { a: { b: 1 } }, [{ op: 'replace', path: '/a/b', value: 2 }], { a: { b: 2 } }],
    ['move', { a: 1 }, [{ op: 'move', from: '/a', path: '/b' }], { b: 1 }],
    ['copy', { a: { x: 1 } }, [{ op: 'copy', from: '/a', path: '/b' }], { a: { x: 1 }, b: { x: 1 } }],
    [
      'test and escapes',
      { 'a/b~': { x: [1] } },
      [{ op: 'test', path: '/a~1b~0', value: { x: [1] } }],
      { 'a/b~': { x: [1] } },
    ],
    ['replace the whole', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  ])('%s', (_name, document, patch, expected) => {
    const before = JSON.stringify(document);
    expect(applyJsonPatch(document, patch)).toEqual(expected);
    expect(JSON.stringify(document)).toBe(before);
  });

  test.each<[Json, string]>([
    [[{ op: 'remove', path: '/x' }], 'missing'],
    [[{ op: 'test', path: '/a', value: 2 }], 'testing path /a failed'],
    [[{ op: 'add', path: '/l/5', value: 2 }], 'invalid index'],
    [[{ op: 'add', path: '/l/01', value: 2 }], 'invalid index'],
    [[{ op: 'frob', path: '/a' }], 'Unexpected kind: "frob"'],
    [[{ op: 'add', path: 'a', value: 1 }], 'does not start with'],
    [{}, 'must be an array'],
    [Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 })), 'allowed maximum operations'],
  ])('%j is refused', (patch, text) => {
    expect(() => applyJsonPatch({ a: 1, l: [] }, patch)).toThrow(text);
  });

  test('copies that double the document are stopped', () => {
    const patch = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '', path: `/${i}` }));
    expect(() => applyJsonPatch({ a: 'x'.repeat(100) }, patch)).toThrow('accumulated size');
  });
});

describe('merge patch', () => {
  test.each<[Json, Json, Json]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (document, patch, expected) => {
    expect(applyMergePatch(document, patch)).toEqual(expected);
  });
});

describe('strategic merge patch', () => {
  const deployment = {
    spec: {
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
      template: {
        spec: {
          containers: [
            { name: 'a', image: '1', args: ['x'], env: [{ name: 'E', value: '1' }] },
            { name: 'b', image: '2' },
          ],
        },
      },
    },
  };
  const containersAfter = (containers: Json, extra: Record<string, Json> = {}): unknown => {
    const patch = { spec: { template: { spec: { containers, ...extra } } } };
    const result = applyStrategicMergePatch(deployment, patch, Deployment.schema);
    return (result as unknown as typeof deployment).spec.template.spec.containers;
  };

  test('lists with a merge key are merged by it, and atomic lists replaced', () => {
    expect(containersAfter([{ name: 'a', image: '9', args: ['y'], env: [{ name: 'F', value: '2' }] }])).toEqual([
      {
        name: 'a',
        image: '9',
        args: ['y'],
        env: [
          { name: 'F', value: '2' },
          { name: 'E', value: '1' },
        ],
      },
      { name: 'b', image: '2' },
    ]);
  });

  test('$patch: delete removes an element, $patch: replace the whole list', () => {
    expect(containersAfter([{ name: 'a', $patch: 'delete' }])).toEqual([{ name: 'b', image: '2' }]);
    expect(containersAfter([{ name: 'c' }, { $patch: 'replace' }])).toEqual([{ name: 'c' }]);
  });

  test('$setElementOrder orders known elements and keeps those that only the server has', () => {
    const order = { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }] };
    const names = (containersAfter([{ name: 'c' }], order) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(['c', 'a', 'b']);
  });

  test('an order without a list reorders what is there', () => {
    const pod = { metadata: { finalizers: ['a', 'b', 'c'] } };
    const patch = {
      metadata: { '$setElementOrder/finalizers': ['c', 'a'], '$deleteFromPrimitiveList/finalizers': ['b'] },
    };
    expect(applyStrategicMergePatch(pod, patch, Pod.schema)).toEqual({ metadata: { finalizers: ['c', 'a'] } });
  });

  test('$retainKeys drops what it does not name', () => {
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    const result = applyStrategicMergePatch(deployment, patch, Deployment.schema);
    expect(result).toMatchObject({ spec: { strategy: { type: 'Recreate' } } });
    expect(JSON.stringify(result)).not.toContain('rollingUpdate');
    const bad = { spec: { strategy: { $retainKeys: ['type'], rollingUpdate: {} } } };
    expect(() => applyStrategicMergePatch(deployment, bad, Deployment.schema)).toThrow('retainKeys');
  });

  test('$patch: replace and delete act on maps', () => {
    const pod = { metadata: { labels: { a: '1', b: '2' } } };
    const labels = (patch: Json): unknown => applyStrategicMergePatch(pod, { metadata: { labels: patch } }, Pod.schema);
    expect(labels({ $patch: 'replace', c: '3' })).toEqual({ metadata: { labels: { c: '3' } } });
    expect(labels({ $patch: 'delete' })).toEqual({ metadata: { labels: {} } });
    expect(labels({ a: null, c: '3' })).toEqual({ metadata: { labels: { b: '2', c: '3' } } });
  });

  test('scalar lists with the merge strategy are united', () => {
    const pod = { metadata: { finalizers: ['a'] } };
    const result = applyStrategicMergePatch(pod, { metadata: { finalizers: ['b', 'a'] } }, Pod.schema);
    expect(result).toEqual({ metadata: { finalizers: ['b', 'a'] } });
  });

  const namesAfter = (before: string, containers: Json, order?: string): string => {
    const named = (names: string): { name: string }[] => [...names].map((name) => ({ name }));
    const extra = order === undefined ? {} : { '$setElementOrder/containers': named(order) };
    const pod = { spec: { containers: named(before) } };
    const result = applyStrategicMergePatch(pod, { spec: { containers, ...extra } }, Pod.schema);
    return (result as typeof pod).spec.containers.map(({ name }) => name).join('');
  };

  test('without an order, new elements come first and named ones as the patch has them', () => {
    expect(namesAfter('ab', [{ name: 'n' }])).toBe('nab');
    expect(namesAfter('abc', [{ name: 'c' }, { name: 'a' }])).toBe('bca');
    expect(namesAfter('abc', [{ name: 'b', image: 'x' }])).toBe('abc');
    expect(namesAfter('abc', [{ name: 'b', $patch: 'delete' }, { name: 'n' }])).toBe('nac');
  });

  test('with an order, an element that replaces a deleted one stands behind those that only the server knows', () => {
    expect(namesAfter('abz', [{ name: 'n' }, { name: 'a', $patch: 'delete' }], 'bn')).toBe('bzn');
    expect(namesAfter('abz', [{ name: 'n' }], 'abn')).toBe('abnz');
  });

  test('a list that contradicts its order is refused', () => {
    expect(() => namesAfter('abc', [{ name: 'c' }, { name: 'a' }], 'abc')).toThrow("doesn't match");
    expect(() => namesAfter('abc', [{ name: 'x' }], 'abc')).toThrow("doesn't match");
  });

  test('Service ports merge by port', () => {
    const service = { spec: { ports: [{ port: 80, name: 'x' }] } };
    const result = applyStrategicMergePatch(
      service,
      { spec: { ports: [{ port: 80, nodePort: 3 }, { port: 81 }] } },
      Service.schema,
    );
    expect(result).toEqual({ spec: { ports: [{ port: 80, name: 'x', nodePort: 3 }, { port: 81 }] } });
  });

  test('directives do not survive in values that are new to the document', () => {
    const result = applyStrategicMergePatch(
      {},
      {
        spec: {
          containers: [
            { name: 'x', $patch: 'delete' },
            { name: 'y', args: null },
          ],
          '$setElementOrder/containers': [{ name: 'y' }],
        },
      },
      Pod.schema,
    );
    expect(result).toEqual({ spec: { containers: [{ name: 'y' }] } });
  });

  test('an element without its merge key is refused', () => {
    expect(() => containersAfter([{ image: 'x' }])).toThrow('does not contain declared merge key: name');
  });
});
