import type { CliIo, CliOutput } from '../command/cli-io.ts';
import type { TerminalSize } from '../../client/streaming/terminal-size.ts';

/** Puts the terminal into raw mode until disposed; does nothing where there is no terminal. */
export function rawTerminal({ stdin }: Pick<CliIo, 'stdin'>): Disposable {
  if (!stdin.isTTY || !stdin.setRawMode) return { [Symbol.dispose]: () => undefined };
  stdin.setRawMode(true);
  return { [Symbol.dispose]: () => void stdin.setRawMode?.(false) };
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
