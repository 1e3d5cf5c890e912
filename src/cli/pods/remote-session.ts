import { finished } from 'node:stream/promises';
import { StatusError } from '../../base/errors.ts';
import type { StatusReason } from '../../base/errors.ts';
import { exitCodeOf } from '../../client/streaming/remote-status.ts';
import type { RemoteStatus } from '../../client/streaming/remote-status.ts';
import type { CliIo, CliOutput } from '../command/cli-io.ts';
import { CommandError } from '../command/command-error.ts';
import { requestUrl } from '../http/api-connection.ts';
import type { Session } from '../session.ts';
import { streamTarget } from './stream-target.ts';
import { followTerminalSize, rawTerminal } from './terminal.ts';

/** Which streams are connected. */
export interface RemoteStreams {
  readonly stdin: boolean;
  readonly tty: boolean;
  /** Nothing of what the container prints is shown. */
  readonly quiet?: boolean;
}

/** Where to: `exec` or `attach` of a pod's container. */
export interface RemoteRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly streams: RemoteStreams;
}

/** Connects the process's streams with a container's until it ends. Resolves to the exit code. */
export async function runRemotely(
  session: Session,
  io: CliIo,
  { path, query, streams }: RemoteRequest,
): Promise<number> {
  const { openWebSocketCommand } = await import('../../client/streaming/remote-command-client.ts');
  const { target } = session.connection;
  const options = { stdin: streams.stdin, stdout: true, stderr: !streams.tty, tty: streams.tty };
  const flags = Object.entries(options)
    .filter(([, on]) => on)
    .map(([name]) => [name, 'true']);
  const url = requestUrl(target.server, { path, query: { ...query, ...Object.fromEntries(flags) } });
  using raw = streams.tty && streams.stdin ? rawTerminal(io) : undefined;
  await using command = await openWebSocketCommand({
    ...options,
    url,
    ...streamTarget(session.connection),
    signal: io.signal,
  });
  using resizing = streams.tty ? followTerminalSize(io.stdout, (size) => command.resize(size)) : undefined;
  void raw;
  void resizing;
  if (command.stdin) {
    command.stdin.on('error', () => undefined);
    io.stdin.pipe(command.stdin);
  }
  const hangUp = (): void => void command.close();
  io.signal?.addEventListener('abort', hangUp, { once: true });
  try {
    const outputs = Promise.all([copy(command.stdout, io.stdout), copy(command.stderr, io.stderr)]);
    const status = await command.status;
    await outputs;
    return exitCode(status);
  } finally {
    io.signal?.removeEventListener('abort', hangUp);
    if (command.stdin) releaseInput(io, command.stdin);
  }
}

async function copy(from: NodeJS.ReadableStream | undefined, to: CliOutput): Promise<void> {
  if (!from) return;
  from.pipe(to, { end: false });
  try {
    await finished(from);
  } catch {
    // A connection that broke is told by the command's status.
  }
}

/** Lets the process end although its input is still open. */
function releaseInput({ stdin }: CliIo, sink: NodeJS.WritableStream): void {
  stdin.unpipe(sink);
  stdin.pause();
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
}

function exitCode(status: RemoteStatus): number {
  const code = exitCodeOf(status);
  if (code === 0) return 0;
  if (code !== undefined)
    throw new CommandError(`command terminated with exit code ${code}`, { exitCode: code, plain: true });
  throw new StatusError((status.reason ?? '') as StatusReason, status.message ?? 'unknown error', {
    code: status.code ?? 500,
  });
}
