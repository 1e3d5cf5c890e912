import { Distribution } from '../../base/metrics/distribution.ts';

/** Upper bounds in seconds. Source: apiserver's flowcontrol/metrics. */
export const durationBounds: readonly number[] = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
/** Of queue lengths. */
export const lengthBounds: readonly number[] = [0, 10, 25, 50, 100, 250, 500, 1000];
/** Of seats. */
export const seatBounds: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 100];

/** What is counted of the requests of one schema in one level. */
export class SchemaCounters {
  readonly rejected = new Map<string, number>();
  dispatched = 0;
  waiting = 0;
  seatsWaiting = 0;
  executing = 0;
  seatsExecuting = 0;
  readonly waitedToRun = new Distribution(durationBounds);
  readonly waitedInVain = new Distribution(durationBounds);
  readonly ran = new Distribution(durationBounds);
  readonly watchesBegan = new Distribution(durationBounds);
  readonly queueLengths = new Distribution(lengthBounds);
  readonly seats = new Distribution(seatBounds);

  /** Counts a request that is refused. */
  reject(reason: string): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }
}
