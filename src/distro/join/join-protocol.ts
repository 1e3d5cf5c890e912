import type { SharedSettings } from './shared-data.ts';

/** Where the authority's certificate is had, by whoever asks: its hash is in the token. */
export const caPath = '/kubets/ca';
/** Where nodes join: POST of a `JoinRequest`, with the secret of the token as bearer. */
export const joinPath = '/kubets/join';

/** What a node asks for. */
export interface JoinRequest {
  readonly nodeName: string;
  /** By which other nodes reach it. */
  readonly address: string;
  /** Public keys by the names of their certificates: SubjectPublicKeyInfo, DER, base64. Private keys never leave the node. */
  readonly keys: Readonly<Record<string, string>>;
}

/** What a node gets. */
export interface JoinAnswer {
  /** PEM, by the names of the keys. */
  readonly certificates: Readonly<Record<string, string>>;
  readonly settings: SharedSettings;
  /** The API servers, as `host:port`. */
  readonly servers: readonly string[];
}
