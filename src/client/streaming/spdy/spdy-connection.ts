import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../base/clock.ts';
import { systemClock } from '../../../base/system-clock.ts';
import { PeerFlowControl, ReceiveGrants } from './flow-control.ts';
import type { SendWindow } from './flow-control.ts';
import { SpdyFrameParser } from './frame-parser.ts';
import { SpdyFrameWriter } from './frame-writer.ts';
import type { Written } from './frame-writer.ts';
import {
  dataHeader,
  defaultWindow,
  goAwayCode,
  goAwayFrame,
  initialWindowFrame,
  resetCode,
  rstStreamFrame,
  settingInitialWindow,
  SpdyProtocolError,
  synReplyFrame,
  synStreamFrame,
  windowUpdateFrame,
} from './frames.ts';
import type { SpdyFrame } from './frames.ts';
import { HeaderDecompressor } from './header-codec.ts';
import type { SpdyHeaders } from './header-codec.ts';
import { Pings } from './pings.ts';
import { SpdyStream, SpdyStreamReset } from './spdy-stream.ts';
import type { SpdyStreamHost } from './spdy-stream.ts';
import { StreamTable } from './stream-table.ts';

/** Options of `SpdyConnection`. */
export interface SpdyConnectionOptions {
  /** The side that dialled is the client: its streams have odd numbers. */
  readonly role: 'client' | 'server';
  /** Bytes that were read from the transport together with the HTTP upgrade. */
  readonly head?: Buffer | undefined;
  /** Takes a stream that the peer opens; returning false refuses it. Without it every stream is refused. */
  readonly onStream?: ((stream: SpdyStream) => boolean | void) | undefined;
  /** Bytes that a stream buffers before its sender has to wait; 1 MiB by default. */
  readonly streamWindow?: number | undefined;
  /** Sends a PING this often, so that a vanished peer is noticed while nothing else is written. Off by default. */
  readonly pingIntervalMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Options of `SpdyConnection.openStream`. */
export interface OpenStreamOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The session has ended; `cause` says why if it was not in order. */
export class SpdyConnectionClosed extends Error {
  override readonly name = 'SpdyConnectionClosed';
}

/** All streams together may be this far ahead of their readers. */
const sessionWindow = 16 * 1024 * 1024;

/** How long the peer may take to hang up after we have. */
const lingerMs = 5_000;

/**
 * A SPDY/3.1 session over any byte stream, in either role. A peer without flow control is slowed down by not reading
 * from the transport while one of its streams is not being read.
 */
export class SpdyConnection implements AsyncDisposable {
  /** Resolves once the transport is closed, whoever closed it. Never rejects. */
  readonly closed: Promise<void>;
  readonly #transport: Duplex;
  readonly #options: SpdyConnectionOptions;
  readonly #clock: Clock;
  readonly #writer: SpdyFrameWriter;
  readonly #decompressor = new HeaderDecompressor();
  readonly #peer = new PeerFlowControl();
  readonly #grants: ReceiveGrants;
  readonly #streams = new StreamTable();
  readonly #pings: Pings;
  readonly #streamWindow: number;
  readonly #host: SpdyStreamHost;
  #nextStreamId: number;
  #lastPeerStreamId = 0;
  #refusing = false;
  #end: Error | undefined;
  #crowded: SpdyStream | undefined;
  #pinger: Disposable | undefined;

