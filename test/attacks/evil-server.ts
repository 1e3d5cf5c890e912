/** A server behind the API server that does what no server should. */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { issueCertificate } from '../../src/machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../src/machinery/x509/certificate-authority.ts';

/** A server that listens on loopback. */
export interface EvilServer extends AsyncDisposable {
  readonly port: number;
  /** What was asked for, with the headers that came. */
  readonly heard: { readonly url: string; readonly headers: IncomingMessage['headers'] }[];
  /** Bytes of endless answers that were taken from it. */
  readonly sent: () => number;
}

/** Starts one with a certificate of `authority`; what it does stands in the last part of a path, or in `does`. */
export async function evilServer(authority: KeyPair, names: readonly string[], does = ''): Promise<EvilServer> {
  const now = Date.now();
  const pair = await issueCertificate(authority, { commonName: 'evil', names, usages: ['server'], now, days: 1 });
  const heard: { url: string; headers: IncomingMessage['headers'] }[] = [];
  let sent = 0;
  const sockets = new Set<Duplex>();
  const server = createServer({ cert: pair.certificate, key: pair.key, maxHeaderSize: 1024 * 1024 });
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    heard.push({ url: request.url ?? '', headers: request.headers });
    request.resume();
    const endless = (): void => {
      const chunk = Buffer.alloc(256 * 1024, 0x20);
      const go = (): void => {
        while (!response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', go);
        }
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      go();
    };
    const wanted = does === '' ? (request.url ?? '').split('?')[0]!.split('/').at(-1) : does;
    const { socket } = response;
    switch (wanted) {
      case 'redirect':
        return void response.writeHead(302, { location: `https://127.0.0.1:${port()}/followed` }).end('gold');
      case 'hang':
        return;
      case 'endless':
        return endless();
      case 'garbage':
        return void socket?.end('\x00\x01HTTP/9.9 ok\r\n\r\n');
      case 'giant-headers':
        return void socket?.end(`HTTP/1.1 200 OK\r\nX-Giant: ${'a'.repeat(5_000_000)}\r\n\r\n`);
      case 'split-headers':
        return void socket?.end('HTTP/1.1 200 OK\r\nX-A: b\rX-C: d\r\nContent-Length: 0\r\n\r\n');
      case 'half':
        return void socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"half":');
      case 'switches':
        return void socket?.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: evil\r\n\r\n');
      default:
        return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"Evil"}');
    }
  });
  const port = (): number => (server.address() as AddressInfo).port;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: port(),
    heard,
    sent: () => sent,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
