import { expect, test } from 'vitest';
import { systemClock } from '../../base/system-clock.ts';
import { compactedError, type StoreError, type StoreEvent } from '../store.ts';
import type { EtcdWatchCall } from './etcd-endpoint.ts';
import { EtcdCallError } from './etcd-error.ts';
import type { EtcdEvent, EtcdWatchAnswer, EtcdWatchRequest } from './etcd-messages.ts';
import { EtcdWatchStream } from './etcd-watch-stream.ts';
import { EtcdWatch } from './etcd-watch.ts';

test('changes that come in fragments are handed over together, and anew if the stream breaks between', async () => {
  const { watch, events } = watching(10);
  const broken = new FakeMember();
  broken.stream.carry(watch, 'end');
  broken.says({ created: true, watchId: 1, revision: 12 });
  broken.says({ watchId: 1, events: [put('a', 11)], fragment: true });
  await settled();
  broken.breaks();
  expect(events).toEqual([]);
  const next = new FakeMember();
  next.stream.carry(watch, 'end');
  expect(next.asked).toMatchObject([{ create: { startRevision: 11 } }]);
  next.says({ created: true, watchId: 1, revision: 12 });
  next.says({ watchId: 1, events: [put('a', 11)], fragment: true });
  next.says({ watchId: 1, events: [put('b', 11), put('a', 12)] });
  await settled();
  expect(events.map((batch) => batch.map(({ key, revision }) => [key, revision]))).toEqual([
    [
      ['a', 11],
      ['b', 11],
      ['a', 12],
    ],
  ]);
});

test('what was told already is not told again', async () => {
  const { watch, events } = watching(10);
  const member = new FakeMember();
  member.stream.carry(watch, 'end');
  member.says({ created: true, watchId: 1, revision: 10 });
  member.says({ watchId: 1, events: [put('a', 9), put('a', 10), put('a', 11)] });
  member.says({ watchId: 1, events: [put('a', 11)] });
  await settled();
  expect(events.flat().map(({ revision }) => revision)).toEqual([11]);
});

test('an answer about the progress of all watches does not move one that began after the question', async () => {
  const old = watching(10);
  const young = watching(5);
  const member = new FakeMember();
  member.stream.canAskProgress = true;
  member.stream.carry(old.watch, 'end');
  member.says({ created: true, watchId: 1, revision: 20 });
  member.stream.askProgress();
  member.stream.carry(young.watch, 'end');
  member.stream.askProgress();
  expect(member.asked.filter(({ progress }) => progress)).toHaveLength(1);
  member.says({ created: true, watchId: 2, revision: 20 });
  member.says({ watchId: -1, revision: 20 });
  await settled();
  expect([old.watch.heard, young.watch.heard]).toEqual([20, 5]);
  member.says({ watchId: 2, events: [put('a', 6)] });
  member.stream.askProgress();
  member.says({ watchId: -1, revision: 21 });
  await settled();
  expect([old.watch.heard, young.watch.heard]).toEqual([21, 21]);
  expect([old.progress, young.progress]).toEqual([[20, 21], [21]]);
});

test('nothing is handed over when what came before it was compacted', async () => {
  const compacted = watching(10, async () => {
    throw compactedError(10, 11);
  });
  const member = new FakeMember();
  member.stream.carry(compacted.watch, 'end');
  member.says({ created: true, watchId: 1, revision: 12 });
  member.says({ watchId: 1, events: [put('a', 12)] });
  await settled();
  expect(compacted.failures).toMatchObject([{ kind: 'compacted' }]);
  expect(compacted.events).toEqual([]);
  const late = watching(10);
  member.stream.carry(late.watch, 'end');
  member.says({ created: true, watchId: 2, revision: 12 });
  member.says({ watchId: 2, canceled: true, compactRevision: 11 });
  expect(late.failures).toMatchObject([{ kind: 'compacted' }]);
});

test('a deletion whose value was compacted ends the watch', async () => {
  const { watch, events, failures } = watching(10);
  const member = new FakeMember();
  member.stream.carry(watch, 'end');
  member.says({ created: true, watchId: 1, revision: 12 });
  member.says({ watchId: 1, events: [{ ...put('a', 11), type: 1 }] });
  await settled();
  expect(failures).toMatchObject([{ kind: 'compacted' }]);
  expect(events).toEqual([]);
});

interface Watching {
  readonly watch: EtcdWatch;
  readonly events: (readonly StoreEvent[])[];
  readonly progress: number[];
  readonly failures: StoreError[];
}

function watching(after: number, verify = async (): Promise<void> => undefined): Watching {
  const events: (readonly StoreEvent[])[] = [];
  const progress: number[] = [];
  const failures: StoreError[] = [];
  const listener = {
    events: (batch: readonly StoreEvent[]) => void events.push(batch),
    progress: (revision: number) => void progress.push(revision),
    failed: (error: StoreError) => void failures.push(error),
  };
  const options = { prefix: 'prefix', after, keyOf: (key: string) => key };
  return { watch: new EtcdWatch(options, listener, { verify, ended: () => undefined }), events, progress, failures };
}

type Listener = Parameters<EtcdWatchCall['listen']>[0];

/** The other end of a stream. */
class FakeMember {
  readonly asked: EtcdWatchRequest[] = [];
  readonly stream: EtcdWatchStream;
  #listener: Listener | undefined;

  constructor() {
    const call = {
      send: (request: EtcdWatchRequest) => void this.asked.push(request),
      cancel: () => undefined,
      listen: (listener: Listener) => void (this.#listener = listener),
    };
    this.stream = new EtcdWatchStream(call, systemClock, () => undefined);
  }

  says({ revision = 0, ...answer }: Partial<EtcdWatchAnswer> & { readonly revision?: number }): void {
    this.#listener?.answer({
      header: { revision, raftTerm: 1 },
      watchId: 0,
      created: false,
      canceled: false,
      compactRevision: 0,
      cancelReason: '',
      fragment: false,
      events: [],
      ...answer,
    });
  }

  breaks(): void {
    this.#listener?.ended(new EtcdCallError('broken'));
  }
}

function put(key: string, modRevision: number): EtcdEvent {
  const kv = { key, createRevision: 1, modRevision, value: new Uint8Array(1), lease: 0n };
  return { type: 0, kv, prevKv: undefined };
}

/** Lets promises that are settled already run on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
