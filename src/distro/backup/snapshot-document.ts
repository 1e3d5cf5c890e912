import type { StreamedDocument } from '../../apiserver/http/streamed-document.ts';
import type { Clock } from '../../base/clock.ts';
import { timestamp } from '../../base/clock.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { hasReason, messageOf } from '../../base/errors.ts';
import { encodeSnapshot } from '../../store/snapshot/snapshot-stream.ts';
import { readStore } from '../../store/snapshot/store-source.ts';
import type { SnapshotOrigin } from '../../store/snapshot/store-source.ts';
import type { Store } from '../../store/store.ts';
import { versionText } from '../version.ts';

/** Where an API server gives a snapshot of its store to whoever may `get` this path: administrators only, unless a role says more. */
export const snapshotPath = '/kubets/v1/snapshot';

/** The snapshot of a store, made for each who asks. `store` is the one below encryption: values leave as they lie there. */
export function snapshotDocument(store: Store, name: string, clock: Clock): StreamedDocument {
  return {
    path: snapshotPath,
    contentType: 'application/vnd.kubets.snapshot',
    open: async () => encodeSnapshot(await readStore(store, originNow(name, clock))),
  };
}

/** What a snapshot that is taken now says of itself. `store` names it for people. */
export function originNow(store: string, clock: Clock): SnapshotOrigin {
  return { time: timestamp(clock.now()), store, writer: versionText() };
}

/** The bytes of a snapshot that a running API server makes. Throws a StatusError. */
export async function fetchSnapshot(client: HttpClient, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
  try {
    const { body } = await client.request({ path: snapshotPath, signal, headers: { accept: '*/*' } });
    return wholeBody(body, signal);
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    throw new Error(
      'this API server makes no snapshots: it is not of kubets, or older; its etcd can be named by --etcd-servers',
      { cause: error },
    );
  }
}

async function* wholeBody(body: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`the API server broke the snapshot off; its log says why (${messageOf(error)})`, { cause: error });
  }
}
