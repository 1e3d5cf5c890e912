/** What timestamps and durations say of themselves. Source: cel-go's common/stdlib/standard.go. */
import { celTypes } from '../cel-type.ts';
import type { CelFunction, CelLibrary, Overload } from '../library.ts';
import { memberOverload as member } from '../library.ts';
import { canonicalInt } from '../numbers.ts';
import { inTimeZone } from '../timestamps.ts';
import type { CelDuration, CelTimestamp, CelValue } from '../values.ts';

const { timestamp, duration, string, int } = celTypes;

type Getter = (face: Date, moment: CelTimestamp) => number;

const dayOfYear: Getter = (face) => {
  const first = new Date(face);
  first.setUTCMonth(0, 1);
  return Math.round((face.getTime() - first.getTime()) / 86_400_000);
};

/** Getters by function: the name in ids, and what is read off the local time. */
const getters: Readonly<Record<string, readonly [id: string, read: Getter]>> = {
  getFullYear: ['year', (face) => face.getUTCFullYear()],
  getMonth: ['month', (face) => face.getUTCMonth()],
  getDayOfYear: ['day_of_year', dayOfYear],
  getDayOfMonth: ['day_of_month', (face) => face.getUTCDate() - 1],
  getDate: ['day_of_month_1_based', (face) => face.getUTCDate()],
  getDayOfWeek: ['day_of_week', (face) => face.getUTCDay()],
  getHours: ['hours', (face) => face.getUTCHours()],
  getMinutes: ['minutes', (face) => face.getUTCMinutes()],
  getSeconds: ['seconds', (face) => face.getUTCSeconds()],
  getMilliseconds: ['milliseconds', (_, { nanos }) => Math.floor(nanos / 1_000_000)],
};

/** Nanoseconds of the units in which durations are told. */
const units: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
  getMilliseconds: 1_000_000n,
};

function getter(name: string, [id, read]: readonly [string, Getter]): CelFunction {
  const overloads: Overload[] = [
    member(`timestamp_to_${id}`, [timestamp], int, (moment: CelTimestamp) => read(inTimeZone(moment, 'UTC'), moment)),
    member(`timestamp_to_${id}_with_tz`, [timestamp, string], int, (moment: CelTimestamp, zone: string) =>
      read(inTimeZone(moment, zone), moment),
    ),
  ];
  const unit = units[name];
  if (unit !== undefined) {
    const read = (value: CelDuration): CelValue => canonicalInt(value.nanos / unit);
    overloads.push(member(`duration_to_${id}`, [duration], int, read));
  }
  return { name, overloads };
}

/** `getHours()` and its like. */
export const time: CelLibrary = {
  name: 'time',
  functions: Object.entries(getters).map(([name, parts]) => getter(name, parts)),
};
