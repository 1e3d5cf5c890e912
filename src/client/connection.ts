import type { ConnectionOptions } from 'node:tls';

/** What a server is shown. All certificates and keys are PEM texts. */
export interface ClientCredentials {
  /** The client certificate with its chain, and its key. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
  readonly token?: string | undefined;
  /** A file that holds the bearer token; read again every minute, as projected tokens rotate. */
  readonly tokenFile?: string | undefined;
}

/** How to reach an API server and who to be there. */
export interface Connection extends ClientCredentials {
  /** Base URLs such as `https://10.0.0.1:6443`; tried in turn when one cannot be reached. */
  readonly servers: readonly string[];
  readonly ca?: string | undefined;
  /** Name to verify the server's certificate against, if not the URL's host. */
  readonly serverName?: string | undefined;
  readonly insecureSkipVerify?: boolean | undefined;
  /** Default: `kubets`. */
  readonly userAgent?: string | undefined;
}

/** The TLS settings of a connection as they are now: its certificate may be one that is renewed. */
export function tlsOptionsOf(connection: Connection): ConnectionOptions {
  const { certificate } = connection;
  return {
    ...(connection.ca === undefined ? {} : { ca: connection.ca }),
    ...(certificate ? { cert: certificate.cert, key: certificate.key } : {}),
    ...(connection.serverName === undefined ? {} : { servername: connection.serverName }),
    ...(connection.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
  };
}

/** A connection like another; its authorities and its certificate stay those that the other has at the moment. */
export function derivedConnection(
  connection: Connection,
  changes: Pick<Partial<Connection>, 'servers' | 'userAgent'>,
): Connection {
  return {
    ...connection,
    ...changes,
    get ca() {
      return connection.ca;
    },
    get certificate() {
      return connection.certificate;
    },
  };
}
