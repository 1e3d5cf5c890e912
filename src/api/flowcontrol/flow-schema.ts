import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int32, list, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const FlowDistinguisherMethod = defineStruct('FlowDistinguisherMethod', {
  type: text(1),
});
export type FlowDistinguisherMethod = TypeOf<typeof FlowDistinguisherMethod>;

export const NonResourcePolicyRule = defineStruct('NonResourcePolicyRule', {
  verbs: list(1, text, { type: 'set' }),
  nonResourceURLs: list(6, text, { type: 'set' }),
});
export type NonResourcePolicyRule = TypeOf<typeof NonResourcePolicyRule>;

export const ResourcePolicyRule = defineStruct('ResourcePolicyRule', {
  verbs: list(1, text, { type: 'set' }),
  apiGroups: list(2, text, { type: 'set' }),
  resources: list(3, text, { type: 'set' }),
  clusterScope: bool(4).omitEmpty(),
  namespaces: list(5, text, { type: 'set' }).optional(),
});
export type ResourcePolicyRule = TypeOf<typeof ResourcePolicyRule>;

export const GroupSubject = defineStruct('GroupSubject', {
  name: text(1),
});
export type GroupSubject = TypeOf<typeof GroupSubject>;

export const ServiceAccountSubject = defineStruct('ServiceAccountSubject', {
  namespace: text(1),
  name: text(2),
});
export type ServiceAccountSubject = TypeOf<typeof ServiceAccountSubject>;

export const UserSubject = defineStruct('UserSubject', {
  name: text(1),
});
export type UserSubject = TypeOf<typeof UserSubject>;

export const Subject = defineStruct('Subject', {
  kind: text(1),
  user: struct(2, UserSubject).optional(),
  group: struct(3, GroupSubject).optional(),
  serviceAccount: struct(4, ServiceAccountSubject).optional(),
});
export type Subject = TypeOf<typeof Subject>;

export const PolicyRulesWithSubjects = defineStruct('PolicyRulesWithSubjects', {
  subjects: list(1, Subject),
  resourceRules: list(2, ResourcePolicyRule).optional(),
  nonResourceRules: list(3, NonResourcePolicyRule).optional(),
});
export type PolicyRulesWithSubjects = TypeOf<typeof PolicyRulesWithSubjects>;

export const PriorityLevelConfigurationReference = defineStruct('PriorityLevelConfigurationReference', {
  name: text(1),
});
export type PriorityLevelConfigurationReference = TypeOf<typeof PriorityLevelConfigurationReference>;

export const FlowSchemaSpec = defineStruct('FlowSchemaSpec', {
  priorityLevelConfiguration: struct(1, PriorityLevelConfigurationReference),
  matchingPrecedence: int32(2).default(0),
  distinguisherMethod: struct(3, FlowDistinguisherMethod).optional(),
  rules: list(4, PolicyRulesWithSubjects).optional(),
});
export type FlowSchemaSpec = TypeOf<typeof FlowSchemaSpec>;

export const FlowSchemaCondition = defineStruct('FlowSchemaCondition', {
  type: text(1).omitEmpty(),
  status: text(2).omitEmpty(),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});
export type FlowSchemaCondition = TypeOf<typeof FlowSchemaCondition>;

export const FlowSchemaStatus = defineStruct('FlowSchemaStatus', {
  conditions: list(1, FlowSchemaCondition, {
    type: 'map',
    keys: ['type'],
    mergeKey: 'type',
    patch: 'merge',
  }).optional(),
});
export type FlowSchemaStatus = TypeOf<typeof FlowSchemaStatus>;

const flowSchemaFields = {
  spec: struct(2, FlowSchemaSpec).default({}),
  status: struct(3, FlowSchemaStatus).default({}),
};
/** A FlowSchema. Source: flowcontrol.apiserver.k8s.io/v1. */
export type FlowSchema = StoredObject<typeof flowSchemaFields>;

export const FlowSchema = defineResource({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  scope: 'Cluster',
  subresources: ['status'],
  fields: flowSchemaFields,
});
