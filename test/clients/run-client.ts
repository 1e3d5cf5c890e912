import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { HttpsCluster } from '../../src/distro/testing/https-cluster.ts';

/** What a client printed and how it ended. */
export interface ClientOutcome {
  readonly code: number;
  /** Of stdout and stderr, as they came. */
  readonly text: string;
}

/** What a client is given besides its arguments. */
export interface ClientInput {
  /** Written to its stdin. */
  readonly input?: string | undefined;
  /** Beside PATH, HOME and KUBECONFIG. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A client that still runs. Dispose it to interrupt it. */
export interface RunningClient extends AsyncDisposable {
  readonly ended: Promise<ClientOutcome>;
  /** Resolves once what it printed matches; rejects when it ends before. */
  prints(pattern: RegExp): Promise<void>;
}

/** A client program pointed at a cluster. Commands are words, or a text split at its spaces. */
export interface ClientProgram {
  run(command: string | readonly string[], given?: ClientInput): Promise<ClientOutcome>;
  start(command: string | readonly string[]): RunningClient;
  /** Runs a command that must succeed and print what is expected: a whole text, or a pattern. */
  prints(command: string | readonly string[], expected: string | RegExp, given?: ClientInput): Promise<void>;
  /** Runs a command that must fail, and say what is expected. */
  fails(command: string | readonly string[], expected: string | RegExp, given?: ClientInput): Promise<void>;
}

/** How such a program is run. */
export interface ClientProgramOptions {
  readonly cluster: Pick<HttpsCluster, 'kubeconfig' | 'directory'>;
  /** Name of its home folder, where it keeps what it learned of the server. */
  readonly home: string;
  /** Put before the words of every command, such as the namespace to work in. */
  readonly always?: readonly string[] | undefined;
}

/** Points a program at a cluster. */
export function clientProgram(path: string, { cluster, home, always = [] }: ClientProgramOptions): ClientProgram {
  const folder = join(cluster.directory, home);
  mkdirSync(folder, { recursive: true });
  const surroundings = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: cluster.kubeconfig };
  const launch = (command: string | readonly string[], { input = '', env = {} }: ClientInput = {}): Launched => {
    const words = typeof command === 'string' ? command.split(' ') : command;
    const child = spawn(path, [...always, ...words], { env: { ...surroundings, ...env }, cwd: folder });
    let text = '';
    const listeners = new Set<() => void>();
    const hear = (chunk: Buffer): void => {
      text += chunk.toString();
      for (const listener of listeners) listener();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    // A program that never reads its input may be gone before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const ended = new Promise<ClientOutcome>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? -1, text }));
    });
    return { ended, text: () => text, listeners, interrupt: () => void child.kill('SIGINT') };
  };
  const run = (command: string | readonly string[], given?: ClientInput): Promise<ClientOutcome> =>
    launch(command, given).ended;
  const check = async (succeeds: boolean, ...[command, expected, given]: Checked): Promise<void> => {
    const { code, text } = await run(command, given);
    const shown = typeof command === 'string' ? command : command.join(' ');
    const explanation = `${shown}\n${given?.input ?? ''}\nended with ${code}: ${text}`;
    if (typeof expected === 'string') expect(text, explanation).toBe(expected);
    else expect(text, explanation).toMatch(expected);
    expect(code === 0, explanation).toBe(succeeds);
  };
  return {
    run,
    start: (command) => watched(launch(command)),
    prints: (...checked) => check(true, ...checked),
    fails: (...checked) => check(false, ...checked),
  };
}

type Checked = [command: string | readonly string[], expected: string | RegExp, given?: ClientInput];

interface Launched {
  readonly ended: Promise<ClientOutcome>;
  readonly listeners: Set<() => void>;
  text(): string;
  interrupt(): void;
}

function watched({ ended, listeners, text, interrupt }: Launched): RunningClient {
  return {
    ended,
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(text())) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        ended.then(() => reject(new Error(`ended without printing ${pattern}: ${text()}`)), reject);
      }),
    async [Symbol.asyncDispose]() {
      interrupt();
      await ended;
    },
  };
}
