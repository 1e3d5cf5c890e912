import { expect, test } from 'vitest';
import { Pod } from '../../api/core/pod.ts';
import type { Pod as PodObject } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { containerEnvironment } from './container-environment.ts';
import { expand } from './expansion.ts';
import { fieldValue } from './field-reference.ts';
import { serviceEnvironment, visibleServices } from './service-environment.ts';

const addresses = { podIPs: ['10.0.0.5', 'fd00::5'], hostIPs: ['192.0.2.1'], nodeName: 'node-1' };
const allocatable = { milliCpu: 4000, memory: 8 * 1024 ** 3, ephemeralStorage: 1 };

function podOf(spec: object, metadata: object = {}): PodObject {
  return decodeObject(Pod, { metadata: { name: 'p', namespace: 'n', uid: 'u', ...metadata }, spec }).object;
}

function service(name: string, namespace: string, clusterIP: string): Service {
  const ports = [
    { name: 'http-web', port: 80 },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ];
  return decodeObject(Service, { metadata: { name, namespace }, spec: { clusterIP, ports } }).object;
}

async function environmentOf(
  container: object,
  more: { configMap?: Record<string, string>; secret?: Record<string, string> } = {},
): Promise<Record<string, string>> {
  const pod = podOf({ enableServiceLinks: false, containers: [{ name: 'c', image: 'i', ...container }] });
  const { variables } = await containerEnvironment({
    pod,
    container: pod.spec.containers[0]!,
    services: [],
    addresses,
    allocatable,
    objects: {
      configMap: async () => more.configMap && ({ data: more.configMap } as never),
      secret: async () => more.secret && ({ data: more.secret } as never),
    },
  });
  return Object.fromEntries(variables);
}

test('references expand to earlier variables; unknown ones stay, and $$ is a dollar', () => {
  const lookup = (name: string): string | undefined => ({ A: 'one', B: '$(A)' })[name];
  expect(expand('$(A) $(B) $(NO) $$(A) $A $$$$', lookup)).toBe('one $(A) $(NO) $(A) $A $$');
});

test('an environment takes env over envFrom, with prefixes, and expands what came before', async () => {
  const container = {
    envFrom: [{ prefix: 'P_', configMapRef: { name: 'm' } }],
    env: [
      { name: 'P_A', value: 'mine' },
      { name: 'B', value: '$(P_A)-$(P_X)-$(LATER)' },
      { name: 'LATER', value: 'x' },
    ],
  };
  expect(await environmentOf(container, { configMap: { A: 'theirs', X: 'x' } })).toEqual({
    P_A: 'mine',
    P_X: 'x',
    B: 'mine-x-$(LATER)',
    LATER: 'x',
  });
});

test('keys of config maps and secrets become values; what is missing is an error unless optional', async () => {
  const ref = (kind: string, key: string, optional?: boolean): object => ({
    env: [{ name: 'V', valueFrom: { [kind]: { name: 'x', key, optional } } }],
  });
  expect(
    await environmentOf(ref('secretKeyRef', 'k'), { secret: { k: Buffer.from('geheim').toString('base64') } }),
  ).toEqual({ V: 'geheim' });
  expect(await environmentOf(ref('configMapKeyRef', 'k', true), {})).toEqual({});
  await expect(environmentOf(ref('configMapKeyRef', 'k'), {})).rejects.toThrow('configmap "x" not found');
  await expect(environmentOf(ref('configMapKeyRef', 'k'), { configMap: {} })).rejects.toThrow(
    "couldn't find key k in ConfigMap n/x",
  );
  await expect(environmentOf(ref('secretKeyRef', 'k'), {})).rejects.toThrow('secret "x" not found');
});

test('resource fields are divided and rounded up; without a limit the node’s capacity counts', async () => {
  const field = (resource: string, divisor?: string): object => ({
    valueFrom: { resourceFieldRef: { resource, divisor } },
  });
  const env = [
    { name: 'CPU', ...field('limits.cpu') },
    { name: 'CPU_MILLI', ...field('requests.cpu', '1m') },
    { name: 'MEMORY', ...field('limits.memory', '1Mi') },
  ];
  expect(await environmentOf({ env, resources: { requests: { cpu: '250m' }, limits: { memory: '65Mi' } } })).toEqual({
    CPU: '4',
    CPU_MILLI: '250',
    MEMORY: '65',
  });
});

test('fields of the pod are read by their paths', () => {
  const pod = podOf(
    { serviceAccountName: 'sa', containers: [] },
    { labels: { b: '2', a: 'one "1"' }, annotations: { 'x.io/y': 'z' } },
  );
  const values = [
    'metadata.name',
    "metadata.annotations['x.io/y']",
    'metadata.labels',
    'spec.nodeName',
    'status.podIPs',
    'status.hostIP',
  ];
  expect(values.map((path) => fieldValue(pod, path, addresses))).toEqual([
    'p',
    'z',
    'a="one \\"1\\""\nb="2"',
    'node-1',
    '10.0.0.5,fd00::5',
    '192.0.2.1',
  ]);
  expect(() => fieldValue(pod, 'spec.secret', addresses)).toThrow('unsupported fieldPath: spec.secret');
});

test('services appear as Docker’s links did', () => {
  expect(Object.fromEntries(serviceEnvironment([service('my-db', 'n', '10.96.0.7')]))).toEqual({
    MY_DB_SERVICE_HOST: '10.96.0.7',
    MY_DB_SERVICE_PORT: '80',
    MY_DB_SERVICE_PORT_HTTP_WEB: '80',
    MY_DB_SERVICE_PORT_DNS: '53',
    MY_DB_PORT: 'tcp://10.96.0.7:80',
    MY_DB_PORT_80_TCP: 'tcp://10.96.0.7:80',
    MY_DB_PORT_80_TCP_PROTO: 'tcp',
    MY_DB_PORT_80_TCP_PORT: '80',
    MY_DB_PORT_80_TCP_ADDR: '10.96.0.7',
    MY_DB_PORT_53_UDP: 'udp://10.96.0.7:53',
    MY_DB_PORT_53_UDP_PROTO: 'udp',
    MY_DB_PORT_53_UDP_PORT: '53',
    MY_DB_PORT_53_UDP_ADDR: '10.96.0.7',
  });
});

test('a pod sees its namespace’s services unless links are off, and the API server’s always', () => {
  const services = [
    service('kubernetes', 'default', '10.96.0.1'),
    service('web', 'n', '10.96.0.2'),
    service('headless', 'n', 'None'),
    service('other', 'm', '10.96.0.3'),
  ];
  const seen = (enableServiceLinks: boolean): string[] =>
    visibleServices(services, { namespace: 'n', enableServiceLinks }).map(({ metadata }) => metadata.name);
  expect(seen(true)).toEqual(['kubernetes', 'web']);
  expect(seen(false)).toEqual(['kubernetes']);
});
