/** Bundles the sources into dist/: an entry for every command, one for the store's thread, one for the image. */
import { build } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';
import { rmSync } from 'node:fs';

const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/**
 * Imported as an ES module, `node:http` has every property read, the WebSocket among them, which loads all of Node's
 * fetch: 14 MB and 15 ms in every process. Required, it has not.
 */
const lightHttp: Plugin = {
  name: 'light-http',
  setup(bundle) {
    bundle.onResolve({ filter: /^(node:)?http$/ }, () => ({ path: 'http', namespace: 'light-http' }));
    bundle.onLoad({ filter: /.*/, namespace: 'light-http' }, () => ({
      contents: "module.exports = process.getBuiltinModule('node:http')",
    }));
  },
};

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
  plugins: [lightHttp],
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
