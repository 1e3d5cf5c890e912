/** Deployment: replica sets that replace each other without a pause. Source: apps/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import {
  bool,
  defineStruct,
  int32,
  int64,
  intOrString,
  list,
  oneOf,
  struct,
  text,
  time,
} from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { PodTemplateSpec } from '../core/pod-spec.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import { workloadColumns } from '../core/workload-columns.ts';
import { deploymentErrors } from './deployment-validation.ts';
import { namingWorkloadWarnings } from '../core/workload-warnings.ts';

export const RollingUpdateDeployment = defineStruct('RollingUpdateDeployment', {
  maxUnavailable: intOrString(1).optional(),
  maxSurge: intOrString(2).optional(),
});
export type RollingUpdateDeployment = TypeOf<typeof RollingUpdateDeployment>;

export const DeploymentStrategy = defineStruct('DeploymentStrategy', {
  type: oneOf(1, ['Recreate', 'RollingUpdate']).omitEmpty(),
  rollingUpdate: struct(2, RollingUpdateDeployment).optional(),
});
export type DeploymentStrategy = TypeOf<typeof DeploymentStrategy>;

export const DeploymentSpec = defineStruct('DeploymentSpec', {
  replicas: int32(1).default(1),
  selector: struct(2, LabelSelector),
  template: struct(3, PodTemplateSpec),
  strategy: struct(4, DeploymentStrategy).patch('retainKeys').default({}),
  minReadySeconds: int32(5).omitEmpty(),
  revisionHistoryLimit: int32(6).default(10),
  paused: bool(7).omitEmpty(),
  progressDeadlineSeconds: int32(9).default(600),
});
export type DeploymentSpec = TypeOf<typeof DeploymentSpec>;

export const DeploymentCondition = defineStruct('DeploymentCondition', {
  type: text(1),
  status: text(2),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
  lastUpdateTime: time(6).omitEmpty(),
  lastTransitionTime: time(7).omitEmpty(),
});
export type DeploymentCondition = TypeOf<typeof DeploymentCondition>;

export const DeploymentStatus = defineStruct('DeploymentStatus', {
  observedGeneration: int64(1).omitEmpty(),
  replicas: int32(2).omitEmpty(),
  updatedReplicas: int32(3).omitEmpty(),
  availableReplicas: int32(4).omitEmpty(),
  unavailableReplicas: int32(5).omitEmpty(),
  conditions: list(6, DeploymentCondition, {
    type: 'map',
    keys: ['type'],
    mergeKey: 'type',
    patch: 'merge',
  }).optional(),
  readyReplicas: int32(7).omitEmpty(),
  collisionCount: int32(8).optional(),
  terminatingReplicas: int32(9).optional(),
});
export type DeploymentStatus = TypeOf<typeof DeploymentStatus>;

const deploymentFields = {
  spec: struct(2, DeploymentSpec).default({}),
  status: struct(3, DeploymentStatus).default({}),
};
export type Deployment = StoredObject<typeof deploymentFields>;

export const Deployment = defineResource({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  scope: 'Namespaced',
  keptFromStatus: ['labels'],
  shortNames: ['deploy'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  fields: deploymentFields,
  scale: {
    replicas: ({ spec }) => spec.replicas,
    statusReplicas: ({ status }) => status.replicas ?? 0,
    selector: ({ spec }) => formatLabelSelector(spec.selector),
  },
  columns: {
    Ready: {
      description: 'Number of the pod with ready state',
      value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`,
    },
    'Up-to-date': ({ status }) => status.updatedReplicas ?? 0,
    Available: ({ status }) => status.availableReplicas ?? 0,
    ...workloadColumns,
  },
  immutable: ['spec.selector'],
  validate: deploymentErrors,
  warnings: namingWorkloadWarnings,
  defaults({ spec }) {
    defaultPodSpec(spec.template.spec);
    spec.strategy.type ||= 'RollingUpdate';
    if (spec.strategy.type !== 'RollingUpdate') return;
    spec.strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...spec.strategy.rollingUpdate };
  },
});
