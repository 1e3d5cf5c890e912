import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Message, Options } from 'dns-packet';
import packet from 'dns-packet';
import { TcpMessages, frameMessage } from '../tcp-messages.ts';

/** What to ask, and how. */
export interface Ask {
  readonly name: string;
  readonly type?: string;
  readonly class?: string;
  readonly transport?: 'udp' | 'tcp';
  /** Speak EDNS and take this many bytes. */
  readonly udpPayloadSize?: number;
  readonly raw?: Buffer;
}

/** An answer with its size and the flags of its header. */
export type Asked = Message & { readonly bytes: number; readonly truncated: boolean; readonly authoritative: boolean };

/** Asks a DNS server on loopback; rejects after 3 s without an answer. */
export async function ask(port: number, options: Ask): Promise<Asked> {
  const { name, type = 'A', transport = 'udp' } = options;
  const edns: Options[] =
    options.udpPayloadSize === undefined
      ? []
      : [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: options.udpPayloadSize,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            options: [],
          },
        ];
  const query = packet.encode({
    type: 'query',
    id: Math.floor(Math.random() * 65_536),
    flags: packet.RECURSION_DESIRED,
    questions: [{ name, type, class: options.class ?? 'IN' }],
    additionals: edns,
  });
  const response = await send(port, options.raw ?? query, transport);
  const flags = response.readUInt8(2);
  return {
    ...packet.decode(response),
    bytes: response.length,
    truncated: (flags & 2) !== 0,
    authoritative: (flags & 4) !== 0,
  };
}

function send(port: number, query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const udp = transport === 'udp' ? createSocket('udp4') : undefined;
    const tcp = transport === 'tcp' ? connect(port, '127.0.0.1') : undefined;
    const timer = setTimeout(() => finish(() => reject(new Error('no answer within 3 s'))), 3_000);
    const finish = (then: () => void): void => {
      clearTimeout(timer);
      udp?.close();
      tcp?.destroy();
      then();
    };
    const messages = new TcpMessages();
    udp?.once('message', (message) => finish(() => resolve(message)));
    udp?.send(query, port, '127.0.0.1');
    tcp?.write(frameMessage(query));
    tcp?.once('error', (error) => finish(() => reject(error)));
    tcp?.on('data', (chunk) => {
      const [message] = messages.push(chunk);
      if (message !== undefined) finish(() => resolve(message));
    });
  });
}
