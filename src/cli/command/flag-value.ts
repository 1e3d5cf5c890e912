import { parseDuration } from '../../machinery/duration.ts';
import { CommandError } from './command-error.ts';
import type { Flag } from './flags.ts';

/** The value of a flag after one more occurrence with `text`. */
export function flagValue(flag: Flag<unknown>, text: string, earlier: unknown): unknown {
  switch (flag.kind) {
    case 'string':
      return text;
    case 'bool':
      return boolValue(text);
    case 'int':
      return intValue(text);
    case 'duration':
      return parseDuration(text);
    case 'array':
      return [...(Array.isArray(earlier) ? earlier : []), text];
    case 'slice':
      return [...(Array.isArray(earlier) ? earlier : []), ...splitCsv(text)];
  }
}

/** Explains why `text` can't be the value of `--name`, as pflag words it. */
export function invalidFlagValue(name: string, flag: Flag<unknown>, text: string, reason: string): CommandError {
  const shown = flag.short ? `-${flag.short}, --${name}` : `--${name}`;
  return new CommandError(`invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${reason}`);
}

function boolValue(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new CommandError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function intValue(text: string): number {
  const value = /^[+-]?(\d+|0x[0-9a-fA-F]+)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new CommandError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return value;
}

/** Splits a pflag StringSlice: commas, except inside double quotes. */
function splitCsv(text: string): readonly string[] {
  if (text === '') return [];
  return [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)]
    .filter((match) => match.index < text.length || text.endsWith(','))
    .map((match) => (match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"')));
}
