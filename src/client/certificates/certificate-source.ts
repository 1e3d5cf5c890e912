import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
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

/**
 * A connection that shows the pair of the moment, as long as it is not copied; clients are told to open anew by `renew`.
 * `ca`: the authorities of the moment. Default: those of `connection`.
 */
export function withCertificate(
  connection: Connection,
  source: CertificateSource,
  ca: () => string | undefined = () => connection.ca,
): Connection {
  return {
    ...connection,
    get ca() {
      return ca();
    },
    get certificate() {
      const { pair } = source;
      return pair && { cert: pair.certificate, key: pair.key };
    },
  };
}
