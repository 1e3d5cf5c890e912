import type { Pod } from '../../api/core/pod.ts';
import type { DNSConfig, PodSandboxConfig, PortMapping, SandboxSecurityContext } from '../cri/container-runtime.ts';
import { configSourceAnnotation, podNameLabel, podNamespaceLabel, podUidLabel } from './container-labels.ts';
import { namespaceOptions } from './namespace-options.ts';
import { allContainers, hostDomainOf, hostnameOf } from './pod-facts.ts';
import { seccompOf, selinuxOf } from './security-context.ts';

/** What a sandbox's configuration is made from. */
export interface SandboxConfigInputs {
  readonly pod: Pod;
  readonly attempt: number;
  readonly logDirectory: string;
  readonly cgroupParent: string;
  readonly dns: DNSConfig;
  readonly clusterDomain: string;
  readonly seccompRoot: string;
}

/** The runtime's description of a pod's sandbox. */
export function sandboxConfig(inputs: SandboxConfigInputs): PodSandboxConfig {
  const { pod } = inputs;
  const { name, namespace = '', uid, labels = {}, annotations = {} } = pod.metadata;
  const sysctls = Object.fromEntries(
    (pod.spec.securityContext.sysctls ?? []).map((entry) => [entry.name, entry.value]),
  );
  return {
    metadata: { name, namespace, uid, attempt: inputs.attempt },
    hostname: sandboxHostname(pod, inputs.clusterDomain),
    logDirectory: inputs.logDirectory,
    dnsConfig: inputs.dns,
    portMappings: pod.spec.hostNetwork ? [] : portMappings(pod),
    labels: { ...labels, ...podLabels(pod) },
    annotations: { [configSourceAnnotation]: 'api', ...annotations },
    linux: {
      cgroupParent: inputs.cgroupParent,
      sysctls,
      securityContext: sandboxSecurity(pod, inputs.seccompRoot),
    },
  };
}

/** The labels by which a pod's sandboxes and containers are found again. */
export function podLabels(pod: Pod): Readonly<Record<string, string>> {
  return {
    [podNameLabel]: pod.metadata.name,
    [podNamespaceLabel]: pod.metadata.namespace ?? '',
    [podUidLabel]: pod.metadata.uid,
  };
}

/** Ports that the node forwards to the pod. */
export function portMappings(pod: Pod): readonly PortMapping[] {
  const sidecarsAndContainers = allContainers(pod).filter(({ group }) => group !== 'ephemeralContainers');
  return sidecarsAndContainers.flatMap(({ container }) =>
    (container.ports ?? []).flatMap((port) =>
      port.hostPort
        ? [
            {
              protocol: port.protocol,
              containerPort: port.containerPort,
              hostPort: port.hostPort,
              hostIP: port.hostIP ?? '',
            },
          ]
        : [],
    ),
  );
}

/** On the node's network the runtime wants no hostname. */
function sandboxHostname(pod: Pod, clusterDomain: string): string {
  if (pod.spec.hostNetwork) return '';
  const hostname = hostnameOf(pod);
  const domain = hostDomainOf(pod, clusterDomain);
  return pod.spec.setHostnameAsFQDN && domain ? `${hostname}.${domain}` : hostname;
}

function sandboxSecurity(pod: Pod, seccompRoot: string): SandboxSecurityContext {
  const shared = pod.spec.securityContext;
  const groups = [...(shared.supplementalGroups ?? []), ...(shared.fsGroup === undefined ? [] : [shared.fsGroup])];
  return {
    namespaceOptions: namespaceOptions(pod),
    privileged: allContainers(pod).some(({ container }) => container.securityContext?.privileged),
    supplementalGroups: groups,
    selinuxOptions: selinuxOf(shared.seLinuxOptions),
    // The pause process itself always runs under the runtime's profile: what it may do is known.
    seccomp: shared.seccompProfile ? seccompOf(shared.seccompProfile, seccompRoot) : { type: 'RuntimeDefault' },
    ...(shared.runAsUser === undefined ? {} : { runAsUser: shared.runAsUser }),
    ...(shared.runAsGroup === undefined || shared.runAsUser === undefined ? {} : { runAsGroup: shared.runAsGroup }),
  };
}
