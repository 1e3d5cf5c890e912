/** The parts of an image's name. */
export interface ImageName {
  /** Such as `docker.io`, `127.0.0.1:9`. */
  readonly registry: string;
  /** Such as `library/nginx`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^[\w][\w.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** Takes an image's name apart; undefined when it is none. Source: the distribution reference grammar. */
export function parseImageName(name: string): ImageName | undefined {
  const at = name.indexOf('@');
  const digest = at < 0 ? undefined : name.slice(at + 1);
  const rest = at < 0 ? name : name.slice(0, at);
  const colon = rest.lastIndexOf(':');
  const tagged = colon > rest.lastIndexOf('/');
  const tag = tagged ? rest.slice(colon + 1) : undefined;
  const path = tagged ? rest.slice(0, colon) : rest;
  const [first = '', ...others] = path.split('/');
  const hasHost = others.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = hasHost ? first : 'docker.io';
  const remote = hasHost ? others.join('/') : others.length > 0 ? path : `library/${path}`;
  if (!repositoryPattern.test(remote)) return undefined;
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  if (digest !== undefined && !digestPattern.test(digest)) return undefined;
  return { registry, repository: remote, tag, digest };
}

/** The name with `:latest` when it has neither tag nor digest; undefined when it is no image's name. */
export function withDefaultTag(name: string): string | undefined {
  const parsed = parseImageName(name);
  if (!parsed) return undefined;
  return parsed.tag === undefined && parsed.digest === undefined ? `${name}:latest` : name;
}

/** When an image without a policy is pulled: always for `latest`, else if it is missing. */
export function defaultPullPolicy(name: string): 'Always' | 'IfNotPresent' {
  const parsed = parseImageName(name);
  const latest = parsed?.tag === 'latest' || (parsed?.tag === undefined && parsed?.digest === undefined);
  return latest ? 'Always' : 'IfNotPresent';
}
