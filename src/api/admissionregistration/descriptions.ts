/** What admission webhooks, policies and their fields are for. */
import type { Descriptions, StructDescriptions } from '../../machinery/descriptions.ts';

const webhook: StructDescriptions = {
  name: 'Name of the webhook; a domain name.',
  clientConfig: 'Where it is.',
  rules: 'Which requests it wants.',
  failurePolicy: 'What happens when it can not be asked: Fail or Ignore.',
  matchPolicy: 'Exact, or Equivalent for the same objects in other versions too.',
  namespaceSelector: 'Labels of the namespaces that it is about.',
  objectSelector: 'Labels of the objects that it is about.',
  sideEffects: 'None or NoneOnDryRun: whether it changes something else.',
  timeoutSeconds: 'How long it may take, in seconds; 10 by default.',
  admissionReviewVersions: 'Versions of AdmissionReview that it understands, the best first.',
  matchConditions: 'Expressions that must all be true.',
};
const rule: StructDescriptions = {
  operations: 'CREATE, UPDATE, DELETE, CONNECT or `*`.',
  apiGroups: 'Groups; `*` for all.',
  apiVersions: 'Versions; `*` for all.',
  resources: 'Resources, with `/subresource` for a part; `*` for all.',
  scope: 'Cluster, Namespaced or `*`.',
};
const policy: StructDescriptions = {
  paramKind: 'The kind of its parameters.',
  matchConstraints: 'Which requests it is about.',
  variables: 'Expressions with a name, for use in others.',
  failurePolicy: 'What happens when an expression fails: Fail or Ignore.',
  matchConditions: 'Expressions that must all be true for it to apply.',
};
const binding: StructDescriptions = {
  policyName: 'Name of the policy.',
  paramRef: 'Its parameters.',
  matchResources: 'Which of the requests that the policy is about.',
};
const expression = 'The expression, in CEL.';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  ValidatingWebhookConfiguration: { '': 'Webhooks that judge writes.', webhooks: 'The webhooks.' },
  ValidatingWebhook: { '': 'A webhook that judges writes.', ...webhook },
  MutatingWebhookConfiguration: { '': 'Webhooks that change writes.', webhooks: 'The webhooks.' },
  MutatingWebhook: {
    '': 'A webhook that changes writes.',
    ...webhook,
    reinvocationPolicy: 'Whether it is asked again after others made changes: Never or IfNeeded.',
  },
  WebhookClientConfig: {
    '': 'Where a webhook is: a URL or a Service.',
    url: 'Its URL.',
    service: 'Its Service.',
    caBundle: 'Authorities of its certificate, PEM.',
  },
  ServiceReference: {
    '': 'Names a port of a Service.',
    namespace: 'Its namespace.',
    name: 'Its name.',
    path: 'Path to ask.',
    port: 'The port; 443 by default.',
  },
  RuleWithOperations: { '': 'Some requests.', ...rule },
  NamedRuleWithOperations: {
    '': 'Some requests, about some objects.',
    ...rule,
    resourceNames: 'Names of the objects; none for all.',
  },
  MatchCondition: { '': 'An expression that must be true.', name: 'Its name.', expression },
  ValidatingAdmissionPolicy: { '': 'Expressions that judge writes.' },
  ValidatingAdmissionPolicySpec: {
    '': 'Which writes are judged how.',
    ...policy,
    validations: 'What must be true.',
    auditAnnotations: 'What is written to the audit log.',
  },
  ParamKind: {
    '': 'A kind of parameters.',
    apiVersion: 'Its group and version.',
    kind: 'The kind.',
  },
  MatchResources: {
    '': 'Which requests are meant.',
    namespaceSelector: 'Labels of the namespaces.',
    objectSelector: 'Labels of the objects.',
    resourceRules: 'The requests.',
    excludeResourceRules: 'Requests that are not meant.',
    matchPolicy: 'Exact, or Equivalent for the same objects in other versions too.',
  },
  Validation: {
    '': 'Something that must be true.',
    expression,
    message: 'What is said if it is not.',
    reason: 'Reason of the refusal, such as Invalid or Forbidden.',
    messageExpression: 'Makes the message; wins over it.',
  },
  AuditAnnotation: {
    '': 'Something for the audit log.',
    key: 'Its name.',
    valueExpression: 'Makes its value.',
  },
  Variable: { '': 'An expression with a name.', name: 'Its name.', expression },
  ValidatingAdmissionPolicyStatus: {
    '': 'State of a policy.',
    observedGeneration: 'The generation of the spec that this status is about.',
    typeChecking: 'What is wrong with the types in its expressions.',
    conditions: 'What is the case.',
  },
  TypeChecking: { '': 'What is wrong with types.', expressionWarnings: 'One entry for each expression.' },
  ExpressionWarning: {
    '': 'What is wrong with an expression.',
    fieldRef: 'Where it stands.',
    warning: 'What is wrong.',
  },
  ValidatingAdmissionPolicyBinding: { '': 'Puts a policy in force.' },
  ValidatingAdmissionPolicyBindingSpec: {
    '': 'Which policy is in force, and where.',
    ...binding,
    validationActions: 'What happens when it is violated: Deny, Warn, Audit.',
  },
  ParamRef: {
    '': 'Names parameters.',
    name: 'Name of an object.',
    namespace: 'Its namespace; that of the request by default.',
    selector: 'Labels of objects, each of which is used.',
    parameterNotFoundAction: 'What happens if there are none: Allow or Deny.',
  },
  MutatingAdmissionPolicy: { '': 'Expressions that change writes.' },
  MutatingAdmissionPolicySpec: {
    '': 'Which writes are changed how.',
    ...policy,
    mutations: 'The changes, in order.',
    reinvocationPolicy: 'Whether it is applied again after others made changes: Never or IfNeeded.',
  },
  Mutation: {
    '': 'A change.',
    patchType: 'ApplyConfiguration or JSONPatch.',
    applyConfiguration: 'As by server-side apply.',
    jsonPatch: 'As by a JSON patch.',
  },
  ApplyConfiguration: { '': 'A change as by server-side apply.', expression },
  JSONPatch: { '': 'A change as by a JSON patch.', expression },
  MutatingAdmissionPolicyBinding: { '': 'Puts a policy in force.' },
  MutatingAdmissionPolicyBindingSpec: { '': 'Which policy is in force, and where.', ...binding },
};
