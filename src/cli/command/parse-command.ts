import { Command, CommanderError, Option } from 'commander';
import { messageOf } from '../../base/errors.ts';
import { positionsOfWords, sortArguments } from './arguments.ts';
import { CommandError } from './command-error.ts';
import { flagValue, invalidFlagValue } from './flag-value.ts';
import { globalFlags } from './global-flags.ts';
import type { GlobalFlags } from './global-flags.ts';
import type { Flags } from './flags.ts';
import type { Verb, VerbEntry } from './verb.ts';

/** A verb found in an argument vector, loaded. */
export interface LocatedVerb {
  /** `kubectl create deployment` */
  readonly path: string;
  readonly verb: Verb;
  /** The arguments without the words that named the verb. */
  readonly rest: readonly string[];
}

/** A parsed command line. */
export interface ParsedCommand {
  readonly args: readonly string[];
  readonly dash: number | undefined;
  readonly help: boolean;
  readonly values: Readonly<Record<string, unknown>>;
  readonly globals: GlobalFlags;
  readonly given: ReadonlySet<string>;
}

/** Finds and loads the verb that the arguments name; undefined when they name none. */
export async function locateVerb(
  argv: readonly string[],
  entries: readonly VerbEntry[],
): Promise<LocatedVerb | undefined> {
  const first = positionsOfWords(argv, globalFlags)[0];
  if (first === undefined) return undefined;
  const word = argv[first] ?? '';
  const entry = entryNamed(entries, word);
  if (!entry) throw unknownCommand(word, entries);
  let verb = await entry.load();
  let path = `kubectl ${entry.name}`;
  let rest = argv.toSpliced(first, 1);
  while (verb.subcommands) {
    const next = positionsOfWords(rest, { ...globalFlags, ...verb.flags })[0];
    const below = next === undefined ? undefined : entryNamed(verb.subcommands, rest[next] ?? '');
    if (next === undefined || below === undefined) break;
    verb = await below.load();
    path += ` ${below.name}`;
    rest = rest.toSpliced(next, 1);
  }
  return { path, verb, rest };
}

/** Parses a verb's arguments; throws CommandError with the words of pflag. */
export function parseArguments(located: LocatedVerb): ParsedCommand {
  const flags: Flags = { ...globalFlags, ...located.verb.flags };
  try {
    const sorted = sortArguments(located.rest, flags);
    const values = sorted.help ? initialValues(flags) : parseValues(flags, sorted.given);
    return {
      args: sorted.args,
      dash: sorted.dash,
      help: sorted.help,
      values,
      globals: values as unknown as GlobalFlags,
      given: new Set(sorted.given.map((one) => one.name)),
    };
  } catch (error) {
    throw new CommandError(`${messageOf(error)}\nSee '${located.path} --help' for usage.`, { cause: error });
  }
}

function parseValues(
  flags: Flags,
  given: readonly { name: string; text: string }[],
): Readonly<Record<string, unknown>> {
  const command = new Command('kubectl')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .helpOption(false);
  const options = Object.entries(flags).map(([name, flag]) => {
    const option = new Option(`--${name} <value>`, flag.usage).argParser((text: string, earlier: unknown) => {
      try {
        return flagValue(flag, text, earlier);
      } catch (error) {
        throw invalidFlagValue(name, flag, text, messageOf(error));
      }
    });
    command.addOption(option);
    return { name, flag, option };
  });
  try {
    command.parse(
      given.map(({ name, text }) => `--${name}=${text}`),
      { from: 'user' },
    );
  } catch (error) {
    if (error instanceof CommanderError)
      throw new CommandError(error.message.replace(/^error: /, ''), { cause: error });
    throw error;
  }
  const set = new Set(given.map((one) => one.name));
  return Object.fromEntries(
    options.map(({ name, flag, option }) => [
      name,
      set.has(name) ? command.getOptionValue(option.attributeName()) : flag.initial,
    ]),
  );
}

function initialValues(flags: Flags): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag.initial]));
}

function entryNamed(entries: readonly VerbEntry[], word: string): VerbEntry | undefined {
  return entries.find((entry) => entry.name === word || entry.aliases?.includes(word));
}

function unknownCommand(word: string, entries: readonly VerbEntry[]): CommandError {
  const near = entries.filter(
    (entry) => editDistance(word, entry.name) <= 2 || entry.name.startsWith(word.toLowerCase()),
  );
  const hint = near.length === 0 ? '' : `\n\nDid you mean this?\n${near.map((one) => `\t${one.name}\n`).join('')}`;
  return new CommandError(`unknown command ${JSON.stringify(word)} for "kubectl"${hint}`);
}

/** Levenshtein distance, letter case ignored, as cobra's suggestions use it. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1]?.toLowerCase() === b[j - 1]?.toLowerCase() ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
