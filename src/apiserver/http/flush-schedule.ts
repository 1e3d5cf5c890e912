import type { Clock } from '../../base/clock.ts';

/** Something that gathers what it has to write. */
export interface Flushable {
  /** Writes what has gathered. `join` makes one of several frames, the same one for the same frames. */
  flush(join: JoinFrames): void;
}

/** Makes one buffer of frames. */
export type JoinFrames = (frames: readonly Buffer[]) => Buffer;

/** Pauses end after so many milliseconds, however many watchers there are. */
const longestPause = 10;
/** A flush that takes less than this is followed by no pause. */
const shortestPause = 0.5;

/**
 * When watches write what happened: at once as a rule. Where flushing takes long, because many watch, it pauses for as long
 * as it took: what happens meanwhile goes out in one write per watch, so that flushing never takes more than half of the
 * time.
 */
export class FlushSchedule {
  readonly #clock: Clock;
  #waiting: Flushable[] = [];
  #pauseEnds = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Flushes `target` soon; to be called once, then again after it was flushed. */
  add(target: Flushable): void {
    this.#waiting.push(target);
    if (this.#waiting.length > 1) return;
    const pause = this.#pauseEnds - this.#clock.monotonic();
    if (pause < shortestPause) queueMicrotask(() => this.#flush());
    else this.#clock.after(pause, () => this.#flush());
  }

  #flush(): void {
    const started = this.#clock.monotonic();
    const waiting = this.#waiting;
    this.#waiting = [];
    const join = joiner();
    for (const target of waiting) target.flush(join);
    const ended = this.#clock.monotonic();
    this.#pauseEnds = ended + Math.min(ended - started, longestPause);
  }
}

/** Those who watch the same are flushed one after the other: remembering the last frames is enough. */
function joiner(): JoinFrames {
  let last: readonly Buffer[] = [];
  let joined = Buffer.alloc(0);
  return (frames) => {
    if (frames.length === 1) return frames[0]!;
    if (frames.length !== last.length || frames.some((frame, index) => frame !== last[index])) {
      last = frames;
      joined = Buffer.concat(frames);
    }
    return joined;
  };
}

const schedules = new WeakMap<Clock, FlushSchedule>();

/** The schedule of all watches that go by the same clock. */
export function flushScheduleOf(clock: Clock): FlushSchedule {
  let schedule = schedules.get(clock);
  if (!schedule) schedules.set(clock, (schedule = new FlushSchedule(clock)));
  return schedule;
}
