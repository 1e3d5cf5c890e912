import { Command, CommanderError } from 'commander';
import { messageOf } from '../base/errors.ts';
import { systemClock } from '../base/system-clock.ts';
import { UsageError } from './config/cluster-config.ts';
import { versionText } from './version.ts';

/** What a command may use of the process it runs in. */
export interface CommandIo {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly signal: AbortSignal;
}

/** One command of `kubets`: adds itself to the program; resolves with the exit code through `done`. */
export interface KubetsCommand {
  readonly name: string;
  /** The arguments after the name go to `run` unparsed, `--help` included. */
  readonly passThrough?: boolean;
  readonly summary: string;
  configure?(command: Command): void;
  run(
    input: { readonly args: readonly string[]; readonly options: Readonly<Record<string, unknown>> },
    io: CommandIo,
  ): Promise<number>;
}

/** Runs `kubets` with the arguments after its name; resolves with the exit code. Usage errors are 2, failures 1. */
export async function runCommandLine(
  commands: readonly KubetsCommand[],
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  const passing = commands.find((command) => command.passThrough && command.name === args[0]);
  if (passing) return guarded(io, () => passing.run({ args: args.slice(1), options: {} }, io));
  let exitCode = 0;
  const program = createProgram(commands, io, (code) => void (exitCode = code));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(io, error);
  }
}

function createProgram(commands: readonly KubetsCommand[], io: CommandIo, finish: (code: number) => void): Command {
  const program = new Command('kubets')
    .description('A Kubernetes cluster on this machine, from one command.')
    .version(versionText())
    .exitOverride()
    .showHelpAfterError('(kubets --help shows what there is)')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) });
  for (const entry of commands) {
    const command = program
      .command(entry.name)
      .description(entry.summary)
      .exitOverride()
      .copyInheritedSettings(program);
    command.showHelpAfterError(`(kubets ${entry.name} --help shows what there is)`);
    entry.configure?.(command);
    command.action(async () => {
      finish(await guarded(io, () => entry.run({ args: command.args, options: command.opts() }, io)));
    });
  }
  return program;
}

async function guarded(io: CommandIo, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    return report(io, error);
  }
}

function report(io: CommandIo, error: unknown): number {
  io.stderr.write(`kubets: ${messageOf(error)}\n`);
  if (!(error instanceof UsageError) && process.env.KUBETS_DEBUG && error instanceof Error)
    io.stderr.write(`${error.stack}\n`);
  return error instanceof UsageError ? 2 : 1;
}

/** Runs this process's arguments with the given commands and sets its exit code. SIGINT and SIGTERM abort. */
export async function runProgram(commands: readonly KubetsCommand[]): Promise<void> {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
  }
  process.stdout.on('error', () => undefined);
  const io = { stdout: process.stdout, stderr: process.stderr, signal: stopping.signal };
  // Node ends a process that waits only for what it doesn't count, such as a gRPC connection that is coming about.
  const over = new AbortController();
  systemClock.sleep(longestSleep, over.signal).catch(() => undefined);
  process.exitCode = await runCommandLine(commands, process.argv.slice(2), io);
  over.abort();
  // What has failed half way may have left something open: nobody may wait for a process that does nothing any more.
  if (process.exitCode !== 0) systemClock.after(lastWords, () => process.exit());
}

/** Milliseconds in which what was written can still be read by others. */
const lastWords = 1_000;

/** Milliseconds: the longest that timers take. */
const longestSleep = 2 ** 31 - 1;
