import { spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a command is given besides its arguments. */
export interface CommandOptions {
  /** Written to standard input, which is empty otherwise. */
  readonly input?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program (never a shell) and resolves with its standard output; a non-zero exit throws `CommandError`. */
export type RunCommand = (argv: readonly string[], options?: CommandOptions) => Promise<string>;

/** A program that failed: which, how, and what it said. */
export class CommandError extends Error {
  readonly argv: readonly string[];
  /** Exit code, or undefined when it never ran or was killed. */
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(argv: readonly string[], exitCode: number | undefined, stderr: string, cause?: unknown) {
    const reason = stderr.trim() || (cause instanceof Error ? cause.message : 'no message');
    super(`${argv.join(' ')}: ${reason}${exitCode === undefined ? '' : ` (exit code ${exitCode})`}`, { cause });
    this.name = 'CommandError';
    this.argv = argv;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** Runs programs in this process's own network namespace. */
export const runCommand: RunCommand = async (argv, options = {}) => {
  const input = options.input === undefined ? undefined : inputFile(options.input);
  try {
    return await collect(argv, input ?? 'ignore', options.signal);
  } finally {
    if (input !== undefined) closeSync(input);
  }
};

function collect(argv: readonly string[], stdin: number | 'ignore', signal: AbortSignal | undefined): Promise<string> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { stdio: [stdin, 'pipe', 'pipe'], signal });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => void stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => void stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new CommandError(argv, undefined, '', error)));
    child.once('close', (code, killedBy) => {
      if (code === 0) return resolve(Buffer.concat(stdout).toString());
      const said = Buffer.concat(stderr).toString();
      reject(new CommandError(argv, code ?? undefined, killedBy === null ? said : `${said}\nkilled by ${killedBy}`));
    });
  });
}

/**
 * Input travels in a file that has no name any more, not in Node's pipe: that is a socket, and a program that opens
 * `/dev/stdin`, as `nft -j -f -` does, can't open a socket. In memory where possible, so that a full disk is no matter.
 */
function inputFile(text: string): number {
  const directory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const path = join(directory, `kubets-input-${process.pid}-${nextInput++}`);
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  unlinkSync(path);
  writeSync(file, text, 0);
  return file;
}

let nextInput = 0;

/** The same, inside the network namespace that `path` (such as `/run/netns/node-1`) names. */
export function inNetworkNamespace(path: string, run: RunCommand = runCommand): RunCommand {
  return (argv, options) => run(['nsenter', `--net=${path}`, '--', ...argv], options);
}
