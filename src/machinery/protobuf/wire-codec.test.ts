import { expect, test } from 'vitest';
import type { ContainerConfig } from '../../kubelet/cri/container-types.ts';
import {
  bool,
  boxed,
  embedded,
  field,
  int64,
  list,
  message,
  nonZero,
  oneOf,
  optional,
  string,
  stringMap,
  time,
  uint64,
} from './wire-codec.ts';
import { containerConfig } from '../../kubelet/cri/wire-container.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('values are written as protobuf has them', () => {
  const codec = message({
    name: field(1, string),
    count: field(2, int64),
    groups: list(8, int64),
    labels: stringMap(9),
    user: optional(field(5, boxed(int64))),
    on: field(16, bool),
  });
  const bytes = codec.encode({ name: 'a', count: -1, groups: [1, 300], labels: { k: 'v' }, user: 0, on: true });
  const expected = ['0a0161', '10ffffffffffffffffff01', '420301ac02', '4a060a016b120176', '2a020800', '800101'];
  expect(hex(bytes)).toBe(expected.join(''));
  expect(codec.decode(bytes)).toEqual({
    name: 'a',
    count: -1,
    groups: [1, 300],
    labels: { k: 'v' },
    user: 0,
    on: true,
  });
});

test('what is absent reads as zero, or as undefined where that differs', () => {
  const inner = message({ value: field(1, string) });
  const codec = message({
    name: field(1, string),
    user: optional(field(2, boxed(int64))),
    inner: optional(field(3, embedded(inner))),
    ended: nonZero(field(4, time)),
    items: list(5, embedded(inner)),
  });
  expect(codec.decode(new Uint8Array())).toEqual({
    name: '',
    user: undefined,
    inner: undefined,
    ended: undefined,
    items: [],
  });
  expect(codec.decode(Buffer.from('20001a00', 'hex'))).toMatchObject({ ended: undefined, inner: { value: '' } });
});

test('unknown fields are skipped, unknown numbers of an enum read as the given name', () => {
  const codec = message({ state: field(1, oneOf<'Ready' | 'NotReady'>(['Ready', 'NotReady'], 'NotReady')) });
  expect(codec.decode(Buffer.from('9a06036162630809', 'hex'))).toEqual({ state: 'NotReady' });
});

test('a list of numbers is read packed and unpacked', () => {
  const codec = message({ ids: list(5, int64) });
  expect(codec.decode(Buffer.from('28012802', 'hex'))).toEqual({ ids: [1, 2] });
  expect(codec.decode(Buffer.from('2a020102', 'hex'))).toEqual({ ids: [1, 2] });
});

test('times are milliseconds here and nanoseconds on the wire; the largest numbers do not fail', () => {
  const codec = message({ at: field(1, time), size: field(2, uint64) });
  expect(codec.decode(codec.encode({ at: 1_700_000_000_000, size: 5 }))).toEqual({ at: 1_700_000_000_000, size: 5 });
  expect(codec.decode(Buffer.from('10ffffffffffffffffff01', 'hex')).size).toBe(2 ** 64);
});

test('a label named __proto__ is a label', () => {
  const codec = message({ labels: stringMap(1) });
  const labels = Object.fromEntries([['__proto__', 'x']]);
  expect(Object.entries(codec.decode(codec.encode({ labels })).labels)).toEqual([['__proto__', 'x']]);
});

test('a container config with everything set comes back as it was', () => {
  const config: ContainerConfig = {
    metadata: { name: 'app', attempt: 3 },
    image: { image: 'nginx', userSpecifiedImage: 'nginx:1' },
    command: ['/a'],
    args: ['b', ''],
    workingDir: '/srv',
    envs: [{ key: 'A', value: '1' }],
    mounts: [
      { containerPath: '/c', hostPath: '/h', readonly: true, propagation: 'Bidirectional', recursiveReadOnly: true },
    ],
    devices: [{ containerPath: '/dev/x', hostPath: '/dev/null', permissions: 'rw' }],
    logPath: 'app/3.log',
    tty: true,
    stopSignal: 'SIGQUIT',
    cdiDevices: ['vendor.com/gpu=0'],
    linux: {
      resources: {
        cpuShares: 2,
        memoryLimit: 2 ** 40,
        oomScoreAdj: -998,
        hugepageLimits: [{ pageSize: '2MB', limit: 0 }],
      },
      securityContext: {
        runAsUser: 0,
        capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
        supplementalGroups: [7, 8],
      },
    },
  };
  expect(containerConfig.decode(containerConfig.encode(config))).toMatchObject(config);
});
