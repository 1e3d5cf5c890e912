import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../machinery/decode.ts';
import { cells, decoded, problems, statusProblems } from '../testing/kind-problems.ts';
import { PersistentVolumeClaim } from './persistent-volume-claim.ts';
import { PersistentVolume } from './persistent-volume.ts';

const user = { name: 'ann', groups: [] };
const resources = { requests: { storage: '1Gi' } };
const claim = { accessModes: ['ReadWriteOnce'], resources };

describe('claims', () => {
  test('begin as pending claims of a file system, with one source in both its fields', () => {
    const source = { kind: 'PersistentVolumeClaim', name: 'old' };
    const object = decodeObject(PersistentVolumeClaim, {
      spec: { ...claim, dataSource: source },
      status: { phase: 'Bound' },
    }).object;
    PersistentVolumeClaim.prepareForCreate?.(object, { user });
    expect(object).toMatchObject({
      spec: { volumeMode: 'Filesystem', dataSource: source, dataSourceRef: source },
      status: { phase: 'Pending' },
    });
    expect(problems(PersistentVolumeClaim, { ...object })).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['no access mode', { accessModes: [] }, 'spec.accessModes: Required value: at least 1 access mode is required'],
    [
      'an unknown access mode',
      { accessModes: ['RWO'] },
      'spec.accessModes: Unsupported value: "RWO": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    [
      'one pod among others',
      { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] },
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
    ['no size', { resources: {} }, 'spec.resources[storage]: Required value'],
    [
      'nothing',
      { resources: { requests: { storage: '0' } } },
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
    [
      'a class that can not be',
      { storageClassName: 'Fast!' },
      'spec.storageClassName: Invalid value: "Fast!": a lowercase RFC 1123 subdomain',
    ],
    [
      'a source of an unknown group',
      { dataSource: { kind: 'VolumeSnapshot', name: 's' }, dataSourceRef: { kind: 'VolumeSnapshot', name: 's' } },
      'spec.dataSource: Invalid value: "VolumeSnapshot": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    ],
  ])('%s is refused', (_name, wrong, sentence) => {
    expect(problems(PersistentVolumeClaim, { spec: { ...claim, ...wrong } })[0]).toContain(sentence);
  });

  test('grow once bound, and change nothing else', () => {
    const old = { spec: { ...claim, volumeName: 'v' }, status: { phase: 'Bound', capacity: { storage: '1Gi' } } };
    const sized = (storage: string): object => ({
      ...old,
      spec: { ...old.spec, resources: { requests: { storage } } },
    });
    expect(problems(PersistentVolumeClaim, sized('2Gi'), old)).toEqual([]);
    expect(problems(PersistentVolumeClaim, sized('500Mi'), old)).toEqual([
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    ]);
    expect(problems(PersistentVolumeClaim, { ...old, spec: { ...old.spec, volumeName: 'w' } }, old)).toEqual([
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n- volumeName: "v"\n+ volumeName: "w"\n',
    ]);
    const pending = { spec: claim };
    expect(problems(PersistentVolumeClaim, { spec: { ...claim, volumeName: 'v' } }, pending)).toEqual([]);
    expect(problems(PersistentVolumeClaim, { spec: { ...claim, storageClassName: 'fast' } }, pending)).toEqual([]);
    expect(
      problems(PersistentVolumeClaim, { spec: { ...claim, resources: { requests: { storage: '2Gi' } } } }, pending)[0],
    ).toContain('spec: Forbidden: spec is immutable');
  });

  test('report resizing in known words', () => {
    const status = { allocatedResourceStatuses: { storage: 'Soon' }, allocatedResources: { cpu: '1' } };
    expect(statusProblems(PersistentVolumeClaim, { spec: claim, status })).toEqual([
      'status.allocatedResourceStatus: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
      'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
    ]);
  });

  test('show their volume', () => {
    const status = { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] };
    expect(
      cells(PersistentVolumeClaim, { spec: { ...claim, volumeName: 'v', storageClassName: 'fast' }, status }),
    ).toEqual({
      Status: 'Bound',
      Volume: 'v',
      Capacity: '1Gi',
      'Access Modes': 'RWO,ROX',
      StorageClass: 'fast',
      VolumeAttributesClass: '<unset>',
      Age: '60m',
      VolumeMode: 'Filesystem',
    });
  });
});

describe('volumes', () => {
  const volume = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } };
  const term = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n1'] }] };

  test('begin as pending volumes that are retained', () => {
    const object = decodeObject(PersistentVolume, {
      metadata: { name: 'v', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: volume,
    }).object;
    PersistentVolume.prepareForCreate?.(object, { user });
    expect(object).toMatchObject({
      spec: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem', hostPath: { type: '' } },
      status: { phase: 'Pending', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' },
    });
  });

  test('note when their phase changed', () => {
    const old = decoded(PersistentVolume, {
      spec: volume,
      status: { phase: 'Pending', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' },
    });
    const object = decodeObject(PersistentVolume, { ...old, status: { ...old.status, phase: 'Bound' } }).object;
    PersistentVolume.prepareForStatus?.(object, old, { subresource: 'status', now: '2026-01-01T00:30:00Z' });
    expect(object.status.lastPhaseTransitionTime).toBe('2026-01-01T00:30:00Z');
  });

  test.each<[string, object, readonly string[]]>([
    ['no source', { hostPath: undefined }, ['spec: Required value: must specify a volume type']],
    [
      'two sources',
      { nfs: { server: 's', path: '/' } },
      ['spec.nfs: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'no capacity',
      { capacity: {} },
      ['spec.capacity: Required value', 'spec.capacity: Unsupported value: {}: supported values: "storage"'],
    ],
    [
      'a path that leads up',
      { hostPath: { path: '/a/../b' } },
      ['spec.hostPath.path: Invalid value: "/a/../b": must not contain \'..\''],
    ],
    [
      'a relative export',
      { hostPath: undefined, nfs: { server: 's', path: 'x' } },
      ['spec.nfs.path: Invalid value: "x": must be an absolute path'],
    ],
    [
      'a driver without a handle',
      { hostPath: undefined, csi: { driver: 'd.io' } },
      ['spec.csi.volumeHandle: Required value'],
    ],
    [
      'a local path anywhere',
      { hostPath: undefined, local: { path: '/d' } },
      ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
    ],
    [
      'recycling the root',
      { hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' },
      ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
    ],
  ])('%s is refused', (_name, wrong, sentences) => {
    expect(problems(PersistentVolume, { spec: { ...volume, ...wrong } })).toEqual(sentences);
  });

  test('keep their source and their place', () => {
    const local = { capacity: volume.capacity, accessModes: volume.accessModes, local: { path: '/d' } };
    const old = { spec: { ...local, nodeAffinity: { required: { nodeSelectorTerms: [term] } } } };
    expect(problems(PersistentVolume, old)).toEqual([]);
    const moved = {
      spec: { ...old.spec, local: { path: '/e' }, nodeAffinity: { required: { nodeSelectorTerms: [term, term] } } },
    };
    expect(problems(PersistentVolume, moved, old).map((sentence) => sentence.split('\n')[0])).toEqual([
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
      expect.stringMatching(/^nodeAffinity: Invalid value: .*field is immutable$/),
    ]);
  });

  test('show whose they are', () => {
    const claimRef = { namespace: 'ns', name: 'data' };
    expect(cells(PersistentVolume, { spec: { ...volume, claimRef }, status: { phase: 'Bound' } })).toEqual({
      Capacity: '1Gi',
      'Access Modes': 'RWO',
      'Reclaim Policy': 'Retain',
      Status: 'Bound',
      Claim: 'ns/data',
      StorageClass: '',
      VolumeAttributesClass: '<unset>',
      Reason: '',
      Age: '60m',
      VolumeMode: 'Filesystem',
    });
  });
});
