/** What a component counts, rendered in Prometheus' text format. */
import { Distribution } from './distribution.ts';

/** One counter or gauge of a family. */
export interface Cell {
  value: number;
}

/** What a metric is called, and by what its cells are told apart. */
export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** The cells of one metric, by the values of its labels. */
export class MetricFamily<C> {
  readonly #description: MetricDescription;
  readonly #make: () => C;
  readonly #cells = new Map<string, C>();

  constructor(description: MetricDescription, make: () => C) {
    this.#description = description;
    this.#make = make;
  }

  /** The cell of these values, in the order of the labels. It stays the same: who counts often keeps it. */
  of(...values: readonly string[]): C {
    const labels = this.#labels(values);
    let cell = this.#cells.get(labels);
    if (!cell) this.#cells.set(labels, (cell = this.#make()));
    return cell;
  }

  /** Forgets all cells, where only the latest values are true. */
  clear(): void {
    this.#cells.clear();
  }

  /** By their labels, as `a="b",c="d"`. */
  get cells(): ReadonlyMap<string, C> {
    return this.#cells;
  }

  #labels(values: readonly string[]): string {
    const { labels = [] } = this.#description;
    return labels.map((label, index) => `${label}="${escaped(values[index] ?? '')}"`).join(',');
  }
}

/** All metrics of one component. A name that is asked for again is the same metric. */
export class MetricRegistry {
  readonly #families = new Map<string, { readonly family: unknown; render(): readonly string[] }>();

  /** Only ever grows. */
  counter(description: MetricDescription): MetricFamily<Cell> {
    return this.#plain('counter', description);
  }

  gauge(description: MetricDescription): MetricFamily<Cell> {
    return this.#plain('gauge', description);
  }

  /** `bounds`: upper ones of the buckets. */
  histogram(description: MetricDescription, bounds: readonly number[]): MetricFamily<Distribution> {
    const { name } = description;
    const make = (): MetricFamily<Distribution> => new MetricFamily(description, () => new Distribution(bounds));
    return this.#registered('histogram', description, {
      make,
      lines: (cell, labels) => (cell.count === 0 ? [] : cell.lines(name, labels)),
    });
  }

  /** In Prometheus' text format, ended by a new line unless there is nothing. */
  render(): string {
    return [...this.#families.values()]
      .flatMap((family) => family.render())
      .map((line) => `${line}\n`)
      .join('');
  }

  #plain(type: 'counter' | 'gauge', description: MetricDescription): MetricFamily<Cell> {
    const { name } = description;
    return this.#registered(type, description, {
      make: () => new MetricFamily<Cell>(description, () => ({ value: 0 })),
      lines: ({ value }, labels) => [labels === '' ? `${name} ${value}` : `${name}{${labels}} ${value}`],
    });
  }

  #registered<C>(
    type: string,
    { name, help }: MetricDescription,
    {
      make,
      lines,
    }: { readonly make: () => MetricFamily<C>; readonly lines: (cell: C, labels: string) => readonly string[] },
  ): MetricFamily<C> {
    const known = this.#families.get(name)?.family;
    if (known instanceof MetricFamily) return known;
    const family = make();
    this.#families.set(name, {
      family,
      render: () => [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...[...family.cells].flatMap(([labels, cell]) => lines(cell, labels)),
      ],
    });
    return family;
  }
}

/** Source: Prometheus' text format. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
