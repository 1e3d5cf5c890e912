/** Upper bounds in seconds. Source: apiserver's flowcontrol/metrics. */
export const durationBounds: readonly number[] = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
/** Of queue lengths. */
export const lengthBounds: readonly number[] = [0, 10, 25, 50, 100, 250, 500, 1000];
/** Of seats. */
export const seatBounds: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 100];

/** Observations in buckets. */
export class Histogram {
  readonly bounds: readonly number[];
  /** One more than bounds: the last is what is beyond all. */
  readonly buckets: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.buckets = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let index = 0;
    while (index < this.bounds.length && value > this.bounds[index]!) index++;
    this.buckets[index]! += 1;
    this.sum += value;
    this.count++;
  }
}

/** What is counted of the requests of one schema in one level. */
export class SchemaCounters {
  readonly rejected = new Map<string, number>();
  dispatched = 0;
  waiting = 0;
  seatsWaiting = 0;
  executing = 0;
  seatsExecuting = 0;
  readonly waitedToRun = new Histogram(durationBounds);
  readonly waitedInVain = new Histogram(durationBounds);
  readonly ran = new Histogram(durationBounds);
  readonly watchesBegan = new Histogram(durationBounds);
  readonly queueLengths = new Histogram(lengthBounds);
  readonly seats = new Histogram(seatBounds);

  /** Counts a request that is refused. */
  reject(reason: string): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }
}
