import type { KubetsCommand } from '../command-line.ts';
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
  const kubeconfig = plan.config.kubeconfig ?? layout.adminKubeconfig;
  return [
    '',
    `The cluster is up (${seconds} s): ${plan.nodes.map((node) => node.name).join(', ')}.`,
    '',
    `  ./kubets kubectl${option} get nodes`,
    `  export KUBECONFIG=${kubeconfig}      # for any kubectl from 1.30 on`,
    `  ./kubets status${option}              # what runs, and what is wrong`,
    `  ./kubets down${option}                # stops it; --purge also deletes its data`,
    '',
  ].join('\n');
}
