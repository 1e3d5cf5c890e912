/** How kinds and fields are explained to people: `kubectl explain`, OpenAPI. */

/** What a struct's fields mean, by name; the entry '' is about the struct itself. */
export type StructDescriptions = Readonly<Record<string, string>>;

/** Explanations by the struct's name. */
export type Descriptions = Readonly<Record<string, StructDescriptions>>;

/** Fields that every kind has. */
export const kindFieldDescriptions: StructDescriptions = {
  apiVersion: 'Group and version of the schema that this object follows.',
  kind: 'Name of the schema that this object follows, in CamelCase.',
  metadata: 'Name, namespace, labels and what else every object has.',
  spec: 'The wanted state.',
  status: 'The observed state; written by the system.',
};

/** Fields of every list of objects. */
export const listFieldDescriptions: StructDescriptions = {
  ...kindFieldDescriptions,
  metadata: 'Version of the list, and where its next page begins.',
  items: 'The objects.',
};

/** Fields of conditions, whichever kind they belong to. */
export const conditionDescriptions: StructDescriptions = {
  '': 'One aspect of the state of an object.',
  type: 'Which aspect this is, in CamelCase.',
  status: 'Whether it holds: True, False or Unknown.',
  observedGeneration:
    'The generation of the object that this was found for; an older one than the current may be outdated.',
  lastTransitionTime: 'When the status last changed.',
  lastUpdateTime: 'When this condition was last written.',
  lastHeartbeatTime: 'When the state was last reported.',
  lastProbeTime: 'When the state was last probed.',
  reason: 'Why the status is what it is: one word in CamelCase, for programs.',
  message: 'Details for people.',
};

