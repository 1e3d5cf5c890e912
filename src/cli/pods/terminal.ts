import { spawnSync } from 'node:child_process';
import type { CliIo, CliOutput } from '../command/cli-io.ts';
import type { TerminalSize } from '../../client/streaming/terminal-size.ts';

/**
 * Hands on every key of a terminal, and every byte of output, as they are, until disposed; does nothing where there is
 * no terminal.
 */
export function rawTerminal({ stdin }: Pick<CliIo, 'stdin'>): Disposable {
  if (!stdin.isTTY || !stdin.setRawMode) return { [Symbol.dispose]: () => undefined };
  stdin.setRawMode(true);
  // Node's raw mode still puts a carriage return before each line feed, where the far terminal has put one already.
  outputProcessing(stdin, '-opost');
  return {
    [Symbol.dispose]: () => {
      outputProcessing(stdin, 'opost');
      stdin.setRawMode?.(false);
    },
  };
}

function outputProcessing(stdin: CliIo['stdin'], setting: 'opost' | '-opost'): void {
  if (stdin === process.stdin) spawnSync('stty', [setting], { stdio: ['inherit', 'ignore', 'ignore'] });
}

/** Tells the size of the terminal now and at every change, until disposed. */
export function followTerminalSize(output: CliOutput, tell: (size: TerminalSize) => void): Disposable {
  const report = (): void => {
    const { columns, rows } = output;
    if (columns && rows) tell({ width: columns, height: rows });
  };
  report();
  output.on('resize', report);
  return { [Symbol.dispose]: () => void output.off('resize', report) };
}
