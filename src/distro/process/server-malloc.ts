import { existsSync } from 'node:fs';

const folders: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: '/usr/lib/x86_64-linux-gnu',
  arm64: '/usr/lib/aarch64-linux-gnu',
};

/** Debian's package of gperftools' malloc, and the file in which it has it. */
export const fasterMalloc = {
  package: 'libtcmalloc-minimal4',
  library: `${folders[process.arch] ?? '/usr/lib'}/libtcmalloc_minimal.so.4`,
} as const;

/**
 * What the environment of a process that serves the API says of malloc: gperftools', if this machine has it, for Node's
 * HTTP/2 takes and gives back many small pieces per request; and few arenas of glibc's, since more are memory and not
 * faster. The launcher has the same for `kube-apiserver`.
 */
export function serverMalloc({ LD_PRELOAD: others = '' }: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const arenas = { MALLOC_ARENA_MAX: '2' };
  if (!existsSync(fasterMalloc.library)) return arenas;
  return { ...arenas, LD_PRELOAD: [fasterMalloc.library, others].filter(Boolean).join(':') };
}
