import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { buildImage, type BuiltImage } from './build-image.ts';
import { type ImageCache, cachedImage, fileKey } from './image-cache.ts';
import { unpullableHost } from './image-name.ts';
import { loadedExtent } from './elf-extent.ts';
import type { ImageContent } from './layer-contents.ts';
import type { Architecture } from './pause.ts';
import { sharedLibraries } from './shared-libraries.ts';

/** The name of the image that kubets builds of itself. */
export const kubetsImageName = `${unpullableHost}/kubets:1`;

/** What the image is made of. */
export interface KubetsImageOptions {
  /** The Node executable: `process.execPath`. */
  readonly node: string;
  /** The bundle: one JavaScript file that Node can run. */
  readonly bundle: string;
  readonly architecture: Architecture;
  readonly cache: ImageCache;
}

const certificates = '/etc/ssl/certs/ca-certificates.crt';

/**
 * The image of kubets itself, out of the running Node and the bundle: `/usr/bin/node /kubets.mjs` with the pod's
 * arguments behind (`dns …`). Uncompressed, since that imports fastest; taken from the cache when neither has changed.
 */
export async function buildKubetsImage(options: KubetsImageOptions): Promise<BuiltImage> {
  const libraries = await sharedLibraries(options.node);
  const sources = [options.node, options.bundle, ...libraries.map(({ file }) => file)];
  const key = ['kubets', layoutVersion, ...(await Promise.all(sources.map(fileKey)))];
  return cachedImage(options.cache, { name: 'kubets', key }, async (output) =>
    buildImage({
      name: kubetsImageName,
      architecture: options.architecture,
      output,
      contents: await contentsOf(options, libraries),
      config: { entrypoint: ['/usr/bin/node', '/kubets.mjs'], workingDir: '/', env: { NODE_ENV: 'production' } },
    }),
  );
}

/** Raised when the contents below change, so that a cached image of the old kind is not taken. */
const layoutVersion = '1';

async function contentsOf(options: KubetsImageOptions, libraries: Awaited<ReturnType<typeof sharedLibraries>>) {
  const limit = (await loadedExtent(options.node)) ?? (await stat(options.node)).size;
  const contents: ImageContent[] = [
    { from: options.node, to: '/usr/bin/node', mode: 0o755, follow: true, limit },
    { from: options.bundle, to: '/kubets.mjs', mode: 0o644, follow: true },
    ...libraries.map(({ path, file }) => ({ from: file, to: path, mode: 0o755 })),
    { content: 'root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n', to: '/etc/passwd' },
    { content: 'root:x:0:\nnobody:x:65534:\n', to: '/etc/group' },
    { content: 'hosts: files dns\n', to: '/etc/nsswitch.conf' },
    { directory: '/tmp', mode: 0o1777 },
  ];
  return existsSync(certificates) ? [...contents, { from: certificates, to: certificates, follow: true }] : contents;
}
