/** URLs as Go takes them apart. Source: Go's net/url, whose checks and errors are kept. */

/** The parts of a URL. */
export interface GoUrl {
  readonly scheme: string;
  readonly opaque: string;
  readonly user: string;
  readonly host: string;
  /** The path, decoded. */
  readonly path: string;
  /** The path as written, where encoding `path` would give another. */
  readonly rawPath: string;
  readonly query: string;
  readonly fragment: string;
}

/** What is wrong with a URL. */
export class GoUrlError extends Error {}

/** Parses a reference. `request`: as an absolute URI or path, of which a `#` is an ordinary part. */
export function parseGoUrl(text: string, { request }: { readonly request: boolean }): GoUrl {
  const hash = request ? -1 : text.indexOf('#');
  const fragment = hash < 0 ? '' : text.slice(hash + 1);
  try {
    return { ...parse(hash < 0 ? text : text.slice(0, hash), request), fragment };
  } catch (error) {
    if (!(error instanceof GoUrlError)) throw error;
    throw new GoUrlError(`parse ${JSON.stringify(text)}: ${error.message}`);
  }
}

function parse(text: string, request: boolean): Omit<GoUrl, 'fragment'> {
  // oxlint-disable-next-line no-control-regex -- these are what is refused
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new GoUrlError('net/url: invalid control character in URL');
  if (text === '' && request) throw new GoUrlError('empty url');
  const none = { scheme: '', opaque: '', user: '', host: '', path: '', rawPath: '', query: '' };
  if (text === '*') return { ...none, path: '*' };
  const { scheme, rest: afterScheme } = splitScheme(text);
  const question = afterScheme.indexOf('?');
  const query = question < 0 ? '' : afterScheme.slice(question + 1);
  let rest = question < 0 ? afterScheme : afterScheme.slice(0, question);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...none, scheme, opaque: rest, query };
    if (request) throw new GoUrlError('invalid URI for request');
    if (rest.split('/', 1)[0]?.includes(':')) throw new GoUrlError('first path segment in URL cannot contain colon');
  }
  let [user, host] = ['', ''];
  if ((scheme !== '' || (!request && !rest.startsWith('///'))) && rest.startsWith('//')) {
    const slash = rest.indexOf('/', 2);
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
    rest = slash < 0 ? '' : rest.slice(slash);
    ({ user, host } = parseAuthority(authority));
  }
  const path = unescape(rest, 'path');
  return { scheme, opaque: '', user, host, path, rawPath: escapePath(path) === rest ? '' : rest, query };
}

function splitScheme(text: string): { readonly scheme: string; readonly rest: string } {
  if (text.startsWith(':')) throw new GoUrlError('missing protocol scheme');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1];
  return scheme === undefined
    ? { scheme: '', rest: text }
    : { scheme: scheme.toLowerCase(), rest: text.slice(scheme.length + 1) };
}

function parseAuthority(authority: string): { readonly user: string; readonly host: string } {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new GoUrlError('net/url: invalid userinfo');
  return { user, host: parseHost(authority.slice(at + 1)) };
}

function parseHost(host: string): string {
  const bracket = host.lastIndexOf(']');
  if (host.startsWith('[') && bracket < 0) throw new GoUrlError("missing ']' in host");
  const colon = host.startsWith('[') ? bracket + 1 : host.lastIndexOf(':');
  const port = colon < 0 ? '' : host.slice(colon);
  if (!/^(?::\d*)?$/.test(port)) throw new GoUrlError(`invalid port ${JSON.stringify(port)} after host`);
  return unescape(host, 'host');
}

/** Decodes `%xx`. In hosts only bytes beyond ASCII (and the `%25` of a zone) may be encoded, and few characters stand. */
function unescape(text: string, mode: 'path' | 'query' | 'host'): string {
  for (const [escape, digits] of text.matchAll(/%(.{0,2})/gsu)) {
    if (!/^[0-9A-Fa-f]{2}$/.test(digits ?? '')) throw new GoUrlError(`invalid URL escape ${JSON.stringify(escape)}`);
    if (mode === 'host' && Number.parseInt(digits ?? '', 16) < 0x80 && digits !== '25') {
      throw new GoUrlError(`invalid URL escape ${JSON.stringify(escape)}`);
    }
  }
  const refused = mode === 'host' ? /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\u{10ffff}]/u.exec(text) : null;
  if (refused) throw new GoUrlError(`invalid character ${JSON.stringify(refused[0])} in host name`);
  const plain = mode === 'query' ? text.replaceAll('+', ' ') : text;
  if (!plain.includes('%')) return plain;
  const decoder = new TextDecoder();
  return plain.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    decoder.decode(Uint8Array.from(run.slice(1).split('%'), (digits) => Number.parseInt(digits, 16))),
  );
}

function escapePath(path: string): string {
  return encodeURIComponent(path.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g, decodeURIComponent);
}

/** The path with what needs it encoded, as written where that is one of its forms. */
export function escapedPath({ path, rawPath }: GoUrl): string {
  if (rawPath !== '' && /^[A-Za-z0-9\-._~!$&'()*+,;=:@[\]%/]*$/.test(rawPath)) return rawPath;
  return path === '*' ? '*' : escapePath(path);
}

/** The host without its port and brackets. */
export function hostname({ host }: GoUrl): string {
  const match = /^\[(.*)\](?::\d*)?$/.exec(host) ?? /^(.*):\d*$/.exec(host);
  return match?.[1] ?? host;
}

/** The port, if any. */
export function portOf({ host }: GoUrl): string {
  return /:(\d*)$/.exec(host)?.[1] ?? '';
}

/** The values of the query's keys; what is malformed is left out. */
export function queryValues({ query }: GoUrl): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    try {
      const key = unescape(equals < 0 ? pair : pair.slice(0, equals), 'query');
      const value = equals < 0 ? '' : unescape(pair.slice(equals + 1), 'query');
      values.set(key, [...(values.get(key) ?? []), value]);
    } catch (error) {
      if (!(error instanceof GoUrlError)) throw error;
    }
  }
  return values;
}

/** The URL as text, in one form for all that are the same. */
export function goUrlText(url: GoUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const authority = url.host === '' && url.user === '' ? '' : `//${url.user === '' ? '' : `${url.user}@`}${url.host}`;
  const query = url.query === '' ? '' : `?${url.query}`;
  const fragment = url.fragment === '' ? '' : `#${url.fragment}`;
  return `${scheme}${url.opaque === '' ? authority + escapedPath(url) : url.opaque}${query}${fragment}`;
}
