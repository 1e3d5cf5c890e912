import type { Readable, Writable } from 'node:stream';
import type { RemoteStatus } from './remote-status.ts';
import type { TerminalSize } from './terminal-size.ts';

/** Which streams an exec or attach has. A terminal has no stderr of its own. */
export interface RemoteCommandOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** The server's end of an exec or attach: a client that has connected, over whatever protocol. */
export interface RemoteCommandStreams {
  readonly tty: boolean;
  /** Ends when the client ends it, if its protocol can say so, or is gone. */
  readonly stdin?: Readable | undefined;
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
  /** New sizes of the client's terminal; a late reader gets the newest. */
  readonly resize?: AsyncIterable<TerminalSize> | undefined;
  /** Aborted when the connection is over, by the client or by `close`. */
  readonly gone: AbortSignal;
  /** Sends what was written, then the status, then hangs up; resolves when the connection is over. Never rejects. */
  close(status: RemoteStatus): Promise<void>;
}

/** The client's end of an exec or attach. */
export interface RemoteCommand extends AsyncDisposable {
  /** The negotiated protocol. */
  readonly protocol: string;
  readonly stdin?: Writable | undefined;
  readonly stdout?: Readable | undefined;
  readonly stderr?: Readable | undefined;
  /** Tells the size of the terminal; without one it does nothing. */
  resize(size: TerminalSize): void;
  /** How the command ended. Rejects when the connection breaks first. Output may still have to be read. */
  readonly status: Promise<RemoteStatus>;
  /** Hangs up. */
  close(): Promise<void>;
}

/** The WebSocket channels, by number. Source: remotecommand's websocket.go. */
export const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

/** What a WebSocket subprotocol means. */
export interface WebSocketProtocol {
  readonly base64: boolean;
  /** The client can end stdin. */
  readonly closeSignal: boolean;
  /** The error channel carries a Status instead of a message. */
  readonly jsonStatus: boolean;
}

/** The WebSocket subprotocols of exec and attach; '' is a client that names none. */
export const webSocketProtocols: Readonly<Record<string, WebSocketProtocol>> = {
  'v5.channel.k8s.io': { base64: false, closeSignal: true, jsonStatus: true },
  'v4.channel.k8s.io': { base64: false, closeSignal: false, jsonStatus: true },
  'v4.base64.channel.k8s.io': { base64: true, closeSignal: false, jsonStatus: true },
  'channel.k8s.io': { base64: false, closeSignal: false, jsonStatus: false },
  'base64.channel.k8s.io': { base64: true, closeSignal: false, jsonStatus: false },
  '': { base64: false, closeSignal: false, jsonStatus: false },
};

/** What a SPDY subprotocol means. */
export interface SpdyProtocol {
  readonly resize: boolean;
  readonly jsonStatus: boolean;
}

/** The SPDY subprotocols of exec and attach. */
export const spdyProtocols: Readonly<Record<string, SpdyProtocol>> = {
  'v4.channel.k8s.io': { resize: true, jsonStatus: true },
  'v3.channel.k8s.io': { resize: true, jsonStatus: false },
  'v2.channel.k8s.io': { resize: false, jsonStatus: false },
  'channel.k8s.io': { resize: false, jsonStatus: false },
};
