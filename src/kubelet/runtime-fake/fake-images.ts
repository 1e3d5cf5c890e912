import type { Image, ImageSpec, RegistryAuth } from '../cri/container-runtime.ts';
import { RuntimeError } from '../cri/runtime-error.ts';

/** An image that the fake has, or can pull. */
export interface FakeImage {
  /** The full name with its tag, such as `docker.io/library/nginx:1`. */
  readonly name: string;
  readonly id?: string | undefined;
  readonly size?: number | undefined;
  readonly uid?: number | undefined;
  readonly username?: string | undefined;
  readonly pinned?: boolean | undefined;
  /** Pulling needs these credentials. */
  readonly auth?: { readonly username: string; readonly password: string } | undefined;
}

/** The images on a fake node, and those that its one registry offers. */
export class FakeImages {
  readonly #local = new Map<string, FakeImage>();
  readonly #remote = new Map<string, FakeImage>();

  /** Puts an image onto the node. */
  load(image: FakeImage): void {
    this.#local.set(normalised(image.name), image);
  }

  /** Lets an image be pulled. */
  offer(image: FakeImage): void {
    this.#remote.set(normalised(image.name), image);
  }

  list(): Image[] {
    return [...this.#local.values()].map(describe);
  }

  find(spec: ImageSpec): Image | undefined {
    const image = this.#local.get(normalised(spec.image)) ?? this.#byId(spec.image);
    return image && describe(image);
  }

  pull(spec: ImageSpec, auth: RegistryAuth | undefined): string {
    const name = normalised(spec.image);
    const image = this.#remote.get(name);
    const failed = `failed to pull and unpack image "${name}": failed to resolve reference "${name}"`;
    if (!image) throw new RuntimeError('NotFound', `${failed}: ${name}: not found`, { operation: 'PullImage' });
    if (image.auth && (image.auth.username !== auth?.username || image.auth.password !== auth.password)) {
      throw new RuntimeError('Unknown', `${failed}: unexpected status: 401 Unauthorized`, { operation: 'PullImage' });
    }
    this.load(image);
    return describe(image).id;
  }

  remove(spec: ImageSpec): void {
    const id = this.find(spec)?.id;
    for (const [name, image] of this.#local) if (describe(image).id === id) this.#local.delete(name);
  }

  #byId(id: string): FakeImage | undefined {
    const wanted = id.startsWith('sha256:') ? id : `sha256:${id}`;
    return wanted.length < 15
      ? undefined
      : [...this.#local.values()].find((image) => describe(image).id.startsWith(wanted));
  }
}

function describe(image: FakeImage): Image {
  const name = normalised(image.name);
  const id = image.id ?? pretendDigest(name);
  return {
    id,
    repoTags: [name],
    repoDigests: [`${name.slice(0, name.lastIndexOf(':'))}@${pretendDigest(`manifest of ${name}`)}`],
    size: image.size ?? 1_000_000,
    uid: image.uid,
    username: image.username ?? '',
    pinned: image.pinned ?? false,
  };
}

function normalised(name: string): string {
  const [first = '', ...rest] = name.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const full = hasHost ? name : `docker.io/${rest.length > 0 ? '' : 'library/'}${name}`;
  return /[:@][^/]*$/.test(full) ? full : `${full}:latest`;
}

/** Looks like a digest and differs by name: FNV-1a in 32 bits, repeated. */
function pretendDigest(name: string): string {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return `sha256:${hash.toString(16).padStart(8, '0').repeat(8)}`;
}
