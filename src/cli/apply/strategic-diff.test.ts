import { describe, expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { threeWayPatch, twoWayPatch } from './strategic-diff.ts';

const { schema } = Deployment;
const deployment = (containers: readonly object[], more: object = {}) => ({
  spec: { template: { spec: { containers, ...more } } },
});

describe('the patch of an apply', () => {
  test('is empty when nothing changed, whatever others added', () => {
    const wanted = deployment([{ name: 'a', image: 'i' }]);
    const current = deployment([{ name: 'a', image: 'i', terminationMessagePath: '/x' }], {
      dnsPolicy: 'ClusterFirst',
    });
    expect(threeWayPatch(wanted, wanted, { current, schema })).toEqual({});
  });

  test('names the container that changed, and keeps the order', () => {
    const original = deployment([
      { name: 'a', image: '1' },
      { name: 'b', image: '1' },
    ]);
    const modified = deployment([
      { name: 'a', image: '1' },
      { name: 'b', image: '2' },
    ]);
    expect(threeWayPatch(original, modified, { current: original, schema })).toEqual(
      deployment([{ name: 'b', image: '2' }], { '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }] }),
    );
  });

  test('takes away what the last apply had, and leaves what others added', () => {
    const original = deployment([
      { name: 'a', image: '1' },
      { name: 'b', image: '1' },
    ]);
    const modified = deployment([{ name: 'a', image: '1' }]);
    const current = deployment([
      { name: 'a', image: '1' },
      { name: 'b', image: '1' },
      { name: 'sidecar', image: 's' },
    ]);
    expect(threeWayPatch(original, modified, { current, schema })).toEqual(
      deployment([{ name: 'b', $patch: 'delete' }], { '$setElementOrder/containers': [{ name: 'a' }] }),
    );
  });

  test('removes a field with null, and a value of a map', () => {
    const original = { metadata: { labels: { a: '1', b: '2' } }, spec: { paused: true } };
    const modified = { metadata: { labels: { a: '1' } }, spec: {} };
    expect(threeWayPatch(original, modified, { current: original, schema })).toEqual({
      metadata: { labels: { b: null } },
      spec: { paused: null },
    });
  });

  test('replaces lists as a whole where there is no schema', () => {
    const original = { spec: { list: [{ name: 'a' }] } };
    const modified = { spec: { list: [{ name: 'b' }] } };
    expect(threeWayPatch(original, modified, { current: original, schema: undefined })).toEqual(modified);
  });

  test('says which keys of a strategy are kept', () => {
    const original = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const modified = { spec: { strategy: { type: 'Recreate' } } };
    expect(twoWayPatch(original, modified, schema)).toEqual({
      spec: { strategy: { type: 'Recreate', rollingUpdate: null, $retainKeys: ['type'] } },
    });
  });
});
