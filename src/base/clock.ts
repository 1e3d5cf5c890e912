/** Time as the rest of the code sees it; never read any other. A fake advances by hand. */
export interface Clock {
  /** Wall-clock milliseconds since the epoch. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary origin, for durations. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `ms`; dispose to cancel. A pending timer does not keep the process alive. */
  after(ms: number, callback: () => void): Disposable;
}

let last = { second: Number.NaN, text: '' };

/** RFC 3339 in seconds, as metav1.Time is written. */
export function timestamp(ms: number): string {
  // A server that writes much asks for the same second again and again.
  const second = Math.floor(ms / 1000);
  if (second !== last.second) last = { second, text: new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z') };
  return last.text;
}

/** RFC 3339 in microseconds, as metav1.MicroTime is written. */
export function microTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}
