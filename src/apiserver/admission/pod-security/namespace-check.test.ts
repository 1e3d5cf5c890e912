import { expect, test } from 'vitest';
import { Namespace } from '../../../api/core/namespace.ts';
import { Pod } from '../../../api/core/pod.ts';
import type { Client } from '../../../client/client.ts';
import { decodeObject, decodeStruct } from '../../../machinery/decode.ts';
import type { AdmissionRequest } from '../../ports.ts';
import { resourceAttributes } from '../../authorization/attributes.ts';
import { admissionContext } from '../../testing/admission-context.ts';
import { fakeClient } from '../../testing/fake-client.ts';
import { testServer } from '../../testing/test-server.ts';
import type { TestServer } from '../../testing/test-server.ts';
import { PodSecurityConfiguration } from './configuration.ts';
import { createPodSecurity } from './pod-security.ts';

type Labels = Readonly<Record<string, string>>;

const labelled = (labels: Labels): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [`pod-security.kubernetes.io/${name}`, value]));

const plain = { containers: [{ name: 'a', image: 'i:1' }] };
const host = { ...plain, hostPID: true };
const privileged = { containers: [{ name: 'a', image: 'i', securityContext: { privileged: true } }] };

function pluginFor(configuration: object = {}) {
  const names = { version: 'v1', kind: 'PodSecurityConfiguration' };
  const { object } = decodeStruct(PodSecurityConfiguration.node, configuration, names);
  return createPodSecurity(object as PodSecurityConfiguration);
}

async function started(configuration: object = {}): Promise<TestServer> {
  return testServer({ parts: () => ({ admission: [pluginFor(configuration)] }) });
}

const pod = (name: string, spec: object, uid?: string): object => ({
  metadata: {
    name,
    namespace: 'web',
    ...(uid
      ? { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid, controller: true }] }
      : {}),
  },
  spec,
});

const make = (client: Client, labels: Labels): Promise<Namespace> =>
  client.create(Namespace, { metadata: { name: 'web', labels: labelled(labels) } });

function update(labels: Labels, before: Labels, warnings: string[] = []): AdmissionRequest {
  const namespace = (own: Labels): Namespace =>
    decodeObject(Namespace, { metadata: { name: 'web', labels: labelled(own) } }).object;
  return {
    attributes: resourceAttributes(
      { name: 'ann', groups: [] },
      { verb: 'update', group: '', version: 'v1', resource: 'namespaces', subresource: '', name: 'web', namespace: '' },
    ),
    operation: 'UPDATE',
    resource: Namespace,
    object: { ...namespace(labels) },
    old: namespace(before),
    dryRun: false,
    warnings,
  };
}

/** What who changes the labels is warned of. */
async function relabel({ server }: TestServer, labels: Labels, before: Labels): Promise<readonly string[]> {
  const warnings: string[] = [];
  await server.context.admission.validate(update(labels, before, warnings));
  return warnings;
}

test('labels must say something known', async () => {
  await using server = await started();
  await expect(make(server.client, { enforce: 'high', 'warn-version': '1.2' })).rejects.toMatchObject({
    code: 422,
    message:
      'Namespace "web" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "high": ' +
      'must be one of privileged, baseline, restricted, ' +
      'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.2": must be "latest" or "v1.x"]',
  });
  const { metadata } = await make(server.client, { enforce: 'baseline', 'enforce-version': 'v1.99' });
  const wrong = { metadata: { ...metadata, labels: labelled({ audit: 'Baseline' }) } };
  await expect(server.client.update(Namespace, wrong)).rejects.toThrow('must be one of');
});

test('labels that were wrong before may stay so', () => {
  const plugin = pluginFor();
  const context = admissionContext(fakeClient());
  expect(plugin.validate?.(update({ enforce: 'high' }, { enforce: 'high' }), context)).toBeUndefined();
  expect(() => plugin.validate?.(update({ enforce: 'higher' }, { enforce: 'high' }), context)).toThrow('"higher"');
});

test('who sets a level is told which pods are not as it demands, and how many are like them', async () => {
  await using server = await started({ exemptions: { runtimeClasses: ['vm'] } });
  await make(server.client, {});
  for (const [name, spec] of [
    ['c', host],
    ['b', host],
    ['d', host],
    ['e', privileged],
    ['g', { ...host, ...privileged }],
    ['h', { ...host, ...privileged }],
    ['f', { ...host, runtimeClassName: 'vm' }],
    ['good', plain],
  ] as const)
    await server.client.create(Pod, pod(name, spec) as never);
  expect(await relabel(server, { enforce: 'baseline' }, {})).toEqual([
    'existing pods in namespace "web" violate the new PodSecurity enforce level "baseline:latest"',
    'b (and 2 other pods): host namespaces',
    'e: privileged',
    'g (and 1 other pod): host namespaces, privileged',
  ]);
  expect(await relabel(server, { enforce: 'privileged', warn: 'restricted' }, {})).toEqual([]);
  expect(await relabel(server, { enforce: 'baseline' }, { enforce: 'restricted' })).toEqual([]);
});

test('only so many pods are looked at, one of each controller first', async () => {
  const client = fakeClient();
  for (let index = 0; index < 3001; index++) client.put(Pod, pod(`p${index}`, plain, 'u'));
  client.put(Pod, pod('z', host, 'v'));
  const warnings: string[] = [];
  await pluginFor().validate?.(update({ enforce: 'baseline' }, {}, warnings), admissionContext(client));
  expect(warnings).toEqual([
    'new PodSecurity enforce level only checked against the first 3000 of 3002 existing pods',
    'existing pods in namespace "web" violate the new PodSecurity enforce level "baseline:latest"',
    'z: host namespaces',
  ]);
});

test('pods are looked at for a second only', async () => {
  const client = fakeClient();
  for (const name of ['a', 'b', 'c', 'd']) client.put(Pod, pod(name, host));
  const warnings: string[] = [];
  let now = 0;
  const context = admissionContext(client, () => (now += 400));
  await pluginFor().validate?.(update({ enforce: 'baseline' }, {}, warnings), context);
  expect(warnings).toEqual([
    'new PodSecurity enforce level only checked against the first 3 of 4 existing pods',
    'existing pods in namespace "web" violate the new PodSecurity enforce level "baseline:latest"',
    'a (and 2 other pods): host namespaces',
  ]);
});

test('that labels have no effect is said, where the namespace is exempt', async () => {
  await using server = await started({ exemptions: { namespaces: ['web'] } });
  const labels = { enforce: 'restricted', warn: 'baseline', 'warn-version': 'v1.9' };
  expect(await relabel(server, labels, {})).toEqual([
    'namespace "web" is exempt from Pod Security, and the policy (enforce=restricted:latest, warn=baseline:v1.9) will be ignored',
  ]);
});
