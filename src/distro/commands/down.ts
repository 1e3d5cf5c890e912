import type { KubetsCommand } from '../command-line.ts';
import { addDataDirOption, dataDirFrom } from './cluster-options.ts';

/** `kubets down`. */
export const downCommand: KubetsCommand = {
  name: 'down',
  summary: 'stop everything that up started, and leave nothing behind but the data',
  configure: (command) => void addDataDirOption(command).option('--purge', 'also delete the data'),
  async run({ options }, io) {
    const { down } = await import('../down/down.ts');
    await down({ dataDir: dataDirFrom(options), purge: options.purge === true }, io);
    return 0;
  },
};
