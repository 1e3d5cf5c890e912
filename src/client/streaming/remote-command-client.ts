import type { Readable } from 'node:stream';
import { channel, spdyProtocols, webSocketProtocols } from './remote-command.ts';
import type { RemoteCommand, RemoteCommandOptions } from './remote-command.ts';
import { decodeRemoteStatus } from './remote-status.ts';
import type { RemoteStatus } from './remote-status.ts';
import { dialSpdy } from './spdy/spdy-upgrade.ts';
import type { SpdyDialOptions } from './spdy/spdy-upgrade.ts';
import { SpdyStreamReset } from './spdy/spdy-stream.ts';
import type { SpdyStream } from './spdy/spdy-stream.ts';
import { encodeTerminalSize } from './terminal-size.ts';
import { WebSocketChannels } from './websocket-channels.ts';
import { dialWebSocket } from './websocket-upgrade.ts';
import type { WebSocketDialOptions } from './websocket-upgrade.ts';

/** Where to run and which streams to open; they must be those that the URL's query asks for. */
export interface WebSocketCommandOptions extends RemoteCommandOptions, Omit<WebSocketDialOptions, 'protocols'> {
  /** v5 and v4 by default. */
  readonly protocols?: readonly string[] | undefined;
}

/** The same over SPDY. */
export interface SpdyCommandOptions extends RemoteCommandOptions, Omit<SpdyDialOptions, 'protocols'> {
  /** v4 down to v1 by default. */
  readonly protocols?: readonly string[] | undefined;
}

/** Runs an exec or attach over WebSocket. Rejects with the server's Status when it refuses. */
export function openWebSocketCommand(options: WebSocketCommandOptions): Promise<RemoteCommand> {
  const protocols = options.protocols ?? ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
  return dialWebSocket({ ...options, protocols }, ({ socket, protocol }) => {
    const framing = webSocketProtocols[protocol] ?? webSocketProtocols['']!;
    const channels = new WebSocketChannels(socket, framing);
    const resize = channels.writable(channel.resize);
    const status = statusFrom(channels.readable(channel.error), framing.jsonStatus);
    return {
      protocol,
      stdin: options.stdin ? channels.writable(channel.stdin) : undefined,
      stdout: options.stdout ? channels.readable(channel.stdout) : undefined,
      stderr: options.stderr ? channels.readable(channel.stderr) : undefined,
      resize: (size) => {
        if (options.tty && !resize.destroyed) resize.write(encodeTerminalSize(size));
      },
      status,
      close: () => channels.close(),
      [Symbol.asyncDispose]: () => channels.close(),
    };
  });
}

/** Runs an exec or attach over SPDY, as containerd wants it. Rejects with the server's Status when it refuses. */
export async function openSpdyCommand(options: SpdyCommandOptions): Promise<RemoteCommand> {
  const protocols = options.protocols ?? Object.keys(spdyProtocols);
  const { connection, protocol } = await dialSpdy({ ...options, protocols });
  const traits = spdyProtocols[protocol] ?? { resize: false, jsonStatus: false };
  const { stdin: input, stdout: output, stderr: errors, tty } = options;
  const wants: Record<string, boolean> = {
    error: true,
    stdin: input,
    stdout: output,
    stderr: errors,
    resize: tty && traits.resize,
  };
  const open = (streamtype: string): Promise<SpdyStream | undefined> =>
    wants[streamtype] ? connection.openStream({ streamtype }, { signal: options.signal }) : Promise.resolve(undefined);
  try {
    const [error, stdin, stdout, stderr, resize] = await Promise.all(
      ['error', 'stdin', 'stdout', 'stderr', 'resize'].map(open),
    );
    // These flow one way; the server must not wait for our end of them.
    for (const stream of [error, stdout, stderr]) stream?.end();
    stdin?.resume();
    resize?.resume();
    return {
      protocol,
      stdin,
      stdout,
      stderr,
      resize: (size) => {
        if (resize && !resize.destroyed) resize.write(encodeTerminalSize(size));
      },
      status: statusFrom(error!, traits.jsonStatus),
      close: () => connection.close(),
      [Symbol.asyncDispose]: () => connection.close(),
    };
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/** Reads the error channel to its end. Without `json` silence means success, unless the connection broke. */
function statusFrom(stream: Readable, json: boolean): Promise<RemoteStatus> {
  const parts: Buffer[] = [];
  const status = new Promise<RemoteStatus>((resolve, reject) => {
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.once('close', () => {
      const text = Buffer.concat(parts).toString();
      if (text !== '') resolve(decodeRemoteStatus(text));
      // Servers of old reset the stream when all is over.
      else if (json || !(stream.readableEnded || stream.errored instanceof SpdyStreamReset)) {
        reject(new Error('the connection closed before the command ended', { cause: stream.errored }));
      } else resolve(decodeRemoteStatus(''));
    });
  });
  // Whoever does not ask for the status still sees the streams end.
  status.catch(() => undefined);
  return status;
}
