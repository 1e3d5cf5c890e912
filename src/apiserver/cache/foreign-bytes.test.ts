import { expect, test } from 'vitest';
import { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from '../../api/autoscaling/horizontal-pod-autoscaler-v1.ts';
import { HorizontalPodAutoscaler } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { Pod } from '../../api/core/pod.ts';
import { CronJob } from '../../api/batch/cron-job.ts';
import { encodeProtobuf } from '../../machinery/protobuf/encode-protobuf.ts';
import { envelopeOf } from '../../machinery/protobuf/envelope.ts';
import type { Resource } from '../../machinery/resource.ts';
import { KindCache } from './kind-cache.ts';
import { everything } from './selection.ts';
import { StoredObject } from './stored-object.ts';

const metadata = {
  name: 'x',
  namespace: 'default',
  uid: 'u',
  creationTimestamp: '2026-01-01T00:00:00Z',
  labels: { a: 'b' },
};
const read = (resource: unknown, value: Uint8Array): object =>
  StoredObject.fromStore(resource as Resource, value, 7).object;

test('a pod that upstream stored as protobuf is read', () => {
  const pod = {
    metadata,
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] },
    status: { phase: 'Running' },
  };
  const value = envelopeOf({ apiVersion: 'v1', kind: 'Pod' }, encodeProtobuf(Pod.schema, pod));
  const object = read(Pod, value);
  expect(object).toMatchObject({
    apiVersion: 'v1',
    kind: 'Pod',
    ...pod,
    metadata: { ...metadata, resourceVersion: '7' },
  });
  const { bytes } = StoredObject.fromStore(Pod, value, 7);
  expect(bytes.toString()).toMatch(/^\{"apiVersion":"v1","kind":"Pod","metadata":\{"resourceVersion":"7",/);
});

test('JSON with its fields in the order of upstream is read', () => {
  const value = Buffer.from(
    `{"kind":"Pod","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"spec":{"containers":[]}}`,
  );
  expect(read(Pod, value)).toMatchObject({ metadata: { name: 'x', resourceVersion: '7' } });
});

test('other versions of a group are read: by their own fields where they differ, by the same where they do not', () => {
  const spec = {
    scaleTargetRef: { kind: 'Deployment', name: 'd' },
    maxReplicas: 3,
    targetCPUUtilizationPercentage: 50,
  };
  const hpa = envelopeOf(
    { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler' },
    encodeProtobuf(HorizontalPodAutoscalerV1.schema, { metadata, spec }),
  );
  expect(read(HorizontalPodAutoscaler, hpa)).toMatchObject({
    apiVersion: 'autoscaling/v2',
    spec: { maxReplicas: 3, metrics: [{ resource: { name: 'cpu', target: { averageUtilization: 50 } } }] },
  });
  expect(read(HorizontalPodAutoscalerV1, hpa)).toMatchObject({ apiVersion: 'autoscaling/v1', spec });
  const cron = Buffer.from(
    JSON.stringify({
      apiVersion: 'batch/v1beta1',
      kind: 'CronJob',
      metadata,
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { containers: [] } } } } },
    }),
  );
  expect(read(CronJob, cron)).toMatchObject({ apiVersion: 'batch/v1', spec: { schedule: '* * * * *' } });
});

test('what can not be read is an error to those who look at it', () => {
  for (const value of ['garbage', 'k8s\0garbage', '{"kind":"Secret","apiVersion":"v1","metadata":{}}']) {
    const stored = StoredObject.fromStore(Pod, Buffer.from(value), 7);
    expect(() => stored.object).toThrow("what is stored as one of pods can't be read");
  }
});

test('a change that can not be read does no harm to the cache, and ends the watches of its kind', () => {
  const cache = new KindCache(Pod, 0);
  const heard: string[] = [];
  const sink = { event: () => void heard.push('event'), bookmark: () => undefined, end: () => void heard.push('end') };
  using _watcher = cache.watchers.add(everything, sink);
  const key = '/registry/pods/default/x';
  cache.apply({ type: 'created', key, value: Buffer.from('k8s\0garbage'), revision: 1 });
  expect(heard).toEqual(['end']);
  expect(() => cache.objects()).toThrow("can't be read");
  cache.apply({ type: 'deleted', key, value: Buffer.from('k8s\0garbage'), revision: 2 });
  expect(cache.objects()).toEqual([]);
});
