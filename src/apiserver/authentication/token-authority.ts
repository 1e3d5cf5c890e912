/** What the service account tokens of a cluster have in common. */
import type { SigningKey, VerificationKey } from './signing-keys.ts';

/** Who signs tokens, and whose are accepted. */
export interface TokenAuthority {
  /** Such as `https://kubernetes.default.svc.cluster.local`. */
  readonly issuer: string;
  /** Issuers whose tokens are accepted besides. */
  readonly formerIssuers?: readonly string[] | undefined;
  readonly signing: SigningKey;
  /** Accepted keys, the signing key's public half among them. */
  readonly keys: readonly VerificationKey[];
  /** Audiences of the API server itself; a token without a wish is for these. */
  readonly audiences: readonly string[];
}
