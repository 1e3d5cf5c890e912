/** Where PersistentVolumes come from: systems of storage, most of them through drivers by now. Source: core/v1. */
import { bool, defineStruct, int32, list, map, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ObjectReference } from './endpoints.ts';
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  HostPathVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './volume.ts';

export const AzureFilePersistentVolumeSource = defineStruct('AzureFilePersistentVolumeSource', {
  secretName: text(1),
  shareName: text(2),
  readOnly: bool(3).omitEmpty(),
  secretNamespace: text(4).optional(),
});
export type AzureFilePersistentVolumeSource = TypeOf<typeof AzureFilePersistentVolumeSource>;

export const SecretReference = defineStruct(
  'SecretReference',
  {
    name: text(1).omitEmpty(),
    namespace: text(2).omitEmpty(),
  },
  { atomic: true },
);
export type SecretReference = TypeOf<typeof SecretReference>;

export const CSIPersistentVolumeSource = defineStruct('CSIPersistentVolumeSource', {
  driver: text(1),
  volumeHandle: text(2),
  readOnly: bool(3).omitEmpty(),
  fsType: text(4).omitEmpty(),
  volumeAttributes: map(5, text).optional(),
  controllerPublishSecretRef: struct(6, SecretReference).optional(),
  nodeStageSecretRef: struct(7, SecretReference).optional(),
  nodePublishSecretRef: struct(8, SecretReference).optional(),
  controllerExpandSecretRef: struct(9, SecretReference).optional(),
  nodeExpandSecretRef: struct(10, SecretReference).optional(),
});
export type CSIPersistentVolumeSource = TypeOf<typeof CSIPersistentVolumeSource>;

export const CephFSPersistentVolumeSource = defineStruct('CephFSPersistentVolumeSource', {
  monitors: list(1, text),
  path: text(2).omitEmpty(),
  user: text(3).omitEmpty(),
  secretFile: text(4).omitEmpty(),
  secretRef: struct(5, SecretReference).optional(),
  readOnly: bool(6).omitEmpty(),
});
export type CephFSPersistentVolumeSource = TypeOf<typeof CephFSPersistentVolumeSource>;

export const CinderPersistentVolumeSource = defineStruct('CinderPersistentVolumeSource', {
  volumeID: text(1),
  fsType: text(2).omitEmpty(),
  readOnly: bool(3).omitEmpty(),
  secretRef: struct(4, SecretReference).optional(),
});
export type CinderPersistentVolumeSource = TypeOf<typeof CinderPersistentVolumeSource>;

export const FlexPersistentVolumeSource = defineStruct('FlexPersistentVolumeSource', {
  driver: text(1),
  fsType: text(2).omitEmpty(),
  secretRef: struct(3, SecretReference).optional(),
  readOnly: bool(4).omitEmpty(),
  options: map(5, text).optional(),
});
export type FlexPersistentVolumeSource = TypeOf<typeof FlexPersistentVolumeSource>;

export const GlusterfsPersistentVolumeSource = defineStruct('GlusterfsPersistentVolumeSource', {
  endpoints: text(1),
  path: text(2),
  readOnly: bool(3).omitEmpty(),
  endpointsNamespace: text(4).optional(),
});
export type GlusterfsPersistentVolumeSource = TypeOf<typeof GlusterfsPersistentVolumeSource>;

export const ISCSIPersistentVolumeSource = defineStruct('ISCSIPersistentVolumeSource', {
  targetPortal: text(1),
  iqn: text(2),
  lun: int32(3),
  iscsiInterface: text(4).default('default').omitEmpty(),
  fsType: text(5).omitEmpty(),
  readOnly: bool(6).omitEmpty(),
  portals: list(7, text).optional(),
  chapAuthDiscovery: bool(8).omitEmpty(),
  secretRef: struct(10, SecretReference).optional(),
  chapAuthSession: bool(11).omitEmpty(),
  initiatorName: text(12).optional(),
});
export type ISCSIPersistentVolumeSource = TypeOf<typeof ISCSIPersistentVolumeSource>;

