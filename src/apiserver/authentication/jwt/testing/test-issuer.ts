import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { FetchOptions } from '../fetch-document.ts';

/** An issuer of a test: it publishes keys, and signs with the last of them. */
export interface TestIssuer {
  readonly url: string;
  /** Documents that were asked for, in their order. */
  readonly asked: readonly string[];
  /** What is shown by URL; may be changed. */
  readonly documents: Map<string, string | ((options: FetchOptions) => string)>;
  fetch(url: string, options: FetchOptions): Promise<string>;
  /** Signs claims; the issuer, an audience and times are put in where they are missing. */
  sign(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Signs with a new key from now on; `isKept`: the keys before it are published as well. */
  rotate(isKept: boolean): Promise<void>;
}

/** Makes an issuer; `now` in epoch milliseconds. */
export async function testIssuer(now: () => number, url = 'https://issuer.example'): Promise<TestIssuer> {
  const documents: TestIssuer['documents'] = new Map();
  const asked: string[] = [];
  let keys: { readonly id: string; readonly jwk: JWK; readonly privateKey: CryptoKey }[] = [];
  let made = 0;
  const rotate = async (isKept: boolean): Promise<void> => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const id = `key-${++made}`;
    keys = [
      ...(isKept ? keys : []),
      { id, jwk: { ...(await exportJWK(publicKey)), kid: id, alg: 'ES256' }, privateKey },
    ];
    documents.set(`${url}/keys`, JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
  };
  await rotate(false);
  const discovery = { issuer: url, jwks_uri: `${url}/keys` };
  documents.set(`${url}/.well-known/openid-configuration`, JSON.stringify(discovery));
  return {
    url,
    asked,
    documents,
    rotate,
    async fetch(address, options) {
      asked.push(address);
      const document = documents.get(address);
      if (document === undefined) throw new Error('404 Not Found: ');
      return typeof document === 'string' ? document : document(options);
    },
    async sign(claims = {}, header = {}) {
      const seconds = Math.floor(now() / 1000);
      const { id, privateKey } = keys.at(-1)!;
      return new SignJWT({ iss: url, aud: 'app', exp: seconds + 600, iat: seconds, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: id, ...header })
        .sign(privateKey);
    },
  };
}
