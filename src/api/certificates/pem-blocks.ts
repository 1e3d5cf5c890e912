/** One block of a PEM text. */
export interface PemBlock {
  /** Such as `CERTIFICATE`. */
  readonly type: string;
  readonly hasHeaders: boolean;
  /** What it says, decoded. */
  readonly content: Uint8Array;
}

/** A block that has begun. */
interface OpenBlock {
  readonly type: string;
  hasHeaders: boolean;
  body: string;
}

const beginning = /^-----BEGIN (.*)-----$/;

/**
 * The blocks of a PEM text, in time that grows with its length only. What stands between blocks, and blocks that are no
 * base64, are passed over. Source: Go's encoding/pem.
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: OpenBlock | undefined;
  for (const untrimmed of text.split('\n')) {
    const line = untrimmed.trimEnd();
    const type = line.startsWith('-----') ? beginning.exec(line)?.[1] : undefined;
    if (type !== undefined) open = { type, hasHeaders: false, body: '' };
    else if (!open) continue;
    else if (line.startsWith('-----')) {
      const content = line === `-----END ${open.type}-----` ? base64Bytes(open.body) : undefined;
      if (content) blocks.push({ type: open.type, hasHeaders: open.hasHeaders, content });
      open = undefined;
    } else if (open.body === '' && line.includes(':')) open.hasHeaders = true;
    else open.body += line;
  }
  return blocks;
}

/** The blocks of a PEM text that is given as base64; none where it is no base64. */
export function encodedPemBlocks(base64: string): readonly PemBlock[] {
  try {
    return pemBlocks(atob(base64));
  } catch {
    return [];
  }
}

/** A block as PEM text, with lines of 64 characters as Go writes them. */
export function pemText(type: string, content: Uint8Array): string {
  const encoded = btoa(Array.from(content, (byte) => String.fromCodePoint(byte)).join(''));
  return `-----BEGIN ${type}-----\n${encoded.replaceAll(/.{1,64}/g, '$&\n')}-----END ${type}-----\n`;
}

function base64Bytes(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.codePointAt(0)!);
  } catch {
    return undefined;
  }
}
