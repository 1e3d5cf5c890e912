import type { Clock } from '../../base/clock.ts';

/** Shows the phases of a long command as they go by. */
export interface Progress {
  /** Runs one phase: a spinner and its time on a terminal, a line elsewhere. Returns what `work` returns. */
  phase<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T>;
  /** Milliseconds each finished phase took, in order. */
  readonly timings: readonly { readonly title: string; readonly ms: number }[];
}

/** Where progress is shown. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Progress on `output`. */
export function createProgress(output: ProgressOutput, clock: Clock): Progress {
  const timings: { title: string; ms: number }[] = [];
  return {
    timings,
    async phase(title, work) {
      const started = clock.monotonic();
      const elapsed = (): string => `${((clock.monotonic() - started) / 1000).toFixed(1)}s`;
      let detail = '';
      const stop = output.isTTY ? spin(output, clock, () => `${title}${detail} ${elapsed()}`) : () => undefined;
      try {
        const result = await work((text) => void (detail = text === '' ? '' : `: ${text}`));
        timings.push({ title, ms: clock.monotonic() - started });
        stop();
        output.write(`${output.isTTY ? '\r\x1b[K\x1b[32m✓\x1b[0m' : '✓'} ${title} (${elapsed()})\n`);
        return result;
      } catch (error) {
        stop();
        output.write(`${output.isTTY ? '\r\x1b[K\x1b[31m✗\x1b[0m' : '✗'} ${title}${detail} (${elapsed()})\n`);
        throw error;
      }
    },
  };
}

function spin(output: ProgressOutput, clock: Clock, text: () => string): () => void {
  let frame = 0;
  let timer: Disposable | undefined;
  const draw = (): void => {
    output.write(`\r\x1b[K\x1b[36m${frames[frame++ % frames.length]}\x1b[0m ${text()}`);
    timer = clock.after(80, draw);
  };
  draw();
  return () => timer?.[Symbol.dispose]();
}
