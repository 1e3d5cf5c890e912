/** FlowSchema: which requests belong to which priority level. Source: flowcontrol.apiserver.k8s.io/v1. */
import { defineResource, statusMetadata } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int32, list, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ageOf } from '../../machinery/human-duration.ts';
import { flowSchemaErrors } from './flow-schema-validation.ts';

/** What tells the flows of a schema apart: `ByUser` or `ByNamespace`. */
export const FlowDistinguisherMethod = defineStruct('FlowDistinguisherMethod', {
  type: text(1),
});
export type FlowDistinguisherMethod = TypeOf<typeof FlowDistinguisherMethod>;

/** Requests for paths; a path may end with `/*`. */
export const NonResourcePolicyRule = defineStruct('NonResourcePolicyRule', {
  verbs: list(1, text, { type: 'set' }),
  nonResourceURLs: list(6, text, { type: 'set' }),
});
export type NonResourcePolicyRule = TypeOf<typeof NonResourcePolicyRule>;

/** Requests about resources, in the namespaces named and, with `clusterScope`, in none. */
export const ResourcePolicyRule = defineStruct('ResourcePolicyRule', {
  verbs: list(1, text, { type: 'set' }),
  apiGroups: list(2, text, { type: 'set' }),
  resources: list(3, text, { type: 'set' }),
  clusterScope: bool(4).omitEmpty(),
  namespaces: list(5, text, { type: 'set' }).optional(),
});
export type ResourcePolicyRule = TypeOf<typeof ResourcePolicyRule>;

/** A group of users, or `*`. */
export const GroupSubject = defineStruct('GroupSubject', {
  name: text(1),
});
export type GroupSubject = TypeOf<typeof GroupSubject>;

/** A service account, or with the name `*` all of a namespace. */
export const ServiceAccountSubject = defineStruct('ServiceAccountSubject', {
  namespace: text(1),
  name: text(2),
});
export type ServiceAccountSubject = TypeOf<typeof ServiceAccountSubject>;

/** A user, or `*`. */
export const UserSubject = defineStruct('UserSubject', {
  name: text(1),
});
export type UserSubject = TypeOf<typeof UserSubject>;

/** Who makes a request; the member that `kind` names is set. */
export const Subject = defineStruct('Subject', {
  kind: text(1),
  user: struct(2, UserSubject).optional(),
  group: struct(3, GroupSubject).optional(),
  serviceAccount: struct(4, ServiceAccountSubject).optional(),
});
export type Subject = TypeOf<typeof Subject>;

/** Requests that some subjects make. */
export const PolicyRulesWithSubjects = defineStruct('PolicyRulesWithSubjects', {
  subjects: list(1, Subject),
  resourceRules: list(2, ResourcePolicyRule).optional(),
  nonResourceRules: list(3, NonResourcePolicyRule).optional(),
});
export type PolicyRulesWithSubjects = TypeOf<typeof PolicyRulesWithSubjects>;

/** The level by its name. */
export const PriorityLevelConfigurationReference = defineStruct('PriorityLevelConfigurationReference', {
  name: text(1),
});
export type PriorityLevelConfigurationReference = TypeOf<typeof PriorityLevelConfigurationReference>;

/** The requests meant; of several schemas that match, the one with the lowest precedence wins. */
export const FlowSchemaSpec = defineStruct('FlowSchemaSpec', {
  priorityLevelConfiguration: struct(1, PriorityLevelConfigurationReference),
  matchingPrecedence: int32(2).default(1000).omitEmpty(),
  distinguisherMethod: struct(3, FlowDistinguisherMethod).optional(),
  rules: list(4, PolicyRulesWithSubjects).optional(),
});
export type FlowSchemaSpec = TypeOf<typeof FlowSchemaSpec>;

/** One aspect of a schema's state, such as `Dangling`. */
export const FlowSchemaCondition = defineStruct('FlowSchemaCondition', {
  type: text(1).omitEmpty(),
  status: text(2).omitEmpty(),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});
export type FlowSchemaCondition = TypeOf<typeof FlowSchemaCondition>;

/** What the server found of the schema. */
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
export type FlowSchema = StoredObject<typeof flowSchemaFields>;

/** Sorts requests into a priority level. */
export const FlowSchema = defineResource({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  scope: 'Cluster',
  subresources: ['status'],
  fields: flowSchemaFields,
  keptFromStatus: statusMetadata,
  columns: {
    PriorityLevel: ({ spec }) => spec.priorityLevelConfiguration.name,
    MatchingPrecedence: ({ spec }) => spec.matchingPrecedence,
    DistinguisherMethod: ({ spec }) => spec.distinguisherMethod?.type ?? '<none>',
    Age: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
    MissingPL: ({ status }) => status.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
  },
  validate: flowSchemaErrors,
});
