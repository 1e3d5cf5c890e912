import type { KubetsCommand } from '../command-line.ts';
import { UsageError } from '../config/cluster-config.ts';
import { addDataDirOption, dataDirFrom } from './cluster-options.ts';

/** `kubets status`: exit code 0 when everything runs, 3 when something is wrong. */
export const statusCommand: KubetsCommand = {
  name: 'status',
  summary: 'say what runs, since when, with how much memory, and what is wrong',
  configure: (command) => void addDataDirOption(command).option('-o, --output <format>', 'json, or text (default)'),
  async run({ options }, io) {
    const { output } = options;
    if (output !== undefined && output !== 'json' && output !== 'text') {
      throw new UsageError(`--output is json or text, not ${JSON.stringify(output)}`);
    }
    const { readStatus } = await import('../status/status.ts');
    const { statusText } = await import('../status/status-text.ts');
    const status = await readStatus(dataDirFrom(options));
    io.stdout.write(output === 'json' ? `${JSON.stringify(status, null, 2)}\n` : statusText(status));
    return status.problems.length === 0 ? 0 : 3;
  },
};
