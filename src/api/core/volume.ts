/** Volumes: where their content comes from, and claims on storage. Source: core/v1. */
import { DraftMeta, LabelSelector } from '../../machinery/meta.ts';
import {
  bool,
  defineStruct,
  inlined,
  int32,
  int64,
  list,
  map,
  oneOf,
  quantity,
  struct,
  text,
} from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const AWSElasticBlockStoreVolumeSource = defineStruct('AWSElasticBlockStoreVolumeSource', {
  volumeID: text(1),
  fsType: text(2).omitEmpty(),
  partition: int32(3).omitEmpty(),
  readOnly: bool(4).omitEmpty(),
});
export type AWSElasticBlockStoreVolumeSource = TypeOf<typeof AWSElasticBlockStoreVolumeSource>;

export const AzureDiskVolumeSource = defineStruct('AzureDiskVolumeSource', {
  diskName: text(1),
  diskURI: text(2),
  cachingMode: oneOf(3, ['None', 'ReadOnly', 'ReadWrite']).default('ReadWrite'),
  fsType: text(4).default('ext4'),
  readOnly: bool(5).optional(),
  kind: oneOf(6, ['Dedicated', 'Managed', 'Shared']).default('Shared'),
});
export type AzureDiskVolumeSource = TypeOf<typeof AzureDiskVolumeSource>;

export const AzureFileVolumeSource = defineStruct('AzureFileVolumeSource', {
  secretName: text(1),
  shareName: text(2),
  readOnly: bool(3).omitEmpty(),
});
export type AzureFileVolumeSource = TypeOf<typeof AzureFileVolumeSource>;

export const LocalObjectReference = defineStruct(
  'LocalObjectReference',
  {
    name: text(1).omitEmpty(),
  },
  { atomic: true },
);
export type LocalObjectReference = TypeOf<typeof LocalObjectReference>;

export const CSIVolumeSource = defineStruct('CSIVolumeSource', {
  driver: text(1),
  readOnly: bool(2).optional(),
  fsType: text(3).optional(),
  volumeAttributes: map(4, text).optional(),
  nodePublishSecretRef: struct(5, LocalObjectReference).optional(),
});
export type CSIVolumeSource = TypeOf<typeof CSIVolumeSource>;

export const CephFSVolumeSource = defineStruct('CephFSVolumeSource', {
  monitors: list(1, text),
  path: text(2).omitEmpty(),
  user: text(3).omitEmpty(),
  secretFile: text(4).omitEmpty(),
  secretRef: struct(5, LocalObjectReference).optional(),
  readOnly: bool(6).omitEmpty(),
});
export type CephFSVolumeSource = TypeOf<typeof CephFSVolumeSource>;

export const CinderVolumeSource = defineStruct('CinderVolumeSource', {
  volumeID: text(1),
  fsType: text(2).omitEmpty(),
  readOnly: bool(3).omitEmpty(),
  secretRef: struct(4, LocalObjectReference).optional(),
});
export type CinderVolumeSource = TypeOf<typeof CinderVolumeSource>;

export const KeyToPath = defineStruct('KeyToPath', {
  key: text(1),
  path: text(2),
  mode: int32(3).optional(),
});
export type KeyToPath = TypeOf<typeof KeyToPath>;

export const ConfigMapVolumeSource = defineStruct('ConfigMapVolumeSource', {
  ...inlined(1, LocalObjectReference),
  items: list(2, KeyToPath).optional(),
  defaultMode: int32(3).default(420),
  optional: bool(4).optional(),
});
export type ConfigMapVolumeSource = TypeOf<typeof ConfigMapVolumeSource>;

export const ObjectFieldSelector = defineStruct(
  'ObjectFieldSelector',
  {
    apiVersion: text(1).default('v1').omitEmpty(),
    fieldPath: text(2),
  },
  { atomic: true },
);
export type ObjectFieldSelector = TypeOf<typeof ObjectFieldSelector>;

