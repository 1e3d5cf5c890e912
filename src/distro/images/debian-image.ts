import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage, type BuiltImage } from './build-image.ts';
import { unpackPackages } from './debian-packages.ts';
import { cachedImage, type ImageCache } from './image-cache.ts';
import type { ImageConfig } from './image-config.ts';
import type { ImageContent } from './layer-contents.ts';
import type { Architecture } from './pause.ts';

/** An image out of Debian packages. */
export interface DebianImage {
  readonly name: string;
  /** Each one that is needed, dependencies included: none is followed. */
  readonly packages: readonly string[];
  /** Goes in before the packages' files and so replaces them. */
  readonly contents?: readonly ImageContent[] | undefined;
  /** Files and folders of the packages that are left out, such as `usr/share/doc`. */
  readonly without?: readonly string[] | undefined;
  readonly config: ImageConfig;
}

/** What nobody looks up in a container. */
const dispensable = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'usr/share/lintian'];

/** Builds an image out of Debian packages, or takes it from the cache, where the packages are kept too. */
export async function buildDebianImage(
  image: DebianImage,
  { cache, architecture }: { readonly cache: ImageCache; readonly architecture: Architecture },
): Promise<BuiltImage> {
  const fileName = image.name.replace(/[^a-z0-9.]+/g, '-');
  const key = ['debian', architecture, JSON.stringify(image)];
  return cachedImage(cache, { name: fileName, key }, async (output) => {
    const rootfs = await mkdtemp(join(tmpdir(), 'kubets-rootfs-'));
    try {
      await unpackPackages(image.packages, { cache: join(cache.directory, 'packages'), rootfs });
      for (const path of [...dispensable, ...(image.without ?? [])]) {
        await rm(join(rootfs, path), { recursive: true, force: true });
      }
      const { name, config, contents = [] } = image;
      const from: ImageContent = { from: rootfs, to: '/', keepOwners: true };
      return await buildImage({ name, config, architecture, output, contents: [...contents, from] });
    } finally {
      await rm(rootfs, { recursive: true, force: true });
    }
  });
}
