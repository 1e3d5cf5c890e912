import type { KubetsCommand } from '../command-line.ts';
import { addDataDirOption, dataDirFrom } from './cluster-options.ts';

/** `kubets server`: the control plane that `up` starts. */
export const serverCommand: KubetsCommand = {
  name: 'server',
  summary: 'run the control plane of the cluster in the data directory (up starts it)',
  configure: (command) => void addDataDirOption(command),
  async run({ options }, io) {
    const { runServer } = await import('../server/server.ts');
    await runServer(dataDirFrom(options), io.signal);
    return 0;
  },
};
