import { expect, test } from 'vitest';
import { LimitRange } from '../../api/core/limit-range.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Client } from '../../client/client.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';
import { limitRanger } from './limit-ranger.ts';

const namespace = 'default';

async function limited(...limits: readonly object[]): Promise<TestServer> {
  const server = await testServer({ parts: () => ({ admission: [limitRanger] }) });
  await server.client.create(LimitRange, { metadata: { name: 'limits', namespace }, spec: { limits } } as never);
  return server;
}

const container = (resources: object, name = 'c'): object => ({ name, image: 'i:1', resources });
const both = (amounts: object): object => ({ requests: amounts, limits: amounts });

function createPod(client: Client, spec: object, metadata: object = {}): Promise<Pod> {
  return client.create(Pod, { metadata: { name: 'p', namespace, ...metadata }, spec } as never);
}

test('containers get what they leave open, and an annotation says so', async () => {
  await using server = await limited({
    type: 'Container',
    default: { cpu: '500m', memory: '64Mi' },
    defaultRequest: { cpu: '100m' },
  });
  const { spec, metadata } = await createPod(server.client, {
    containers: [container({}, 'bare'), container({ requests: { cpu: '1m' }, limits: { memory: '1Gi' } }, 'half')],
    initContainers: [
      { ...container({ limits: { cpu: '1' } }, 'side'), restartPolicy: 'Always' },
      container(both({ cpu: '1', memory: '1Mi' }), 'whole'),
    ],
  });
  expect(spec.containers.map(({ resources }) => resources)).toEqual([
    { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
    { limits: { cpu: '500m', memory: '1Gi' }, requests: { cpu: '1m', memory: '1Gi' } },
  ]);
  // What a limit is given for is requested likewise, before the range has its say.
  expect(spec.initContainers?.[0]?.resources).toEqual({
    limits: { cpu: '1', memory: '64Mi' },
    requests: { cpu: '1', memory: '64Mi' },
  });
  expect(metadata.annotations).toEqual({
    'kubernetes.io/limit-ranger':
      'LimitRanger plugin set: cpu, memory request for container bare; cpu, memory limit for container bare; ' +
      'cpu limit for container half; memory request for init container side; memory limit for init container side',
  });
});

test('a pod that says all itself is not annotated', async () => {
  await using server = await limited({ type: 'Container', default: { cpu: '500m' } });
  const { metadata } = await createPod(server.client, { containers: [container(both({ cpu: '1' }))] });
  expect(metadata.annotations).toBeUndefined();
});

const one = (type: string, bounds: object): object => ({ type, ...bounds });
const pair = (request: string, limit: string): object => ({ requests: { cpu: request }, limits: { cpu: limit } });

test.each<[string, object, object, string | undefined]>([
  ['within its bounds', one('Container', { min: { cpu: '100m' }, max: { cpu: '2' } }), pair('1', '2'), undefined],
  [
    'a limit above the maximum',
    one('Container', { max: { cpu: '2' } }),
    pair('1', '4'),
    'maximum cpu usage per Container is 2, but limit is 4',
  ],
  [
    'a request below the minimum',
    one('Container', { min: { cpu: '200m' } }),
    pair('0.1', '1'),
    'minimum cpu usage per Container is 200m, but request is 100m',
  ],
  [
    'two breaches',
    one('Container', { min: { cpu: '200m', memory: '2Mi' }, max: { cpu: '300m' } }),
    { requests: { cpu: '100m', memory: '1Mi' }, limits: { cpu: '1' } },
    '[minimum cpu usage per Container is 200m, but request is 100m, ' +
      'minimum memory usage per Container is 2Mi, but request is 1Mi, ' +
      'maximum cpu usage per Container is 300m, but limit is 1]',
  ],
  [
    'a ratio above the maximum',
    one('Container', { maxLimitRequestRatio: { cpu: '2' } }),
    pair('300m', '1'),
    'cpu max limit to request ratio per Container is 2, but provided ratio is 3.333333',
  ],
  [
    'a ratio that is just allowed',
    one('Container', { maxLimitRequestRatio: { cpu: '1500m' } }),
    pair('2', '3'),
    undefined,
  ],
  [
    'no request where a ratio is bounded',
    one('Container', { maxLimitRequestRatio: { cpu: '2' } }),
    {},
    'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
  ],
  [
    'no limit where a ratio is bounded',
    one('Container', { maxLimitRequestRatio: { cpu: '2' } }),
    { requests: { cpu: '1' } },
    'cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0',
  ],
  [
    'no limit where the pod has a maximum',
    one('Pod', { max: { cpu: '2' } }),
    { requests: { cpu: '1' } },
    'maximum cpu usage per Pod is 2.  No limit is specified',
  ],
  [
    'no request where the pod has a minimum',
    one('Pod', { min: { memory: '1Mi' } }),
    pair('1', '1'),
    'minimum memory usage per Pod is 1Mi.  No request is specified',
  ],
])('a container with %s', async (_, limit, resources, breach) => {
  await using server = await limited(limit);
  const created = createPod(server.client, { containers: [container(resources)] });
  if (breach === undefined) await expect(created).resolves.toBeDefined();
  else {
    await expect(created).rejects.toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: `pods "p" is forbidden: ${breach}`,
      details: { name: 'p', kind: 'pods' },
    });
  }
});

