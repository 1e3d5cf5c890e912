/** A minimal valid object of every kind that is stored, for whatever is tested of all kinds. */
import type { JsonObject } from '../../base/json.ts';
import type { Resource } from '../../machinery/resource.ts';
import { builtinResources } from '../registry.ts';

/** The label of every sample. */
export const sampleLabels: Readonly<Record<string, string>> = { sample: 'true' };

/** A kind and an object that a client may create of it. */
export interface Sample {
  readonly resource: Resource;
  /** Namespaced samples stand in the namespace `default`. */
  readonly object: JsonObject & { readonly metadata: JsonObject & { readonly name: string } };
}

/** One sample per kind with objects; kinds that only answer have none. */
export function samples(): readonly Sample[] {
  return builtinResources.filter(({ verbs }) => verbs.includes('get') && verbs.includes('create')).map(sampleOf);
}

function sampleOf(resource: Resource): Sample {
  const { apiVersion, kind, namespaced, nameFormat } = resource;
  const members = memberOf[resource.qualified];
  if (!members) throw new Error(`There is no sample of ${resource.qualified}: add one to this file`);
  const name = names[resource.qualified] ?? (nameFormat === 'ip' ? '10.96.0.77' : 'sample');
  const metadata = { name, ...(namespaced ? { namespace: 'default' } : {}), labels: sampleLabels };
  return { resource, object: { apiVersion, kind, metadata, ...(members[apiVersion] ?? members['*']) } };
}

const names: Readonly<Record<string, string>> = {
  'customresourcedefinitions.apiextensions.k8s.io': 'samples.example.com',
  'apiservices.apiregistration.k8s.io': 'v1.sample.example.com',
};

const labels = { app: 'sample' };
const selector = { matchLabels: labels };
const container = { name: 'main', image: 'registry.example/sample:1' };
const template = { metadata: { labels }, spec: { containers: [container] } };
const jobTemplate = { spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } } } };
const rule = { operations: ['CREATE'], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['samples'] };
const webhook = {
  name: 'sample.example.com',
  clientConfig: { service: { name: 'sample', namespace: 'default' } },
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  failurePolicy: 'Ignore',
};
const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'sample' }];
const deviceRequests = [{ name: 'gpu', exactly: { deviceClassName: 'sample' } }];
/** A request for CN=sample, signed by a key that nobody has any longer. */
const certificateRequest =
  'MIHeMIGFAgEAMCMxDzANBgNVBAMMBnNhbXBsZTEQMA4GA1UECgwHc2FtcGxlczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCJlfcAfCB+MGk2QEjOgVFMPfNM6i5IbYCiWBcqTsaReTADrSNmWciB3IpKzUBK+bFzDkPbp/hlogzf0tInamrugADAKBggqhkjOPQQDAgNIADBFAiApH66H4jyu0LsGBNhLyMC8gLjgMWhCcu1by8vEmZUXEAIhAOgHH31Z1P3aAsQEe4XClA6DyO5JGF7/RH+kuIqjzfCr';
