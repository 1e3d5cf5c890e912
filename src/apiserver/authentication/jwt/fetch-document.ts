/** Gets documents from issuers: over TLS only, of bounded size, in bounded time, and from nowhere else. */
import { request as httpsRequest } from 'node:https';
import { messageOf } from '../../../base/errors.ts';
import { responseBody } from '../../../client/response-body.ts';
import { responseTo } from '../../../client/response-to.ts';

/** How a document is got. */
export interface FetchOptions {
  /** PEM of the authorities of the server's certificate. Default: those of the system. */
  readonly ca?: string | undefined;
  /** A bearer token to show. */
  readonly token?: string | undefined;
  readonly signal: AbortSignal;
}

const longestDocument = 1024 * 1024;
/** How long an answer may take, in milliseconds. Source: oidc.go. */
const longestAnswer = 30_000;

/** The text at a URL. Rejects with an Error for all but an answer 200; redirects are not followed. */
export async function fetchDocument(url: string, { ca, token, signal }: FetchOptions): Promise<string> {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'https:') throw new Error(`Get ${JSON.stringify(url)}: only https URLs are asked`);
  const timeout = AbortSignal.timeout(longestAnswer);
  const request = httpsRequest(parsed, {
    headers: { accept: 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    agent: false,
    ...(ca ? { ca } : {}),
    signal: AbortSignal.any([signal, timeout]),
  });
  request.end();
  const response = await responseTo(request).catch((cause: unknown) => {
    throw new Error(`Get ${JSON.stringify(url)}: ${messageOf(cause)}`, { cause });
  });
  const body = (await responseBody(response, longestDocument)).toString();
  if (response.statusCode !== 200) {
    throw new Error(`${response.statusCode} ${response.statusMessage ?? ''}: ${body.slice(0, 200)}`);
  }
  return body;
}
