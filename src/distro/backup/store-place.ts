import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '../../base/system-clock.ts';
import { createHttpClient } from '../../client/http-client.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { encodeSnapshot, decodeSnapshot } from '../../store/snapshot/snapshot-stream.ts';
import type { SnapshotSource } from '../../store/snapshot/snapshot-stream.ts';
import { openSnapshot, snapshotStatus, writeSnapshotFile } from '../../store/snapshot/snapshot-file.ts';
import type { SnapshotStatus } from '../../store/snapshot/snapshot-file.ts';
import { SqliteTarget } from '../../store/snapshot/sqlite-target.ts';
import { copySnapshot } from '../../store/snapshot/snapshot-target.ts';
import type { SnapshotContents } from '../../store/snapshot/snapshot-target.ts';
import { readStore } from '../../store/snapshot/store-source.ts';
import { StoreTarget } from '../../store/snapshot/store-target.ts';
import type { Store } from '../../store/store.ts';
import { openStore } from '../components/open-store.ts';
import { locationText } from '../components/store-location.ts';
import type { StoreLocation } from '../components/store-location.ts';
import { UsageError } from '../config/cluster-config.ts';
import { fetchSnapshot, originNow } from './snapshot-document.ts';
import { stampOf } from './snapshot-name.ts';

/** Where the contents of a store are: in a store that this process opens, with a running server, or in a snapshot's file. */
export type StorePlace =
  | { readonly kind: 'store'; readonly location: StoreLocation }
  | { readonly kind: 'server'; readonly kubeconfig: string }
  | { readonly kind: 'snapshot'; readonly path: string };

/** Something that is read from, with what must be closed afterwards. */
export interface OpenSource extends AsyncDisposable {
  readonly source: SnapshotSource;
}

/** Opens a place for reading. A snapshot is read twice: its checksum stands at its end, and nothing is done before it is right. */
export async function openSource(place: StorePlace, signal: AbortSignal): Promise<OpenSource> {
  if (place.kind === 'snapshot') {
    const path = resolve(place.path);
    await snapshotStatus(path);
    return { source: await openSnapshot(path), [Symbol.asyncDispose]: async () => undefined };
  }
  if (place.kind === 'server') {
    const { connection } = await loadKubeconfig(place.kubeconfig);
    const client = createHttpClient({ ...connection, userAgent: 'kubets-store' });
    return opened(client, async () => decodeSnapshot(await fetchSnapshot(client, signal)));
  }
  const store = await openExisting(place.location);
  return opened(store, () => readStore(store, originNow(locationText(place.location), systemClock), signal));
}

async function opened(resource: AsyncDisposable, source: () => Promise<SnapshotSource>): Promise<OpenSource> {
  try {
    return { source: await source(), [Symbol.asyncDispose]: () => resource[Symbol.asyncDispose]() };
  } catch (error) {
    await resource[Symbol.asyncDispose]();
    throw error;
  }
}

/** A store that is read must be there: opening it would make it. */
async function openExisting(location: StoreLocation): Promise<Store> {
  if (location === 'memory') throw new UsageError('memory: is gone with the process that had it');
  if ('path' in location && !existsSync(location.path)) throw new Error(`${location.path} does not exist`);
  return openStore(location);
}

/** How a store is written to. */
export interface FillOptions {
  readonly force: boolean;
  /** Revisions to leave out; default: what suits the store. */
  readonly bump?: number | undefined;
  /** Hears now and then how many of the writes that revisions take have been made. */
  progress?(done: number, all: number): void;
  readonly signal: AbortSignal;
}

/** Etcd can't be told its revision: each that is left out is a write. */
const etcdBump = 100_000;
const sqliteBump = 1_000_000_000;

/** What was written, and where what was there before is kept, if anything was. */
export interface Filled extends SnapshotContents {
  readonly kept?: string | undefined;
}

/** Copies a source into a store that no server uses, and checks what has arrived. */
export async function fillStore(
  location: StoreLocation,
  source: SnapshotSource,
  options: FillOptions,
): Promise<Filled> {
  const { force, signal } = options;
  if (location === 'memory') throw new UsageError('memory: would be gone with this process');
  if ('path' in location) return fillSqlite(location.path, source, options);
  await using store = await openStore(location);
  const name = locationText(location);
  await using target = new StoreTarget({
    store,
    name,
    force,
    bump: options.bump ?? etcdBump,
    progress: options.progress,
    signal,
  });
  return await copySnapshot(source, target, signal);
}

async function fillSqlite(path: string, source: SnapshotSource, { force, bump = sqliteBump, signal }: FillOptions) {
  const stamp = stampOf(systemClock.now());
  await using target = new SqliteTarget({ path, force, bump, stamp });
  const contents = await copySnapshot(source, target, signal);
  return { ...contents, kept: target.kept };
}

/** Writes a snapshot's file. What a server sends is written as it comes. Resolves once it has been read back whole. */
export async function saveSnapshot(place: StorePlace, path: string, signal: AbortSignal): Promise<SnapshotStatus> {
  if (place.kind === 'server') {
    const { connection } = await loadKubeconfig(place.kubeconfig);
    await using client = createHttpClient({ ...connection, userAgent: 'kubets-store' });
    return await writeSnapshotFile(path, await fetchSnapshot(client, signal));
  }
  await using from = await openSource(place, signal);
  return await writeSnapshotFile(path, encodeSnapshot(from.source));
}
