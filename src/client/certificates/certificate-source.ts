import type { KeyPair } from '../../x509/certificate-authority.ts';
import type { Connection } from '../connection.ts';

/** A certificate with its key that is replaced while it is in use. */
export class CertificateSource {
  readonly #listeners = new Set<() => void>();
  #pair: KeyPair | undefined;

  constructor(pair?: KeyPair) {
    this.#pair = pair;
  }

  /** The pair of the moment; undefined before there is any. */
  get pair(): KeyPair | undefined {
    return this.#pair;
  }

  /** Puts another pair in its place, and tells those who use it. */
  replace(pair: KeyPair): void {
    this.#pair = pair;
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after each replacement, until disposed. */
  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}

/** A connection that shows the pair of the moment; what is open already must be told to open anew. */
export function withCertificate(connection: Connection, source: CertificateSource): Connection {
  return {
    ...connection,
    certificate: {
      get cert() {
        return source.pair?.certificate ?? '';
      },
      get key() {
        return source.pair?.key ?? '';
      },
    },
  };
}
