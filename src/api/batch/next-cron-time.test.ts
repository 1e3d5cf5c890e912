import { expect, test } from 'vitest';
import { parseCronSchedule } from './cron-schedule.ts';
import { nextCronTime } from './next-cron-time.ts';

const next = (schedule: string, after: string): string | undefined => {
  const time = nextCronTime(parseCronSchedule(schedule), Date.parse(after));
  return time === undefined ? undefined : new Date(time).toISOString();
};

test.each([
  ['0 */12 * * *', '2026-11-23T04:00:00Z', '2026-11-23T12:00:00.000Z'],
  ['0 */12 * * *', '2026-11-23T12:00:00Z', '2026-11-24T00:00:00.000Z'],
  ['* * * * *', '2026-11-23T12:00:30.5Z', '2026-11-23T12:01:00.000Z'],
  ['30 2 * * *', '2026-12-31T02:30:00Z', '2027-01-01T02:30:00.000Z'],
  ['@monthly', '2026-01-31T00:00:00Z', '2026-02-01T00:00:00.000Z'],
  ['0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ['0 0 * * 0', '2026-11-23T00:00:00Z', '2026-11-29T00:00:00.000Z'],
  // Either of the two fields of the day, since neither names every day.
  ['0 0 1 * 3', '2026-11-23T00:00:00Z', '2026-11-25T00:00:00.000Z'],
  ['0 0 24 * 0', '2026-11-23T00:00:00Z', '2026-11-24T00:00:00.000Z'],
  ['@every 90s', '2026-11-23T00:00:00.700Z', '2026-11-23T00:01:30.000Z'],
])('%s after %s is due at %s', (schedule, after, time) => {
  expect(next(schedule, after)).toBe(time);
});

test('what can not come never does', () => {
  expect(next('0 0 30 2 *', '2026-11-23T00:00:00Z')).toBeUndefined();
});
