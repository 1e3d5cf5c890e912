/** The keys that an issuer publishes. Source: OpenID Connect Discovery 1.0; go-oidc's NewProvider and RemoteKeySet. */
import { compactVerify, createLocalJWKSet, decodeProtectedHeader, errors } from 'jose';
import type { CryptoKey, JSONWebKeySet, LocalJWKSet } from 'jose';
import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/logger.ts';
import { isJsonObject } from '../../../machinery/schema.ts';
import type { FetchOptions } from './fetch-document.ts';
import { goList } from './go-text.ts';

/** Gets the text at a URL. */
export type FetchDocument = (url: string, options: FetchOptions) => Promise<string>;

/** What is needed to ask issuers. */
export interface IssuerContext {
  readonly fetch: FetchDocument;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** An issuer and where it is asked. */
export interface IssuerAddress {
  readonly url: string;
  /** Where its discovery document is, if not where its URL says. */
  readonly discoveryUrl?: string | undefined;
  readonly ca?: string | undefined;
  /** JWS algorithms that are accepted. */
  readonly algorithms: readonly string[];
}

/** Signatures of keys that are not known make nobody ask the issuer more often than this. */
const cooldownMs = 10_000;
/** Keys are got anew after this, so that those which the issuer has withdrawn are forgotten. */
const staleMs = 600_000;

interface Keys {
  readonly set: LocalJWKSet;
  /** Monotonic milliseconds. */
  readonly fetched: number;
}

/** Verifies signatures by the keys of one issuer. */
export class IssuerKeys {
  readonly #issuer: IssuerAddress;
  readonly #context: IssuerContext;
  #jwksUri: string | undefined;
  #keys: Keys | undefined;
  #refreshing: Promise<Keys> | undefined;
  #lastAttempt = Number.NEGATIVE_INFINITY;

  constructor(issuer: IssuerAddress, context: IssuerContext) {
    this.#issuer = issuer;
    this.#context = context;
  }

  /** Whether the issuer has been found. */
  get isReady(): boolean {
    return this.#jwksUri !== undefined;
  }

  /** Finds out where the issuer's keys are. Rejects with what is wrong with its discovery document. */
  async discover(): Promise<void> {
    const { url, discoveryUrl, ca } = this.#issuer;
    const { fetch, signal } = this.#context;
    const address = discoveryUrl ?? `${url.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = parsed(await fetch(address, { ca, signal }), 'oidc: failed to decode provider discovery object');
    if (document['issuer'] !== url) {
      const found = JSON.stringify(document['issuer'] ?? '');
      throw new Error(
        `oidc: issuer did not match the issuer returned by provider, expected ${JSON.stringify(url)} got ${found}`,
      );
    }
    const { jwks_uri: uri } = document;
    if (typeof uri !== 'string' || uri === '') throw new Error('provider did not return JWKS URL');
    this.#jwksUri = uri;
  }

  /** Rejects unless one of the issuer's keys has signed the token, by an algorithm that is accepted. */
  async verify(token: string): Promise<void> {
    const { algorithms } = this.#issuer;
    const { alg = '', crit } = decodeProtectedHeader(token);
    if (crit !== undefined) throw new Error('oidc: malformed jwt: critical header parameters are not understood');
    if (!algorithms.includes(alg)) {
      throw new Error(
        `oidc: id token signed with unsupported algorithm, expected ${goList(algorithms)} got ${JSON.stringify(alg)}`,
      );
    }
    const known = this.#keys;
    if (known && (await isSigned(token, known.set, algorithms))) {
      this.#freshen(known);
      return;
    }
    const fresh = await this.#refreshed();
    if (!fresh || !(await isSigned(token, fresh.set, algorithms))) {
      throw new Error('failed to verify signature: failed to verify id token signature');
    }
  }

  /** The keys as they are now; undefined if they were asked for a moment ago. */
  async #refreshed(): Promise<Keys | undefined> {
    if (!this.#refreshing && this.#context.clock.monotonic() - this.#lastAttempt < cooldownMs) return undefined;
    try {
      return await this.#refresh();
    } catch (error) {
      throw new Error(`failed to verify signature: fetching keys oidc: get keys failed: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #freshen({ fetched }: Keys): void {
    const now = this.#context.clock.monotonic();
    if (now - fetched < staleMs || now - this.#lastAttempt < cooldownMs) return;
    this.#refresh().catch((error: unknown) => {
      this.#context.log.warning('The keys of an issuer of tokens were not refreshed', {
        issuer: this.#issuer.url,
        error: messageOf(error),
      });
    });
  }

  #refresh(): Promise<Keys> {
    this.#refreshing ??= this.#fetch().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #fetch(): Promise<Keys> {
    const { fetch, clock, signal } = this.#context;
    this.#lastAttempt = clock.monotonic();
    const text = await fetch(this.#jwksUri ?? '', { ca: this.#issuer.ca, signal });
    const document = parsed(text, 'oidc: failed to decode keys');
    const set = createLocalJWKSet(document as unknown as JSONWebKeySet);
    return (this.#keys = { set, fetched: clock.monotonic() });
  }
}

async function isSigned(token: string, set: LocalJWKSet, algorithms: readonly string[]): Promise<boolean> {
  const options = { algorithms: [...algorithms] };
  try {
    await compactVerify(token, set, options);
    return true;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return false;
    for await (const key of error) if (await isSignedBy(token, key, options)) return true;
    return false;
  }
}

async function isSignedBy(token: string, key: CryptoKey, options: { algorithms: string[] }): Promise<boolean> {
  try {
    await compactVerify(token, key, options);
    return true;
  } catch {
    return false;
  }
}

function parsed(text: string, failure: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(text);
    if (isJsonObject(document)) return document;
    throw new Error('it is no JSON object');
  } catch (error) {
    throw new Error(`${failure}: ${messageOf(error)}`, { cause: error });
  }
}
