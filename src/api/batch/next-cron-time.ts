import type { CronSchedule } from './cron-schedule.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A schedule that names no day within so many, such as the 30th of February, never comes. Source: robfig/cron. */
const searchedDays = 5 * 366;

/** The first time after `after` at which a schedule is due, in UTC; both in milliseconds. Undefined: never. */
export function nextCronTime(schedule: CronSchedule, after: number): number | undefined {
  if (schedule.everySeconds !== undefined) return Math.floor(after / 1000 + schedule.everySeconds) * 1000;
  const first = (Math.floor(after / minuteMs) + 1) * minuteMs;
  const firstDay = Math.floor(first / dayMs) * dayMs;
  for (let day = firstDay; day < firstDay + searchedDays * dayMs; day += dayMs) {
    if (!isDue(schedule, new Date(day))) continue;
    for (const hour of schedule.hours) {
      for (const minute of schedule.minutes) {
        const time = day + (hour * 60 + minute) * minuteMs;
        if (time >= first) return time;
      }
    }
  }
  return undefined;
}

function isDue({ months, daysOfMonth, daysOfWeek, anyDayOfMonth, anyDayOfWeek }: CronSchedule, day: Date): boolean {
  if (!months.includes(day.getUTCMonth() + 1)) return false;
  const ofMonth = daysOfMonth.includes(day.getUTCDate());
  const ofWeek = daysOfWeek.includes(day.getUTCDay());
  return anyDayOfMonth || anyDayOfWeek ? ofMonth && ofWeek : ofMonth || ofWeek;
}
