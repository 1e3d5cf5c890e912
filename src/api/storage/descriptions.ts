/** What storage classes, CSI objects and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  StorageClass: {
    '': 'A kind of storage that volumes are made of on demand.',
    provisioner: 'Who makes the volumes.',
    parameters: 'Settings for the provisioner.',
    reclaimPolicy: 'What happens to its volumes when their claims are deleted: Delete or Retain.',
    mountOptions: 'Options of mount.',
    allowVolumeExpansion: 'Whether its volumes can be made bigger.',
    volumeBindingMode: 'Immediate, or WaitForFirstConsumer to wait until a pod has a node.',
    allowedTopologies: 'Where volumes may be made.',
  },
  VolumeAttachment: { '': 'Asks for a volume to be attached to a node.' },
  VolumeAttachmentSpec: {
    '': 'What is attached where.',
    attacher: 'The CSI driver that does it.',
    source: 'The volume.',
    nodeName: 'The node.',
  },
  VolumeAttachmentSource: {
    '': 'A volume; one of these.',
    persistentVolumeName: 'Name of a PersistentVolume.',
    inlineVolumeSpec: 'A volume that has no object of its own.',
  },
  VolumeAttachmentStatus: {
    '': 'State of an attachment.',
    attached: 'Whether it is done.',
    attachmentMetadata: 'What the node needs to know.',
    attachError: 'Why attaching failed.',
    detachError: 'Why detaching failed.',
  },
  VolumeError: {
    '': 'An error.',
    time: 'When it happened.',
    message: 'Details for people.',
    errorCode: 'The code of gRPC.',
  },
  VolumeAttributesClass: {
    '': 'Properties of volumes that can be changed while they are used.',
    driverName: 'The CSI driver.',
    parameters: 'The properties.',
  },
  CSIDriver: { '': 'A CSI driver that is installed.' },
  CSIDriverSpec: {
    '': 'How a driver wants to be treated.',
    attachRequired: 'Whether its volumes must be attached before they are mounted.',
    podInfoOnMount: 'Whether it wants to know which pod a volume is for.',
    volumeLifecycleModes: 'Persistent, Ephemeral or both.',
    storageCapacity: 'Whether it says how much room there is.',
    fsGroupPolicy: 'Whether ownership is changed: ReadWriteOnceWithFSType, File or None.',
    tokenRequests: 'Tokens of the pod’s ServiceAccount that it wants.',
    requiresRepublish: 'Whether it wants to be called again and again.',
    seLinuxMount: 'Whether volumes can be mounted with a label.',
    nodeAllocatableUpdatePeriodSeconds: 'How often to ask how many volumes a node can have, in seconds.',
    serviceAccountTokenInSecrets: 'Whether tokens come among the secrets.',
    preventPodSchedulingIfMissing: 'Whether pods that need it stay away from nodes without it.',
  },
  TokenRequest: {
    '': 'A token that a driver wants.',
    audience: 'Whom it is for.',
    expirationSeconds: 'How long it is valid, in seconds.',
  },
  CSINode: { '': 'The CSI drivers of a node.' },
  CSINodeSpec: { '': 'The drivers.', drivers: 'The drivers that are there.' },
  CSINodeDriver: {
    '': 'A driver on a node.',
    name: 'Name of the driver.',
    nodeID: 'How the driver calls the node.',
    topologyKeys: 'Labels of the node that matter to the driver.',
    allocatable: 'How many volumes the node can have.',
  },
  VolumeNodeResources: { '': 'What a node can have.', count: 'How many volumes.' },
  CSIStorageCapacity: {
    '': 'How much room a driver has somewhere.',
    nodeTopology: 'Labels of the nodes that this is about.',
    storageClassName: 'The StorageClass that this is about.',
    capacity: 'The room.',
    maximumVolumeSize: 'The biggest volume that can be made.',
  },
};
