/** An OpenID provider on loopback, and what a server has to be told to believe its tokens. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { JwtConfiguration } from '../../src/apiserver/authentication/jwt/authentication-configuration.ts';
import { validateAuthentication } from '../../src/apiserver/authentication/jwt/authentication-validation.ts';
import type { CompiledJwt } from '../../src/apiserver/authentication/jwt/authentication-validation.ts';
import { issueCertificate } from '../../src/machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../src/machinery/x509/certificate-authority.ts';

/** A provider. */
export interface IdentityProvider extends AsyncDisposable {
  readonly url: string;
  readonly publicKey: CryptoKey;
  /** What it publishes of its key. */
  readonly jwk: JWK;
  /** Paths that were asked for. */
  readonly heard: readonly string[];
  /** Signs claims with RS256; issuer, audience, subject and times are put in where they are missing. */
  sign(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

/** What a provider may do wrong. */
export interface ProviderFaults {
  /** Keys that it publishes besides its own. */
  readonly published?: readonly JWK[];
  /** Where it says that its keys are. */
  readonly keysAt?: string;
}

/** Starts one. */
export async function identityProvider(
  authority: KeyPair,
  { published = [], keysAt }: ProviderFaults = {},
): Promise<IdentityProvider> {
  const now = Date.now();
  const names = ['127.0.0.1'];
  const [pair, keys] = await Promise.all([
    issueCertificate(authority, { commonName: 'provider', names, usages: ['server'], now, days: 1 }),
    generateKeyPair('RS256', { extractable: true }),
  ]);
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', use: 'sig' };
  const heard: string[] = [];
  const server = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    const path = request.url ?? '';
    heard.push(path);
    const documents: Readonly<Record<string, object>> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: keysAt ?? `${url}/keys` },
      '/keys': { keys: [jwk, ...published] },
    };
    const found = documents[path];
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    publicKey: keys.publicKey,
    jwk,
    heard,
    sign(claims = {}, header = {}) {
      const seconds = Math.floor(Date.now() / 1000);
      return new SignJWT({ iss: url, aud: 'cluster', sub: 'ann', iat: seconds, exp: seconds + 600, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
        .sign(keys.privateKey);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The configurations as a server takes them. Throws an Error that says what is wrong with them. */
export function believed(...jwt: readonly JwtConfiguration[]): readonly CompiledJwt[] {
  const { faults, jwt: compiled } = validateAuthentication({ apiVersion: '', kind: '', jwt: [...jwt] }, [
    'https://kubernetes.default.svc.cluster.local',
  ]);
  if (faults.length > 0) throw new Error(faults.map(({ field, detail }) => `${field}: ${detail}`).join(', '));
  return compiled;
}
