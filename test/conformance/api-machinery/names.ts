/** The names of upstream's conformance tests of [sig-api-machinery] in 1.37, and why some have no test here. */
export const apiMachineryNames = {
  'API priority and fairness should support FlowSchema API operations': {},
  'API priority and fairness should support PriorityLevelConfiguration API operations': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] listing mutating webhooks should work': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] listing validating webhooks should work': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a mutating webhook should work': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a validating webhook should work': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should be able to create and update mutating webhook configurations with match conditions':
    {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should be able to create and update validating webhook configurations with match conditions':
    {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny attaching pod': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny custom resource creation, update and deletion': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny pod and configmap creation': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should deny crd creation': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should honor timeout': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should include webhook resources in discovery documents': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should mutate configmap': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with different stored version': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with pruning': {},
  "AdmissionWebhook [Privileged:ClusterAdmin] should mutate everything except 'skip-me' configmaps": {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should mutate pod and apply defaults after mutation': {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should not be able to mutate or prevent deletion of webhook configuration objects':
    {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should reject mutating webhook configurations with invalid match conditions':
    {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should reject validating webhook configurations with invalid match conditions':
    {},
  'AdmissionWebhook [Privileged:ClusterAdmin] should unconditionally reject operations on fail closed webhook': {},
  'AggregatedDiscovery should support aggregated discovery interface': {},
  'AggregatedDiscovery should support aggregated discovery interface for CRDs': {},
  'AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers': {},
  'AggregatedDiscovery should support raw aggregated discovery request for CRDs': {},
  'Aggregator Should be able to support the 1.17 Sample API Server using the current Aggregator [LinuxOnly]': {
    left: 'runs the sample API server in pods',
  },
  'CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert a non homogeneous list of CRs':
    {},
  'CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert from CR v1 to CR v2': {},
  'CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch watch on custom resource definition objects':
    {},
  'CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition creating/deleting custom resource definition objects works':
    {},
  'CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works':
    {},
  'CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition listing custom resource definition objects works':
    {},
  'CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works':
    {},
  'CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery documents':
    {},
  'CustomResourceFieldSelectors [Privileged:ClusterAdmin] CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector':
    {},
  'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] removes definition from spec when one version gets changed to not be served':
    {},
  'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] updates the published spec when one version gets renamed': {},
  'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields at the schema root':
    {},
  'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields in an embedded object':
    {},
  'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD with validation schema': {},
  'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD without validation schema': {},
  'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of different groups': {},
  'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group and version but different kinds':
    {},
  'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group but different versions':
    {},
  'Discovery should locate the groupVersion and a resource within each APIGroup': {},
  'Discovery should validate PreferredVersion for each APIGroup': {},
  'FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema': {},
  'FieldValidation should create/apply a valid CR for CRD with validation schema': {},
  'FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema': {},
  'FieldValidation should detect duplicates in a CR when preserving unknown fields': {},
  'FieldValidation should detect unknown and duplicate fields of a typed object': {},
  'FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR': {},
  'FieldValidation should detect unknown metadata fields of a typed object': {},
  'Garbage collector should delete RS created by deployment when not orphaning': {},
  'Garbage collector should delete pods created by rc when not orphaning': {},
  'Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so [Serial]':
    {},
  'Garbage collector should not be blocked by dependency circle': {},
  "Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Serial]":
    {},
  'Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan': {},
  'Garbage collector should orphan pods created by rc if delete options say so [Serial]': {},
  'MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment': {},
  'MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment with annotations': {},
  'MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicy API operations': {},
  'MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support MutatingAdmissionPolicyBinding API operations': {},
  'Namespaces should apply a finalizer to a Namespace [Serial]': {},
  'Namespaces should apply an update to a Namespace [Serial]': {},
  'Namespaces should apply changes to a namespace status [Serial]': {},
  'Namespaces should ensure that all pods are removed when a namespace is deleted [Serial]': {},
  'Namespaces should ensure that all services are removed when a namespace is deleted [Serial]': {},
  'Namespaces should patch a Namespace [Serial]': {},
  'OrderedNamespaceDeletion namespace deletion should delete pod first': {},
  'ResourceQuota should apply changes to a resourcequota status': {},
  'ResourceQuota should be able to update and delete ResourceQuota.': {},
  'ResourceQuota should create a ResourceQuota and capture the life of a configMap.': {},
  'ResourceQuota should create a ResourceQuota and capture the life of a pod.': {},
  'ResourceQuota should create a ResourceQuota and capture the life of a replica set.': {},
  'ResourceQuota should create a ResourceQuota and capture the life of a replication controller.': {},
  'ResourceQuota should create a ResourceQuota and capture the life of a secret.': {},
  'ResourceQuota should create a ResourceQuota and capture the life of a service.': {},
  'ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated.': {},
  'ResourceQuota should manage the lifecycle of a ResourceQuota': {},
  'ResourceQuota should verify ResourceQuota with best effort scope.': {},
  'ResourceQuota should verify ResourceQuota with terminating scopes.': {},
  'Servers with support for API chunking should return chunks of results for list calls': {},
  'Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow]':
    {},
  'Servers with support for Table transformation should return a 406 for a backend which does not implement metadata':
    {},
  'StorageVersionMigration CRUD Tests storagemigration.k8s.io/v1 StorageVersionMigration': {},
  'ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to refer variables.': {},
  'ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicy API operations': {},
  'ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support ValidatingAdmissionPolicyBinding API operations':
    {},
  'ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should validate against a Deployment': {},
  'Watchers should be able to restart watching from the last resource version observed by the previous watch': {},
  'Watchers should be able to start watching from a specific resource version': {},
  'Watchers should observe add, update, and delete watch notifications on configmaps': {},
  'Watchers should observe an object deletion if it stops meeting the requirements of the selector': {},
  'Watchers should receive events on concurrent watches in same order': {},
  'server version should find the server version': {},
} as const satisfies Readonly<Record<string, { readonly left?: string }>>;

/** A name out of them. */
export type ApiMachineryName = keyof typeof apiMachineryNames;
