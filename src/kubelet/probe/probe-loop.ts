import type { Probe } from '../../api/core/container.ts';
import type { Clock } from '../../base/clock.ts';
import type { ProbeOutcome, ProbeType } from './probe-outcome.ts';

/** A verdict of a probe after its thresholds. */
export type Verdict = 'success' | 'failure';

/** What one loop needs. */
export interface ProbeLoopOptions {
  readonly type: ProbeType;
  readonly probe: Probe;
  readonly clock: Clock;
  /** When the container started, milliseconds since the epoch. */
  readonly startedAt: number;
  /** Whether it may run now: liveness and readiness wait for the startup probe. */
  readonly mayRun: () => boolean;
  run(signal: AbortSignal): Promise<ProbeOutcome>;
  /** The verdict changed, or was confirmed. */
  report(verdict: Verdict): void;
  /** A run that counts has failed, or the probe could not be run. */
  unhealthy(outcome: ProbeOutcome): void;
  /** Wakes a loop that sleeps, when `mayRun` may have changed. */
  onWake(wake: () => void): void;
  readonly signal: AbortSignal;
}

const firstRetry = 50;
const longestRetry = 1_000;
/** After this long a container that is still not ready is asked only once a period, as upstream does. */
const eagerFor = 10_000;

/**
 * Runs one probe of one container until the signal, or until a startup probe has decided. Counted runs happen once a
 * period, as specified. In a container's first seconds further runs happen in between, and of these only a success
 * counts: so a pod is ready as soon as it answers, and never fails sooner than it would upstream.
 */
export async function probeLoop(options: ProbeLoopOptions): Promise<void> {
  const { probe, clock, signal, type, startedAt } = options;
  const period = probe.periodSeconds * 1000;
  const state = { verdict: undefined as Verdict | undefined, successes: 0, failures: 0 };
  let nextCounted = startedAt + (probe.initialDelaySeconds ?? 0) * 1000;
  let retry = firstRetry;
  while (!signal.aborted) {
    const now = clock.now();
    const eager = isEager(options, state.verdict);
    const wait =
      eager && now >= startedAt + (probe.initialDelaySeconds ?? 0) * 1000 && state.failures > 0
        ? Math.min(retry, Math.max(0, nextCounted - now))
        : Math.max(0, nextCounted - now);
    await pause(options, wait);
    if (!options.mayRun()) {
      await idle(options);
      nextCounted = Math.max(clock.now(), startedAt + (probe.initialDelaySeconds ?? 0) * 1000);
      continue;
    }
    const counted = clock.now() >= nextCounted;
    // A timer may fire a moment early.
    if (!counted && !eager) continue;
    const outcome = await options.run(signal);
    if (counted) nextCounted = clock.now() + period;
    else retry = Math.min(retry * 2, longestRetry);
    if (!outcome.ok && !counted) continue;
    count(state, options, outcome);
    if (type === 'startup' && state.verdict === 'success') return;
  }
}

/** Only where one success decides; a liveness probe has nothing to gain from haste. */
function isEager({ type, probe, clock, startedAt }: ProbeLoopOptions, verdict: Verdict | undefined): boolean {
  if (type === 'liveness' || verdict === 'success' || probe.successThreshold > 1) return false;
  const delay = (probe.initialDelaySeconds ?? 0) * 1000;
  return clock.now() - startedAt - delay < eagerFor;
}

function count(
  state: { verdict: Verdict | undefined; successes: number; failures: number },
  options: ProbeLoopOptions,
  outcome: ProbeOutcome,
): void {
  const { probe } = options;
  const { ok } = outcome;
  if (!ok) options.unhealthy(outcome);
  if (outcome.errored) return;
  state.successes = ok ? state.successes + 1 : 0;
  state.failures = ok ? 0 : state.failures + 1;
  if (ok && state.successes >= probe.successThreshold) state.verdict = 'success';
  else if (!ok && state.failures >= probe.failureThreshold) state.verdict = 'failure';
  else return;
  options.report(state.verdict);
}

async function pause({ clock, signal }: ProbeLoopOptions, ms: number): Promise<void> {
  if (ms > 0) await clock.sleep(ms, signal);
}

/** Until woken. */
async function idle({ onWake, signal }: ProbeLoopOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) throw signal.reason;
  signal.addEventListener('abort', abort, { once: true });
  onWake(resolve);
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
