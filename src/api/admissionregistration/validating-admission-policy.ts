import { Condition, LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, inlined, int64, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { MatchCondition, RuleWithOperations } from './validating-webhook-configuration.ts';

export const AuditAnnotation = defineStruct('AuditAnnotation', {
  key: text(1),
  valueExpression: text(2),
});
export type AuditAnnotation = TypeOf<typeof AuditAnnotation>;

export const NamedRuleWithOperations = defineStruct(
  'NamedRuleWithOperations',
  {
    resourceNames: list(1, text).optional(),
    ...inlined(2, RuleWithOperations),
  },
  { atomic: true },
);
export type NamedRuleWithOperations = TypeOf<typeof NamedRuleWithOperations>;

export const MatchResources = defineStruct(
  'MatchResources',
  {
    namespaceSelector: struct(1, LabelSelector).optional(),
    objectSelector: struct(2, LabelSelector).optional(),
    resourceRules: list(3, NamedRuleWithOperations).optional(),
    excludeResourceRules: list(4, NamedRuleWithOperations).optional(),
    matchPolicy: oneOf(7, ['Equivalent', 'Exact']).optional(),
  },
  { atomic: true },
);
export type MatchResources = TypeOf<typeof MatchResources>;

export const ParamKind = defineStruct(
  'ParamKind',
  {
    apiVersion: text(1).omitEmpty(),
    kind: text(2).omitEmpty(),
  },
  { atomic: true },
);
export type ParamKind = TypeOf<typeof ParamKind>;

export const Validation = defineStruct('Validation', {
  expression: text(1),
  message: text(2).omitEmpty(),
  reason: text(3).optional(),
  messageExpression: text(4).omitEmpty(),
});
export type Validation = TypeOf<typeof Validation>;

export const Variable = defineStruct(
  'Variable',
  {
    name: text(1),
    expression: text(2),
  },
  { atomic: true },
);
export type Variable = TypeOf<typeof Variable>;

export const ValidatingAdmissionPolicySpec = defineStruct('ValidatingAdmissionPolicySpec', {
  paramKind: struct(1, ParamKind).optional(),
  matchConstraints: struct(2, MatchResources).optional(),
  validations: list(3, Validation).optional(),
  failurePolicy: oneOf(4, ['Fail', 'Ignore']).optional(),
  auditAnnotations: list(5, AuditAnnotation).optional(),
  matchConditions: list(6, MatchCondition, {
    type: 'map',
    keys: ['name'],
    mergeKey: 'name',
    patch: 'merge',
  }).optional(),
  variables: list(7, Variable, { type: 'map', keys: ['name'], mergeKey: 'name', patch: 'merge' }).optional(),
});
export type ValidatingAdmissionPolicySpec = TypeOf<typeof ValidatingAdmissionPolicySpec>;

export const ExpressionWarning = defineStruct('ExpressionWarning', {
  fieldRef: text(2),
  warning: text(3),
});
export type ExpressionWarning = TypeOf<typeof ExpressionWarning>;

export const TypeChecking = defineStruct('TypeChecking', {
  expressionWarnings: list(1, ExpressionWarning).optional(),
});
export type TypeChecking = TypeOf<typeof TypeChecking>;

export const ValidatingAdmissionPolicyStatus = defineStruct('ValidatingAdmissionPolicyStatus', {
  observedGeneration: int64(1).omitEmpty(),
  typeChecking: struct(2, TypeChecking).optional(),
  conditions: list(3, Condition, { type: 'map', keys: ['type'] }).optional(),
});
export type ValidatingAdmissionPolicyStatus = TypeOf<typeof ValidatingAdmissionPolicyStatus>;

const validatingAdmissionPolicyFields = {
  spec: struct(2, ValidatingAdmissionPolicySpec).default({}),
  status: struct(3, ValidatingAdmissionPolicyStatus).default({}),
};
/** A ValidatingAdmissionPolicy. Source: admissionregistration.k8s.io/v1. */
export type ValidatingAdmissionPolicy = StoredObject<typeof validatingAdmissionPolicyFields>;

export const ValidatingAdmissionPolicy = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  scope: 'Cluster',
  categories: ['api-extensions'],
  subresources: ['status'],
  fields: validatingAdmissionPolicyFields,
});