export const LocalVolumeSource = defineStruct('LocalVolumeSource', {
  path: text(1),
  fsType: text(2).optional(),
});
export type LocalVolumeSource = TypeOf<typeof LocalVolumeSource>;

export const RBDPersistentVolumeSource = defineStruct('RBDPersistentVolumeSource', {
  monitors: list(1, text),
  image: text(2),
  fsType: text(3).omitEmpty(),
  pool: text(4).default('rbd').omitEmpty(),
  user: text(5).default('admin').omitEmpty(),
  keyring: text(6).default('/etc/ceph/keyring').omitEmpty(),
  secretRef: struct(7, SecretReference).optional(),
  readOnly: bool(8).omitEmpty(),
});
export type RBDPersistentVolumeSource = TypeOf<typeof RBDPersistentVolumeSource>;

export const ScaleIOPersistentVolumeSource = defineStruct('ScaleIOPersistentVolumeSource', {
  gateway: text(1),
  system: text(2),
  secretRef: struct(3, SecretReference),
  sslEnabled: bool(4).omitEmpty(),
  protectionDomain: text(5).omitEmpty(),
  storagePool: text(6).omitEmpty(),
  storageMode: text(7).default('ThinProvisioned').omitEmpty(),
  volumeName: text(8).omitEmpty(),
  fsType: text(9).default('xfs').omitEmpty(),
  readOnly: bool(10).omitEmpty(),
});
export type ScaleIOPersistentVolumeSource = TypeOf<typeof ScaleIOPersistentVolumeSource>;

export const StorageOSPersistentVolumeSource = defineStruct('StorageOSPersistentVolumeSource', {
  volumeName: text(1).omitEmpty(),
  volumeNamespace: text(2).omitEmpty(),
  fsType: text(3).omitEmpty(),
  readOnly: bool(4).omitEmpty(),
  secretRef: struct(5, ObjectReference).optional(),
});
export type StorageOSPersistentVolumeSource = TypeOf<typeof StorageOSPersistentVolumeSource>;

export const PersistentVolumeSource = defineStruct('PersistentVolumeSource', {
  gcePersistentDisk: struct(1, GCEPersistentDiskVolumeSource).optional(),
  awsElasticBlockStore: struct(2, AWSElasticBlockStoreVolumeSource).optional(),
  hostPath: struct(3, HostPathVolumeSource).optional(),
  glusterfs: struct(4, GlusterfsPersistentVolumeSource).optional(),
  nfs: struct(5, NFSVolumeSource).optional(),
  rbd: struct(6, RBDPersistentVolumeSource).optional(),
  iscsi: struct(7, ISCSIPersistentVolumeSource).optional(),
  cinder: struct(8, CinderPersistentVolumeSource).optional(),
  cephfs: struct(9, CephFSPersistentVolumeSource).optional(),
  fc: struct(10, FCVolumeSource).optional(),
  flocker: struct(11, FlockerVolumeSource).optional(),
  flexVolume: struct(12, FlexPersistentVolumeSource).optional(),
  azureFile: struct(13, AzureFilePersistentVolumeSource).optional(),
  vsphereVolume: struct(14, VsphereVirtualDiskVolumeSource).optional(),
  quobyte: struct(15, QuobyteVolumeSource).optional(),
  azureDisk: struct(16, AzureDiskVolumeSource).optional(),
  photonPersistentDisk: struct(17, PhotonPersistentDiskVolumeSource).optional(),
  portworxVolume: struct(18, PortworxVolumeSource).optional(),
  scaleIO: struct(19, ScaleIOPersistentVolumeSource).optional(),
  local: struct(20, LocalVolumeSource).optional(),
  storageos: struct(21, StorageOSPersistentVolumeSource).optional(),
  csi: struct(22, CSIPersistentVolumeSource).optional(),
});
export type PersistentVolumeSource = TypeOf<typeof PersistentVolumeSource>;
