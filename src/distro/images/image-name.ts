/** An image name in its full form, in parts. */
export interface ImageName {
  /** Host, and port when there is one: `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** Path on that host: `library/nginx`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** The host in the names of images that kubets builds itself. It does not exist, so that nothing could pull them. */
export const unpullableHost = 'kubets.local';

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagFormat = /^\w[\w.-]{0,127}$/;
const digestFormat = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-f]{32,}$/;
const hostFormat =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?$/;

/** Reads a name as Docker does: `demo` is `docker.io/library/demo:latest`. Throws on what cannot be a name. */
export function parseImageName(name: string): ImageName {
  const [beforeDigest, digest] = splitOnce(name, '@');
  const slash = beforeDigest.indexOf('/');
  const first = slash < 0 ? '' : beforeDigest.slice(0, slash);
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase();
  const rest = hasHost ? beforeDigest.slice(slash + 1) : beforeDigest;
  const colon = rest.lastIndexOf(':');
  const tagged = colon > rest.lastIndexOf('/');
  const path = tagged ? rest.slice(0, colon) : rest;
  const tag = tagged ? rest.slice(colon + 1) : digest === undefined ? 'latest' : undefined;
  const registry = hasHost && first !== 'index.docker.io' ? first : 'docker.io';
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  const valid =
    hostFormat.test(registry) &&
    repository.split('/').every((part) => component.test(part)) &&
    (tag === undefined || tagFormat.test(tag)) &&
    (digest === undefined || digestFormat.test(digest));
  if (!valid)
    throw new Error(`"${name}" is not an image name: expected something like registry.example:5000/team/app:1.0`);
  return { registry, repository, tag, digest };
}

/** The full form of a name, as containerd keeps it. */
export function normaliseImageName(name: string): string {
  const { registry, repository, tag, digest } = parseImageName(name);
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
