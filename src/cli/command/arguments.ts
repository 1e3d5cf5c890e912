import { CommandError } from './command-error.ts';
import type { Flag, Flags } from './flags.ts';

/** An argument vector sorted into flags, each with its text, and positional arguments. */
export interface SortedArguments {
  readonly given: readonly { readonly name: string; readonly text: string }[];
  readonly args: readonly string[];
  /** Number of positional arguments before `--`; undefined when there is no `--`. */
  readonly dash: number | undefined;
  readonly help: boolean;
}

/**
 * Sorts arguments as pflag does, which differs from other parsers in `-o=yaml`, `--watch=false`, `-itc app` and flags
 * whose value may be left out. Throws CommandError for what is no flag of the command.
 */
export function sortArguments(argv: readonly string[], flags: Flags): SortedArguments {
  const given: { name: string; text: string }[] = [];
  const args: string[] = [];
  let dash: number | undefined;
  let help = false;
  const rest = [...argv];
  while (rest.length > 0) {
    const token = rest.shift() ?? '';
    if (token === '--') {
      dash = args.length;
      args.push(...rest.splice(0));
    } else if (token === '--help' || token === '-h') help = true;
    else if (token.startsWith('--')) given.push(longFlag(token.slice(2), flags, rest));
    else if (token.startsWith('-') && token !== '-') given.push(...shortFlags(token.slice(1), flags, rest));
    else args.push(token);
  }
  return { given, args, dash, help };
}

/** The positions of the words that may name verbs: not flags, and not the values of flags. */
export function positionsOfWords(argv: readonly string[], flags: Flags): readonly number[] {
  const positions: number[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const token = argv[index] ?? '';
    if (token === '--') break;
    if (!token.startsWith('-') || token === '-') positions.push(index);
    else if (takesNext(token, flags)) index += 1;
  }
  return positions;
}

function takesNext(token: string, flags: Flags): boolean {
  if (token.includes('=')) return false;
  if (token.startsWith('--')) {
    const flag = flags[token.slice(2)];
    return flag !== undefined && flag.bare === undefined;
  }
  const flag = token.length === 2 ? byShort(flags, token.slice(1))?.flag : undefined;
  return flag !== undefined && flag.bare === undefined;
}

function longFlag(body: string, flags: Flags, rest: string[]): { name: string; text: string } {
  const equals = body.indexOf('=');
  const name = equals < 0 ? body : body.slice(0, equals);
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) throw new CommandError(`unknown flag: --${name}`);
  if (equals >= 0) return { name, text: body.slice(equals + 1) };
  if (flag.bare !== undefined) return { name, text: flag.bare };
  const text = rest.shift();
  if (text === undefined) throw new CommandError(`flag needs an argument: --${name}`);
  return { name, text };
}

function shortFlags(letters: string, flags: Flags, rest: string[]): readonly { name: string; text: string }[] {
  const given: { name: string; text: string }[] = [];
  for (let index = 0; index < letters.length; index += 1) {
    const letter = letters[index] ?? '';
    const found = byShort(flags, letter);
    if (!found) throw new CommandError(`unknown shorthand flag: '${letter}' in -${letters}`);
    const { name, flag } = found;
    const after = letters.slice(index + 1);
    if (after.startsWith('=')) return [...given, { name, text: after.slice(1) }];
    if (flag.bare !== undefined) {
      given.push({ name, text: flag.bare });
      continue;
    }
    const text = after === '' ? rest.shift() : after;
    if (text === undefined) throw new CommandError(`flag needs an argument: '${letter}' in -${letters}`);
    return [...given, { name, text }];
  }
  return given;
}

function byShort(flags: Flags, letter: string): { readonly name: string; readonly flag: Flag<unknown> } | undefined {
  for (const [name, flag] of Object.entries(flags)) if (flag.short === letter) return { name, flag };
  return undefined;
}
