import { expect, test } from 'vitest';
import { StatusError } from '../base/errors.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import { ConfigMap } from '../api/core/config-map.ts';
import type { ApiObject } from '../machinery/resource.ts';
import type { Client, ListOptions, ObjectList, WatchEvent, WatchOptions } from './client.ts';
import { Informer } from './informer.ts';

function configMap(name: string, version: number): ConfigMap {
  const metadata = {
    name,
    namespace: 'a',
    uid: name,
    resourceVersion: String(version),
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

type Script = (options: WatchOptions) => AsyncIterable<WatchEvent<ApiObject>>;

/** Answers lists and watches from scripts, one after the other; the last repeats. */
class ScriptedClient {
  readonly lists: { (options: ListOptions): Promise<ObjectList<ApiObject>> }[] = [];
  readonly watches: Script[] = [];
  readonly watched: (string | undefined)[] = [];
  listed = 0;

  asClient(): Client {
    const next = <S>(scripts: S[]): S => (scripts.length > 1 ? scripts.shift()! : scripts[0]!);
    const partial: Partial<Client> = {
      list: (_resource: unknown, options: ListOptions = {}) => {
        this.listed++;
        return next(this.lists)(options) as never;
      },
      watch: (_resource: unknown, options: WatchOptions = {}) => {
        this.watched.push(options.resourceVersion);
        return next(this.watches)(options) as never;
      },
    };
    return partial as Client;
  }
}

async function* untilAborted(options: WatchOptions): AsyncGenerator<never> {
  yield* [];
  await new Promise<void>((resolve) => options.signal?.addEventListener('abort', () => resolve(), { once: true }));
}

async function* then(
  events: readonly WatchEvent<ApiObject>[],
  end: Error | Script,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<ApiObject>> {
  yield* events;
  if (end instanceof Error) throw end;
  yield* end(options);
}

async function* empty(): AsyncGenerator<never> {
  // Ends at once, as a server does that closes a watch.
  yield* [];
}

const listOf =
  (version: number, ...items: ApiObject[]) =>
  async (): Promise<ObjectList<ApiObject>> => ({
    metadata: { resourceVersion: String(version) },
    items,
  });

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

function start(script: ScriptedClient): { informer: Informer; changes: string[]; clock: FakeClock } & AsyncDisposable {
  const clock = new FakeClock();
  const informer = new Informer({
    client: script.asClient(),
    resource: ConfigMap,
    clock,
    random: seededRandom(),
    log: silentLogger,
  });
  const changes: string[] = [];
  informer.subscribe(({ type, object }) =>
    changes.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`),
  );
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  return {
    informer,
    changes,
    clock,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('test over'));
      await running;
    },
  };
}

test('an informer lists, then watches from the version of the list', async () => {
  const script = new ScriptedClient();
  script.lists.push(listOf(10, configMap('x', 5)));
  script.watches.push((o) => then([{ type: 'ADDED', object: configMap('y', 11) }], untilAborted, o));
  await using run = start(script);
  await turns();
  expect(run.informer.hasSynced).toBe(true);
  expect(script.watched).toEqual(['10']);
  expect(run.changes).toEqual(['added x@5', 'added y@11']);
});

test('a watch that ended resumes from the last event or bookmark without a new list', async () => {
  const script = new ScriptedClient();
  script.lists.push(listOf(10));
  script.watches.push(
    (o) =>
      then(
        [
          { type: 'ADDED', object: configMap('y', 11) },
          { type: 'BOOKMARK', resourceVersion: '40' },
        ],
        empty,
        o,
      ),
    untilAborted,
  );
  await using run = start(script);
  await turns();
  expect(run.changes).toEqual(['added y@11']);
  expect(script.watched).toEqual(['10', '40']);
  expect(script.listed).toBe(1);
});

test('an expired version leads to a new list at once', async () => {
  const script = new ScriptedClient();
  script.lists.push(listOf(10, configMap('x', 5)), listOf(90, configMap('z', 80)));
  script.watches.push((o) => then([], new StatusError('Expired', 'too old'), o), untilAborted);
  await using run = start(script);
  await turns();
  expect(run.changes).toEqual(['added x@5', 'added z@80', 'deleted x@5']);
  expect(script.watched).toEqual(['10', '90']);
});

test('failures back off with growing pauses and then recover', async () => {
  const script = new ScriptedClient();
  const failing = async (): Promise<never> => Promise.reject(new StatusError('ServiceUnavailable', 'no'));
  script.lists.push(failing, failing, listOf(10, configMap('x', 5)));
  script.watches.push(untilAborted);
  await using run = start(script);
  await turns();
  expect(script.listed).toBe(1);
  expect(run.clock.nextTimer).toBeGreaterThanOrEqual(200);
  await run.clock.advance(400, turns);
  expect(script.listed).toBe(2);
  await run.clock.advance(800, turns);
  expect(run.changes).toEqual(['added x@5']);
});

test('a listener that subscribes late hears of what is known', async () => {
  const script = new ScriptedClient();
  script.lists.push(listOf(10, configMap('x', 5)));
  script.watches.push(untilAborted);
  await using run = start(script);
  await turns();
  const late: string[] = [];
  using _subscription = run.informer.subscribe(({ type, object }) => late.push(`${type} ${object.metadata.name}`));
  expect(late).toEqual(['added x']);
});
