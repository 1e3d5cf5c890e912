/** ValidatingAdmissionPolicy: expressions that judge writes. Source: admissionregistration.k8s.io/v1. */
import { Condition, LabelSelector } from '../../machinery/meta.ts';
import { defineResource, statusMetadata } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, inlined, int64, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { validatingPolicyErrors } from './validating-admission-policy-validation.ts';
import { MatchCondition, RuleWithOperations } from './validating-webhook-configuration.ts';

/** An annotation of the audit log, computed from the request. */
export const AuditAnnotation = defineStruct('AuditAnnotation', {
  key: text(1),
  valueExpression: text(2),
});
export type AuditAnnotation = TypeOf<typeof AuditAnnotation>;

/** A rule for objects of certain names. */
export const NamedRuleWithOperations = defineStruct(
  'NamedRuleWithOperations',
  {
    resourceNames: list(1, text).optional(),
    ...inlined(2, RuleWithOperations),
  },
  { atomic: true },
);
export type NamedRuleWithOperations = TypeOf<typeof NamedRuleWithOperations>;

/** The requests that a policy is about, by kind, labels and namespace. */
export const MatchResources = defineStruct(
  'MatchResources',
  {
    namespaceSelector: struct(1, LabelSelector).default({}),
    objectSelector: struct(2, LabelSelector).default({}),
    resourceRules: list(3, NamedRuleWithOperations).optional(),
    excludeResourceRules: list(4, NamedRuleWithOperations).optional(),
    matchPolicy: oneOf(7, ['Equivalent', 'Exact']).default('Equivalent'),
  },
  { atomic: true },
);
export type MatchResources = TypeOf<typeof MatchResources>;

/** The kind of the objects that parameterize a policy. */
export const ParamKind = defineStruct(
  'ParamKind',
  {
    apiVersion: text(1).omitEmpty(),
    kind: text(2).omitEmpty(),
  },
  { atomic: true },
);
export type ParamKind = TypeOf<typeof ParamKind>;

/** An expression that must be true, and what is said when it is not. */
export const Validation = defineStruct('Validation', {
  expression: text(1),
  message: text(2).omitEmpty(),
  reason: text(3).optional(),
  messageExpression: text(4).omitEmpty(),
});
export type Validation = TypeOf<typeof Validation>;

/** An expression with a name, for the others to use. */
export const Variable = defineStruct(
  'Variable',
  {
    name: text(1),
    expression: text(2),
  },
  { atomic: true },
);
export type Variable = TypeOf<typeof Variable>;

/** Which requests are judged, and how. */
export const ValidatingAdmissionPolicySpec = defineStruct('ValidatingAdmissionPolicySpec', {
  paramKind: struct(1, ParamKind).optional(),
  matchConstraints: struct(2, MatchResources).optional(),
  validations: list(3, Validation).optional(),
  failurePolicy: oneOf(4, ['Fail', 'Ignore']).default('Fail'),
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

/** What is doubtful about an expression. */
export const ExpressionWarning = defineStruct('ExpressionWarning', {
  fieldRef: text(2),
  warning: text(3),
});
export type ExpressionWarning = TypeOf<typeof ExpressionWarning>;

/** What checking the expressions against the kinds found. */
export const TypeChecking = defineStruct('TypeChecking', {
  expressionWarnings: list(1, ExpressionWarning).optional(),
});
export type TypeChecking = TypeOf<typeof TypeChecking>;

/** What the server found of the policy. */
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
export type ValidatingAdmissionPolicy = StoredObject<typeof validatingAdmissionPolicyFields>;

/** Judges writes by expressions, once a binding puts it to use. */
export const ValidatingAdmissionPolicy = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  scope: 'Cluster',
  categories: ['api-extensions'],
  subresources: ['status'],
  fields: validatingAdmissionPolicyFields,
  keptFromStatus: statusMetadata,
  columns: {
    Validations: { value: ({ spec }) => spec.validations?.length ?? 0, type: 'integer' },
    ParamKind: ({ spec }) => paramKindText(spec.paramKind),
  },
  validate: validatingPolicyErrors,
});

/** The kind of a policy's parameters, as tables show it. */
export function paramKindText(paramKind: ParamKind | undefined): string {
  if (!paramKind) return '<unset>';
  const { apiVersion = '', kind = '' } = paramKind;
  return apiVersion === '' ? kind : `${apiVersion}/${kind}`;
}
