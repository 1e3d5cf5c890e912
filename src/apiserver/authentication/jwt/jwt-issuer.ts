/** Believes the tokens of one issuer. Source: apiserver's plugin/pkg/authenticator/token/oidc. */
import { messageOf } from '../../../base/errors.ts';
import type { VerifiedToken } from '../token-authenticator.ts';
import type { CompiledJwt } from './authentication-validation.ts';
import { userOfClaims } from './claim-mapping.ts';
import type { Claims } from './claim-mapping.ts';
import { DistributedClaims } from './distributed-claims.ts';
import { IssuerKeys } from './issuer-keys.ts';
import type { IssuerContext } from './issuer-keys.ts';
import { checkClaims, readClaims } from './token-claims.ts';

/** How long one who is not there is waited for before being asked again. */
const retryMs = 10_000;
/** How long an answer is believed. */
const holdMs = 10_000;

/** An issuer, from the moment on that it has been found. */
export class JwtIssuer {
  readonly #compiled: CompiledJwt;
  readonly #context: IssuerContext;
  readonly #keys: IssuerKeys;
  readonly #distributed: DistributedClaims | undefined;
  #failure: unknown = new Error('it has not been asked yet');

  constructor(compiled: CompiledJwt, algorithms: readonly string[], context: IssuerContext) {
    const { issuer, claimMappings } = compiled.configuration;
    const { url, discoveryURL: discoveryUrl, certificateAuthority: ca } = issuer;
    this.#compiled = compiled;
    this.#context = context;
    this.#keys = new IssuerKeys(
      { url, discoveryUrl: discoveryUrl || undefined, ca: ca || undefined, algorithms },
      context,
    );
    const groups = claimMappings.groups?.claim;
    if (groups) {
      const accepted = { audiences: issuer.audiences, algorithms, ca: ca || undefined };
      this.#distributed = new DistributedClaims(groups, accepted, context);
    }
  }

  get url(): string {
    return this.#compiled.configuration.issuer.url;
  }

  /** Why its tokens can't be verified yet; undefined once they can. */
  get failure(): string | undefined {
    if (this.#keys.isReady) return undefined;
    return `oidc: authenticator for issuer ${JSON.stringify(this.url)} is not healthy: ${messageOf(this.#failure)}`;
  }

  /** Looks for the issuer until it is found or the signal aborts: it may be a pod of this cluster. */
  async find(): Promise<void> {
    const { clock, log, signal } = this.#context;
    while (!signal.aborted && !this.#keys.isReady) {
      try {
        await this.#keys.discover();
        return;
      } catch (error) {
        this.#failure = error;
        if (signal.aborted) return;
        log.error('An issuer of tokens is not there', { issuer: this.url, error: messageOf(error) });
      }
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }

  /** Whom a token of this issuer speaks for. Rejects with upstream's sentence. */
  async verify(token: string): Promise<VerifiedToken> {
    if (!this.#keys.isReady) throw new Error('oidc: authenticator not initialized');
    const { clock } = this.#context;
    const claims = await this.#verified(token);
    const user = userOfClaims(this.#compiled, await this.#expanded(claims));
    const { exp } = claims;
    const until = clock.monotonic() + holdMs;
    return {
      user,
      audiences: [],
      isCurrent: () => clock.monotonic() < until && typeof exp === 'number' && clock.now() / 1000 <= exp,
    };
  }

  async #verified(token: string): Promise<Claims> {
    try {
      const claims = readClaims(token);
      const { audiences } = this.#compiled.configuration.issuer;
      checkClaims(claims, { issuer: this.url, audiences, now: this.#context.clock.now() });
      await this.#keys.verify(token);
      return claims;
    } catch (error) {
      throw new Error(`oidc: verify token: ${messageOf(error)}`, { cause: error });
    }
  }

  async #expanded(claims: Claims): Promise<Claims> {
    try {
      return this.#distributed ? await this.#distributed.expand(claims) : claims;
    } catch (error) {
      throw new Error(`oidc: could not expand distributed claims: ${messageOf(error)}`, { cause: error });
    }
  }
}
