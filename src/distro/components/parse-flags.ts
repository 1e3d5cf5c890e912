import { UsageError } from '../config/cluster-config.ts';
import type { FlagTable, FlagValues } from './flag.ts';

/** Flags that upstream has and kubets refuses, with the reason; a name may end in `*`. */
export type RefusedFlags = Readonly<Record<string, string>>;

/** The flags of one component. */
export interface FlagSet<F extends FlagTable> {
  /** The component's name, for sentences. */
  readonly component: string;
  readonly flags: F;
  readonly refused?: RefusedFlags | undefined;
}

/** What a command line said. */
export interface ParsedFlags<F extends FlagTable> {
  /** Every flag's value, the default where it was not given. */
  readonly values: FlagValues<F>;
  /** The names of those that were given. */
  readonly given: ReadonlySet<string>;
}

/**
 * Reads a command line as upstream's components do: `--name=value`, `--name value`, `--switch`, `-v 4`, underscores for
 * hyphens. Throws a UsageError for what is unknown, refused or malformed.
 */
export function parseFlags<F extends FlagTable>(set: FlagSet<F>, args: readonly string[]): ParsedFlags<F> {
  const given = new Map<string, string[]>();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const { name, value } = splitFlag(arg, set.component);
    const flag = set.flags[name];
    if (!flag) throw new UsageError(unknownFlag(set, name));
    const text = value ?? (flag.value === '' ? 'true' : rest.shift());
    if (text === undefined) throw new UsageError(`--${name} needs a value: --${name}=<${flag.value}>`);
    given.set(name, [...(given.get(name) ?? []), text]);
  }
  const values = Object.entries(set.flags).map(([name, flag]) => {
    const texts = given.get(name);
    return [name, texts === undefined ? flag.default : flag.parse(texts, `--${name}`)];
  });
  return { values: Object.fromEntries(values) as FlagValues<F>, given: new Set(given.keys()) };
}

function splitFlag(arg: string, component: string): { readonly name: string; readonly value: string | undefined } {
  const [, short, shortValue] = /^-(v)(?:=?(.+))?$/.exec(arg) ?? [];
  if (short !== undefined) return { name: short, value: shortValue };
  const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
  if (name !== undefined) return { name: name.replaceAll('_', '-'), value };
  throw new UsageError(
    `${component} takes flags only, not ${JSON.stringify(arg)} (kubets ${component} --help lists them)`,
  );
}

function unknownFlag<F extends FlagTable>({ component, flags, refused = {} }: FlagSet<F>, name: string): string {
  const reason = refusalOf(refused, name);
  if (reason !== undefined) return `${component} here has no --${name}: ${reason}`;
  const near = nearest(name, Object.keys(flags));
  const advice = near === undefined ? '' : `; did you mean --${near}?`;
  return `${component} has no flag --${name}${advice} (kubets ${component} --help lists them)`;
}

function refusalOf(refused: RefusedFlags, name: string): string | undefined {
  const exact = refused[name];
  if (exact !== undefined) return exact;
  return Object.entries(refused).find(
    ([pattern]) => pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)),
  )?.[1];
}

/** The name that differs least, if it is a slip of the fingers away. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names.map((known) => ({ known, distance: editDistance(name, known) }));
  const best = ranked.sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, name.length / 4) ? best.known : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
