import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { WebSocket } from 'ws';
import type { Clock } from '../../base/clock.ts';
import { systemClock } from '../../base/system-clock.ts';
import { channel, spdyProtocols, webSocketProtocols } from './remote-command.ts';
import type { RemoteCommandOptions, RemoteCommandStreams } from './remote-command.ts';
import { encodeRemoteStatus } from './remote-status.ts';
import { acceptSpdy } from './spdy/spdy-upgrade.ts';
import type { SpdyConnection } from './spdy/spdy-connection.ts';
import type { SpdyStream } from './spdy/spdy-stream.ts';
import { terminalSizes } from './terminal-size.ts';
import { upgradeKind } from './upgrade-response.ts';
import type { IncomingUpgrade } from './upgrade-response.ts';
import { WebSocketChannels } from './websocket-channels.ts';
import { acceptWebSocket } from './websocket-upgrade.ts';

/** How long a SPDY client may take to open its streams. Source: remotecommand.DefaultStreamCreationTimeout. */
const streamCreationMs = 30_000;

/** How long a SPDY client may take to hang up after the status: it drops what it has not read when we hang up first. */
const lingerMs = 5_000;

/** How often a WebSocket client is asked for a sign of life. */
const pingMs = 30_000;

/** What a client must open, and the time. */
export interface AcceptRemoteCommandOptions extends RemoteCommandOptions {
  readonly clock?: Clock | undefined;
}

/**
 * Accepts an exec or attach over WebSocket or SPDY. Undefined when the request can't be served; it has then been
 * answered, or its client has gone.
 */
export async function acceptRemoteCommand(
  upgrade: IncomingUpgrade,
  options: AcceptRemoteCommandOptions,
): Promise<RemoteCommandStreams | undefined> {
  return upgradeKind(upgrade.request) === 'websocket'
    ? acceptOverWebSocket(upgrade, options)
    : acceptOverSpdy(upgrade, options);
}

async function acceptOverWebSocket(
  upgrade: IncomingUpgrade,
  options: AcceptRemoteCommandOptions,
): Promise<RemoteCommandStreams | undefined> {
  const session = await acceptWebSocket(upgrade, Object.keys(webSocketProtocols));
  const protocol = session && webSocketProtocols[session.protocol];
  if (!session || !protocol) return undefined;
  const channels = new WebSocketChannels(session.socket, protocol);
  keepAlive(session.socket, options.clock ?? systemClock);
  const gone = new AbortController();
  void channels.closed.then(() => gone.abort(new Error('the client has gone')));
  const stdout = options.stdout ? channels.writable(channel.stdout) : undefined;
  const stderr = options.stderr ? channels.writable(channel.stderr) : undefined;
  // An empty message tells clients that wait for the first one that the connection stands.
  channels.send(options.stdout ? channel.stdout : options.stderr ? channel.stderr : channel.error, Buffer.alloc(0));
  return {
    tty: options.tty,
    stdin: options.stdin ? channels.readable(channel.stdin) : undefined,
    stdout,
    stderr,
    resize: options.tty ? terminalSizes(channels.readable(channel.resize)) : undefined,
    gone: gone.signal,
    async close(status) {
      // Messages keep their order, and the connection's end is the end of every channel.
      await Promise.all([drained(stdout), drained(stderr)]);
      const text = encodeRemoteStatus(status, protocol.jsonStatus);
      if (text !== '') channels.send(channel.error, Buffer.from(text));
      await channels.close();
    },
  };
}

/** Waits until everything written has been handed on, without saying that it was the end. */
async function drained(stream: Writable | undefined): Promise<void> {
  if (!stream || stream.destroyed || stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    stream.write('', () => resolve());
  });
}

/** Notices a client that has gone while nothing is read from it because the command does not read its stdin. */
function keepAlive(socket: WebSocket, clock: Clock): void {
  let timer = clock.after(pingMs, function ping() {
    socket.ping();
    timer = clock.after(pingMs, ping);
  });
  socket.once('close', () => timer[Symbol.dispose]());
}

async function acceptOverSpdy(
  upgrade: IncomingUpgrade,
  options: AcceptRemoteCommandOptions,
): Promise<RemoteCommandStreams | undefined> {
  const clock = options.clock ?? systemClock;
  const opened = new StreamCollector();
  const session = acceptSpdy(upgrade, {
    protocols: Object.keys(spdyProtocols),
    onStream: (stream) => opened.add(stream),
    clock,
  });
  const protocol = session && spdyProtocols[session.protocol];
  if (!session || !protocol) return undefined;
  const { connection } = session;
  const wanted = ['error', ...(['stdin', 'stdout', 'stderr'] as const).filter((name) => options[name])];
  if (options.tty && protocol.resize) wanted.push('resize');
  using _limit = clock.after(streamCreationMs, () =>
    connection.destroy(new Error('timed out waiting for client to create streams')),
  );
  const complete = await Promise.race([opened.all(wanted), connection.closed.then(() => undefined)]);
  return complete && spdyStreams(connection, complete, { tty: options.tty, jsonStatus: protocol.jsonStatus, clock });
}

interface SpdyStreamsOptions {
  readonly tty: boolean;
  readonly jsonStatus: boolean;
  readonly clock: Clock;
}

function spdyStreams(
  connection: SpdyConnection,
  streams: ReadonlyMap<string, SpdyStream>,
  { tty, jsonStatus, clock }: SpdyStreamsOptions,
): RemoteCommandStreams {
  const gone = new AbortController();
  void connection.closed.then(() => gone.abort(new Error('the client has gone')));
  const resize = streams.get('resize');
  const output = [streams.get('stdout'), streams.get('stderr')].filter((stream) => stream !== undefined);
  return {
    tty,
    stdin: streams.get('stdin'),
    stdout: streams.get('stdout'),
    stderr: streams.get('stderr'),
    resize: resize && terminalSizes(resize),
    gone: gone.signal,
    async close(status) {
      const over = connection.closed;
      await Promise.race([over, Promise.allSettled(output.map(ended))]);
      const error = streams.get('error')!;
      error.write(encodeRemoteStatus(status, jsonStatus));
      await Promise.race([over, ended(error)]).catch(() => undefined);
      using _linger = clock.after(lingerMs, () => void connection.close());
      await over;
    },
  };
}

async function ended(stream: SpdyStream): Promise<void> {
  if (!stream.destroyed) await finished(stream.end(), { readable: false });
}

/** Gathers the streams that a client opens, by their type. */
class StreamCollector {
  readonly #streams = new Map<string, SpdyStream>();
  #check = (): void => undefined;

  /** Refuses a type that is already there, and streams without one. */
  add(stream: SpdyStream): boolean {
    const type = stream.header('streamtype');
    if (type === undefined || this.#streams.has(type)) return false;
    this.#streams.set(type, stream);
    this.#check();
    return true;
  }

  /** Resolves when each of `types` is there. */
  all(types: readonly string[]): Promise<ReadonlyMap<string, SpdyStream>> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (types.every((type) => this.#streams.has(type))) resolve(this.#streams);
      };
      this.#check();
    });
  }
}
