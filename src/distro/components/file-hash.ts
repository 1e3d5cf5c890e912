import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A hash of what a file holds, which tells when it changes where its secrets must not be remembered. */
export function contentHash(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The hash of what is in the file now; undefined if it can't be read. */
export function fileHash(path: string): string | undefined {
  try {
    return contentHash(readFileSync(path));
  } catch {
    return undefined;
  }
}
