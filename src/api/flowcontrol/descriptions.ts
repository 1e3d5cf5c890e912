/** What flow schemas, priority levels and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

const shares = 'Its share of the requests that may run at once.';
const lendable = 'How much of its share others may borrow, in percent.';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  FlowSchema: { '': 'Sorts requests into flows, and gives them a priority level.' },
  FlowSchemaSpec: {
    '': 'Which requests, and where they belong.',
    priorityLevelConfiguration: 'Their priority level.',
    matchingPrecedence: 'Schemas with lower numbers are tried first.',
    distinguisherMethod: 'What makes requests different flows.',
    rules: 'Which requests.',
  },
  PriorityLevelConfigurationReference: { '': 'Names a priority level.', name: 'Its name.' },
  FlowDistinguisherMethod: { '': 'What makes requests different flows.', type: 'ByUser or ByNamespace.' },
  PolicyRulesWithSubjects: {
    '': 'Requests of some users.',
    subjects: 'The users.',
    resourceRules: 'Requests about resources.',
    nonResourceRules: 'Requests about paths.',
  },
  Subject: {
    '': 'Users; one of these.',
    kind: 'User, Group or ServiceAccount.',
    user: 'A user.',
    group: 'A group.',
    serviceAccount: 'A service account.',
  },
  UserSubject: { '': 'A user.', name: 'Name of the user; `*` for all.' },
  GroupSubject: { '': 'A group.', name: 'Name of the group; `*` for all.' },
  ServiceAccountSubject: {
    '': 'A service account.',
    namespace: 'Its namespace.',
    name: 'Its name; `*` for all of the namespace.',
  },
  ResourcePolicyRule: {
    '': 'Requests about resources.',
    verbs: 'Verbs; `*` for all.',
    apiGroups: 'Groups; `*` for all.',
    resources: 'Resources; `*` for all.',
    clusterScope: 'Whether requests about no namespace are meant.',
    namespaces: 'Namespaces; `*` for all.',
  },
  NonResourcePolicyRule: {
    '': 'Requests about paths.',
    verbs: 'Methods in lower case; `*` for all.',
    nonResourceURLs: 'Paths such as `/healthz` or `/logs/*`.',
  },
  FlowSchemaStatus: { '': 'State of a schema.', conditions: 'What is the case: Dangling.' },
  PriorityLevelConfiguration: { '': 'How many requests of a level may run, and how the others wait.' },
  PriorityLevelConfigurationSpec: {
    '': 'Whether requests are limited, and how.',
    type: 'Limited or Exempt.',
    limited: 'Settings of Limited.',
    exempt: 'Settings of Exempt.',
  },
  LimitedPriorityLevelConfiguration: {
    '': 'A level whose requests are limited.',
    nominalConcurrencyShares: shares,
    limitResponse: 'What happens to requests beyond it.',
    lendablePercent: lendable,
    borrowingLimitPercent: 'How much it may borrow from others, in percent of its share.',
  },
  LimitResponse: {
    '': 'What happens to requests beyond the limit.',
    type: 'Queue or Reject.',
    queuing: 'Settings of Queue.',
  },
  QueuingConfiguration: {
    '': 'How requests wait.',
    queues: 'How many queues there are.',
    handSize: 'Among how many queues a flow chooses.',
    queueLengthLimit: 'How many requests a queue holds.',
  },
  ExemptPriorityLevelConfiguration: {
    '': 'A level whose requests are not limited.',
    nominalConcurrencyShares: shares,
    lendablePercent: lendable,
  },
  PriorityLevelConfigurationStatus: { '': 'State of a level.', conditions: 'What is the case.' },
};
