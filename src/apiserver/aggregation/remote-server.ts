/** A server that serves a version of a group behind this one. */
import { Agent } from 'node:https';
import type { APIService, ServiceReference } from '../../api/apiregistration/api-service.ts';
import type { TlsOptions } from '../../client/streaming/upgrade-request.ts';
import type { RequestHeaderOptions } from '../authentication/request-header-authenticator.ts';
import type { User } from '../ports.ts';
import type { ServiceResolver } from '../webhooks/webhook-client.ts';

/** How this server proves to others that it speaks for users; PEM. Read for each request: certificates are renewed. */
export interface ProxyClient {
  readonly cert: string;
  readonly key: string;
}

/** Where requests for a group version go. */
export interface RemoteServer {
  readonly group: string;
  readonly version: string;
  /** Whether it answered when it was last asked. */
  readonly available: boolean;
  readonly tls: TlsOptions;
  readonly agent: Agent;
  /** Whether a header (in lower case) is not for clients to send: the server would take it for this one's word. */
  withholds(name: string): boolean;
  /** `host:port` of an endpoint. Throws when there is none. */
  address(): Promise<string>;
}

/** Finds out who answers. */
export interface RemoteServers {
  /** The server that answers a path; undefined for those that are answered here. Asked for every request. */
  find(path: string): RemoteServer | undefined;
}

/** Where an APIService's requests go; undefined for those that are served here. */
export function remoteServer(
  { spec }: APIService,
  options: {
    readonly resolve: ServiceResolver;
    readonly client: ProxyClient | undefined;
    readonly withholds: RemoteServer['withholds'];
  },
): Omit<RemoteServer, 'available'> | undefined {
  const { group = '', version = '', service } = spec;
  if (!service) return undefined;
  const { namespace = '', name = '', port } = service;
  return {
    group,
    version,
    get tls() {
      return tlsOf(spec, service, options.client);
    },
    agent: new Agent({ keepAlive: true, timeout: idleTimeout }),
    withholds: options.withholds,
    address: () => options.resolve({ namespace, name, port }),
  };
}

/** Milliseconds after which a connection that nobody uses is closed. */
const idleTimeout = 90_000;

function tlsOf(spec: APIService['spec'], service: ServiceReference, client: ProxyClient | undefined): TlsOptions {
  return {
    servername: `${service.name ?? ''}.${service.namespace ?? ''}.svc`,
    rejectUnauthorized: !spec.insecureSkipTLSVerify,
    ...(spec.caBundle ? { ca: Buffer.from(spec.caBundle, 'base64').toString() } : {}),
    ...client,
  };
}

/** The headers that tell the other server who asks. Source: client-go's transport.SetAuthProxyHeaders. */
export function userHeaders({ name, uid, groups, extra = {} }: User): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = { 'X-Remote-User': name };
  if (uid) headers['X-Remote-Uid'] = uid;
  if (groups.length > 0) headers['X-Remote-Group'] = groups;
  for (const [key, values] of Object.entries(extra)) {
    if (values.length > 0) headers[`X-Remote-Extra-${escapedKey(key)}`] = values;
  }
  return headers;
}

/** Headers in which proxies say who asks, as aggregated servers are told; in any spelling that they might take for one. */
export function identityHeaders(options: RequestHeaderOptions | undefined): RemoteServer['withholds'] {
  if (!options) return () => false;
  const { usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = options;
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '-');
  const names = new Set([...usernameHeaders, ...uidHeaders, ...groupHeaders].map(plain));
  const prefixes = extraHeaderPrefixes.map(plain);
  return (name) => names.has(plain(name)) || prefixes.some((prefix) => plain(name).startsWith(prefix));
}

/** What header names can't have is written as in URLs; a percent sign too, so that it can be undone. */
function escapedKey(key: string): string {
  return [...Buffer.from(key.toLowerCase())]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9!#$&'*+.^_`|~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