export const ResourceFieldSelector = defineStruct(
  'ResourceFieldSelector',
  {
    containerName: text(1).omitEmpty(),
    resource: text(2),
    divisor: quantity(3).omitEmpty(),
  },
  { atomic: true },
);
export type ResourceFieldSelector = TypeOf<typeof ResourceFieldSelector>;

export const DownwardAPIVolumeFile = defineStruct('DownwardAPIVolumeFile', {
  path: text(1),
  fieldRef: struct(2, ObjectFieldSelector).optional(),
  resourceFieldRef: struct(3, ResourceFieldSelector).optional(),
  mode: int32(4).optional(),
});
export type DownwardAPIVolumeFile = TypeOf<typeof DownwardAPIVolumeFile>;

export const DownwardAPIVolumeSource = defineStruct('DownwardAPIVolumeSource', {
  items: list(1, DownwardAPIVolumeFile).optional(),
  defaultMode: int32(2).default(420),
});
export type DownwardAPIVolumeSource = TypeOf<typeof DownwardAPIVolumeSource>;

export const EmptyDirVolumeSource = defineStruct('EmptyDirVolumeSource', {
  medium: text(1).omitEmpty(),
  sizeLimit: quantity(2).optional(),
});
export type EmptyDirVolumeSource = TypeOf<typeof EmptyDirVolumeSource>;

export const TypedLocalObjectReference = defineStruct(
  'TypedLocalObjectReference',
  {
    apiGroup: text(1).optional(),
    kind: text(2),
    name: text(3),
  },
  { atomic: true },
);
export type TypedLocalObjectReference = TypeOf<typeof TypedLocalObjectReference>;

export const TypedObjectReference = defineStruct('TypedObjectReference', {
  apiGroup: text(1).optional(),
  kind: text(2),
  name: text(3),
  namespace: text(4).optional(),
});
export type TypedObjectReference = TypeOf<typeof TypedObjectReference>;

export const VolumeResourceRequirements = defineStruct('VolumeResourceRequirements', {
  limits: map(1, quantity).optional(),
  requests: map(2, quantity).optional(),
});
export type VolumeResourceRequirements = TypeOf<typeof VolumeResourceRequirements>;

export const PersistentVolumeClaimSpec = defineStruct('PersistentVolumeClaimSpec', {
  accessModes: list(1, text).optional(),
  resources: struct(2, VolumeResourceRequirements).default({}),
  volumeName: text(3).omitEmpty(),
  selector: struct(4, LabelSelector).optional(),
  storageClassName: text(5).optional(),
  volumeMode: oneOf(6, ['Block', 'Filesystem']).default('Filesystem'),
  dataSource: struct(7, TypedLocalObjectReference).optional(),
  dataSourceRef: struct(8, TypedObjectReference).optional(),
  volumeAttributesClassName: text(9).optional(),
});
export type PersistentVolumeClaimSpec = TypeOf<typeof PersistentVolumeClaimSpec>;

export const PersistentVolumeClaimTemplate = defineStruct('PersistentVolumeClaimTemplate', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, PersistentVolumeClaimSpec),
});
export type PersistentVolumeClaimTemplate = TypeOf<typeof PersistentVolumeClaimTemplate>;

export const EphemeralVolumeSource = defineStruct('EphemeralVolumeSource', {
  volumeClaimTemplate: struct(1, PersistentVolumeClaimTemplate).optional(),
});
export type EphemeralVolumeSource = TypeOf<typeof EphemeralVolumeSource>;

export const FCVolumeSource = defineStruct('FCVolumeSource', {
  targetWWNs: list(1, text).optional(),
  lun: int32(2).optional(),
  fsType: text(3).omitEmpty(),
  readOnly: bool(4).omitEmpty(),
  wwids: list(5, text).optional(),
});
export type FCVolumeSource = TypeOf<typeof FCVolumeSource>;

export const FlexVolumeSource = defineStruct('FlexVolumeSource', {
  driver: text(1),
  fsType: text(2).omitEmpty(),
  secretRef: struct(3, LocalObjectReference).optional(),
  readOnly: bool(4).omitEmpty(),
  options: map(5, text).optional(),
});
export type FlexVolumeSource = TypeOf<typeof FlexVolumeSource>;

