import type { KubetsCommand } from '../command-line.ts';
import { addDataDirOption, dataDirFrom } from './cluster-options.ts';

/** `kubets agent`: what `up` starts for each node. */
export const agentCommand: KubetsCommand = {
  name: 'agent',
  summary: 'run a node of the cluster in the data directory (up starts it)',
  configure: (command) => void addDataDirOption(command).requiredOption('--node <name>', 'the node to run'),
  async run({ options }, io) {
    const { runAgent } = await import('../agent/agent.ts');
    await runAgent(dataDirFrom(options), String(options.node), io.signal);
    return 0;
  },
};
