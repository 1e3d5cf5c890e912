import type { NodeCondition, NodeStatus } from '../../api/core/node.ts';
import { formatQuantity, quantityValue, subtractQuantities } from '../../machinery/quantity.ts';
import type { Image, RuntimeVersion } from '../cri/container-runtime.ts';
import type { KubeletConfig } from '../kubelet-config.ts';
import type { MachineFacts } from './machine.ts';

/** What a node's status is made from. */
export interface NodeStatusInputs {
  readonly config: KubeletConfig;
  readonly facts: MachineFacts;
  readonly version: RuntimeVersion | undefined;
  readonly images: readonly Image[];
  readonly conditions: readonly NodeCondition[];
}

/** Source: upstream's --node-status-max-images. */
const maxImages = 50;

/** The status of the node. */
export function nodeStatus({ config, facts, version, images, conditions }: NodeStatusInputs): NodeStatus {
  const capacity = capacityOf(config, facts);
  return {
    capacity,
    allocatable: allocatableOf(config, capacity),
    conditions,
    addresses: [
      { type: 'InternalIP', address: config.nodeIP },
      { type: 'Hostname', address: config.nodeName },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: config.port } },
    nodeInfo: {
      machineID: facts.machineID,
      systemUUID: facts.systemUUID,
      bootID: facts.bootID,
      kernelVersion: facts.kernelVersion,
      osImage: facts.osImage,
      containerRuntimeVersion: version ? `${version.runtimeName}://${version.runtimeVersion}` : '',
      kubeletVersion: config.version,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: facts.architecture,
    },
    images: images
      .toSorted((a, b) => b.size - a.size)
      .slice(0, maxImages)
      .map(({ repoDigests, repoTags, size }) => ({
        names: [...repoDigests, ...repoTags].slice(0, 5),
        sizeBytes: size,
      })),
  };
}

/** Labels that every node has, and those of its configuration. */
export function nodeLabels(config: KubeletConfig, facts: MachineFacts): Readonly<Record<string, string>> {
  return {
    'beta.kubernetes.io/arch': facts.architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': facts.architecture,
    'kubernetes.io/hostname': config.nodeName.toLowerCase(),
    'kubernetes.io/os': 'linux',
    ...config.nodeLabels,
  };
}

function capacityOf(config: KubeletConfig, facts: MachineFacts): Record<string, string> {
  const hugepages = Object.entries(facts.hugepages).map(([size, bytes]) => [
    `hugepages-${size}`,
    formatQuantity(bytes, 'BinarySI'),
  ]);
  return {
    cpu: String(facts.cpus),
    'ephemeral-storage': kibibytes(facts.disk),
    memory: kibibytes(facts.memory),
    pods: String(config.maxPods),
    ...Object.fromEntries(hugepages),
  };
}

function allocatableOf(config: KubeletConfig, capacity: Readonly<Record<string, string>>): Record<string, string> {
  const result: Record<string, string> = { ...capacity };
  const held = { ...config.reserved };
  for (const [name, amount] of Object.entries(held)) {
    if (result[name] !== undefined) result[name] = notNegative(subtractQuantities(result[name], amount));
  }
  const eviction = kibibytes(config.evictionHard.memoryAvailableBytes);
  result['memory'] = notNegative(subtractQuantities(result['memory'] ?? '0', eviction));
  return result;
}

function notNegative(quantity: string): string {
  return quantityValue(quantity) < 0 ? '0' : quantity;
}

function kibibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024)}Ki`;
}