test.each<[string, object, string | undefined]>([
  ['containers together', { containers: [container(pair('1', '1'), 'a'), container(pair('1', '2'), 'b')] }, '3'],
  [
    'a greedy init container',
    { containers: [container(pair('1', '1'))], initContainers: [container(pair('1', '5'), 'i')] },
    '5',
  ],
  [
    'sidecars besides the containers',
    {
      containers: [container(pair('1', '1'))],
      initContainers: [{ ...container(pair('1', '1500m'), 's'), restartPolicy: 'Always' }],
    },
    '2500m',
  ],
  [
    'what the pod states as a whole',
    { containers: [container({ limits: { cpu: '1' } })], resources: { limits: { cpu: '4' } } },
    '4',
  ],
  ['no overhead', { containers: [container(pair('1', '2'))], overhead: { cpu: '1' } }, undefined],
])('the maximum of a pod counts %s', async (_, spec, total) => {
  await using server = await limited({ type: 'Pod', max: { cpu: '2' } });
  const created = createPod(server.client, spec);
  if (total === undefined) await expect(created).resolves.toBeDefined();
  else await expect(created).rejects.toThrow(`maximum cpu usage per Pod is 2, but limit is ${total}`);
});

const claim = (storage: string): object => ({
  metadata: { name: 'c', namespace },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
});

test.each([
  ['2Gi', undefined],
  ['512Mi', 'minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi'],
  ['20Gi', 'maximum storage usage per PersistentVolumeClaim is 10Gi, but request is 20Gi'],
])('a claim of %s', async (storage, breach) => {
  await using server = await limited({
    type: 'PersistentVolumeClaim',
    min: { storage: '1Gi' },
    max: { storage: '10Gi' },
  });
  const created = server.client.create(PersistentVolumeClaim, claim(storage) as never);
  if (breach === undefined) await expect(created).resolves.toBeDefined();
  else await expect(created).rejects.toThrow(`persistentvolumeclaims "c" is forbidden: ${breach}`);
});

test('a pod that is there is bound again only when it is resized', async () => {
  await using server = await testServer({ parts: () => ({ admission: [limitRanger] }) });
  const { client } = server;
  const pod = await createPod(client, { containers: [container(pair('1', '4'))] });
  await client.create(LimitRange, {
    metadata: { name: 'limits', namespace },
    spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] },
  });
  const labelled = await client.update(Pod, { ...pod, metadata: { ...pod.metadata, labels: { a: 'b' } } });
  const resized = (cpu: string): Pod => ({
    ...labelled,
    spec: { ...labelled.spec, containers: [{ ...labelled.spec.containers[0]!, resources: both({ cpu }) }] },
  });
  const to = (cpu: string): Promise<Pod> =>
    client.update(
      Pod,
      { ...resized(cpu), metadata: { ...labelled.metadata, resourceVersion: '' } },
      { subresource: 'resize' },
    );
  await expect(to('3')).rejects.toThrow('maximum cpu usage per Container is 2, but limit is 3');
  await expect(to('2')).resolves.toMatchObject({ spec: { containers: [{ resources: both({ cpu: '2' }) }] } });
});

test('other namespaces have no part in the limits of one', async () => {
  await using server = await limited({ type: 'Container', max: { cpu: '1' } });
  const elsewhere = createPod(server.client, { containers: [container(pair('2', '2'))] }, { namespace: 'kube-public' });
  await expect(elsewhere).resolves.toBeDefined();
});
