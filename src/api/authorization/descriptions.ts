/** What reviews of rights and their fields are for. */
import type { Descriptions, StructDescriptions } from '../../machinery/descriptions.ts';

const question: StructDescriptions = {
  '': 'The question.',
  resourceAttributes: 'A request about a resource.',
  nonResourceAttributes: 'A request about a path.',
};
const selector: StructDescriptions = {
  '': 'A selector of the request.',
  rawSelector: 'The selector as text.',
  requirements: 'The selector, parsed.',
};

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  SubjectAccessReview: { '': 'Asks whether a user may do something.' },
  SubjectAccessReviewSpec: {
    ...question,
    user: 'Name of the user.',
    groups: 'Groups of the user.',
    extra: 'More about the user.',
    uid: 'UID of the user.',
  },
  LocalSubjectAccessReview: { '': 'Asks whether a user may do something in a namespace.' },
  SelfSubjectAccessReview: { '': 'Asks whether oneself may do something.' },
  SelfSubjectAccessReviewSpec: question,
  ResourceAttributes: {
    '': 'A request about a resource.',
    namespace: 'The namespace; none for all.',
    verb: 'The verb; `*` for all.',
    group: 'The group; `*` for all.',
    version: 'The version; `*` for all.',
    resource: 'The resource; `*` for all.',
    subresource: 'The part of an object; none for the object itself.',
    name: 'Name of the object; none for all.',
    fieldSelector: 'The field selector of a list.',
    labelSelector: 'The label selector of a list.',
  },
  FieldSelectorAttributes: selector,
  LabelSelectorAttributes: selector,
  NonResourceAttributes: { '': 'A request about a path.', path: 'The path.', verb: 'The method, in lower case.' },
  SubjectAccessReviewStatus: {
    '': 'The answer.',
    allowed: 'Whether it is allowed.',
    denied: 'Whether it is forbidden, whoever else may be asked.',
    reason: 'Why.',
    evaluationError: 'What went wrong while finding out.',
  },
  SelfSubjectRulesReview: { '': 'Asks what oneself may do in a namespace.' },
  SelfSubjectRulesReviewSpec: { '': 'The question.', namespace: 'The namespace.' },
  SubjectRulesReviewStatus: {
    '': 'The answer.',
    resourceRules: 'What is allowed on resources.',
    nonResourceRules: 'What is allowed on paths.',
    incomplete: 'Whether there may be more.',
    evaluationError: 'What went wrong while finding out.',
  },
  ResourceRule: {
    '': 'What is allowed on resources.',
    verbs: 'Verbs; `*` for all.',
    apiGroups: 'Groups; `*` for all.',
    resources: 'Resources; `*` for all.',
    resourceNames: 'Names of objects; none for all.',
  },
  NonResourceRule: { '': 'What is allowed on paths.', verbs: 'Methods; `*` for all.', nonResourceURLs: 'Paths.' },
};
