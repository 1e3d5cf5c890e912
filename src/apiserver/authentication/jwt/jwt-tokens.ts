/** Tokens of issuers elsewhere, as a configuration says that can be replaced. */
import { messageOf } from '../../../base/errors.ts';
import type { TokenSource, VerifiedToken } from '../token-authenticator.ts';
import { unverifiedIssuer } from '../unverified-jwt.ts';
import type { CompiledJwt } from './authentication-validation.ts';
import type { IssuerContext } from './issuer-keys.ts';
import { JwtIssuer } from './jwt-issuer.ts';

/** JWS algorithms that may be accepted at all: neither `none` nor shared secrets. Source: oidc.go. */
export const allSigningAlgorithms: readonly string[] = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
];

/** How long new issuers may take to be there. Source: kubeapiserver's UpdateAuthenticationConfigTimeout. */
const replaceMs = 60_000;
/** How often they are looked at meanwhile. */
const lookMs = 1_000;

interface Generation {
  readonly issuers: ReadonlyMap<string, JwtIssuer>;
  readonly stop: AbortController;
  readonly searching: Promise<unknown>;
}

/** Options of `JwtTokens`. */
export interface JwtTokensOptions extends IssuerContext {
  /** JWS algorithms that are accepted. Default: all that may be. */
  readonly algorithms?: readonly string[] | undefined;
}

/** Verifies the tokens of all configured issuers; which they are may change. */
export class JwtTokens implements TokenSource {
  readonly #options: JwtTokensOptions;
  #current: Generation;

  constructor(authenticators: readonly CompiledJwt[], options: JwtTokensOptions) {
    this.#options = options;
    this.#current = this.#begin(authenticators);
  }

  async verify(token: string, audiences: readonly string[]): Promise<VerifiedToken | undefined> {
    const url = unverifiedIssuer(token);
    // Google's issuer has two names.
    const issuer = this.#current.issuers.get(url === 'accounts.google.com' ? `https://${url}` : (url ?? ''));
    if (!issuer) return undefined;
    return { ...(await issuer.verify(token)), audiences };
  }

  /**
   * Puts other issuers in the place of those there are, once all of them have been found. Rejects, and leaves all as it
   * was, when one is not there within a minute.
   */
  async replace(authenticators: readonly CompiledJwt[]): Promise<void> {
    const { clock, signal } = this.#options;
    const next = this.#begin(authenticators);
    const end = clock.monotonic() + replaceMs;
    try {
      for (;;) {
        const failures = [...next.issuers.values()].flatMap(({ failure }) => failure ?? []);
        if (failures.length === 0) break;
        if (clock.monotonic() >= end) throw new Error(failures.join(', '));
        await clock.sleep(lookMs, signal);
      }
    } catch (error) {
      await retire(next, messageOf(error));
      throw error;
    }
    const replaced = this.#current;
    this.#current = next;
    await retire(replaced, 'the issuers were replaced');
  }

  /** Resolves when nothing is under way any more, after the signal was aborted. */
  async stopped(): Promise<void> {
    await this.#current.searching;
  }

  #begin(authenticators: readonly CompiledJwt[]): Generation {
    const { algorithms = allSigningAlgorithms, signal } = this.#options;
    const stop = new AbortController();
    const context = { ...this.#options, signal: AbortSignal.any([signal, stop.signal]) };
    const issuers = authenticators.map((compiled) => new JwtIssuer(compiled, algorithms, context));
    return {
      issuers: new Map(issuers.map((issuer) => [issuer.url, issuer])),
      stop,
      searching: Promise.all(issuers.map((issuer) => issuer.find())),
    };
  }
}

async function retire({ stop, searching }: Generation, why: string): Promise<void> {
  stop.abort(new Error(why));
  await searching;
}
