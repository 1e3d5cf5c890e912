/** The schedules of CronJobs: five fields, or a name such as `@daily`. Source: the library that upstream parses with, robfig/cron. */

/** When a CronJob runs: the minutes, hours, days, months and weekdays that match, in ascending order. */
export interface CronSchedule {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  readonly daysOfWeek: readonly number[];
  /** A day matches if either of its two fields does, unless one of them names every day. */
  readonly anyDayOfMonth: boolean;
  readonly anyDayOfWeek: boolean;
  /** Instead of the fields: a fixed number of seconds between runs (`@every 1h30m`). */
  readonly everySeconds?: number;
}

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: Readonly<Record<string, number>>;
}

const numbered = (names: string, first: number): Record<string, number> =>
  Object.fromEntries(names.split(' ').map((name, index) => [name, index + first]));

const fields: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1) },
  { min: 0, max: 6, names: numbered('sun mon tue wed thu fri sat', 0) },
];

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Parses a schedule. Throws Error, worded as clients know it, for one that there is not. */
export function parseCronSchedule(text: string): CronSchedule {
  const spec = text.replace(/^(?:CRON_)?TZ=\S+\s*/, '');
  if (spec === '') throw new Error('empty spec string');
  if (spec.startsWith('@every ')) return { ...everyMinute(), everySeconds: secondsOf(spec.slice('@every '.length)) };
  if (spec.startsWith('@') && descriptors[spec] === undefined) throw new Error(`unrecognized descriptor: ${spec}`);
  const parts = (descriptors[spec] ?? spec).trim().split(/\s+/);
  if (parts.length !== 5) {
    throw new Error(`expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`);
  }
  const [minutes = [], hours = [], daysOfMonth = [], months = [], daysOfWeek = []] = fields.map((field, index) =>
    parseField(parts[index] ?? '', field),
  );
  const isAny = (part: string | undefined): boolean => /^[*?]/.test(part ?? '');
  return {
    minutes,
    hours,
    daysOfMonth,
    months,
    daysOfWeek,
    anyDayOfMonth: isAny(parts[2]),
    anyDayOfWeek: isAny(parts[4]),
  };
}

function everyMinute(): CronSchedule {
  return parseCronSchedule('* * * * *');
}

const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

function secondsOf(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/gy)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    throw new Error(`failed to parse duration @every ${text}: time: invalid duration ${JSON.stringify(text)}`);
  }
  const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0), 0);
  return Math.max(1, Math.trunc(seconds));
}

function parseField(text: string, field: Field): readonly number[] {
  const values = new Set(
    text
      .split(',')
      .filter((part) => part !== '')
      .flatMap((part) => parseRange(part, field)),
  );
  return [...values].sort((a, b) => a - b);
}

function parseRange(text: string, field: Field): readonly number[] {
  const [range = '', stepText, ...moreSteps] = text.split('/');
  if (moreSteps.length > 0) throw new Error(`too many slashes: ${text}`);
  const { start, end } = boundsOf(range, text, { field, isStepped: stepText !== undefined });
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (start < field.min) throw new Error(`beginning of range (${start}) below minimum (${field.min}): ${text}`);
  if (end > field.max) throw new Error(`end of range (${end}) above maximum (${field.max}): ${text}`);
  if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new Error(`step of range should be a positive number: ${text}`);
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
}

function boundsOf(
  range: string,
  whole: string,
  { field, isStepped }: { readonly field: Field; readonly isStepped: boolean },
): { readonly start: number; readonly end: number } {
  if (range === '*' || range === '?') return { start: field.min, end: field.max };
  const [first = '', last, ...more] = range.split('-');
  if (more.length > 0) throw new Error(`too many hyphens: ${whole}`);
  const start = parseNumber(first, field.names);
  // `N/step` runs from N to the end.
  const alone = isStepped ? field.max : start;
  return { start, end: last === undefined ? alone : parseNumber(last, field.names) };
}

function parseNumber(text: string, names: Readonly<Record<string, number>> = {}): number {
  const named = names[text.toLowerCase()];
  if (named !== undefined) return named;
  if (!/^[+-]?\d+$/.test(text)) {
    throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const value = Number(text);
  if (value < 0) throw new Error(`negative number (${value}) not allowed: ${text}`);
  return value;
}
