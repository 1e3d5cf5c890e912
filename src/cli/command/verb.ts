import type { CliIo } from './cli-io.ts';
import type { Flags, FlagValues } from './flags.ts';
import type { Session } from '../session.ts';

/** One call of a verb. */
export interface Invocation<F extends Flags = Flags> {
  readonly args: readonly string[];
  /** Number of arguments before `--`; undefined when there is no `--`. */
  readonly dash: number | undefined;
  readonly flags: FlagValues<F>;
  /** Whether the flag was given at all. */
  changed(name: keyof F & string): boolean;
  readonly session: Session;
  readonly io: CliIo;
  /** The full command, such as `kubectl create deployment`, for messages. */
  readonly command: string;
}

/** A verb: what its help says, its flags and what it does. */
export interface Verb<F extends Flags = Flags> {
  /** The paragraph at the head of the help. */
  readonly long: string;
  readonly examples?: string;
  /** The usage line after `kubectl`. */
  readonly usage: string;
  readonly flags: F;
  /** Verbs below this one: `create deployment`. */
  readonly subcommands?: readonly VerbEntry[];
  /** Called without a verb below it, it prints its help as output instead of as an error. */
  readonly helpOnOutput?: boolean;
  /** Resolves to the exit code, 0 when it is undefined. Absent: the verb only groups others. */
  run?(invocation: Invocation<F>): Promise<number | void>;
}

/** One line of a registry: how a verb is called and where its file is. */
export interface VerbEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly short: string;
  readonly group?: string;
  load(): Promise<Verb>;
}

/** States a verb; the types of its flags' values are derived from `flags`. */
export function defineVerb<const F extends Flags>(verb: Verb<F>): Verb {
  return verb;
}
