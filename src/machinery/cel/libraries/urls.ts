/** URLs. Source: apiserver's pkg/cel/library/urls.go. */
import { traversalCost } from '../call-cost.ts';
import { fail } from '../cel-error.ts';
import { celTypes, listType, mapType, objectType } from '../cel-type.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload, memberOverload as member } from '../library.ts';
import { CelList, CelOpaque, EntryMap } from '../values.ts';
import type { GoUrl } from './go-url.ts';
import { escapedPath, GoUrlError, goUrlText, hostname, parseGoUrl, portOf, queryValues } from './go-url.ts';
import { nominalCost } from './kubernetes-costs.ts';

const urlType = objectType('kubernetes.URL');

class CelURL extends CelOpaque {
  readonly type = urlType;
  readonly url: GoUrl;

  constructor(url: GoUrl) {
    super();
    this.url = url;
  }

  equals(other: CelURL): boolean {
    return goUrlText(this.url) === goUrlText(other.url);
  }

  override toJson(): string {
    return goUrlText(this.url);
  }
}

/** What is wrong with a text as an absolute URI or path; undefined when nothing is. */
export function uriProblem(text: string): string | undefined {
  try {
    parseGoUrl(text, { request: true });
    return undefined;
  } catch (error) {
    if (error instanceof GoUrlError) return error.message;
    throw error;
  }
}

function parse(text: string): CelURL {
  const problem = uriProblem(text);
  if (problem !== undefined) fail(`URL parse error during conversion from string: ${problem}`);
  return new CelURL(parseGoUrl(text, { request: false }));
}

function query({ url }: CelURL): EntryMap {
  return new EntryMap(Array.from(queryValues(url), ([key, values]) => [key, new CelList(values)] as const));
}

const { string, bool } = celTypes;
const part = (name: string, id: string, read: (url: GoUrl) => string) => ({
  name,
  cost: nominalCost,
  overloads: [member(id, [urlType], string, ({ url }: CelURL) => read(url))],
});

/** `url()` and its parts. */
export const urls: CelLibrary = {
  name: 'urls',
  functions: [
    {
      name: 'url',
      cost: traversalCost(0, { result: true }),
      overloads: [globalOverload('string_to_url', [string], urlType, parse)],
    },
    part('getScheme', 'url_get_scheme', ({ scheme }) => scheme),
    part('getHost', 'url_get_host', ({ host }) => host),
    part('getHostname', 'url_get_hostname', hostname),
    part('getPort', 'url_get_port', portOf),
    part('getEscapedPath', 'url_get_escaped_path', escapedPath),
    {
      name: 'getQuery',
      cost: nominalCost,
      overloads: [member('url_get_query', [urlType], mapType(string, listType(string)), query)],
    },
    {
      name: 'isURL',
      overloads: [globalOverload('is_url_string', [string], bool, (text: string) => uriProblem(text) === undefined)],
    },
  ],
};
