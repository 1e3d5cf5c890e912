/** What the kinds of apps and their fields are for. */
import type { Descriptions, StructDescriptions } from '../../machinery/descriptions.ts';

const observedGeneration = 'The generation of the spec that this status is about.';
const conditions = 'What is the case.';
const collisionCount = 'How often a name made from a hash was taken.';
const minReadySeconds = 'How long a pod must be ready to count as available, in seconds.';
const revisionHistoryLimit = 'How many old revisions are kept to go back to.';
const template = 'What its pods are made after.';
const selector = 'Labels of its pods; can not be changed, and must be on the template.';
const terminatingReplicas = 'How many pods are ending.';

const strategy = (types: string): StructDescriptions => ({
  '': 'How pods are replaced when the template changes.',
  type: types,
  rollingUpdate: 'Settings of RollingUpdate.',
});

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  Deployment: { '': 'Keeps a number of equal pods, and replaces them step by step when their template changes.' },
  DeploymentSpec: {
    '': 'How many pods of what kind, and how they are replaced.',
    replicas: 'How many pods there should be; 1 by default.',
    selector,
    template,
    strategy: 'How pods are replaced.',
    minReadySeconds,
    revisionHistoryLimit,
    paused: 'Whether changes of the template wait.',
    progressDeadlineSeconds: 'After how many seconds without progress a rollout counts as failed.',
  },
  DeploymentStrategy: strategy('RollingUpdate, or Recreate to stop all old pods first.'),
  RollingUpdateDeployment: {
    '': 'How many pods are replaced at once.',
    maxUnavailable: 'How many pods, or how much of them, may be missing meanwhile.',
    maxSurge: 'How many pods, or how much of them, there may be too many meanwhile.',
  },
  DeploymentStatus: {
    '': 'How the pods are doing.',
    observedGeneration,
    replicas: 'How many pods there are.',
    updatedReplicas: 'How many are made after the newest template.',
    readyReplicas: 'How many are ready.',
    availableReplicas: 'How many have been ready for minReadySeconds.',
    unavailableReplicas: 'How many are still missing.',
    terminatingReplicas,
    collisionCount,
    conditions,
  },
  ReplicaSet: { '': 'Keeps a number of equal pods; usually one revision of a Deployment.' },
  ReplicaSetSpec: {
    '': 'How many pods of what kind.',
    replicas: 'How many pods there should be; 1 by default.',
    selector,
    template,
    minReadySeconds,
  },
  ReplicaSetStatus: {
    '': 'How the pods are doing.',
    replicas: 'How many pods there are.',
    fullyLabeledReplicas: 'How many have all labels of the template.',
    readyReplicas: 'How many are ready.',
    availableReplicas: 'How many have been ready for minReadySeconds.',
    terminatingReplicas,
    observedGeneration,
    conditions,
  },
  ControllerRevision: {
    '': 'A former state of a DaemonSet or StatefulSet.',
    data: 'The state.',
    revision: 'Its number; newer ones are higher.',
  },
  DaemonSet: { '': 'Keeps a pod on every node, or on those that are selected.' },
  DaemonSetSpec: {
    '': 'What pod is on every node, and how it is replaced.',
    selector,
    template,
    updateStrategy: 'How pods are replaced.',
    minReadySeconds,
    revisionHistoryLimit,
  },
  DaemonSetUpdateStrategy: strategy('RollingUpdate, or OnDelete to wait until somebody deletes a pod.'),
  RollingUpdateDaemonSet: {
    '': 'How many pods are replaced at once.',
    maxUnavailable: 'How many nodes, or how much of them, may be without meanwhile.',
    maxSurge: 'How many nodes, or how much of them, may have two meanwhile.',
  },
  DaemonSetStatus: {
    '': 'How the pods are doing.',
    currentNumberScheduled: 'How many nodes have a pod that should.',
    numberMisscheduled: 'How many nodes have a pod that should not.',
    desiredNumberScheduled: 'How many nodes should have one.',
    numberReady: 'How many of those have one that is ready.',
    updatedNumberScheduled: 'How many have one of the newest template.',
    numberAvailable: 'How many have one that has been ready for minReadySeconds.',
    numberUnavailable: 'How many have none that has.',
    observedGeneration,
    collisionCount,
    conditions,
  },
  StatefulSet: { '': 'Keeps pods with lasting names and volumes of their own.' },
  StatefulSetSpec: {
    '': 'How many pods of what kind, and their volumes.',
    replicas: 'How many pods there should be; 1 by default.',
    selector,
    template,
    volumeClaimTemplates: 'Claims that each pod has of its own.',
    serviceName: 'The headless Service that gives the pods their names.',
    podManagementPolicy: 'OrderedReady makes them one after the other, Parallel at once.',
    updateStrategy: 'How pods are replaced.',
    revisionHistoryLimit,
    minReadySeconds,
    persistentVolumeClaimRetentionPolicy: 'What becomes of the claims of pods that are no longer wanted.',
    ordinals: 'How the pods are numbered.',
  },
  StatefulSetUpdateStrategy: strategy('RollingUpdate, or OnDelete to wait until somebody deletes a pod.'),
  RollingUpdateStatefulSetStrategy: {
    '': 'Which pods are replaced, and how many at once.',
    partition: 'Pods with a lower number stay as they are.',
    maxUnavailable: 'How many pods, or how much of them, may be missing meanwhile.',
  },
  StatefulSetPersistentVolumeClaimRetentionPolicy: {
    '': 'What becomes of claims: Retain or Delete.',
    whenDeleted: 'When the StatefulSet is deleted.',
    whenScaled: 'When there are to be fewer pods.',
  },
  StatefulSetOrdinals: { '': 'How pods are numbered.', start: 'The first number; 0 by default.' },
  StatefulSetStatus: {
    '': 'How the pods are doing.',
    observedGeneration,
    replicas: 'How many pods there are.',
    readyReplicas: 'How many are ready.',
    currentReplicas: 'How many are of the current revision.',
    updatedReplicas: 'How many are of the newest revision.',
    availableReplicas: 'How many have been ready for minReadySeconds.',
    currentRevision: 'The revision of pods that are not replaced yet.',
    updateRevision: 'The newest revision.',
    collisionCount,
    conditions,
  },
};
