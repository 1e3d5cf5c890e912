/** What a JWT says of itself, before anybody has verified it: enough to find out who has to. */

/** The `iss` of a compact JWT; undefined for what is none. Not to be trusted. */
export function unverifiedIssuer(token: string): string | undefined {
  const [, payload, signature, more] = token.split('.', 4);
  if (payload === undefined || signature === undefined || more !== undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const issuer = typeof claims === 'object' && claims !== null && 'iss' in claims ? claims.iss : undefined;
    return typeof issuer === 'string' ? issuer : undefined;
  } catch {
    return undefined;
  }
}
