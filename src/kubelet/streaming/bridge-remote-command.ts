import type { Readable, Writable } from 'node:stream';
import { StatusError, messageOf } from '../../base/errors.ts';
import type { RemoteCommand, RemoteCommandStreams } from '../../client/streaming/remote-command.ts';
import { remoteFailure } from '../../client/streaming/remote-status.ts';
import type { TerminalSize } from '../../client/streaming/terminal-size.ts';

/**
 * Joins a client to a command that the runtime runs, until the command has ended or the client has gone. All output
 * reaches the client before the status does. Closes both; never rejects.
 */
export async function bridgeRemoteCommand(client: RemoteCommandStreams, command: RemoteCommand): Promise<void> {
  const hangUp = (): void => void command.close();
  if (client.gone.aborted) hangUp();
  client.gone.addEventListener('abort', hangUp, { once: true });
  if (client.stdin && command.stdin) void copyInput(client.stdin, command.stdin);
  if (client.resize) void copySizes(client.resize, command);
  const output = Promise.all([copyOutput(command.stdout, client.stdout), copyOutput(command.stderr, client.stderr)]);
  const status = await command.status.catch((error: unknown) =>
    remoteFailure(new StatusError('InternalError', `the container runtime broke off: ${messageOf(error)}`)),
  );
  await output;
  await client.close(status);
  await command.close();
}

async function copyInput(from: Readable, to: Writable): Promise<void> {
  await copy(from, to);
  if (!to.destroyed) to.end();
}

async function copyOutput(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from && to) await copy(from, to);
}

/** Passes everything on, at the pace of `to`. An error on either side ends it; that the status tells. */
async function copy(from: Readable, to: Writable): Promise<void> {
  try {
    for await (const part of from.iterator({ destroyOnReturn: false })) {
      if (to.destroyed) break;
      if (!to.write(part)) await writable(to);
    }
  } catch {
    return;
  }
  // What nobody takes any more must not hold up the other streams of the connection.
  from.resume();
}

function writable(stream: Writable): Promise<void> {
  if (stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

async function copySizes(sizes: AsyncIterable<TerminalSize>, command: RemoteCommand): Promise<void> {
  for await (const size of sizes) command.resize(size);
}
