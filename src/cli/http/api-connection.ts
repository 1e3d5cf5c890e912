import type { Json } from '../../base/json.ts';
import type { ApiTarget } from '../kubeconfig/api-target.ts';

/** One request to the API server. */
export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Such as `/api/v1/namespaces/default/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** Default: application/json. */
  readonly accept?: string | undefined;
  readonly contentType?: string | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** A whole answer. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/**
 * Requests to one API server. Failures are StatusError when the server answered and ConnectionError when it did not.
 */
export interface ApiConnection extends AsyncDisposable {
  readonly target: ApiTarget;
  /** Sends a request and reads the whole answer. */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** Sends a request and parses the answer's JSON. */
  json(request: ApiRequest): Promise<Json>;
  /** Sends a request and gives its body as it arrives. */
  stream(request: ApiRequest): Promise<AsyncIterable<Buffer>>;
}

/** The path and query of a request, behind the server's own path. */
export function requestUrl(server: URL, request: Pick<ApiRequest, 'path' | 'query'>): URL {
  const url = new URL(server);
  const [path = '', search = ''] = request.path.split('?', 2);
  url.pathname = server.pathname.replace(/\/$/, '') + path;
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  url.search = query.toString();
  return url;
}
