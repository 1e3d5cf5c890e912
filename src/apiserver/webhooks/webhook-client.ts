/** Calls webhooks: admission, conversion, reviews. Source: apiserver's util/webhook. */
import { request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { messageOf } from '../../base/errors.ts';
import { responseBody } from '../../client/response-body.ts';
import { responseTo } from '../../client/response-to.ts';
import { currentToken } from '../../client/token-source.ts';
import { parseExactJson } from '../../base/exact-json.ts';
import type { ClientCredentials } from '../../client/connection.ts';

/** How a webhook is reached, as the kinds that name webhooks say it. */
export interface WebhookTarget {
  readonly url?: string | undefined;
  readonly service?:
    | {
        readonly namespace: string;
        readonly name: string;
        readonly path?: string | undefined;
        readonly port?: number | undefined;
      }
    | undefined;
  /** Base64 of the PEM of the authorities that its certificate may be of; default: those of the system. */
  readonly caBundle?: string | undefined;
}

/** Finds `host:port` of a Service's ready endpoint; throws when there is none. */
export type ServiceResolver = (service: {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}) => Promise<string>;

/** What the webhook at `host:port` is shown; undefined: nothing. Services are at `name.namespace.svc`. */
export type WebhookCredentials = (place: string) => ClientCredentials | undefined;

/** A call. */
export interface WebhookCall {
  readonly target: WebhookTarget;
  readonly body: object;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** Calls webhooks: resolves with the parsed answer; rejects with an Error worded as Go's HTTP client words it. */
export type WebhookClient = (call: WebhookCall) => Promise<unknown>;

/** Longest answer that is read. */
const maxAnswer = 3 * 1024 * 1024;

/** Makes the client. */
export function createWebhookClient(resolve: ServiceResolver, credentials?: WebhookCredentials): WebhookClient {
  return async (call) => {
    const { shown, url, servername, port } = await destinationOf(call, resolve);
    const own = credentials?.(`${servername}:${port}`);
    const timeout = AbortSignal.timeout(call.timeoutSeconds * 1000);
    const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
    try {
      return parseExactJson(await post(url, call, { servername, signal, own }));
    } catch (error) {
      if (timeout.aborted) {
        throw new Error(
          `Post ${JSON.stringify(shown)}: net/http: request canceled (Client.Timeout exceeded while awaiting headers): context deadline exceeded`,
          { cause: error },
        );
      }
      throw new Error(`Post ${JSON.stringify(shown)}: ${messageOf(error)}`, { cause: error });
    }
  };
}

interface Destination {
  /** As errors show it. */
  readonly shown: string;
  readonly url: URL;
  /** The name that the certificate must have. */
  readonly servername: string;
  /** As whoever configured the webhook knows it. */
  readonly port: number;
}

async function destinationOf({ target, timeoutSeconds }: WebhookCall, resolve: ServiceResolver): Promise<Destination> {
  const query = `?timeout=${timeoutSeconds}s`;
  if (target.service) {
    const { namespace, name, path = '/', port = 443 } = target.service;
    const servername = `${name}.${namespace}.svc`;
    const address = await resolve({ namespace, name, port });
    const rest = path.startsWith('/') ? path : `/${path}`;
    return {
      shown: `https://${servername}:${port}${rest}${query}`,
      url: new URL(`https://${address}${rest}${query}`),
      servername,
      port,
    };
  }
  const url = new URL(target.url ?? '');
  url.search = query;
  return { shown: String(url), url, servername: url.hostname, port: Number(url.port || 443) };
}

interface PostOptions {
  readonly servername: string;
  readonly signal: AbortSignal;
  readonly own: ClientCredentials | undefined;
}

async function post(
  url: URL,
  { target, body }: WebhookCall,
  { servername, signal, own }: PostOptions,
): Promise<string> {
  const text = JSON.stringify(body);
  const token = own && (await currentToken(own));
  const options: RequestOptions = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': Buffer.byteLength(text),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...own?.certificate,
    agent: false,
    // Addresses have no place in SNI; the certificate is then checked for the address itself.
    servername: isIP(servername.replaceAll(/[[\]]/g, '')) === 0 ? servername : '',
    ...(target.caBundle ? { ca: Buffer.from(target.caBundle, 'base64') } : {}),
    signal,
  };
  const request = httpsRequest(url, options);
  request.end(text);
  const response = await responseTo(request);
  const status = response.statusCode ?? 0;
  const answer = (await responseBody(response, maxAnswer)).toString();
  // Redirects are never followed, and what else such an answer says is not for who caused it (CVE-2020-8561).
  if (status >= 300 && status <= 399) throw new Error(`the server answered ${status}: redirects are not followed`);
  if (status < 200 || status > 299) throw new Error(`the server answered ${status}: ${answer.slice(0, 200)}`);
  return answer;
}
