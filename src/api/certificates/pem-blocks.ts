/** One block of a PEM text. */
export interface PemBlock {
  /** Such as `CERTIFICATE`. */
  readonly type: string;
  readonly hasHeaders: boolean;
}

/** The blocks of a PEM text that is given as base64; none where it is no base64. Text between blocks is ignored. */
export function pemBlocks(base64: string): readonly PemBlock[] {
  const blocks = textOf(base64).matchAll(/-----BEGIN ([^\n-]+)-----\r?\n([\s\S]*?)-----END \1-----/g);
  return [...blocks].map(([, type = '', body = '']) => ({ type, hasHeaders: body.includes(':') }));
}

function textOf(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}
