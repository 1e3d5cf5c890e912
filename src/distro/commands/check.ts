import type { KubetsCommand } from '../command-line.ts';
import { UsageError } from '../config/cluster-config.ts';
import { addDataDirOption, dataDirFrom } from './cluster-options.ts';

const usage = `
Looks at the API server, the kubelets, this machine's files, certificates, roles and pods, as the CIS Benchmark does,
and says what deviates from what is safe: where, why it matters, and what to do. Nothing is changed.

Exit code: 0 when nothing deviates that is as grave as --fail-on, else 1.

Examples:
  kubets check
  kubets check --fail-on high -o json
  kubets check --kubeconfig ~/.kube/config
`;

/** `kubets check`. */
export const checkCommand: KubetsCommand = {
  name: 'check',
  summary: 'say where the cluster deviates from what is safe, why, and what to do',
  configure(command) {
    addDataDirOption(command)
      .option('--kubeconfig <file>', 'check the cluster of this kubeconfig, not the one in --data-dir')
      .option('-o, --output <format>', 'json, or text (default)')
      .option('--fail-on <severity>', 'low (default), medium, high or critical')
      .addHelpText('after', usage);
  },
  async run({ options }, io) {
    const { runCheck } = await import('../check/run-check.ts');
    const { severities } = await import('../check/check.ts');
    const { output = 'text', failOn: given = 'low', kubeconfig } = options;
    if (output !== 'json' && output !== 'text')
      throw new UsageError(`--output is json or text, not ${JSON.stringify(output)}`);
    const failOn = severities.find((severity) => severity === given);
    if (!failOn) throw new UsageError(`--fail-on is ${severities.join(', ')}, not ${JSON.stringify(given)}`);
    return runCheck(
      {
        dataDir: dataDirFrom(options),
        kubeconfig: typeof kubeconfig === 'string' ? kubeconfig : undefined,
        output,
        failOn,
      },
      io,
    );
  },
};
