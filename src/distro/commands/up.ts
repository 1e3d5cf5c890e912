import type { KubetsCommand } from '../command-line.ts';
import type { Layout } from '../config/layout.ts';
import type { ClusterPlan } from '../up/cluster-plan.ts';
import type { UpResult } from '../up/up.ts';
import { addClusterOptions, configFrom } from './cluster-options.ts';

/** `kubets up`. */
export const upCommand: KubetsCommand = {
  name: 'up',
  summary: 'start the cluster, or bring it back; installs what is missing',
  configure: addClusterOptions,
  async run({ options }, io) {
    const { up } = await import('../up/up.ts');
    const result = await up(configFrom(options), io);
    io.stdout.write(welcome(result));
    return 0;
  },
};

function welcome({ plan, layout, timings }: UpResult): string {
  const seconds = (timings.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(1);
  const option = plan.config.dataDir === '/var/lib/kubets' ? '' : ` --data-dir ${plan.config.dataDir}`;
  if (plan.role === 'worker') return workerWelcome(plan.nodes[0]?.name ?? '', { seconds, option });
  const kubeconfig = plan.config.kubeconfig ?? layout.adminKubeconfig;
  return [
    '',
    `The cluster is up (${seconds} s): ${plan.nodes.map((node) => node.name).join(', ')}.`,
    '',
    `  ./kubets kubectl${option} get nodes`,
    `  export KUBECONFIG=${kubeconfig}      # for any kubectl from 1.30 on`,
    `  ./kubets status${option}              # what runs, and what is wrong`,
    `  ./kubets down${option}                # stops it; --purge also deletes its data`,
    ...(plan.balancerPort === undefined ? [] : moreMachines(plan, layout)),
    '',
  ].join('\n');
}

function moreMachines(plan: ClusterPlan, layout: Layout): readonly string[] {
  return [
    '',
    'Further machines join with a copy of a token:',
    `  ./kubets up --etcd-servers=${plan.config.etcdServers.join(',')} --token-file <copy of ${layout.token}>      # control plane`,
    `  ./kubets up --server=https://${plan.apiAddress}:${plan.config.apiPort} --token-file <copy of ${layout.nodeToken}>      # only a node`,
  ];
}

function workerWelcome(
  name: string,
  { seconds, option }: { readonly seconds: string; readonly option: string },
): string {
  return [
    '',
    `This machine has joined the cluster as ${name} (${seconds} s).`,
    '',
    `  ./kubets status${option}              # what runs here, and what is wrong`,
    `  ./kubets down${option}                # stops it; --purge also deletes its data`,
    '',
  ].join('\n');
}
