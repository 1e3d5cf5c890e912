import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));
/** What V8 made of the sources is kept, which halves the start of the next process. */
const compileCache = fileURLToPath(new URL('../../../../node_modules/.cache/test-components', import.meta.url));

/** A component in a process of its own; disposing kills it if it still runs. */
export interface ComponentProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it has written so far, both streams. */
  readonly output: string;
  readonly stdout: string;
  /** Resolves with the exit code once it has ended; -1 when a signal killed it. */
  readonly ended: Promise<number>;
  /** Sends SIGTERM; resolves with the exit code. */
  stop(): Promise<number>;
}

/** The command line of `kubets <args>` from the sources. */
export function kubetsCommandLine(...args: readonly string[]): readonly string[] {
  const node = ['env', `NODE_COMPILE_CACHE=${compileCache}`, 'NODE_OPTIONS=', process.execPath];
  return [...node, '--disable-warning=ExperimentalWarning', main, ...args];
}

/** Starts `kubets <args>` from the sources. */
export function startComponent(...args: readonly string[]): ComponentProcess {
  return startProcess(kubetsCommandLine(...args));
}

/** The same in the network namespace that `path` names. */
export function startComponentIn(path: string, ...args: readonly string[]): ComponentProcess {
  // Not `ip netns exec`: that would hide what the kubelet mounts from its container runtime.
  return startProcess(['nsenter', `--net=${path}`, '--', ...kubetsCommandLine(...args)]);
}

function startProcess([command = '', ...args]: readonly string[]): ComponentProcess {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += String(chunk);
    output += String(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => void (output += String(chunk)));
  const ended = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : -1));
  return {
    pid: child.pid ?? 0,
    get output() {
      return output;
    },
    get stdout() {
      return stdout;
    },
    ended,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A TCP port of loopback that is free at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