  /** Takes over `transport`, which must not be read by anybody else. */
  constructor(transport: Duplex, options: SpdyConnectionOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#streamWindow = options.streamWindow ?? 1024 * 1024;
    this.#nextStreamId = options.role === 'client' ? 1 : 2;
    this.#writer = new SpdyFrameWriter(transport, (error) => this.#finish(error));
    const write = (frame: Buffer): void => this.#writer.write([frame]);
    this.#pings = new Pings(options.role, write);
    this.#grants = new ReceiveGrants(sessionWindow, write);
    this.#host = this.#createHost();
    this.closed = new Promise((resolve) => {
      if (transport.destroyed) resolve();
      else transport.once('close', resolve);
    });
    // Frames are small and answered: waiting to fill a packet would cost 40 ms each way.
    if (transport instanceof Socket) transport.setNoDelay(true);
    transport.on('error', (error) => this.#finish(error));
    transport.on('close', () => this.#finish());
    this.#writer.write([initialWindowFrame(this.#streamWindow), windowUpdateFrame(0, sessionWindow - defaultWindow)]);
    this.#schedulePing();
    void this.#run();
  }

  /** Why the session ended; undefined while it lasts. */
  get error(): Error | undefined {
    return this.#end;
  }

  /**
   * Opens a stream and waits for the peer's SYN_REPLY. Rejects with SpdyStreamReset when it is refused and with
   * SpdyConnectionClosed when the session is over.
   * Nothing may be sent before the reply: moby/spdystream drops data that precedes it.
   */
  openStream(headers: SpdyHeaders, options: OpenStreamOptions = {}): Promise<SpdyStream> {
    if (this.#end) return Promise.reject(this.#end);
    if (this.#refusing) return Promise.reject(new SpdyConnectionClosed('the SPDY peer takes no more streams'));
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = this.#nextStreamId;
    this.#nextStreamId += 2;
    const opened = this.#streams.addOpening(this.#newStream(id, headers), signal);
    this.#writer.writeHeaders(headers, (block) => synStreamFrame(id, block));
    return opened;
  }

  /** Asks for a sign of life and waits for it. Rejects when the session ends first. */
  ping(): Promise<void> {
    if (this.#end) return Promise.reject(this.#end);
    return this.#pings.send();
  }

  /** Tells the peer to open no more streams; those there are go on. */
  goAway(): void {
    this.#refusing = true;
    this.#writer.write([goAwayFrame(this.#lastPeerStreamId, goAwayCode.ok)]);
  }

  /** Resets what is open, sends everything that was written, hangs up, and waits until the peer has too (5 s at most). */
  async close(): Promise<void> {
    if (!this.#end && !this.#transport.destroyed) {
      for (const stream of this.#streams.values()) stream.destroy();
      this.goAway();
      this.#writer.end();
      // Hanging up with received bytes unread would make the kernel drop what the peer has not read yet.
      using _linger = this.#clock.after(lingerMs, () => this.#transport.destroy());
      await this.closed;
    }
    await this.closed;
  }

  /** Cuts the connection. */
  destroy(error?: Error): void {
    this.#finish(error);
    this.#transport.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(): Promise<void> {
    const parser = new SpdyFrameParser();
    try {
      if (this.#options.head && this.#options.head.length > 0) await this.#take(parser, this.#options.head);
      for await (const chunk of this.#transport.iterator({ destroyOnReturn: false })) {
        await this.#take(parser, chunk);
        if (this.#end) return;
      }
      this.#finish();
    } catch (error) {
      if (error instanceof SpdyProtocolError && !this.#end) {
        this.#writer.write([goAwayFrame(this.#lastPeerStreamId, goAwayCode.protocolError)]);
      }
      this.#finish(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #take(parser: SpdyFrameParser, chunk: Buffer): Promise<void> {
    for (const frame of parser.push(chunk)) {
      if (frame.type === 'data') this.#onData(frame);
      else await this.#onControl(frame);
      if (this.#crowded) {
        await this.#crowded.relieved();
        this.#crowded = undefined;
      }
    }
  }

  #onData(frame: Extract<SpdyFrame, { type: 'data' }>): void {
    const stream = this.#streams.get(frame.streamId);
    if (!stream) return this.#host.consumed(frame.streamId, frame.payload.length, 0);
    if (frame.payload.length > 0) stream.receive(frame.payload);
    if (frame.fin) stream.receiveFin();
    if (stream.overfull) this.#crowded = stream;
  }

  async #onControl(frame: Exclude<SpdyFrame, { type: 'data' }>): Promise<void> {
    switch (frame.type) {
      case 'synStream':
        return this.#onSynStream(frame, await this.#decompressor.decompress(frame.block));
      case 'synReply':
        // The block must be read even if nobody wants the headers: compression is one context.
        await this.#decompressor.decompress(frame.block);
        this.#streams.opened(frame.streamId);
        if (frame.fin) this.#streams.get(frame.streamId)?.receiveFin();
        return;
      case 'headers':
        await this.#decompressor.decompress(frame.block);
        if (frame.fin) this.#streams.get(frame.streamId)?.receiveFin();
        return;
      case 'rstStream':
        return this.#onReset(frame.streamId, frame.code);
      case 'settings':
        return this.#onSettings(frame.values);
      case 'ping':
        return this.#pings.receive(frame.id);
      case 'goAway':
        this.#refusing = true;
        return;
      case 'windowUpdate':
        return this.#onWindowUpdate(frame.streamId, frame.delta);
    }
  }

  #onSynStream(frame: Extract<SpdyFrame, { type: 'synStream' }>, headers: SpdyHeaders): void {
    const id = frame.streamId;
    const parity = this.#options.role === 'server' ? 1 : 0;
    if (id % 2 !== parity || id <= this.#lastPeerStreamId) throw new SpdyProtocolError(`invalid stream number ${id}`);
    this.#lastPeerStreamId = id;
    if (this.#refusing || !this.#options.onStream) return this.#reset(id, resetCode.refusedStream);
    const stream = this.#newStream(id, headers);
    this.#streams.add(stream);
    this.#writer.writeHeaders({}, (block) => synReplyFrame(id, block));
    if (frame.unidirectional) stream.end();
    if (this.#options.onStream(stream) === false) {
      const error = new SpdyStreamReset(id, resetCode.refusedStream);
      this.#streams.remove(id, error);
      stream.fail(error);
      return this.#reset(id, resetCode.refusedStream);
    }
    if (frame.fin) stream.receiveFin();
  }

  #onReset(id: number, code: number): void {
    const error = new SpdyStreamReset(id, code);
    const stream = this.#streams.get(id);
    this.#streams.remove(id, error);
    stream?.fail(error);
  }

  #onSettings(values: ReadonlyMap<number, number>): void {
    const window = values.get(settingInitialWindow);
    if (window === undefined) return;
    const change = this.#peer.announce(window);
    this.#grants.activate();
    for (const stream of this.#streams.values()) stream.widen(change);
    this.#resumeAll();
  }

  #onWindowUpdate(id: number, delta: number): void {
    this.#peer.activate();
    this.#grants.activate();
    if (id === 0) {
      this.#peer.session.widen(delta);
      this.#resumeAll();
    } else {
      this.#streams.get(id)?.widen(delta);
      this.#streams.get(id)?.resumeSending();
    }
  }

  #newStream(id: number, headers: SpdyHeaders): SpdyStream {
    const sendWindow = this.#peer.initialWindow;
    return new SpdyStream(this.#host, { id, headers, sendWindow, receiveWindow: this.#streamWindow });
  }

  #resumeAll(): void {
    for (const stream of this.#streams.values()) stream.resumeSending();
  }

  #reset(id: number, code: number): void {
    this.#writer.write([rstStreamFrame(id, code)]);
  }

  #createHost(): SpdyStreamHost {
    return {
      allowance: (window: SendWindow) => this.#peer.allowance(window),
      sendData: (id, payload, done: Written) => {
        this.#peer.session.spend(payload.length);
        this.#writer.write([dataHeader(id, payload.length, false), payload], done);
      },
      sendFin: (id, done: Written) => this.#writer.write([dataHeader(id, 0, true)], done),
      sendReset: (id, code) => {
        if (!this.#end) this.#reset(id, code);
      },
      consumed: (id, bytes, grant) => {
        if (!this.#end) this.#grants.consumed(id, bytes, grant);
      },
      forget: (stream) => {
        this.#grants.forget(stream.id);
        this.#streams.remove(stream.id, new SpdyConnectionClosed('the stream was closed before the peer replied'));
      },
    };
  }

  #schedulePing(): void {
    const interval = this.#options.pingIntervalMs;
    if (interval === undefined || this.#end) return;
    this.#pinger = this.#clock.after(interval, () => {
      // The answer may be late when a stream of the peer's is crowded; writing is enough to notice a dead connection.
      this.ping().catch(() => undefined);
      this.#schedulePing();
    });
  }

  #finish(cause?: Error): void {
    if (this.#end) return;
    this.#end = new SpdyConnectionClosed(
      cause ? `SPDY connection failed: ${cause.message}` : 'SPDY connection closed',
      cause && { cause },
    );
    this.#pinger?.[Symbol.dispose]();
    this.#writer.stop(this.#end);
    this.#decompressor[Symbol.dispose]();
    this.#pings.fail(this.#end);
    this.#streams.failAll(this.#end);
    this.#hangUp(cause);
  }

  #hangUp(cause?: Error): void {
    if (this.#transport.destroyed) return;
    if (cause && !(cause instanceof SpdyProtocolError)) return void this.#transport.destroy();
    if (!this.#transport.writableEnded) this.#transport.end();
    if (this.#transport.writableFinished) this.#transport.destroy();
    else this.#transport.once('finish', () => this.#transport.destroy());
  }
}
