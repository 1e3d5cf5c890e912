import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';

/** What lies where others may read it. All fields but the first are base64. */
interface Sealed {
  readonly version: number;
  readonly salt: string;
  readonly nonce: string;
  readonly tag: string;
  readonly text: string;
}

const algorithm = 'aes-256-gcm';

/** Encrypts a text under a token: scrypt makes the key, AES-256-GCM does the rest. */
export function seal(text: string, token: string): Buffer {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, keyOf(token, salt), nonce);
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const base64 = (bytes: Buffer): string => bytes.toString('base64');
  const sealed: Sealed = {
    version: 1,
    salt: base64(salt),
    nonce: base64(nonce),
    tag: base64(cipher.getAuthTag()),
    text: base64(encrypted),
  };
  return Buffer.from(JSON.stringify(sealed));
}

/** What was sealed; undefined when the token is another or a byte has changed. Throws for an unknown version. */
export function unseal(bytes: Uint8Array, token: string): string | undefined {
  const sealed = JSON.parse(Buffer.from(bytes).toString('utf8')) as Sealed;
  if (sealed.version !== 1)
    throw new Error(`the cluster's shared data has version ${sealed.version}: a newer kubets wrote it`);
  const raw = (text: string): Buffer => Buffer.from(text, 'base64');
  // A shorter tag would be taken too, and is guessed sooner.
  const options = { authTagLength: 16 };
  const decipher = createDecipheriv(algorithm, keyOf(token, raw(sealed.salt)), raw(sealed.nonce), options);
  try {
    decipher.setAuthTag(raw(sealed.tag));
    return Buffer.concat([decipher.update(raw(sealed.text)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function keyOf(token: string, salt: Buffer): Buffer {
  return scryptSync(token, salt, 32);
}