const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${certificateRequest.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE REQUEST-----\n`;

/** An authority CN=sample that nobody has the key of any longer; valid until 2126. */
const certificate =
  'MIIBODCB66ADAgECAhQEsXj0QDlHe1KDljsTCFOJLlkQtDAFBgMrZXAwETEPMA0GA1UEAwwGc2FtcGxlMCAXDTI2MTEyMzEwNDEzOVoYDzIxMjYxMDMwMTA0MTM5WjARMQ8wDQYDVQQDDAZzYW1wbGUwKjAFBgMrZXADIQDkxVmMlLcQLH9sqq25ajePWFDm/rGC8MgFcuoW8oJIb6NTMFEwHQYDVR0OBBYEFPT94wj9QKYnJUTHtzjk8foSyK3yMB8GA1UdIwQYMBaAFPT94wj9QKYnJUTHtzjk8foSyK3yMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EA9qVykzJ94ti9wNCqYWcBuBaMwy7n3MWWGYhGffSyoEkOKSlfvMfkxZSqNr3B5lPfqY9neSjBZORSJ0vJ1IUiAg==';
const trustBundle = `-----BEGIN CERTIFICATE-----\n${certificate.replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;

/** An empty request of an Ed25519 key that nobody has any longer, DER. */
const stubRequest =
  'MH8wMwIBADAAMCowBQYDK2VwAyEAb49wdcPQX0Sv2fY1/1twqkpdPkNuAFgpo/+3MSXPHWKgADAFBgMrZXADQQBoIDETs5KLWKeP2T/n68JaA/H5cngLNAVotj0drI/AEIEZXNof8oOFVSGBDO5eOCmHYdaW5XdD3DGqNkxCCoMD';
const podCertificateSubject = {
  signerName: 'example.com/sample',
  podName: 'sample',
  podUID: 'pod-uid',
  serviceAccountName: 'default',
  serviceAccountUID: 'account-uid',
  nodeName: 'sample',
  nodeUID: 'node-uid',
};

type Members = Readonly<Record<string, JsonObject>>;
const sample = (members: JsonObject): Members => ({ '*': members });

/** What the samples have beside their metadata, by kind; by version where those differ. */
const memberOf: Readonly<Record<string, Members>> = {
  pods: sample({ spec: { containers: [container] } }),
  namespaces: sample({}),
  nodes: sample({ spec: { podCIDR: '10.244.9.0/24' } }),
  services: sample({ spec: { selector: labels, ports: [{ port: 80 }] } }),
  endpoints: sample({ subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] }),
  configmaps: sample({ data: { key: 'value' } }),
  secrets: sample({ data: { key: 'dmFsdWU=' } }),
  serviceaccounts: sample({}),
  events: sample({
    involvedObject: { kind: 'Pod', name: 'sample', namespace: 'default' },
    reason: 'Sampled',
    message: 'A sample was taken',
    type: 'Normal',
    source: { component: 'test' },
  }),
  'events.events.k8s.io': sample({
    eventTime: '2026-01-01T00:00:00.000000Z',
    regarding: { kind: 'Pod', name: 'sample', namespace: 'default' },
    reason: 'Sampled',
    action: 'Sampling',
    note: 'A sample was taken',
    type: 'Normal',
    reportingController: 'example.com/test',
    reportingInstance: 'test-1',
  }),
  limitranges: sample({ spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } }),
  persistentvolumes: sample({
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/mnt' } },
  }),
  persistentvolumeclaims: sample({
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }),
  podtemplates: sample({ template }),
  replicationcontrollers: sample({ spec: { replicas: 1, selector: labels, template } }),
  resourcequotas: sample({ spec: { hard: { pods: '10' } } }),
  'replicasets.apps': sample({ spec: { selector, template } }),
  'deployments.apps': sample({ spec: { selector, template } }),
  'daemonsets.apps': sample({ spec: { selector, template } }),
  'statefulsets.apps': sample({ spec: { selector, template, serviceName: 'sample' } }),
  'controllerrevisions.apps': sample({ revision: 1, data: { key: 'value' } }),
  'jobs.batch': sample(jobTemplate),
  'cronjobs.batch': sample({ spec: { schedule: '0 * * * *', jobTemplate } }),
  'horizontalpodautoscalers.autoscaling': sample({
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'sample' }, maxReplicas: 3 },
  }),
  'poddisruptionbudgets.policy': sample({ spec: { selector, minAvailable: 1 } }),
  'roles.rbac.authorization.k8s.io': sample({ rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
  'clusterroles.rbac.authorization.k8s.io': sample({
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  }),
  'rolebindings.rbac.authorization.k8s.io': sample({ roleRef: role, subjects }),
  'clusterrolebindings.rbac.authorization.k8s.io': sample({ roleRef: role, subjects }),
  'leases.coordination.k8s.io': sample({ spec: { holderIdentity: 'sample', leaseDurationSeconds: 15 } }),
  'priorityclasses.scheduling.k8s.io': sample({ value: 1000 }),
  'runtimeclasses.node.k8s.io': sample({ handler: 'runc' }),
  'endpointslices.discovery.k8s.io': sample({
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.3'] }],
    ports: [],
  }),
  'ingresses.networking.k8s.io': sample({
    spec: {
      rules: [
        {
          host: 'sample.example.com',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'sample', port: { number: 80 } } } }],
          },
        },
      ],
    },
  }),
  'ingressclasses.networking.k8s.io': sample({ spec: { controller: 'example.com/ingress' } }),
  'networkpolicies.networking.k8s.io': sample({
    spec: { podSelector: selector, ingress: [{ ports: [{ port: 80 }] }] },
  }),
  'ipaddresses.networking.k8s.io': sample({
    spec: { parentRef: { resource: 'services', namespace: 'default', name: 'sample' } },
  }),
  'servicecidrs.networking.k8s.io': sample({ spec: { cidrs: ['10.99.0.0/16'] } }),
  'storageclasses.storage.k8s.io': sample({ provisioner: 'example.com/disks' }),
  'volumeattachments.storage.k8s.io': sample({
    spec: { attacher: 'disks.example.com', nodeName: 'sample', source: { persistentVolumeName: 'sample' } },
  }),
  'volumeattributesclasses.storage.k8s.io': sample({ driverName: 'disks.example.com', parameters: { iops: '100' } }),
  'csidrivers.storage.k8s.io': sample({ spec: { attachRequired: false } }),
  'csinodes.storage.k8s.io': sample({ spec: { drivers: [{ name: 'disks.example.com', nodeID: 'n1' }] } }),
  'csistoragecapacities.storage.k8s.io': sample({ storageClassName: 'sample', capacity: '1Ti' }),
  'deviceclasses.resource.k8s.io': sample({
    spec: { selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }] },
  }),
  'resourceclaims.resource.k8s.io': sample({ spec: { devices: { requests: deviceRequests } } }),
  'resourceclaimtemplates.resource.k8s.io': sample({ spec: { spec: { devices: { requests: deviceRequests } } } }),
  'resourceslices.resource.k8s.io': sample({
    spec: {
      driver: 'gpu.example.com',
      nodeName: 'sample',
      pool: { name: 'sample', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'gpu-0', attributes: { model: { string: 'sample' } } }],
    },
  }),
  'certificatesigningrequests.certificates.k8s.io': sample({
    spec: { request: btoa(pem), signerName: 'example.com/sample', usages: ['client auth'] },
  }),
  'clustertrustbundles.certificates.k8s.io': sample({ spec: { trustBundle } }),
  'podcertificaterequests.certificates.k8s.io': sample({
    spec: { ...podCertificateSubject, stubPKCS10Request: stubRequest },
  }),
  'flowschemas.flowcontrol.apiserver.k8s.io': sample({
    spec: {
      priorityLevelConfiguration: { name: 'global-default' },
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'sample' } }],
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }],
        },
      ],
    },
  }),
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': sample({
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  }),
  'validatingwebhookconfigurations.admissionregistration.k8s.io': sample({ webhooks: [webhook] }),
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': sample({ webhooks: [webhook] }),
  'validatingadmissionpolicies.admissionregistration.k8s.io': sample({
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'object.spec.size < 5' }] },
  }),
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': sample({
    spec: { policyName: 'sample', validationActions: ['Deny'] },
  }),
  'mutatingadmissionpolicies.admissionregistration.k8s.io': sample({
    spec: {
      matchConstraints: { resourceRules: [rule] },
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }],
      reinvocationPolicy: 'Never',
    },
  }),
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': sample({ spec: { policyName: 'sample' } }),
  'storageversionmigrations.storagemigration.k8s.io': sample({
    spec: { resource: { group: 'apps', resource: 'deployments' } },
  }),
  'customresourcedefinitions.apiextensions.k8s.io': sample({
    spec: {
      group: 'example.com',
      names: { plural: 'samples', singular: 'sample', kind: 'Sample' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  }),
  'apiservices.apiregistration.k8s.io': sample({
    spec: {
      group: 'sample.example.com',
      version: 'v1',
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      service: { name: 'sample', namespace: 'default' },
    },
  }),
};
