/** Go's durations such as `1m30s`, in milliseconds. Source: Go's time.ParseDuration and Duration.String. */
import { StatusError } from '../base/errors.ts';

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Parses a Go duration into milliseconds; a malformed one is a BadRequest with Go's sentence. */
export function parseDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0;
  const quoted = JSON.stringify(text);
  if (rest === '') throw new StatusError('BadRequest', `time: invalid duration ${quoted}`);
  let total = 0;
  let at = 0;
  while (at < rest.length) {
    const [all, number = '', unit = ''] = /^([0-9]*\.?[0-9]*)([^0-9.]*)/.exec(rest.slice(at)) ?? [''];
    if (number === '' || number === '.') throw new StatusError('BadRequest', `time: invalid duration ${quoted}`);
    if (unit === '') throw new StatusError('BadRequest', `time: missing unit in duration ${quoted}`);
    const scale = units[unit];
    if (scale === undefined) {
      throw new StatusError('BadRequest', `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    }
    total += Number(number) * scale;
    at += all.length;
  }
  return sign * total;
}

/** Writes milliseconds as Go does: `1m30s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  const nanoseconds = Math.round(ms * 1e6);
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${trimmed(nanoseconds / 1e3, 3)}µs`;
  if (nanoseconds < 1e9) return `${trimmed(nanoseconds / 1e6, 6)}ms`;
  const hours = Math.floor(nanoseconds / 3.6e12);
  const minutes = Math.floor((nanoseconds % 3.6e12) / 6e10);
  const seconds = `${trimmed((nanoseconds % 6e10) / 1e9, 9)}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

function trimmed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return text.replace(/\.?0+$/, '');
}