export const FlockerVolumeSource = defineStruct('FlockerVolumeSource', {
  datasetName: text(1).omitEmpty(),
  datasetUUID: text(2).omitEmpty(),
});
export type FlockerVolumeSource = TypeOf<typeof FlockerVolumeSource>;

export const GCEPersistentDiskVolumeSource = defineStruct('GCEPersistentDiskVolumeSource', {
  pdName: text(1),
  fsType: text(2).omitEmpty(),
  partition: int32(3).omitEmpty(),
  readOnly: bool(4).omitEmpty(),
});
export type GCEPersistentDiskVolumeSource = TypeOf<typeof GCEPersistentDiskVolumeSource>;

export const GitRepoVolumeSource = defineStruct('GitRepoVolumeSource', {
  repository: text(1),
  revision: text(2).omitEmpty(),
  directory: text(3).omitEmpty(),
});
export type GitRepoVolumeSource = TypeOf<typeof GitRepoVolumeSource>;

export const GlusterfsVolumeSource = defineStruct('GlusterfsVolumeSource', {
  endpoints: text(1),
  path: text(2),
  readOnly: bool(3).omitEmpty(),
});
export type GlusterfsVolumeSource = TypeOf<typeof GlusterfsVolumeSource>;

export const HostPathVolumeSource = defineStruct('HostPathVolumeSource', {
  path: text(1),
  type: oneOf(2, [
    '',
    'BlockDevice',
    'CharDevice',
    'Directory',
    'DirectoryOrCreate',
    'File',
    'FileOrCreate',
    'Socket',
  ]).default(''),
});
export type HostPathVolumeSource = TypeOf<typeof HostPathVolumeSource>;

export const ISCSIVolumeSource = defineStruct('ISCSIVolumeSource', {
  targetPortal: text(1),
  iqn: text(2),
  lun: int32(3),
  iscsiInterface: text(4).default('default').omitEmpty(),
  fsType: text(5).omitEmpty(),
  readOnly: bool(6).omitEmpty(),
  portals: list(7, text).optional(),
  chapAuthDiscovery: bool(8).omitEmpty(),
  secretRef: struct(10, LocalObjectReference).optional(),
  chapAuthSession: bool(11).omitEmpty(),
  initiatorName: text(12).optional(),
});
export type ISCSIVolumeSource = TypeOf<typeof ISCSIVolumeSource>;

export const ImageVolumeSource = defineStruct('ImageVolumeSource', {
  reference: text(1).omitEmpty(),
  pullPolicy: oneOf(2, ['Always', 'IfNotPresent', 'Never']).omitEmpty(),
});
export type ImageVolumeSource = TypeOf<typeof ImageVolumeSource>;

export const NFSVolumeSource = defineStruct('NFSVolumeSource', {
  server: text(1),
  path: text(2),
  readOnly: bool(3).omitEmpty(),
});
export type NFSVolumeSource = TypeOf<typeof NFSVolumeSource>;

export const PersistentVolumeClaimVolumeSource = defineStruct('PersistentVolumeClaimVolumeSource', {
  claimName: text(1),
  readOnly: bool(2).omitEmpty(),
});
export type PersistentVolumeClaimVolumeSource = TypeOf<typeof PersistentVolumeClaimVolumeSource>;

export const PhotonPersistentDiskVolumeSource = defineStruct('PhotonPersistentDiskVolumeSource', {
  pdID: text(1),
  fsType: text(2).omitEmpty(),
});
export type PhotonPersistentDiskVolumeSource = TypeOf<typeof PhotonPersistentDiskVolumeSource>;

export const PortworxVolumeSource = defineStruct('PortworxVolumeSource', {
  volumeID: text(1),
  fsType: text(2).omitEmpty(),
  readOnly: bool(3).omitEmpty(),
});
export type PortworxVolumeSource = TypeOf<typeof PortworxVolumeSource>;

