import { spawn } from '@lydell/node-pty';
import { eventually } from './run.ts';

/** A program on a pseudo-terminal, typed at and read as a person would. */
export interface Terminal extends Disposable {
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Waits until the screen's text since the last `sees` has `pattern`; returns the match. */
  sees(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number>;
}

/** Starts `argv` on a pseudo-terminal of 80 by 24. */
export function openTerminal(argv: readonly string[]): Terminal {
  const [program = '', ...args] = argv;
  const pty = spawn(program, args, { cols: 80, rows: 24, name: 'xterm', env: { ...process.env, TERM: 'xterm' } });
  let text = '';
  pty.onData((data) => (text += data));
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  return {
    ended,
    type: (input) => pty.write(input),
    resize: (columns, rows) => pty.resize(columns, rows),
    async sees(pattern, timeoutMs = 10_000) {
      const match = await eventually(
        `${pattern} on the screen`,
        () => {
          const found = pattern.exec(text);
          if (!found) return Promise.reject(new Error(`the screen says ${JSON.stringify(text.slice(-2000))}`));
          return Promise.resolve(found);
        },
        { timeoutMs },
      );
      text = text.slice(match.index + match[0].length);
      return match;
    },
    [Symbol.dispose]: () => {
      try {
        pty.kill('SIGKILL');
      } catch {
        // It has ended already.
      }
    },
  };
}
