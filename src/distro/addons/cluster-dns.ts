import { Deployment } from '../../api/apps/deployment.ts';
import type { PodSpec } from '../../api/core/pod-spec.ts';
import { Service } from '../../api/core/service.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { DraftObjectOf } from '../../machinery/resource.ts';
import type { DraftOf } from '../../machinery/schema.ts';
import type { AddonObject } from './apply-addons.ts';

/** What the cluster's DNS depends on. */
export interface ClusterDnsOptions {
  /** The image that kubets builds of itself; its entry point takes `dns`. */
  readonly image: string;
  /** The address that every pod's resolv.conf names. */
  readonly clusterIP: string;
  readonly clusterDomain: string;
  /** Default 1. */
  readonly replicas?: number | undefined;
}

const namespace = 'kube-system';
const name = 'kube-dns';
const labels = { 'k8s-app': name };
const addonLabels = { ...labels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' };
/** Above 1024, so that the server needs no privilege to listen there. */
const port = 10_053;
const roleName = 'system:coredns';

/** The objects of cluster DNS: a Deployment behind the Service `kube-dns`, where clients look for it by that name. */
export function clusterDns(options: ClusterDnsOptions): readonly AddonObject[] {
  return [
    { resource: ServiceAccount, object: { metadata: { name, namespace, labels } } },
    { resource: ClusterRole, object: role },
    { resource: ClusterRoleBinding, object: binding },
    { resource: Service, object: service(options) },
    { resource: Deployment, object: deployment(options) },
  ];
}

const role: DraftObjectOf<typeof ClusterRole> = {
  metadata: { name: roleName, labels },
  rules: [
    { apiGroups: [''], resources: ['services', 'namespaces'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ],
};

const binding: DraftObjectOf<typeof ClusterRoleBinding> = {
  metadata: { name: roleName, labels },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName },
  subjects: [{ kind: 'ServiceAccount', name, namespace }],
};

function service({ clusterIP }: ClusterDnsOptions): DraftObjectOf<typeof Service> {
  return {
    metadata: {
      name,
      namespace,
      labels: addonLabels,
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
    },
    spec: {
      selector: labels,
      clusterIP,
      ports: [
        { name: 'dns', protocol: 'UDP', port: 53, targetPort: 'dns' },
        { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: 'dns-tcp' },
        { name: 'metrics', protocol: 'TCP', port: 9153, targetPort: 'metrics' },
      ],
    },
  };
}

function deployment(options: ClusterDnsOptions): DraftObjectOf<typeof Deployment> {
  return {
    metadata: { name, namespace, labels: addonLabels },
    spec: {
      replicas: options.replicas ?? 1,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { metadata: { labels }, spec: podSpec(options) },
    },
  };
}

function podSpec(options: ClusterDnsOptions): DraftOf<typeof PodSpec> {
  return {
    serviceAccountName: name,
    priorityClassName: 'system-cluster-critical',
    // The node's own servers answer what is not the cluster's; the cluster's DNS can't ask itself.
    dnsPolicy: 'Default',
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [
      { key: 'CriticalAddonsOnly', operator: 'Exists' },
      { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
    ],
    containers: [
      {
        name: 'dns',
        image: options.image,
        imagePullPolicy: 'IfNotPresent',
        args: ['dns', `--cluster-domain=${options.clusterDomain}`, `--port=${port}`],
        resources: { requests: { cpu: '50m', memory: '70Mi' }, limits: { memory: '170Mi' } },
        ports: [
          { name: 'dns', containerPort: port, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: port, protocol: 'TCP' },
          { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
        ],
        livenessProbe: {
          httpGet: { path: '/health', port: 8181 },
          initialDelaySeconds: 10,
          timeoutSeconds: 5,
          failureThreshold: 5,
        },
        // A cluster is up when its DNS answers: asked often at first, so that nobody waits for the next question.
        startupProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1, failureThreshold: 60 },
        readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 2 },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 65_534,
        },
      },
    ],
  };
}
