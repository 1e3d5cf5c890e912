/** How a flag's text becomes its value. Source: the pflag types that kubectl uses. */
export type FlagKind = 'string' | 'bool' | 'int' | 'slice' | 'array' | 'duration';

/** One flag of a command. `T` is the type of its value. */
export interface Flag<out T> {
  readonly kind: FlagKind;
  readonly initial: T;
  readonly usage: string;
  readonly short: string | undefined;
  /** The value of the bare flag: `--dry-run` means `--dry-run=unchanged`. */
  readonly bare: string | undefined;
  readonly hidden: boolean;
  /** The text after `=` in the help, where it is not the initial value. */
  readonly shown: string | undefined;
}

/** The flags of a command by their long name. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The parsed values of flags. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

interface FlagOptions<T> {
  readonly short?: string;
  readonly initial?: T;
  readonly bare?: string;
  readonly hidden?: boolean;
  readonly shown?: string;
}

function flag<T>(kind: FlagKind, usage: string, initial: T, options: FlagOptions<T>): Flag<T> {
  const { short, bare, hidden, shown } = options;
  return { kind, usage, initial: options.initial ?? initial, short, bare, hidden: hidden ?? false, shown };
}

/** A text. */
export function textFlag(usage: string, options: FlagOptions<string> = {}): Flag<string> {
  return flag('string', usage, '', options);
}

/** Yes or no; given without a value it is yes. */
export function boolFlag(usage: string, options: FlagOptions<boolean> = {}): Flag<boolean> {
  return flag('bool', usage, false, { bare: 'true', ...options });
}

/** A whole number. */
export function intFlag(usage: string, options: FlagOptions<number> = {}): Flag<number> {
  return flag('int', usage, 0, options);
}

/** Comma-separated values; may be given several times. */
export function sliceFlag(usage: string, options: FlagOptions<readonly string[]> = {}): Flag<readonly string[]> {
  return flag('slice', usage, [], options);
}

/** Values that may contain commas; may be given several times. */
export function arrayFlag(usage: string, options: FlagOptions<readonly string[]> = {}): Flag<readonly string[]> {
  return flag('array', usage, [], options);
}

/** A duration in Go's form (`1m30s`), as milliseconds. */
export function durationFlag(usage: string, options: FlagOptions<number> = {}): Flag<number> {
  return flag('duration', usage, 0, options);
}
