import { CommandError } from './command/command-error.ts';
import type { CliIo } from './command/cli-io.ts';
import { errorReport } from './command/error-text.ts';
import { globalFlags } from './command/global-flags.ts';
import { flagLines, rootHelp, verbHelp } from './command/help-text.ts';
import { locateVerb, parseArguments } from './command/parse-command.ts';
import type { LocatedVerb, ParsedCommand } from './command/parse-command.ts';
import { verbs } from './registry.ts';
import { Session } from './session.ts';

/**
 * Runs kubectl with the arguments behind its name. Resolves to the exit code; everything it has to say it has written
 * to `io` by then. Never rejects.
 */
export async function runKubectl(argv: readonly string[], io: CliIo): Promise<number> {
  const reader = watchReader(io);
  try {
    return await dispatch(argv, reader.io);
  } catch (error) {
    if (reader.gone()) return exitBrokenPipe;
    // An interrupt has nothing to explain.
    if (io.signal?.aborted) return exitInterrupted;
    const { text, exitCode } = errorReport(error);
    if (text !== '') io.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
    return exitCode;
  }
}

/** Exit codes of a process that SIGINT or SIGPIPE ends. */
const exitInterrupted = 130;
const exitBrokenPipe = 141;

/** Interrupts the command when nobody reads its output any more: `kubectl get pods -w | head -3`. */
function watchReader(io: CliIo): { readonly io: CliIo; gone(): boolean } {
  const closed = new AbortController();
  const close = (): void => closed.abort(new Error('nobody reads the output'));
  // The listener stays: what is still buffered fails later, and must not end the process with a stack trace.
  io.stdout.on('error', close);
  return {
    io: { ...io, signal: io.signal ? AbortSignal.any([io.signal, closed.signal]) : closed.signal },
    gone: () => closed.signal.aborted,
  };
}

async function dispatch(argv: readonly string[], io: CliIo): Promise<number> {
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  if (words[0] === 'options') {
    io.stdout.write(`The following options can be passed to any command:\n\n${flagLines(globalFlags)}\n`);
    return 0;
  }
  const located = await locateVerb(words, verbs);
  if (!located) {
    const strange = words.find((word) => word.startsWith('-') && word !== '--help' && word !== '-h');
    if (strange) throw new CommandError(`unknown flag: ${strange}\nSee 'kubectl --help' for usage.`);
    io.stdout.write(rootHelp(verbs));
    return 0;
  }
  const parsed = parseArguments(located);
  if (parsed.help || !located.verb.run) return showHelp(located, parsed, io);
  return execute(located, parsed, io);
}

function showHelp(located: LocatedVerb, parsed: ParsedCommand, io: CliIo): number {
  const [strange] = parsed.args;
  if (!parsed.help && strange !== undefined) {
    throw new CommandError(
      `unknown command ${JSON.stringify(strange)}\nSee '${located.path} -h' for help and examples`,
    );
  }
  // Asked for, help is the output; else it is the complaint about a verb that says too little.
  (parsed.help || located.verb.helpOnOutput ? io.stdout : io.stderr).write(verbHelp(located.verb, located.path));
  return parsed.help ? 0 : 1;
}

async function execute(located: LocatedVerb, parsed: ParsedCommand, io: CliIo): Promise<number> {
  await using session = new Session(parsed.globals, io);
  const code = await located.verb.run?.({
    args: parsed.args,
    dash: parsed.dash,
    flags: parsed.values,
    changed: (name) => parsed.given.has(name),
    session,
    io,
    command: located.path,
  });
  if (parsed.globals['warnings-as-errors'] && session.warnings > 0) {
    throw new CommandError(`${session.warnings} warning${session.warnings > 1 ? 's' : ''} received`);
  }
  return code ?? 0;
}
