import { describe, expect, test } from 'vitest';
import { cells, problems } from '../testing/kind-problems.ts';
import { CSIDriver } from './csi-driver.ts';
import { CSINode } from './csi-node.ts';
import { CSIStorageCapacity } from './csi-storage-capacity.ts';
import { StorageClass } from './storage-class.ts';
import { VolumeAttachment } from './volume-attachment.ts';
import { VolumeAttributesClass } from './volume-attributes-class.ts';

const metadata = { name: 'x' };

describe('storage classes', () => {
  const zones = (...values: string[]): object => ({ matchLabelExpressions: [{ key: 'zone', values }] });
  test.each<[string, object, string[]]>([
    ['a plain one is fine', { provisioner: 'a.b/c', parameters: { a: '' }, allowedTopologies: [zones('a')] }, []],
    ['no provisioner', {}, ['provisioner: Required value']],
    [
      'a parameter without a name',
      { provisioner: 'a', parameters: { '': 'x' } },
      ['parameters: Invalid value: "": field can not be empty.'],
    ],
    [
      'volumes that are recycled',
      { provisioner: 'a', reclaimPolicy: 'Recycle' },
      ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
    ],
    [
      'the same topology twice',
      { provisioner: 'a', allowedTopologies: [zones('a', 'b'), zones('b', 'a')] },
      ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
    ],
    [
      'no values',
      { provisioner: 'a', allowedTopologies: [zones()] },
      ['allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(problems(StorageClass, { metadata, ...spec })).toEqual(expected);
  });

  test('what volumes are made of never changes', () => {
    const old = { metadata, provisioner: 'a', parameters: { a: 'b' } };
    expect(problems(StorageClass, { metadata, provisioner: 'b', reclaimPolicy: 'Retain' }, old)).toEqual([
      'parameters: Forbidden: updates to parameters are forbidden.',
      'provisioner: Forbidden: updates to provisioner are forbidden.',
      'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
    ]);
  });

  test('the table marks the default class', () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    expect(cells(StorageClass, { metadata: { ...metadata, annotations }, provisioner: 'p' })).toEqual({
      Name: 'x (default)',
      Provisioner: 'p',
      ReclaimPolicy: 'Delete',
      VolumeBindingMode: 'Immediate',
      AllowVolumeExpansion: false,
      Age: expect.any(String),
    });
  });
});

test.each<[string, object, object | undefined, string[]]>([
  ['a plain class of attributes is fine', { driverName: 'a', parameters: { a: 'b' } }, undefined, []],
  [
    'one without parameters',
    { driverName: 'a' },
    undefined,
    ['parameters: Required value: must contain at least one key/value pair'],
  ],
  [
    'one that changes',
    { driverName: 'a', parameters: { a: 'b' } },
    { driverName: 'b', parameters: {} },
    [
      'driverName: Forbidden: updates to driverName are forbidden.',
      'parameters: Forbidden: updates to parameters are forbidden.',
    ],
  ],
])('%s', (_, fields, old, expected) => {
  expect(problems(VolumeAttributesClass, { metadata, ...fields }, old && { metadata, ...old })).toEqual(expected);
});

describe('drivers', () => {
  test.each<[string, object, string[]]>([
    ['a plain one is fine', {}, []],
    [
      'another mode',
      { volumeLifecycleModes: ['X'] },
      ['spec.volumeLifecycleModes: Unsupported value: "X": supported values: "Persistent", "Ephemeral"'],
    ],
    [
      'another policy',
      { fsGroupPolicy: 'X' },
      ['spec.fsGroupPolicy: Unsupported value: "X": supported values: "File", "None", "ReadWriteOnceWithFSType"'],
    ],
    [
      'tokens of a minute, and for the same twice',
      { tokenRequests: [{ audience: 'a', expirationSeconds: 60 }, { audience: 'a' }] },
      [
        'spec.tokenRequests[0].expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
        'spec.tokenRequests[1].audience: Duplicate value: "a"',
      ],
    ],
    [
      'counting all the time',
      { nodeAllocatableUpdatePeriodSeconds: 5 },
      ['spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 5: must be greater than or equal to 10 seconds'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(problems(CSIDriver, { metadata, spec })).toEqual(expected);
  });

  test('whether volumes are attached never changes', () => {
    const old = { metadata, spec: {} };
    expect(problems(CSIDriver, { metadata, spec: { attachRequired: false } }, old)).toEqual([
      'spec.attachedRequired: Invalid value: false: field is immutable',
    ]);
    expect(problems(CSIDriver, { metadata, spec: { podInfoOnMount: true } }, old)).toEqual([]);
  });

  test('the table shows what holds when nothing is said', () => {
    expect(cells(CSIDriver, { spec: {} })).toEqual({
      AttachRequired: true,
      PodInfoOnMount: false,
      StorageCapacity: false,
      TokenRequests: '<unset>',
      RequiresRepublish: false,
      Modes: 'Persistent',
    });
  });
});

describe('drivers of nodes', () => {
  const driver = { name: 'd', nodeID: 'n', topologyKeys: ['zone'] };
  test.each<[string, object[], object[] | undefined, string[]]>([
    ['a driver is fine', [driver], undefined, []],
    ['a driver twice', [driver, driver], undefined, ['spec.drivers[1].name: Duplicate value: "d"']],
    ['no id', [{ name: 'd' }], undefined, ['spec.drivers[0].nodeID: Required value']],
    [
      'a negative limit',
      [{ ...driver, allocatable: { count: -1 } }],
      undefined,
      ['spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'a new id',
      [{ ...driver, nodeID: 'other' }],
      [driver],
      ['spec.drivers: Invalid value: {"name":"d","nodeID":"other","topologyKeys":["zone"]}: field is immutable'],
    ],
    ['a new limit', [{ ...driver, allocatable: { count: 3 } }], [driver], []],
  ])('%s', (_, drivers, before, expected) => {
    const old = before && { metadata, spec: { drivers: before } };
    expect(problems(CSINode, { metadata, spec: { drivers } }, old)).toEqual(expected);
  });
});

test.each<[string, object, string[]]>([
  ['an attachment of a volume is fine', { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } }, []],
  [
    'one of nothing',
    { attacher: 'a', nodeName: 'n' },
    ['spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName'],
  ],
  [
    'one by nobody',
    { nodeName: 'n', source: { persistentVolumeName: '' } },
    [
      'spec.attacher: Required value',
      'spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName',
    ],
  ],
])('%s', (_, spec, expected) => {
  expect(problems(VolumeAttachment, { metadata, spec })).toEqual(expected);
});

test('a capacity is not negative, and its class has a name', () => {
  expect(problems(CSIStorageCapacity, { storageClassName: 'c', capacity: '1Gi' })).toEqual([]);
  expect(problems(CSIStorageCapacity, { storageClassName: 'c', capacity: '-1' })).toEqual([
    'capacity: Invalid value: "-1": must be greater than or equal to 0',
  ]);
  expect(cells(CSIStorageCapacity, { storageClassName: 'c' })).toEqual({
    Name: 'x',
    StorageClassName: 'c',
    Capacity: '<unset>',
  });
});
