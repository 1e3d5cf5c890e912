import { expect, test } from 'vitest';
import { ConfigMap } from '../api/core/config-map.ts';
import { Pod } from '../api/core/pod.ts';
import { ServiceAccount } from '../api/core/service-account.ts';
import { testCluster } from '../distro/testing/test-cluster.ts';
import { AdmissionChain } from './admission-chain.ts';
import type { AdmissionPlugin } from './ports.ts';
import { admissionContext } from './testing/admission-context.ts';
import { requestFor } from './testing/admission-request.ts';
import { fakeClient } from './testing/fake-client.ts';

const context = admissionContext(fakeClient());
const map = () => requestFor(ConfigMap, { metadata: { name: 'm' } });
const pod = () => requestFor(Pod, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } });

test('a plug-in is asked about the kinds that concern it, and told what became of them', async () => {
  const heard: string[] = [];
  const plugin = (name: string, concerns?: readonly string[]): AdmissionPlugin => ({
    name,
    ...(concerns ? { concerns } : {}),
    admit: ({ resource }) => void heard.push(`${name} admits ${resource.kind}`),
    validate: ({ resource }) => void heard.push(`${name} judges ${resource.kind}`),
    settled: ({ resource }, outcome) => void heard.push(`${name}: ${resource.kind} ${outcome}`),
  });
  const chain = new AdmissionChain([plugin('all'), plugin('pods', ['pods'])], context);
  for (const request of [map(), pod()]) {
    await chain.around(request, async () => {
      await chain.admit(request);
      await chain.validate(request);
    });
  }
  expect(heard).toEqual([
    ...['all admits ConfigMap', 'all judges ConfigMap', 'all: ConfigMap stored'],
    ...[
      'all admits Pod',
      'pods admits Pod',
      'all judges Pod',
      'pods judges Pod',
      'all: Pod stored',
      'pods: Pod stored',
    ],
  ]);
});

test('plug-ins that take their time are waited for, one after the other, and the first that refuses is the last', async () => {
  const heard: string[] = [];
  const slow = (name: string): AdmissionPlugin => ({
    name,
    async admit() {
      heard.push(`${name} begins`);
      await Promise.resolve();
      heard.push(`${name} ends`);
      if (name === 'b') throw new Error('refused');
    },
  });
  const quick: AdmissionPlugin = { name: 'quick', admit: () => void heard.push('quick') };
  const chain = new AdmissionChain([slow('a'), quick, slow('b'), slow('c')], context);
  await expect(chain.admit(map())).rejects.toThrow('refused');
  expect(heard).toEqual(['a begins', 'a ends', 'quick', 'b begins', 'b ends']);
});

test('what all usual plug-ins say at once is not waited for', async () => {
  await using cluster = await testCluster();
  await cluster.create(ServiceAccount, { metadata: { name: 'default' } });
  const { admission } = cluster.server.context;
  for (const resource of [ConfigMap, Pod]) {
    const request = resource === ConfigMap ? map() : pod();
    const local = { ...request, attributes: { ...request.attributes, namespace: 'default' } };
    expect([admission.admit(local), admission.validate(local)]).toEqual([undefined, undefined]);
  }
});
