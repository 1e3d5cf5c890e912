/** Observations in buckets, as Prometheus' histograms have them. */
export class Distribution {
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
  /** How many fell into each; one more than bounds: the last is what is beyond all. */
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

  /** Lines in Prometheus' text format; `labels` as `a="b",c="d"`, or ''. */
  lines(name: string, labels: string): string[] {
    const more = labels === '' ? '' : `${labels},`;
    const own = labels === '' ? '' : `{${labels}}`;
    let below = 0;
    const lines = this.bounds.map((bound, index) => {
      below += this.buckets[index]!;
      return `${name}_bucket{${more}le="${bound}"} ${below}`;
    });
    return [
      ...lines,
      `${name}_bucket{${more}le="+Inf"} ${this.count}`,
      `${name}_sum${own} ${this.sum}`,
      `${name}_count${own} ${this.count}`,
    ];
  }
}

/** `count` bounds from `start` on, each `factor` times the one before. */
export function exponentialBounds(start: number, factor: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => start * factor ** index);
}

/** What Prometheus' clients take where nothing else is said; seconds. */
export const defaultBounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
