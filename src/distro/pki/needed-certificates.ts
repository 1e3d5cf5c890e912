import type { ClusterPlan } from '../up/cluster-plan.ts';
import type { NeededCertificate } from './cluster-pki.ts';

/** A node as its certificates name it. */
export interface CertifiedNode {
  readonly name: string;
  readonly address: string;
}

/** The certificates of a control-plane machine and its nodes: one identity a component. */
export function neededCertificates(plan: ClusterPlan, hostNames: readonly string[]): readonly NeededCertificate[] {
  return [...serverCertificates(plan, hostNames), ...plan.nodes.flatMap(nodeCertificates)];
}

function serverCertificates(plan: ClusterPlan, hostNames: readonly string[]): readonly NeededCertificate[] {
  const { clusterDomain } = plan.config;
  const serving = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${clusterDomain}`,
  ];
  return [
    {
      name: 'apiserver',
      request: {
        commonName: 'kube-apiserver',
        names: [
          ...new Set([...serving, 'localhost', '127.0.0.1', plan.kubernetesServiceIP, plan.apiAddress, ...hostNames]),
        ],
        usages: ['server'],
      },
    },
    client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client', ['system:masters']),
    { ...client('front-proxy-client', 'front-proxy-client'), authority: 'front-proxy' },
    client('admin', 'kubernetes-admin', ['system:masters']),
    client('scheduler', 'system:kube-scheduler'),
    client('controller-manager', 'system:kube-controller-manager'),
  ];
}

/** The certificates of a node. */
export function nodeCertificates(node: CertifiedNode): readonly NeededCertificate[] {
  return [
    client(`kubelet-${node.name}`, `system:node:${node.name}`, ['system:nodes']),
    client(`kube-proxy-${node.name}`, 'system:kube-proxy', ['system:node-proxier']),
    {
      name: `kubelet-server-${node.name}`,
      request: {
        commonName: `system:node:${node.name}`,
        organizations: ['system:nodes'],
        names: [node.name, node.address],
        usages: ['server'],
      },
    },
  ];
}

function client(name: string, commonName: string, organizations: readonly string[] = []): NeededCertificate {
  return { name, request: { commonName, organizations, usages: ['client'] } };
}
