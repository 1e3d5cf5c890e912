/** Options of a `CommandError`. */
export interface CommandErrorOptions {
  /** Of the process; 1 by default. */
  readonly exitCode?: number;
  /** Printed as it is, without `error: ` before it. */
  readonly plain?: boolean;
  readonly cause?: unknown;
}

/** A failure of kubectl itself, printed as `error: <message>`. */
export class CommandError extends Error {
  readonly exitCode: number;
  readonly plain: boolean;

  constructor(message: string, options: CommandErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CommandError';
    this.exitCode = options.exitCode ?? 1;
    this.plain = options.plain ?? false;
  }
}

/** Several failures of one command, printed one a line. */
export class CommandErrors extends Error {
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super('several errors');
    this.name = 'CommandErrors';
    this.errors = errors;
  }
}

/** Ends the command with an exit code and no message: what it had to say it has said. */
export class ExitStatus extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit status ${exitCode}`);
    this.name = 'ExitStatus';
    this.exitCode = exitCode;
  }
}

/** A wrong use of a command: the message, then where its help is. */
export function usageError(command: string, message: string): CommandError {
  return new CommandError(`${message}\nSee '${command} -h' for help and examples`);
}

/** The address could not be reached at all. */
export class ConnectionError extends Error {
  readonly host: string;
  readonly refused: boolean;

  constructor(host: string, cause: unknown, options: { readonly refused: boolean; readonly message: string }) {
    super(options.message, { cause });
    this.name = 'ConnectionError';
    this.host = host;
    this.refused = options.refused;
  }
}

/** Throws what was collected: nothing, the one, or all. */
export function throwCollected(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new CommandErrors(errors);
}
