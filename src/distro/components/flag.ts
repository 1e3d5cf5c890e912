import { parseDuration } from '../../machinery/duration.ts';
import { ipFamily, parseNetwork } from '../../machinery/ip-address.ts';
import { UsageError } from '../config/cluster-config.ts';

/** One flag of a component, under upstream's name; the name is its key in a `FlagTable`. */
export interface Flag<T> {
  readonly help: string;
  /** What follows the name, as help shows it, such as `duration`; empty for a switch, whose value may be left out. */
  readonly value: string;
  /** What holds when the flag is not given. */
  readonly default: T;
  /** Reads what was given, in order; `flag` is `--its-name`. Throws a UsageError that says what would be right. */
  parse(given: readonly string[], flag: string): T;
}

/** The flags of a component by name, without dashes. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** What a component was told, by flag name. */
export type FlagValues<F extends FlagTable> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

/** Makes flags of one type: with a default, or undefined when not given. */
export interface FlagMaker<T> {
  (help: string): Flag<T | undefined>;
  (help: string, fallback: T): Flag<T>;
}

/** How a value is read; `read` gives undefined for what can't be. */
export interface ValueKind<T> {
  readonly value: string;
  /** Completes "--flag must be …". */
  readonly wanted: string;
  /** Why nothing else can be. */
  readonly why?: string | undefined;
  read(text: string): T | undefined;
}

const textKind: ValueKind<string> = {
  value: 'string',
  wanted: 'a text that is not empty',
  read: (text) => text || undefined,
};

/** Any text but the empty one. */
export const text = one(textKind);

/** The path of a file. */
export const file = one({ ...textKind, value: 'file', wanted: 'the path of a file' });

/** The path of a folder. */
export const folder = one({ ...textKind, value: 'folder', wanted: 'the path of a folder' });

/** A duration as Go writes it; milliseconds. */
export const duration = one<number>({
  value: 'duration',
  wanted: 'a duration such as 40s or 1m30s',
  read: readDuration,
});

/** An IP address of either family. */
export const address = one<string>({
  value: 'ip',
  wanted: 'an IP address such as 10.0.0.1',
  read: (given) => (ipFamily(given) === 0 ? undefined : given),
});

/** A TCP port; 0 mostly means none or any. */
export const port = integer(0, 65_535, 'port');

/** `host:port`; empty for none. */
export const hostPort = one<string>({
  value: 'ip:port',
  wanted: 'an address with a port such as 0.0.0.0:10256, or empty for none',
  read: (given) => (/^$|^(\[[\da-fA-F:]+\]|[^:\s]+):\d{1,5}$/.test(given) ? given : undefined),
});

/** Whole numbers in a range. */
export function integer(low: number, high: number, value = 'int'): FlagMaker<number> {
  return one({
    value,
    wanted: `a whole number from ${low} to ${high}`,
    read(given) {
      const number = /^[+-]?\d+$/.test(given) ? Number(given) : Number.NaN;
      return number >= low && number <= high ? number : undefined;
    },
  });
}

/** One of a few words; `why` says why there are no others. */
export function choice<const T extends string>(words: readonly T[], why?: string): FlagMaker<T> {
  return one({
    value: 'string',
    wanted: words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`,
    why,
    read: (given) => words.find((word) => word === given),
  });
}

/** A switch: `--name`, `--name=true` or `--name=false`. */
export function boolean(help: string, fallback: boolean): Flag<boolean> {
  const words: Readonly<Record<string, boolean>> = { true: true, t: true, 1: true, false: false, f: false, 0: false };
  return {
    help,
    value: '',
    default: fallback,
    parse: (given, flag) =>
      last(given, flag, { value: '', wanted: 'true or false', read: (word) => words[word.toLowerCase()] }),
  };
}

/** Texts separated by commas; given again, they add up. */
export const texts = many(textKind);

/** Paths of files; given again, they add up. */
export const files = many({ ...textKind, value: 'file', wanted: 'the path of a file' });

/** IP addresses. */
export const addresses = many<string>({
  value: 'ip',
  wanted: 'IP addresses separated by commas, such as 10.96.0.10',
  read: (given) => (ipFamily(given) === 0 ? undefined : given),
});

/** Networks in CIDR notation. */
export const networks = many<string>({
  value: 'cidr',
  wanted: 'a network such as 10.244.0.0/16',
  read: (given) => (parseNetwork(given) ? given : undefined),
});

/** `key=value` pairs separated by commas. */
export function pairs(help: string): Flag<Readonly<Record<string, string>>> {
  const list = many<readonly [string, string]>({
    value: 'key=value',
    wanted: 'key=value pairs separated by commas',
    read(given) {
      const at = given.indexOf('=');
      return at > 0 ? [given.slice(0, at), given.slice(at + 1)] : undefined;
    },
  })(help);
  return { ...list, default: {}, parse: (given, flag) => Object.fromEntries(list.parse(given, flag)) };
}

/** A flag whose value is read by `kind`; of several the last counts. */
export function one<T>(kind: ValueKind<T>): FlagMaker<T> {
  function flag(help: string): Flag<T | undefined>;
  function flag(help: string, fallback: T): Flag<T>;
  function flag(help: string, fallback?: T): Flag<T | undefined> {
    return { help, value: kind.value, default: fallback, parse: (given, name) => last(given, name, kind) };
  }
  return flag;
}

/** A flag that is a list: commas separate, and given again it goes on. */
export function many<T>(kind: ValueKind<T>): (help: string, fallback?: readonly T[]) => Flag<readonly T[]> {
  return (help, fallback = []) => ({
    help,
    value: `${kind.value},...`,
    default: fallback,
    parse: (given, flag) =>
      given.flatMap((list) => (list === '' ? [] : list.split(',')).map((item) => readOne(item.trim(), flag, kind))),
  });
}

function last<T>(given: readonly string[], flag: string, kind: ValueKind<T>): T {
  return readOne(given.at(-1) ?? '', flag, kind);
}

function readOne<T>(given: string, flag: string, { wanted, why, read }: ValueKind<T>): T {
  const value = read(given);
  if (value === undefined) {
    const reason = why === undefined ? '' : `: ${why}`;
    throw new UsageError(`${flag} must be ${wanted}, not ${JSON.stringify(given)}${reason}`);
  }
  return value;
}

function readDuration(given: string): number | undefined {
  try {
    const ms = parseDuration(given);
    return ms >= 0 ? ms : undefined;
  } catch {
    return undefined;
  }
}