/** The parts that all kinds share. */
export const metaDescriptions: Descriptions = {
  ObjectMeta: {
    '': 'What every stored object has: identity, labels, owners, versions.',
    name: 'Unique among the objects of this kind in the namespace; can not be changed.',
    generateName: 'Begins a name that the server completes with random characters, if no name is given.',
    namespace: 'The namespace in which the name is unique; empty for objects that belong to none.',
    selfLink: 'No longer filled in.',
    uid: 'Unique in time and space: a deleted object and its successor of the same name differ in it.',
    resourceVersion: 'Changes with every write. Compare for equality only; send it back to detect concurrent changes.',
    generation: 'Counts changes of the wanted state.',
    creationTimestamp: 'When the server created the object.',
    deletionTimestamp: 'When the object is to be gone; set by the server once a deletion was asked for.',
    deletionGracePeriodSeconds: 'Seconds the object was given to end by itself.',
    labels: 'Names and values to select objects by.',
    annotations: 'Names and values of any content, which tools keep with the object; they can not be selected by.',
    ownerReferences: 'Objects that this one depends on: when all are gone, it is collected as garbage.',
    finalizers: 'What has to be done before the object may vanish; each entry is removed by its own component.',
    managedFields: 'Who set which fields; kept by the server for server-side apply.',
  },
  OwnerReference: {
    '': 'Names an object that owns another one, in the same namespace or in none.',
    apiVersion: 'Group and version of the owner.',
    kind: 'Kind of the owner.',
    name: 'Name of the owner.',
    uid: 'UID of the owner.',
    controller: 'Whether this owner is the one that manages the object; at most one is.',
    blockOwnerDeletion: 'Whether a foreground deletion of the owner waits for this object.',
  },
  ManagedFieldsEntry: {
    '': 'The fields that one manager set in one way.',
    manager: 'Name of the manager.',
    operation: 'How they were set: Apply or Update.',
    apiVersion: 'Version of the schema that the field names belong to.',
    time: 'When the manager last added, changed or gave up a field.',
    fieldsType: 'Format of the set of fields; FieldsV1.',
    fieldsV1: 'The set of fields.',
    subresource: 'The subresource through which they were set; empty for the object itself.',
  },
  FieldsV1: {
    '': 'A set of fields, as a trie: `f:` names a field, `k:` an element by its keys, `v:` one by its value.',
  },
  ListMeta: {
    '': 'What every list has beside its items.',
    selfLink: 'No longer filled in.',
    resourceVersion: 'The version of the collection; a watch can begin there.',
    continue: 'Set when there are more items: send it back to get the next page.',
    remainingItemCount: 'How many items follow this page, if that is known.',
  },
  LabelSelector: {
    '': 'Selects objects by their labels. All requirements must hold; an empty selector selects everything.',
    matchLabels: 'Labels that must be there with exactly these values.',
    matchExpressions: 'Further requirements.',
  },
  LabelSelectorRequirement: {
    '': 'One requirement on a label.',
    key: 'The label.',
    operator: 'How the label relates to the values: In, NotIn, Exists or DoesNotExist.',
    values: 'The values for In and NotIn; empty for the other operators.',
  },
  FieldSelectorRequirement: {
    '': 'One requirement on a field.',
    key: 'The field.',
    operator: 'How the field relates to the values: In, NotIn, Exists or DoesNotExist.',
    values: 'The values for In and NotIn; empty for the other operators.',
  },
  Condition: conditionDescriptions,
  Preconditions: {
    '': 'What must be true of an object for it to be deleted.',
    uid: 'The UID that the object must have.',
    resourceVersion: 'The version that the object must have.',
  },
  DeleteOptions: {
    '': 'How to delete.',
    apiVersion: kindFieldDescriptions['apiVersion'] ?? '',
    kind: kindFieldDescriptions['kind'] ?? '',
    gracePeriodSeconds: 'Seconds the object has to end by itself; 0 deletes it at once.',
    preconditions: 'What must be true of the object; else the deletion fails.',
    orphanDependents: 'Deprecated: use propagationPolicy.',
    propagationPolicy:
      'What becomes of dependents: Orphan leaves them, Background deletes them later, Foreground before.',
    dryRun: 'With All nothing is stored.',
    ignoreStoreReadErrorWithClusterBreakingPotential:
      'Deletes an object even if it can no longer be read from the store.',
  },
  Status: {
    '': 'The outcome of a request that returns no object.',
    metadata: 'Metadata of a list.',
    status: 'Success or Failure.',
    message: 'What happened, for people.',
    reason: 'Why it failed, for programs.',
    details: 'What the failure is about.',
    code: 'The HTTP status code.',
  },
  StatusDetails: {
    '': 'What a failure is about.',
    name: 'Name of the object.',
    group: 'Group of the object.',
    kind: 'Kind or resource of the object.',
    uid: 'UID of the object.',
    causes: 'Every single reason for the failure.',
    retryAfterSeconds: 'When to try again, in seconds.',
  },
  StatusCause: {
    '': 'One reason for a failure.',
    reason: 'The kind of error, for programs.',
    message: 'What is wrong, for people.',
    field: 'The field that is wrong, such as `spec.containers[0].name`.',
  },
  WatchEvent: {
    '': 'A change of a watched object.',
    type: 'ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.',
    object: 'The object after the change, before it if it was deleted, or a Status.',
  },
  Patch: { '': 'Changes of an object, in the format that the content type names.' },
  Time: { '': 'A time in RFC 3339, in seconds.' },
  MicroTime: { '': 'A time in RFC 3339, in microseconds.' },
  Duration: { '': 'A length of time such as `1m30s`.' },
  Quantity: { '': 'An amount such as `500m`, `1.5` or `2Gi`.' },
  IntOrString: { '': 'A number or a text.' },
  RawExtension: { '': 'Any object.' },
  JSON: { '': 'Any JSON value.' },
  GroupResource: { '': 'Names a resource.', group: 'Its group; empty for core.', resource: 'Its plural name.' },
  GroupVersionKind: {
    '': 'Names a kind.',
    group: 'The group; empty for core.',
    version: 'The version.',
    kind: 'The kind.',
  },
  GroupVersionForDiscovery: {
    '': 'A version of a group.',
    groupVersion: 'Group and version: `apps/v1`.',
    version: 'The version alone.',
  },
  APIGroup: {
    '': 'A group of kinds and its versions.',
    name: 'Name of the group.',
    versions: 'The versions that are served.',
    preferredVersion: 'The version to use when nothing speaks for another one.',
    serverAddressByClientCIDRs: 'Where clients reach the server.',
  },
  APIGroupList: { '': 'All groups.', groups: 'The groups.' },
  APIVersions: {
    '': 'The versions of the core group.',
    versions: 'The versions.',
    serverAddressByClientCIDRs: 'Where clients reach the server.',
  },
  APIResourceList: {
    '': 'The resources of a group version.',
    groupVersion: 'Group and version: `apps/v1`.',
    resources: 'The resources and subresources.',
  },
  APIResource: {
    '': 'A resource or subresource.',
    name: 'Plural name, as in paths.',
    singularName: 'Singular name.',
    namespaced: 'Whether its objects belong to namespaces.',
    group: 'Group of the kind, if it is another than that of the list.',
    version: 'Version of the kind, if it is another than that of the list.',
    kind: 'The kind.',
    verbs: 'What can be done.',
    shortNames: 'Abbreviations.',
    categories: 'Groups of resources that it belongs to, such as `all`.',
    storageVersionHash: 'Changes when objects are stored in another version.',
  },
  ServerAddressByClientCIDR: {
    '': 'An address of the server for some clients.',
    clientCIDR: 'Addresses of the clients.',
    serverAddress: 'Host and port.',
  },
};