export const ClusterTrustBundleProjection = defineStruct('ClusterTrustBundleProjection', {
  name: text(1).optional(),
  signerName: text(2).optional(),
  labelSelector: struct(3, LabelSelector).optional(),
  path: text(4),
  optional: bool(5).optional(),
});
export type ClusterTrustBundleProjection = TypeOf<typeof ClusterTrustBundleProjection>;

export const ConfigMapProjection = defineStruct('ConfigMapProjection', {
  ...inlined(1, LocalObjectReference),
  items: list(2, KeyToPath).optional(),
  optional: bool(4).optional(),
});
export type ConfigMapProjection = TypeOf<typeof ConfigMapProjection>;

export const DownwardAPIProjection = defineStruct('DownwardAPIProjection', {
  items: list(1, DownwardAPIVolumeFile).optional(),
});
export type DownwardAPIProjection = TypeOf<typeof DownwardAPIProjection>;

export const PodCertificateProjection = defineStruct('PodCertificateProjection', {
  signerName: text(1),
  keyType: text(2),
  maxExpirationSeconds: int32(3).optional(),
  credentialBundlePath: text(4).omitEmpty(),
  keyPath: text(5).omitEmpty(),
  certificateChainPath: text(6).omitEmpty(),
  userAnnotations: map(7, text).optional(),
});
export type PodCertificateProjection = TypeOf<typeof PodCertificateProjection>;

export const SecretProjection = defineStruct('SecretProjection', {
  ...inlined(1, LocalObjectReference),
  items: list(2, KeyToPath).optional(),
  optional: bool(4).optional(),
});
export type SecretProjection = TypeOf<typeof SecretProjection>;

export const ServiceAccountTokenProjection = defineStruct('ServiceAccountTokenProjection', {
  audience: text(1).omitEmpty(),
  expirationSeconds: int64(2).default(3600),
  path: text(3),
});
export type ServiceAccountTokenProjection = TypeOf<typeof ServiceAccountTokenProjection>;

export const VolumeProjection = defineStruct('VolumeProjection', {
  secret: struct(1, SecretProjection).optional(),
  downwardAPI: struct(2, DownwardAPIProjection).optional(),
  configMap: struct(3, ConfigMapProjection).optional(),
  serviceAccountToken: struct(4, ServiceAccountTokenProjection).optional(),
  clusterTrustBundle: struct(5, ClusterTrustBundleProjection).optional(),
  podCertificate: struct(6, PodCertificateProjection).optional(),
});
export type VolumeProjection = TypeOf<typeof VolumeProjection>;

export const ProjectedVolumeSource = defineStruct('ProjectedVolumeSource', {
  sources: list(1, VolumeProjection).optional(),
  defaultMode: int32(2).default(420),
});
export type ProjectedVolumeSource = TypeOf<typeof ProjectedVolumeSource>;

export const QuobyteVolumeSource = defineStruct('QuobyteVolumeSource', {
  registry: text(1),
  volume: text(2),
  readOnly: bool(3).omitEmpty(),
  user: text(4).omitEmpty(),
  group: text(5).omitEmpty(),
  tenant: text(6).omitEmpty(),
});
export type QuobyteVolumeSource = TypeOf<typeof QuobyteVolumeSource>;

export const RBDVolumeSource = defineStruct('RBDVolumeSource', {
  monitors: list(1, text),
  image: text(2),
  fsType: text(3).omitEmpty(),
  pool: text(4).default('rbd').omitEmpty(),
  user: text(5).default('admin').omitEmpty(),
  keyring: text(6).default('/etc/ceph/keyring').omitEmpty(),
  secretRef: struct(7, LocalObjectReference).optional(),
  readOnly: bool(8).omitEmpty(),
});
export type RBDVolumeSource = TypeOf<typeof RBDVolumeSource>;

export const ScaleIOVolumeSource = defineStruct('ScaleIOVolumeSource', {
  gateway: text(1),
  system: text(2),
  secretRef: struct(3, LocalObjectReference),
  sslEnabled: bool(4).omitEmpty(),
  protectionDomain: text(5).omitEmpty(),
  storagePool: text(6).omitEmpty(),
  storageMode: text(7).default('ThinProvisioned').omitEmpty(),
  volumeName: text(8).omitEmpty(),
  fsType: text(9).default('xfs').omitEmpty(),
  readOnly: bool(10).omitEmpty(),
});
export type ScaleIOVolumeSource = TypeOf<typeof ScaleIOVolumeSource>;

