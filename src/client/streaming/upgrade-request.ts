import http from 'node:http';
import https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { StatusError } from '../../base/errors.ts';
import type { Status } from '../../base/errors.ts';

/** Whom a client trusts and how it proves who it is: node's own TLS options. */
export type TlsOptions = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized' | 'checkServerIdentity'
>;

/** An HTTP/1.1 request that asks for another protocol. `headers` must hold Connection and Upgrade. */
export interface UpgradeRequest {
  readonly url: URL;
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tls?: TlsOptions | undefined;
  /** Finds the addresses of names. Default: as the system does. */
  readonly lookup?: LookupFunction | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The server's answer: a connection in the new protocol, or an ordinary response whose body must be read. */
export type UpgradeAnswer =
  | {
      readonly upgraded: true;
      readonly response: http.IncomingMessage;
      readonly socket: Socket;
      /** Bytes of the new protocol that came with the answer. */
      readonly head: Buffer;
    }
  | { readonly upgraded: false; readonly response: http.IncomingMessage };

/** Sends an upgrade request. Rejects when the server can't be reached or the signal fires before the answer. */
export function requestUpgrade(upgrade: UpgradeRequest): Promise<UpgradeAnswer> {
  const { url, signal } = upgrade;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const options: https.RequestOptions & { allowHalfOpen: boolean } = {
      method: upgrade.method ?? 'GET',
      headers: upgrade.headers as http.OutgoingHttpHeaders,
      agent: false,
      // Either side may go on sending when the other has finished.
      allowHalfOpen: true,
      ...(upgrade.lookup && { lookup: upgrade.lookup }),
      ...upgrade.tls,
    };
    const request = url.protocol === 'https:' ? https.request(url, options) : http.request(url, options);
    const abort = (): void => void request.destroy(signal?.reason);
    const settle = (answer: UpgradeAnswer): void => {
      signal?.removeEventListener('abort', abort);
      resolve(answer);
    };
    signal?.addEventListener('abort', abort, { once: true });
    request.on('upgrade', (response, socket, head) => settle({ upgraded: true, response, socket, head }));
    request.on('response', (response) => settle({ upgraded: false, response }));
    request.on('error', (error) => {
      signal?.removeEventListener('abort', abort);
      reject(error);
    });
    request.end();
  });
}

/** The longest error body that is read. */
const maxErrorBody = 64 * 1024;

/** Reads a response that refused an upgrade: the Status in its body, or its text behind upstream's prefix. */
export async function refusalOf(response: http.IncomingMessage): Promise<StatusError> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length > maxErrorBody) break;
  }
  const code = response.statusCode ?? 500;
  const text = Buffer.concat(parts).toString().trim();
  const status = parseStatus(text);
  if (status) return StatusError.fromStatus({ ...status, code: status.code ?? code });
  const message = text === '' ? 'unknown error' : text;
  return new StatusError(code === 404 ? 'NotFound' : 'Unknown', `unable to upgrade connection: ${message}`, { code });
}

/** Reads a metav1.Status; undefined for anything else. */
export function parseStatus(text: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isStatus =
      typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'string';
    return isStatus ? { kind: 'Status', apiVersion: 'v1', metadata: {}, ...(value as Partial<Status>) } : undefined;
  } catch {
    return undefined;
  }
}
