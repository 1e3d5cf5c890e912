import type { RemoteInfo } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { isIPv6 } from 'node:net';
import { TcpMessages, frameMessage } from './tcp-messages.ts';

/** Answers one message; undefined: no answer. */
export type Responder = (message: Buffer, transport: 'udp' | 'tcp') => Promise<Buffer | undefined>;

/** A DNS server's sockets, one UDP and one TCP on the same port. Disposing closes them and all connections. */
export interface DnsListener extends AsyncDisposable {
  readonly port: number;
}

/** TCP connections at most, and how long one may be idle in milliseconds. Source: RFC 7766, 6. */
const maxConnections = 500;
const idleTimeout = 10_000;
/** Messages that one connection may have under way. */
const maxPipelined = 100;

/** Listens on `address` at `port` (0: any that is free for both). Rejects when it can't. */
export async function listenDns(address: string, port: number, respond: Responder): Promise<DnsListener> {
  const tcp = createServer((socket) => serveConnection(socket, respond));
  tcp.maxConnections = maxConnections;
  const connections = new Set<Socket>();
  tcp.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen({ host: address, port }, () => resolve());
  });
  const bound = (tcp.address() as AddressInfo).port;
  const closeTcp = async (): Promise<void> => {
    for (const socket of connections) socket.destroy();
    await new Promise<void>((resolve) => tcp.close(() => resolve()));
  };
  try {
    const closeUdp = await listenUdp(address, bound, respond);
    return {
      port: bound,
      [Symbol.asyncDispose]: async () => {
        await Promise.all([closeUdp(), closeTcp()]);
      },
    };
  } catch (error) {
    await closeTcp();
    throw error;
  }
}

async function listenUdp(address: string, port: number, respond: Responder): Promise<() => Promise<void>> {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 });
  let isOpen = true;
  const answer = async (message: Buffer, { port, address }: RemoteInfo): Promise<void> => {
    const response = await respond(message, 'udp');
    // A client that is gone by now misses nothing.
    if (response !== undefined && isOpen) socket.send(response, port, address, () => undefined);
  };
  socket.on('message', (message, from) => void answer(message, from));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port }, () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve();
    });
  });
  return () => {
    isOpen = false;
    return new Promise((resolve) => socket.close(() => resolve()));
  };
}

function serveConnection(socket: Socket, respond: Responder): void {
  const messages = new TcpMessages();
  let underWay = 0;
  const answer = async (message: Buffer): Promise<void> => {
    const response = await respond(message, 'tcp');
    underWay--;
    if (response !== undefined && !socket.destroyed) socket.write(frameMessage(response));
  };
  socket.setTimeout(idleTimeout, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    for (const message of messages.push(chunk)) {
      if (++underWay > maxPipelined) socket.destroy();
      else void answer(message);
    }
  });
}