export const SecretVolumeSource = defineStruct('SecretVolumeSource', {
  secretName: text(1).omitEmpty(),
  items: list(2, KeyToPath).optional(),
  defaultMode: int32(3).default(420),
  optional: bool(4).optional(),
});
export type SecretVolumeSource = TypeOf<typeof SecretVolumeSource>;

export const StorageOSVolumeSource = defineStruct('StorageOSVolumeSource', {
  volumeName: text(1).omitEmpty(),
  volumeNamespace: text(2).omitEmpty(),
  fsType: text(3).omitEmpty(),
  readOnly: bool(4).omitEmpty(),
  secretRef: struct(5, LocalObjectReference).optional(),
});
export type StorageOSVolumeSource = TypeOf<typeof StorageOSVolumeSource>;

export const VsphereVirtualDiskVolumeSource = defineStruct('VsphereVirtualDiskVolumeSource', {
  volumePath: text(1),
  fsType: text(2).omitEmpty(),
  storagePolicyName: text(3).omitEmpty(),
  storagePolicyID: text(4).omitEmpty(),
});
export type VsphereVirtualDiskVolumeSource = TypeOf<typeof VsphereVirtualDiskVolumeSource>;

export const VolumeSource = defineStruct('VolumeSource', {
  hostPath: struct(1, HostPathVolumeSource).optional(),
  emptyDir: struct(2, EmptyDirVolumeSource).optional(),
  gcePersistentDisk: struct(3, GCEPersistentDiskVolumeSource).optional(),
  awsElasticBlockStore: struct(4, AWSElasticBlockStoreVolumeSource).optional(),
  gitRepo: struct(5, GitRepoVolumeSource).optional(),
  secret: struct(6, SecretVolumeSource).optional(),
  nfs: struct(7, NFSVolumeSource).optional(),
  iscsi: struct(8, ISCSIVolumeSource).optional(),
  glusterfs: struct(9, GlusterfsVolumeSource).optional(),
  persistentVolumeClaim: struct(10, PersistentVolumeClaimVolumeSource).optional(),
  rbd: struct(11, RBDVolumeSource).optional(),
  flexVolume: struct(12, FlexVolumeSource).optional(),
  cinder: struct(13, CinderVolumeSource).optional(),
  cephfs: struct(14, CephFSVolumeSource).optional(),
  flocker: struct(15, FlockerVolumeSource).optional(),
  downwardAPI: struct(16, DownwardAPIVolumeSource).optional(),
  fc: struct(17, FCVolumeSource).optional(),
  azureFile: struct(18, AzureFileVolumeSource).optional(),
  configMap: struct(19, ConfigMapVolumeSource).optional(),
  vsphereVolume: struct(20, VsphereVirtualDiskVolumeSource).optional(),
  quobyte: struct(21, QuobyteVolumeSource).optional(),
  azureDisk: struct(22, AzureDiskVolumeSource).optional(),
  photonPersistentDisk: struct(23, PhotonPersistentDiskVolumeSource).optional(),
  portworxVolume: struct(24, PortworxVolumeSource).optional(),
  scaleIO: struct(25, ScaleIOVolumeSource).optional(),
  projected: struct(26, ProjectedVolumeSource).optional(),
  storageos: struct(27, StorageOSVolumeSource).optional(),
  csi: struct(28, CSIVolumeSource).optional(),
  ephemeral: struct(29, EphemeralVolumeSource).optional(),
  image: struct(30, ImageVolumeSource).optional(),
});
export type VolumeSource = TypeOf<typeof VolumeSource>;

export const Volume = defineStruct('Volume', {
  name: text(1),
  ...inlined(2, VolumeSource),
});
export type Volume = TypeOf<typeof Volume>;
