/**
 * Environment of processes that serve: two arenas, 250 freed blocks of each small size kept for their thread (seven, by
 * default), and none in the fast bins, which are emptied whenever a large block is freed. Source: glibc's tunables.
 */
export const mallocSettings = {
  GLIBC_TUNABLES: 'glibc.malloc.arena_max=2:glibc.malloc.tcache_count=250:glibc.malloc.mxfast=0',
} as const;
