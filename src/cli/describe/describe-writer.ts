import { alignColumns, describeColumns } from '../output/tab-writer.ts';

/** Collects the lines of a description; tab-separated cells are aligned between one `flush` and the next. */
export class DescribeWriter {
  #done = '';
  #pending = '';

  /** Writes a line, indented by two spaces a level. */
  line(level: number, text: string): void {
    this.raw(level, `${text}\n`);
  }

  /** Writes text that need not end its line. */
  raw(level: number, text: string): void {
    this.#pending += '  '.repeat(level) + text;
  }

  /** Ends a run of aligned lines: what follows has columns of its own. */
  flush(): void {
    this.#done += alignColumns(this.#pending, describeColumns);
    this.#pending = '';
  }

  /** The whole description, aligned. */
  text(): string {
    this.flush();
    return this.#done;
  }

  /** The lines as they were written, tabs included: how `rollout history` shows a template. */
  unaligned(): string {
    return this.#done + this.#pending;
  }
}
