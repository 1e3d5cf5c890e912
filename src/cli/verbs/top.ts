import { hasReason } from '../../base/errors.ts';
import { boolFlag, textFlag } from '../command/flags.ts';
import { CommandError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Verb } from '../command/verb.ts';
import { TabWriter } from '../output/tab-writer.ts';
import { addQuantities, milliValue, quantityValue } from '../../machinery/quantity.ts';
import { createClusterReader } from '../resource/cluster-reader.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';
import type { Session } from '../session.ts';
import { allNamespacesFlag, selectorFlag } from './shared-flags.ts';

const group = '/apis/metrics.k8s.io/v1beta1';

const sharedFlags = {
  ...selectorFlag,
  'no-headers': boolFlag('If present, print output without headers.'),
  'sort-by': textFlag("If non-empty, sort list using specified field. The field can be either 'cpu' or 'memory'."),
  'use-protocol-buffers': boolFlag('Enables using protocol-buffers to access Metrics API.', { initial: true }),
} as const;

const podFlags = {
  ...sharedFlags,
  ...allNamespacesFlag,
  containers: boolFlag('If present, print usage of containers within a pod.'),
  'field-selector': textFlag(
    "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
  ),
  sum: boolFlag('Print the sum of the resource usage'),
} as const;

const nodeFlags = {
  ...sharedFlags,
  'show-capacity': boolFlag('Print node resources based on Capacity instead of Allocatable(default) of the nodes.'),
} as const;

interface Usage {
  readonly cpu: string;
  readonly memory: string;
}

interface PodMetrics {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[];
}

interface NodeMetrics {
  readonly metadata: { readonly name: string };
  readonly usage: Usage;
}

const topPod: Verb = defineVerb({
  usage: 'top pod [NAME | -l label]',
  long: `Display resource (CPU/memory) usage of pods.

 The 'top pod' command allows you to see the resource consumption of pods.`,
  examples: `# Show metrics for all pods in the default namespace
kubectl top pod

# Show metrics for a given pod and its containers
kubectl top pod POD_NAME --containers`,
  flags: podFlags,
  async run({ args, flags: given, session, io }) {
    const place = given['all-namespaces'] ? '' : `/namespaces/${session.namespace.name}`;
    const all = await metrics<PodMetrics>(session, `${group}${place}/pods`, {
      labelSelector: given.selector,
      fieldSelector: given['field-selector'],
      name: args[0],
    });
    const writer = new TabWriter((text) => io.stdout.write(text));
    const spread = given['all-namespaces'] ? 'NAMESPACE\t' : '';
    if (!given['no-headers'])
      writer.write(
        given.containers
          ? `${spread}POD\tNAME\tCPU(cores)\tMEMORY(bytes)\n`
          : `${spread}NAME\tCPU(cores)\tMEMORY(bytes)\n`,
      );
    for (const { metadata, containers } of sorted(all, given['sort-by'], (pod) =>
      total(pod.containers.map(({ usage }) => usage)),
    )) {
      const lead = given['all-namespaces'] ? `${metadata.namespace}\t` : '';
      const lines = given.containers
        ? containers.map(({ name, usage }) => `${lead}${metadata.name}\t${name}\t${usageText(usage)}`)
        : [`${lead}${metadata.name}\t${usageText(total(containers.map(({ usage }) => usage)))}`];
      for (const line of lines) writer.write(`${line}\n`);
    }
    if (given.sum) {
      const blank = '\t'.repeat((given['all-namespaces'] ? 1 : 0) + (given.containers ? 1 : 0));
      const sum = total(all.flatMap(({ containers }) => containers.map(({ usage }) => usage)));
      writer.write(`${blank}\t________\t________\n${blank}\t${usageText(sum)}\n`);
    }
    writer.flush();
  },
});

