import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import type { CommandIo, KubetsCommand } from '../command-line.ts';
import { createFileLogger } from '../process/log-file.ts';
import { kubernetesVersion } from '../version.ts';
import type { logFlags } from './common-flags.ts';
import type { FlagTable, FlagValues } from './flag.ts';
import { flagHelp } from './flag-help.ts';
import { parseFlags } from './parse-flags.ts';
import type { FlagSet } from './parse-flags.ts';

/** What a component runs with. */
export interface ComponentContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** The names of the flags that were given. */
  readonly given: ReadonlySet<string>;
}

/** A component that can be started alone. */
export interface StandaloneComponent<F extends FlagTable & typeof logFlags> extends FlagSet<F> {
  readonly summary: string;
  /** Runs until aborted; throws UsageError for flags that don't go together. */
  run(values: FlagValues<F>, context: ComponentContext): Promise<void>;
}

/** The command that runs a component alone: `kubets kube-scheduler --kubeconfig=…`. */
export function componentCommand<F extends FlagTable & typeof logFlags>(
  definition: StandaloneComponent<F>,
): KubetsCommand {
  const { component, summary, flags } = definition;
  return {
    name: component,
    summary,
    passThrough: true,
    async run({ args }, io) {
      if (args.some((arg) => arg === '--help' || arg === '-h')) {
        io.stdout.write(flagHelp(component, summary, flags));
        return 0;
      }
      const { values, given } = parseFlags(definition, args);
      const { version } = logValues(values);
      if (version) io.stdout.write(`Kubernetes ${kubernetesVersion}\n`);
      else await definition.run(values, contextOf(component, { values: logValues(values), given, io }));
      return 0;
    },
  };
}

type LogValues = FlagValues<typeof logFlags>;

/** A table with further flags has these as well, which TypeScript can't see through the type parameter. */
function logValues(values: object): LogValues {
  return values as LogValues;
}

function contextOf(
  component: string,
  from: { readonly values: LogValues; readonly given: ReadonlySet<string>; readonly io: CommandIo },
): ComponentContext {
  const { values, given, io } = from;
  const log = createFileLogger({
    component,
    directory: values['log-dir'],
    verbosity: values.v,
    format: values['logging-format'],
    clock: systemClock,
  });
  return { clock: systemClock, random: systemRandom, log, signal: io.signal, given };
}
