import http from 'node:http';
import https from 'node:https';
import { StatusError } from '../../base/errors.ts';
import { isStatus } from '../../client/response-error.ts';
import type { Json } from '../../base/json.ts';
import { ConnectionError } from '../command/command-error.ts';
import type { ApiTarget } from '../kubeconfig/api-target.ts';
import { requestUrl } from './api-connection.ts';
import type { ApiAnswer, ApiConnection, ApiRequest } from './api-connection.ts';

/** What a connection tells beside its answers. */
export interface ConnectionHooks {
  /** A `Warning` header of an answer. */
  warn(text: string): void;
  /** Called for every request and its answer; `-v` prints it. */
  trace(line: string, level: number): void;
}

/** Connects over HTTP/1.1 with connections kept alive between requests. Nothing is sent before the first request. */
export function openApiConnection(target: ApiTarget, hooks: ConnectionHooks): ApiConnection {
  const secure = target.server.protocol === 'https:';
  const agent = secure ? new https.Agent({ keepAlive: true, ...target.tls }) : new http.Agent({ keepAlive: true });
  const exchange = async (request: ApiRequest): Promise<http.IncomingMessage> => {
    const url = requestUrl(target.server, request);
    const started = performance.now();
    const response = await begin(url, request, { target, agent });
    const took = Math.round(performance.now() - started);
    hooks.trace(
      `${request.method ?? 'GET'} ${url.href} ${response.statusCode} ${response.statusMessage} in ${took} milliseconds`,
      6,
    );
    for (const warning of warningsOf(response)) hooks.warn(warning);
    if ((response.statusCode ?? 500) >= 400) throw await failureOf(response);
    return response;
  };
  const send = async (request: ApiRequest): Promise<ApiAnswer> => {
    const response = await exchange(request);
    const text = await readAll(response);
    hooks.trace(`Response Body: ${text}`, 8);
    return { status: response.statusCode ?? 200, headers: response.headers, text };
  };
  return {
    target,
    send,
    json: async (request) => JSON.parse((await send(request)).text) as Json,
    stream: exchange,
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
}

function begin(
  url: URL,
  request: ApiRequest,
  { target, agent }: { readonly target: ApiTarget; readonly agent: http.Agent },
): Promise<http.IncomingMessage> {
  const body = request.body === undefined ? undefined : bodyText(request.body);
  return new Promise((resolve, reject) => {
    const options: https.RequestOptions = {
      method: request.method ?? 'GET',
      agent,
      headers: {
        Accept: request.accept ?? 'application/json',
        'User-Agent': 'kubectl/v1.36.0+kubets',
        ...headersOf(target.headers),
        ...(body === undefined
          ? {}
          : { 'Content-Type': request.contentType ?? 'application/json', 'Content-Length': Buffer.byteLength(body) }),
      },
      ...(request.signal ? { signal: request.signal } : {}),
    };
    const sent = url.protocol === 'https:' ? https.request(url, options, resolve) : http.request(url, options, resolve);
    if (target.timeout > 0) {
      sent.setTimeout(target.timeout, () =>
        sent.destroy(new Error('net/http: request canceled (Client.Timeout exceeded while awaiting headers)')),
      );
    }
    sent.on('error', (error) => reject(request.signal?.aborted ? error : unreachable(url, error)));
    sent.end(body);
  });
}

function headersOf(headers: ApiTarget['headers']): http.OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function readAll(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function warningsOf(response: http.IncomingMessage): readonly string[] {
  const header = response.headers['warning'];
  if (!header) return [];
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? '').replaceAll(/\\(.)/g, '$1'),
  );
}

async function failureOf(response: http.IncomingMessage): Promise<StatusError> {
  const code = response.statusCode ?? 500;
  const text = await readAll(response);
  const status = parsedOf(text);
  if (isStatus(status)) return StatusError.fromStatus({ ...status, code: status.code ?? code });
  if (code === 404) return new StatusError('NotFound', 'the server could not find the requested resource', { code });
  if (code === 401)
    return new StatusError('Unauthorized', 'the server has asked for the client to provide credentials', { code });
  const said = text.trim() === '' ? 'unknown' : text.trim();
  const reason =
    code === 403 ? 'Forbidden' : code === 503 ? 'ServiceUnavailable' : code === 400 ? 'BadRequest' : 'InternalError';
  return new StatusError(reason, said, { code });
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(url: URL, error: Error): ConnectionError {
  const code = 'code' in error ? String(error.code) : '';
  const causes = error instanceof AggregateError ? error.errors.map(String).join('; ') : '';
  return new ConnectionError(url.host, error, {
    refused: code === 'ECONNREFUSED',
    message: sentenceOf(code, url) ?? (error.message || causes || code),
  });
}

function sentenceOf(code: string, url: URL): string | undefined {
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${url.hostname}: no such host`;
  const distrusted = [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  ];
  if (distrusted.includes(code)) {
    return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  }
  return code === 'CERT_HAS_EXPIRED'
    ? 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid'
    : undefined;
}
