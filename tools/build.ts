/** Bundles the sources into dist/: an entry for every command, one for the store's thread, one for the image. */
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { rmSync } from 'node:fs';

const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const common: BuildOptions = {
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  banner: { js: banner },
  logLevel: 'warning',
};

rmSync('dist', { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: { kubets: 'src/distro/main.ts', 'sqlite-worker': 'src/store/sqlite-worker.ts' },
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  }),
  // One file, as the image that kubets builds out of itself holds it.
  build({ ...common, entryPoints: { 'image-main': 'src/distro/image-main.ts' } }),
]);
