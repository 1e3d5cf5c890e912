/** Asks another server for a document, in this server's own name. */
import { request as httpsRequest } from 'node:https';
import { messageOf } from '../../base/errors.ts';
import { responseBody } from '../../client/response-body.ts';
import { responseTo } from '../../client/response-to.ts';
import { systemMasters } from '../authentication/users.ts';
import { userHeaders } from './remote-server.ts';
import type { RemoteServer } from './remote-server.ts';

/** What is asked for. */
export interface DocumentRequest {
  readonly path: string;
  readonly accept: string;
  /** The ETag of what is there already. */
  readonly known?: string | undefined;
  readonly signal: AbortSignal;
}

/** A document, or what else there was. */
export interface FetchedDocument {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly etag: string | undefined;
  readonly body: Buffer;
}

const aggregator = { name: 'system:kube-aggregator', groups: [systemMasters] } as const;

/** How long a server may take, in milliseconds. Source: kube-aggregator's availability checks. */
const patience = 5000;
/** Longest document that is read. */
const maxDocument = 32 * 1024 * 1024;

/** Fetches. Rejects with an Error that says which URL did not answer; redirects are not followed. */
export async function fetchDocument(
  server: Omit<RemoteServer, 'available'>,
  { path, accept, known, signal }: DocumentRequest,
): Promise<FetchedDocument> {
  const url = `https://${await server.address()}${path}`;
  const headers = { ...userHeaders(aggregator), accept, ...(known ? { 'if-none-match': known } : {}) };
  const timeout = AbortSignal.timeout(patience);
  try {
    const options = { headers, agent: server.agent, ...server.tls, signal: AbortSignal.any([signal, timeout]) };
    const request = httpsRequest(url, options);
    request.end();
    const response = await responseTo(request);
    return {
      url,
      status: response.statusCode ?? 0,
      contentType: response.headers['content-type'] ?? '',
      etag: response.headers.etag,
      body: await responseBody(response, maxDocument),
    };
  } catch (error) {
    if (timeout.aborted) throw new Error(`timed out waiting for ${url}`, { cause: error });
    throw new Error(`failing or missing response from ${url}: ${messageOf(error)}`, { cause: error });
  }
}
