import type { StoreListOptions } from '../store.ts';
import type { EtcdConnection } from './etcd-connection.ts';
import { type EtcdKeyValue, etcdMethods } from './etcd-messages.ts';

/** The bytes that an answer should have, and how many keys are asked for while their size is not known. */
const pageBytes = 4 * 1024 * 1024;
const firstPage = 100;
const longestPage = 10_000;

/** Keys of a range as they were at `revision`, and how many it holds. */
export interface EtcdPages {
  readonly kvs: readonly EtcdKeyValue[];
  readonly revision: number;
  readonly count: number;
}

/** Reads a range in several answers of bounded size, all of one revision. */
export async function readPages(
  connection: EtcdConnection,
  range: { readonly key: string; readonly rangeEnd: string },
  { limit = Infinity, revision: asked, signal }: StoreListOptions,
): Promise<EtcdPages> {
  const kvs: EtcdKeyValue[] = [];
  let { key } = range;
  let revision = asked;
  let count: number | undefined;
  for (let page = firstPage; ;) {
    const request = { ...range, key, revision, limit: Math.min(page, limit - kvs.length) };
    const answer = await connection.request('read', etcdMethods.range, request, signal);
    for (const kv of answer.kvs) kvs.push(kv);
    revision ??= answer.header.revision;
    count ??= answer.count;
    const last = answer.kvs.at(-1);
    if (!last || kvs.length >= limit || answer.count === answer.kvs.length) return { kvs, revision, count };
    key = `${last.key}\0`;
    page = nextPage(page, answer.kvs);
  }
}

/** How many keys to ask for next: grows only fast enough that sizes which differ do not matter. */
function nextPage(page: number, kvs: readonly EtcdKeyValue[]): number {
  const bytes = kvs.reduce((sum, { key, value }) => sum + key.length + value.length, 1);
  const fitting = Math.floor((pageBytes / bytes) * kvs.length);
  return Math.max(1, Math.min(fitting, 4 * page, longestPage));
}
