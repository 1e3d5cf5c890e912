/** Headers line by line: Node joins the lines of a header with commas, which names of groups may contain, too. */
import type { Credentials } from '../ports.ts';

/** The headers of a request. */
export type HeaderSource = Pick<Credentials, 'headers' | 'rawHeaders'>;

/** The values of a header, one a line; `name` in lower case. */
export function headerLines({ headers, rawHeaders }: HeaderSource, name: string): readonly string[] {
  const joined = headers[name];
  if (joined === undefined) return [];
  if (!rawHeaders) return typeof joined === 'string' ? joined.split(/,\s*/) : joined;
  const lines: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]!.toLowerCase() === name) lines.push(rawHeaders[index + 1]!);
  }
  return lines;
}

/** The first value of a header that says something; '' without one. */
export function firstLine(source: HeaderSource, name: string): string {
  const { headers, rawHeaders } = source;
  const joined = headers[name];
  if (joined === undefined) return '';
  if (!rawHeaders) return typeof joined === 'string' ? joined : (joined[0] ?? '');
  return headerLines(source, name).find((line) => line !== '') ?? '';
}

/** Decodes what is percent-encoded in the key of an extra; a malformed one stands for itself. */
export function unescapedKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
