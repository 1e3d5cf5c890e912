import { readFileSync } from 'node:fs';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import type { Store } from '../../src/store/store.ts';

/** Opens the store that a kind and a place name, loading no other: what is not used must not count as its memory. */
export async function openLocation([kind, where = '']: readonly string[]): Promise<Store> {
  if (kind === 'etcd') {
    const { openEtcdStore } = await import('../../src/store/etcd/etcd-store.ts');
    return openEtcdStore({ endpoints: [where], clock: systemClock, log: silentLogger });
  }
  const { openSqliteStore } = await import('../../src/store/sqlite-store.ts');
  return openSqliteStore({ path: where });
}

/** Resident memory of a process. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}
