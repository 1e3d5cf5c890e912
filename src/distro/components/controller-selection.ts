import type { Controller } from '../../client/controller.ts';
import { UsageError } from '../config/cluster-config.ts';

/**
 * Names that `--controllers` knows a controller by, where they differ from the name of its identity: upstream's
 * present one, then the one of releases before 1.29. Source: kubernetes' cmd/kube-controller-manager/names.
 */
const flagNames: Readonly<Record<string, readonly string[]>> = {
  'deployment-controller': ['deployment-controller', 'deployment'],
  'replicaset-controller': ['replicaset-controller', 'replicaset'],
  'endpoint-controller': ['endpoints-controller', 'endpoint'],
  'endpointslice-controller': ['endpointslice-controller', 'endpointslice'],
  'namespace-controller': ['namespace-controller', 'namespace'],
  'service-account-controller': ['serviceaccount-controller', 'serviceaccount'],
  'tokens-controller': ['serviceaccount-token-controller', 'serviceaccount-token'],
  'legacy-service-account-token-cleaner': [
    'legacy-serviceaccount-token-cleaner-controller',
    'legacy-service-account-token-cleaner',
  ],
  'root-ca-cert-publisher': ['root-ca-certificate-publisher-controller', 'root-ca-cert-publisher'],
  'kube-apiserver-serving-clustertrustbundle-publisher': [
    'kube-apiserver-serving-clustertrustbundle-publisher-controller',
  ],
  'generic-garbage-collector': ['garbage-collector-controller', 'garbagecollector'],
  'node-controller': ['node-lifecycle-controller', 'nodelifecycle'],
  'node-ipam-controller': ['node-ipam-controller', 'nodeipam'],
  'taint-eviction-controller': ['taint-eviction-controller'],
  'pod-garbage-collector': ['pod-garbage-collector-controller', 'podgc'],
  'persistentvolumeclaim-protection-controller': ['persistentvolumeclaim-protection-controller', 'pvc-protection'],
  'persistentvolume-protection-controller': ['persistentvolume-protection-controller', 'pv-protection'],
  csrapproving: ['certificatesigningrequest-approving-controller', 'csrapproving'],
  csrsigning: ['certificatesigningrequest-signing-controller', 'csrsigning'],
  csrcleaner: ['certificatesigningrequest-cleaner-controller', 'csrcleaner'],
  podcertificaterequestcleaner: ['podcertificaterequest-cleaner-controller'],
  'bootstrap-signer': ['bootstrap-signer-controller', 'bootstrapsigner'],
  'token-cleaner': ['token-cleaner-controller', 'tokencleaner'],
};

/** The name that `--controllers` and logs have for a controller. */
export function controllerFlagName({ name }: Pick<Controller, 'name'>): string {
  return flagNames[name]?.[0] ?? name;
}

/**
 * The controllers that a list such as `*,-namespace-controller` or `deployment-controller,replicaset-controller` means:
 * `*` is all that are not optional, a name adds, a name behind `-` takes away. Throws UsageError for a name that none has.
 */
export function selectControllers(all: readonly Controller[], list: readonly string[]): readonly Controller[] {
  for (const entry of list) {
    const name = entry.replace(/^-/, '');
    if (name === '*' ? entry === '-*' : !all.some((controller) => isNamed(controller, name))) {
      const known = all.map(controllerFlagName).sort().join(', ');
      throw new UsageError(
        `--controllers knows * and, with or without - before it, ${known}; not ${JSON.stringify(entry)}`,
      );
    }
  }
  return all.filter((controller) => {
    if (list.some((entry) => entry.startsWith('-') && isNamed(controller, entry.slice(1)))) return false;
    return list.some((entry) => (entry === '*' && controller.optional !== true) || isNamed(controller, entry));
  });
}

function isNamed({ name }: Controller, wanted: string): boolean {
  return (flagNames[name] ?? [name]).includes(wanted);
}
