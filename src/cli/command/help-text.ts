import type { Flag, Flags } from './flags.ts';
import type { Verb, VerbEntry } from './verb.ts';

/** The help of one verb, laid out as kubectl's. */
export function verbHelp(verb: Verb, path: string): string {
  const sections = [verb.long.trim()];
  if (verb.examples) sections.push(`Examples:\n${indented(verb.examples)}`);
  if (verb.subcommands?.length) sections.push(`Available Commands:\n${commandLines(verb.subcommands)}`);
  const options = flagLines(verb.flags);
  if (options) sections.push(`Options:\n${options}`);
  sections.push(`Usage:\n  kubectl ${verb.usage} [options]`);
  const more = verb.subcommands?.length
    ? `Use "${path} <command> --help" for more information about a given command.\n`
    : '';
  sections.push(`${more}Use "kubectl options" for a list of global command-line options (applies to all commands).`);
  return `${sections.join('\n\n')}\n`;
}

/** The help of kubectl itself: its verbs by group. */
export function rootHelp(entries: readonly VerbEntry[]): string {
  const groups = Map.groupBy(entries, (entry) => entry.group ?? 'Other Commands');
  const sections = [
    'kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/',
    ...[...groups].map(([group, members]) => `${group}:\n${commandLines(members)}`),
    'Usage:\n  kubectl [flags] [options]',
    'Use "kubectl <command> --help" for more information about a given command.\nUse "kubectl options" for a list of global command-line options (applies to all commands).',
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The flags with their initial values and what they mean, sorted by name. */
export function flagLines(flags: Flags): string {
  return Object.entries(flags)
    .filter(([, flag]) => !flag.hidden)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => {
      const head = flag.short ? `-${flag.short}, --${name}` : `--${name}`;
      return `    ${head}=${initialText(flag)}:\n\t${flag.usage.replaceAll('\n', '\n\t')}`;
    })
    .join('\n\n');
}

function initialText(flag: Flag<unknown>): string {
  if (flag.shown !== undefined) return flag.shown;
  if (flag.kind === 'string') return `'${String(flag.initial)}'`;
  if (Array.isArray(flag.initial)) return `[${flag.initial.join(',')}]`;
  if (flag.kind === 'duration') return `${Number(flag.initial) / 1000}s`;
  return String(flag.initial);
}

function commandLines(entries: readonly VerbEntry[]): string {
  const width = Math.max(11, ...entries.map((entry) => entry.name.length));
  return entries.map((entry) => `  ${entry.name.padEnd(width)}   ${entry.short}`).join('\n');
}

function indented(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? '  ' : `  ${line.trim()}`))
    .join('\n');
}
