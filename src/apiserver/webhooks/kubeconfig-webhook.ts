/** Calls the webhooks that kubeconfig files describe: audit, token reviews, access reviews. */
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { messageOf } from '../../base/errors.ts';
import { tlsOptionsOf } from '../../client/connection.ts';
import type { Connection } from '../../client/connection.ts';
import { responseBody } from '../../client/response-body.ts';
import { responseTo } from '../../client/response-to.ts';
import { currentToken } from '../../client/token-source.ts';

/** Posts a JSON text and resolves with the answer's text; rejects with an Error unless it is of status 2xx. */
export type KubeconfigWebhook = (body: string, signal?: AbortSignal) => Promise<string>;

/** How long an answer may take, in milliseconds. Source: apiserver's util/webhook. */
const longestAnswer = 30_000;
/** Longest answer that is read. */
const maxAnswer = 3 * 1024 * 1024;

/** An answer of another status than 2xx. */
class FailedStatus extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(`the server answered ${status}: ${text.slice(0, 200)}`);
    this.status = status;
  }
}

/** The status of the answer because of which a webhook's call has failed, if there was one. */
export function failedStatus(error: unknown): number | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof FailedStatus ? cause.status : undefined;
}

/** Makes the client of a webhook: its URL is the server of the kubeconfig, whose certificate and token it is shown. */
export function createKubeconfigWebhook(connection: Connection): KubeconfigWebhook {
  const url = new URL(connection.servers[0] ?? '');
  const agent = url.protocol === 'https:' ? new Agent({ keepAlive: true, ...tlsOptionsOf(connection) }) : undefined;
  return async (body, signal) => {
    const timeout = AbortSignal.timeout(longestAnswer);
    const token = await currentToken(connection);
    const options: RequestOptions = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'content-length': Buffer.byteLength(body),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(agent ? { agent } : {}),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    };
    try {
      return await answerOf(await send(url, options, body));
    } catch (error) {
      const why = timeout.aborted ? 'context deadline exceeded (Client.Timeout exceeded)' : messageOf(error);
      throw new Error(`Post ${JSON.stringify(shown(url))}: ${why}`, { cause: error });
    }
  };
}

/** Without what may be secret. */
function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function send(url: URL, options: RequestOptions, body: string): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
  request.end(body);
  return responseTo(request);
}

async function answerOf(response: IncomingMessage): Promise<string> {
  const status = response.statusCode ?? 0;
  const text = (await responseBody(response, maxAnswer)).toString();
  // Redirects count as failures: they are never followed.
  if (status < 200 || status > 299) throw new FailedStatus(status, text);
  return text;
}
