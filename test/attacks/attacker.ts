/** Clients that do what well-behaved ones don't. */
import { Agent, request as httpsRequest } from 'node:https';
import type { OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';
import type { KeyPair } from '../../src/machinery/x509/certificate-authority.ts';

/** Where an attacker strikes, and who they say they are. */
export interface AttackerOptions {
  readonly port: number;
  readonly ca: string;
  readonly certificate?: KeyPair | undefined;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** What is sent. Lists of header values become as many lines. */
export interface Strike {
  readonly headers?: OutgoingHttpHeaders;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | object;
}

/** Somebody who attacks, over HTTP/1.1. */
export interface Attacker extends Disposable {
  /** Sends a request; the path goes out as it is. */
  ask(method: string, path: string, strike?: Strike): Promise<Reply>;
  get(path: string, headers?: OutgoingHttpHeaders): Promise<Reply>;
  post(path: string, body: object): Promise<Reply>;
  put(path: string, body: object): Promise<Reply>;
  /** A merge patch. */
  patch(path: string, body: object): Promise<Reply>;
  /** Sends bytes as they are; resolves with all that came until the server hung up, or `until` has been seen. */
  raw(text: string, until?: RegExp): Promise<string>;
}

/** Longest that an answer is waited for, in milliseconds. */
const patience = 10_000;

/** Makes one. */
export function attacker({ port, ca, certificate }: AttackerOptions): Attacker {
  const identity = certificate ? { cert: certificate.certificate, key: certificate.key } : {};
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca, ...identity });
  const ask: Attacker['ask'] = (method, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const isText = typeof body === 'string' || Buffer.isBuffer(body);
      const bytes = body === undefined || isText ? body : JSON.stringify(body);
      const type = body !== undefined && !isText ? { 'content-type': 'application/json' } : {};
      // Node frames bodies of some methods only; for others they would be taken for another request.
      const length =
        bytes === undefined || 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(bytes) };
      const options = {
        host: '127.0.0.1',
        port,
        agent,
        method,
        path,
        headers: { ...type, ...length, ...headers },
        timeout: patience,
      };
      const request = httpsRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      request.on('timeout', () => request.destroy(new Error(`no answer to ${method} ${path}`)));
      request.on('error', reject);
      request.end(bytes);
    });
  return {
    ask,
    get: (path, headers) => ask('GET', path, headers ? { headers } : {}),
    post: (path, body) => ask('POST', path, { body }),
    put: (path, body) => ask('PUT', path, { body }),
    patch: (path, body) => ask('PATCH', path, { body, headers: { 'content-type': 'application/merge-patch+json' } }),
    raw: (text, until) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port, ca, ...identity, ALPNProtocols: ['http/1.1'] }, () =>
          socket.write(text, 'latin1'),
        );
        let heard = '';
        socket.setTimeout(patience, () =>
          socket.destroy(new Error(`nothing follows ${JSON.stringify(heard.slice(-200))}`)),
        );
        socket.on('data', (chunk: Buffer) => {
          heard += chunk.toString('latin1');
          if (until?.test(heard)) socket.destroy();
        });
        socket.on('error', (error: Error & { readonly code?: string }) =>
          error.code === 'ECONNRESET' ? undefined : reject(error),
        );
        socket.on('close', () => resolve(heard));
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** Bytes that this process holds, for attacks on memory. */
export function residentBytes(): number {
  return Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]) * 4096;
}
