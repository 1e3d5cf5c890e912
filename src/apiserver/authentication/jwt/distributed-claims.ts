/** Groups that are not in a token because they are too many: it says where they are. Source: OpenID Connect Core 5.6.2. */
import { messageOf } from '../../../base/errors.ts';
import { isJsonObject } from '../../../machinery/schema.ts';
import { unverifiedIssuer } from '../unverified-jwt.ts';
import type { Claims } from './claim-mapping.ts';
import { IssuerKeys } from './issuer-keys.ts';
import type { IssuerContext } from './issuer-keys.ts';
import { checkClaims, readClaims } from './token-claims.ts';

/** Whose word on the claim counts. */
export interface AcceptedClaims {
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly ca: string | undefined;
}

/** Issuers of such claims that are known at most. */
const mostIssuers = 16;

/** Gets one claim from where a token says it is, and verifies it as a token of its own. */
export class DistributedClaims {
  readonly #claim: string;
  readonly #accepted: AcceptedClaims;
  readonly #context: IssuerContext;
  readonly #issuers = new Map<string, IssuerKeys>();

  constructor(claim: string, accepted: AcceptedClaims, context: IssuerContext) {
    this.#claim = claim;
    this.#accepted = accepted;
    this.#context = context;
  }

  /** The claims, with the one that was elsewhere. Rejects with upstream's sentence. */
  async expand(claims: Claims): Promise<Claims> {
    if (Object.hasOwn(claims, this.#claim)) return claims;
    const source = sourceOf(claims, this.#claim);
    if (!source) return claims;
    const found = await this.#verified(await this.#get(source), source.endpoint);
    if (!Object.hasOwn(found, this.#claim)) {
      throw new Error(
        `jwt returned by distributed claim endpoint ${JSON.stringify(source.endpoint)} did not contain claim: ${this.#claim}`,
      );
    }
    return { ...claims, [this.#claim]: found[this.#claim] };
  }

  async #get({ endpoint, accessToken: token }: ClaimSource): Promise<string> {
    const { fetch, signal } = this.#context;
    try {
      return (await fetch(endpoint, { ca: this.#accepted.ca, token, signal })).trim();
    } catch (error) {
      throw new Error(`while getting distributed claim ${JSON.stringify(this.#claim)}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async #verified(token: string, endpoint: string): Promise<Claims> {
    const issuer = unverifiedIssuer(token);
    if (issuer === undefined) {
      throw new Error(
        `getting untrusted issuer from endpoint ${endpoint} failed for claim ${JSON.stringify(this.#claim)}: malformed token`,
      );
    }
    try {
      const claims = readClaims(token);
      const { audiences } = this.#accepted;
      checkClaims(claims, { issuer, audiences, now: this.#context.clock.now() });
      await (await this.#keysOf(issuer)).verify(token);
      return claims;
    } catch (error) {
      throw new Error(`verify distributed claim token: ${messageOf(error)}`, { cause: error });
    }
  }

  async #keysOf(url: string): Promise<IssuerKeys> {
    let keys = this.#issuers.get(url);
    if (!keys) {
      if (this.#issuers.size >= mostIssuers) this.#issuers.clear();
      const { ca, algorithms } = this.#accepted;
      this.#issuers.set(url, (keys = new IssuerKeys({ url, ca, algorithms }, this.#context)));
    }
    if (!keys.isReady) await keys.discover();
    return keys;
  }
}

interface ClaimSource {
  readonly endpoint: string;
  readonly accessToken: string | undefined;
}

/** Undefined when the claim is nowhere, or within the token in a form that is not read. */
function sourceOf({ _claim_names: names, _claim_sources: sources }: Claims, claim: string): ClaimSource | undefined {
  if (names === undefined) return undefined;
  if (!isJsonObject(names)) throw new Error('oidc: error parsing distributed claim names: it is no JSON object');
  if (sources === undefined) throw new Error('oidc: no claim sources');
  if (!isJsonObject(sources)) throw new Error('oidc: could not parse claim sources: it is no JSON object');
  const name = names[claim];
  if (typeof name !== 'string') return undefined;
  const source = sources[name];
  if (!isJsonObject(source)) {
    throw new Error(`id token _claim_names contained a source ${name} missing in _claims_sources`);
  }
  const { endpoint, access_token: token } = source;
  if (typeof endpoint !== 'string' || endpoint === '') return undefined;
  return { endpoint, accessToken: typeof token === 'string' ? token : undefined };
}
