import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';

/** An input that may be a terminal. */
export interface CliInput extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** An output that may be a terminal. */
export interface CliOutput extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** What kubectl touches of the process it runs in; tests pass their own. */
export interface CliIo {
  readonly stdin: CliInput;
  readonly stdout: CliOutput;
  readonly stderr: CliOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** Aborts the running command, as an interrupt does. */
  readonly signal?: AbortSignal | undefined;
}
