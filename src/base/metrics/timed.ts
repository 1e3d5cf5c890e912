import type { Clock } from '../clock.ts';

/** Who is told how something ended, and how many seconds it took. */
export interface TimedEnd<T> {
  done(result: T, seconds: number): void;
  failed(seconds: number, error: unknown): void;
}

/** Does something that may have to be waited for, and tells how it ended; a failure goes on to whoever asked. */
export function timed<T>(clock: Pick<Clock, 'monotonic'>, run: () => T | Promise<T>, end: TimedEnd<T>): T | Promise<T> {
  const began = clock.monotonic();
  const seconds = (): number => (clock.monotonic() - began) / 1000;
  const succeed = (result: T): T => {
    end.done(result, seconds());
    return result;
  };
  const fail = (error: unknown): never => {
    end.failed(seconds(), error);
    throw error;
  };
  let running: T | Promise<T>;
  try {
    running = run();
  } catch (error) {
    return fail(error);
  }
  return running instanceof Promise ? running.then(succeed, fail) : succeed(running);
}
