import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Layout } from '../config/layout.ts';
import { cachedImage } from './image-cache.ts';
import { buildKubetsImage } from './kubets-image.ts';
import { buildPauseImage, pauseImageName } from './pause-image.ts';
import { architectureOf } from './pause.ts';

/**
 * Builds the images that every node needs before its first pod: pause, and kubets itself for the add-ons. They lie in
 * the data directory's `images`, from where each agent loads all archives. Cached until what they are made of changes.
 */
export async function ensureImages(layout: Layout): Promise<void> {
  const architecture = architectureOf(process.arch);
  const cache = { directory: layout.images };
  const pause = cachedImage(cache, { name: 'pause', key: [pauseImageName, architecture, pauseLayout] }, (output) =>
    buildPauseImage({ output, architecture }),
  );
  const bundle = join(dirname(process.argv[1] ?? ''), 'image-main.js');
  const kubets = buildKubetsImage({ node: process.execPath, bundle, architecture, cache });
  await Promise.all([pause, kubets]);
}

/** Raised when the pause executable changes. */
const pauseLayout = '1';

/** The archives that agents load at start: those built here and whatever a user put beside them. */
export function preloadedArchives(layout: Layout): readonly string[] {
  return readdirSync(layout.images)
    .filter((name) => name.endsWith('.tar'))
    .sort()
    .map((name) => join(layout.images, name));
}
