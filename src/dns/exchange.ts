import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Upstream } from './resolv-conf.ts';
import { TcpMessages, frameMessage } from './tcp-messages.ts';

/** Sends `query` to `upstream` and resolves with its answer; rejects when there is none before `signal` aborts. */
export type Exchange = (query: Buffer, upstream: Upstream, options: ExchangeOptions) => Promise<Buffer>;

/** How to ask. */
export interface ExchangeOptions {
  readonly transport: 'udp' | 'tcp';
  readonly signal: AbortSignal;
}

/** Asks over the network, each time from a port of its own, so that an answer is hard to forge. */
export const networkExchange: Exchange = (query, upstream, options) =>
  options.transport === 'udp' ? overUdp(query, upstream, options.signal) : overTcp(query, upstream, options.signal);

function overUdp(query: Buffer, upstream: Upstream, signal: AbortSignal): Promise<Buffer> {
  const socket = createSocket(isIPv6(upstream.address) ? 'udp6' : 'udp4');
  return settle(
    signal,
    () => socket.close(),
    (resolve, reject) => {
      socket.on('error', reject);
      // Anything else may be forged, or late.
      socket.on('message', (message) => answers(message, query) && resolve(message));
      socket.connect(upstream.port, upstream.address, (error?: Error) => {
        if (error) reject(error);
        else socket.send(query);
      });
    },
  );
}

function overTcp(query: Buffer, upstream: Upstream, signal: AbortSignal): Promise<Buffer> {
  const socket = connect(upstream.port, upstream.address, () => socket.write(frameMessage(query)));
  return settle(
    signal,
    () => socket.destroy(),
    (resolve, reject) => {
      const messages = new TcpMessages();
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the connection was closed before an answer came')));
      socket.on('data', (chunk) => {
        for (const message of messages.push(chunk)) if (answers(message, query)) resolve(message);
      });
    },
  );
}

/** Same id, and the same question in whatever spelling. */
function answers(message: Buffer, query: Buffer): boolean {
  if (message.length < 12 || message.readUInt16BE(0) !== query.readUInt16BE(0) || (message.readUInt8(2) & 0x80) === 0)
    return false;
  if (message.readUInt16BE(4) === 0) return true;
  const end = questionEnd(query);
  return (
    message.subarray(12, end).toString('latin1').toLowerCase() ===
    query.subarray(12, end).toString('latin1').toLowerCase()
  );
}

/** Where the question of a query ends: after its name, type and class. */
function questionEnd(query: Buffer): number {
  let offset = 12;
  for (let length = query[offset] ?? 0; length > 0 && offset < query.length; length = query[offset] ?? 0)
    offset += length + 1;
  return offset + 5;
}

function settle<T>(
  signal: AbortSignal,
  close: () => void,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isSettled = false;
    const settleOnce =
      <V>(then: (value: V) => void) =>
      (value: V): void => {
        if (isSettled) return;
        isSettled = true;
        signal.removeEventListener('abort', abort);
        close();
        then(value);
      };
    const fail = settleOnce(reject);
    const abort = (): void => fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) return abort();
    start(settleOnce(resolve), fail);
  });
}