const topNode: Verb = defineVerb({
  usage: 'top node [NAME | -l label]',
  long: `Display resource (CPU/memory) usage of nodes.

 The top-node command allows you to see the resource consumption of nodes.`,
  examples: `# Show metrics for all nodes
kubectl top node`,
  flags: nodeFlags,
  async run({ args, flags: given, session, io }) {
    const all = await metrics<NodeMetrics>(session, `${group}/nodes`, { labelSelector: given.selector, name: args[0] });
    const nodes = (await createClusterReader(session.connection).list(knownResources.Node, {})) ?? [];
    const writer = new TabWriter((text) => io.stdout.write(text));
    if (!given['no-headers']) writer.write('NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\n');
    for (const { metadata, usage } of sorted(all, given['sort-by'], (node) => node.usage)) {
      const node = nodes.find((one) => one.metadata.name === metadata.name);
      const field = given['show-capacity'] ? 'capacity' : 'allocatable';
      const allocatable = node
        ? (asKind<{ status?: { allocatable?: Usage; capacity?: Usage } }>(node).status?.[field] ?? {
            cpu: '0',
            memory: '0',
          })
        : { cpu: '0', memory: '0' };
      const [cpu = '', memory = ''] = usageText(usage).split('\t');
      const share = (used: number, whole: number): string =>
        whole === 0 ? '<unknown>' : `${Math.trunc((used / whole) * 100)}%`;
      const cells = [
        metadata.name,
        cpu,
        share(milliValue(usage.cpu), milliValue(allocatable.cpu)),
        memory,
        share(quantityValue(usage.memory), quantityValue(allocatable.memory)),
      ];
      writer.write(`${cells.join('\t')}\n`);
    }
    writer.flush();
  },
});

async function metrics<T>(
  session: Session,
  path: string,
  query: { readonly labelSelector: string; readonly fieldSelector?: string; readonly name: string | undefined },
): Promise<readonly T[]> {
  try {
    if (query.name !== undefined)
      return [(await session.connection.json({ path: `${path}/${query.name}` })) as unknown as T];
    const answer = await session.connection.json({
      path,
      query: { labelSelector: query.labelSelector || undefined, fieldSelector: query.fieldSelector || undefined },
    });
    return (answer as unknown as { readonly items?: readonly T[] }).items ?? [];
  } catch (error) {
    const absent = hasReason(error, 'NotFound') && query.name === undefined;
    if (absent || hasReason(error, 'ServiceUnavailable'))
      throw new CommandError('Metrics API not available', { cause: error });
    throw error;
  }
}

function sorted<T>(all: readonly T[], by: string, usageOf: (one: T) => Usage): readonly T[] {
  if (by === '') return all;
  if (by !== 'cpu' && by !== 'memory') throw new CommandError('--sort-by accepts only cpu or memory');
  const measure = by === 'cpu' ? milliValue : quantityValue;
  return all.toSorted((a, b) => measure(usageOf(b)[by]) - measure(usageOf(a)[by]));
}

function total(usages: readonly Usage[]): Usage {
  return usages.reduce(
    (sum, one) => ({ cpu: addQuantities(sum.cpu, one.cpu), memory: addQuantities(sum.memory, one.memory) }),
    { cpu: '0', memory: '0' },
  );
}

function usageText({ cpu, memory }: Usage): string {
  return `${milliValue(cpu)}m\t${Math.trunc(quantityValue(memory) / (1024 * 1024))}Mi`;
}

/** `kubectl top` */
export const top = defineVerb({
  usage: 'top',
  long: `Display resource (CPU/memory) usage.

 This command provides a view of recent resource consumption for nodes and pods. It fetches metrics from the Metrics Server, which aggregates this data from the kubelet on each node.`,
  flags: {},
  subcommands: [
    {
      name: 'node',
      aliases: ['nodes', 'no'],
      short: 'Display resource (CPU/memory) usage of nodes',
      load: async () => topNode,
    },
    {
      name: 'pod',
      aliases: ['pods', 'po'],
      short: 'Display resource (CPU/memory) usage of pods',
      load: async () => topPod,
    },
  ],
});
