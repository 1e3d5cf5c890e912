import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { AuditFailures, everyBackend, ignoringErrors } from './audit-backend.ts';
import type { AuditBackend, Recorded } from './audit-backend.ts';
import { eventText } from './audit-event.ts';
import type { AuditEvent } from './audit-event.ts';
import { AuditMetrics } from './audit-metrics.ts';
import { bufferedBackend } from './buffered-backend.ts';
import type { BatchSettings } from './buffered-backend.ts';
import { logBackend } from './log-backend.ts';
import { openRotatingFile } from './rotating-file.ts';
import type { RotatingFileOptions } from './rotating-file.ts';
import { truncatingBackend } from './truncating-backend.ts';
import { webhookBackend } from './webhook-backend.ts';

const event = (id: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  level: 'Request',
  auditID: id,
  stage: 'ResponseComplete',
  requestURI: '/api/v1/pods',
  verb: 'list',
  user: { username: 'tim', groups: ['a', 'b'] },
  requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
  stageTimestamp: '2026-01-01T00:00:00.000001Z',
  ...more,
});

function failures(): { readonly failures: AuditFailures; lost(plugin: string): number } {
  const metrics = new AuditMetrics();
  return {
    failures: new AuditFailures(metrics, silentLogger),
    lost: (plugin) => Number(new RegExp(`error_total\\{plugin="${plugin}"\\} (\\d+)`).exec(metrics.render())?.[1] ?? 0),
  };
}

interface Kept extends AuditBackend {
  /** The events of each batch, by their names. */
  readonly batches: string[];
}

function kept(taken: () => Recorded = () => true): Kept {
  const batches: string[] = [];
  return {
    batches,
    process(events) {
      batches.push(events.map(({ auditID }) => auditID).join(' '));
      return taken();
    },
    close: async () => undefined,
  };
}

/** Lets everything happen that waits for nothing. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('an event', () => {
  test('is a line of JSON with its objects in it, or a line for people', () => {
    const whole = event('x', { requestObject: '{"a":1}', annotations: { k: 'v' }, sourceIPs: ['192.0.2.1'] });
    expect(JSON.parse(eventText(whole))).toMatchObject({
      auditID: 'x',
      requestObject: { a: 1 },
      annotations: { k: 'v' },
    });
    const lines: string[] = [];
    const writer = { append: (text: string) => void lines.push(text), close: async () => undefined };
    void logBackend(writer, 'legacy', failures().failures).process([whole]);
    expect(lines).toEqual([
      '2026-01-01T00:00:00.000000Z AUDIT: id="x" stage="ResponseComplete" ip="192.0.2.1" method="list" user="tim" groups="\\"a\\",\\"b\\"" as="<self>" asgroups="<lookup>" user-agent="" namespace="<none>" uri="/api/v1/pods" response="<deferred>"\n',
    ]);
  });

  test('reaches every backend, and is recorded when all have it', async () => {
    const both = [kept(), kept(() => Promise.resolve(false))];
    const all = everyBackend(both);
    expect(await all.process([event('a')])).toBe(false);
    expect(both.map(({ batches }) => batches)).toEqual([['a'], ['a']]);
    expect(await ignoringErrors(all).process([event('b')])).toBe(true);
  });
});

describe('truncation', () => {
  const large = event('large', { requestObject: JSON.stringify('x'.repeat(2000)), annotations: { k: 'v' } });

  test('leaves out objects, then events', () => {
    const seen: AuditEvent[] = [];
    const { failures: told, lost } = failures();
    const backend = {
      process: (events: readonly AuditEvent[]) => (seen.push(...events), true),
      close: async () => undefined,
    };
    const limited = truncatingBackend(backend, { maxEventSize: 1000, maxBatchSize: 10_000 }, told);
    void limited.process([large, event('uri', { requestURI: 'x'.repeat(2000) }), event('small')]);
    expect(seen.map(({ auditID }) => auditID)).toEqual(['large', 'small']);
    expect(seen[0]).toMatchObject({ annotations: { k: 'v', 'audit.k8s.io/truncated': 'true' } });
    expect(eventText(seen[0]!)).not.toContain('requestObject');
    expect(seen[1]).not.toHaveProperty('annotations');
    expect(lost('truncate')).toBe(1);
  });

  test('cuts batches', () => {
    const backend = kept();
    const size = Buffer.byteLength(eventText(event('a'))) + 1;
    const limited = truncatingBackend(backend, { maxEventSize: size, maxBatchSize: 2 * size }, failures().failures);
    void limited.process(['a', 'b', 'c'].map((name) => event(name)));
    expect(backend.batches).toEqual(['a b', 'c']);
  });
});

describe('batches', () => {
  const settings: BatchSettings = {
    bufferSize: 10,
    maxBatchSize: 2,
    maxBatchWait: 30_000,
    throttle: undefined,
    concurrency: 10,
  };

  function buffered(backend: AuditBackend, more: Partial<BatchSettings> = {}) {
    const clock = new FakeClock();
    const told = failures();
    const front = bufferedBackend(backend, { ...settings, ...more }, { clock, failures: told.failures });
    const add = (...names: string[]): boolean =>
      names.map((name) => front.process([event(name)])).every((taken) => taken === true);
    return { clock, front, add, lost: () => told.lost('buffered') };
  }

  test('go out when they are full, or have waited', async () => {
    const backend = kept();
    const { clock, add } = buffered(backend);
    add('a', 'b', 'c');
    expect(backend.batches).toEqual([]);
    await settled();
    expect(backend.batches).toEqual(['a b']);
    await clock.advance(29_999, settled);
    expect(backend.batches).toEqual(['a b']);
    await clock.advance(1, settled);
    expect(backend.batches).toEqual(['a b', 'c']);
  });

  test('go out no faster than they may', async () => {
    const backend = kept();
    const { clock, add } = buffered(backend, { throttle: { qps: 2, burst: 2 }, bufferSize: 20 });
    add(...'abcdefghij');
    await settled();
    expect(backend.batches).toEqual(['a b', 'c d']);
    await clock.advance(499, settled);
    expect(backend.batches).toHaveLength(2);
    await clock.advance(1, settled);
    expect(backend.batches).toHaveLength(3);
    await clock.advance(1000, settled);
    expect(backend.batches).toHaveLength(5);
  });

  test('are lost when there is no room for them, and nobody waits for a backend that hangs', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const backend = kept(() => promise);
    const { add, front, clock, lost } = buffered(backend, { concurrency: 1, bufferSize: 3 });
    expect(add(...'ab')).toBe(true);
    await settled();
    expect(add(...'cdefg')).toBe(true);
    expect([backend.batches, lost()]).toEqual([['a b'], 2]);
    const closing = front.close();
    resolve(true);
    await closing;
    expect(backend.batches).toEqual(['a b', 'c d', 'e']);
    expect([add('late'), lost(), clock.nextTimer]).toEqual([true, 3, undefined]);
  });

  test('are given up on when closing takes too long', async () => {
    const backend = kept(() => new Promise<boolean>(() => undefined));
    const { add, front, clock, lost } = buffered(backend, { concurrency: 1 });
    add('a', 'b', 'c');
    await settled();
    const closing = front.close();
    await clock.advance(5000, settled);
    await closing;
    expect([backend.batches, lost()]).toEqual([['a b'], 1]);
  });
});

describe('the webhook', () => {
  test('is tried again, with longer and longer waits, five times', async () => {
    const clock = new FakeClock();
    const { failures: told, lost } = failures();
    const random = { ...seededRandom(), next: () => 0 };
    const times: number[] = [];
    const begun = clock.now();
    const post = async (): Promise<void> => {
      times.push(clock.now() - begun);
      throw new Error('no');
    };
    const parts = { clock, random, failures: told, signal: new AbortController().signal };
    const sending = webhookBackend(post, 10_000, parts).process([event('a'), event('b')]);
    await clock.advance(200_000, settled);
    expect(await sending).toBe(false);
    expect(times).toEqual([0, 10_000, 25_000, 47_500, 81_250]);
    expect(lost('webhook')).toBe(2);
  });

  test('gets a list of events; what fails once is sent again', async () => {
    const clock = new FakeClock();
    const bodies: string[] = [];
    const post = async (body: string): Promise<void> => {
      bodies.push(body);
      if (bodies.length === 1) throw new Error('no');
    };
    const parts = {
      clock,
      random: seededRandom(),
      failures: failures().failures,
      signal: new AbortController().signal,
    };
    const sending = webhookBackend(post, 1000, parts).process([event('a'), event('b', { requestObject: '{}' })]);
    await clock.advance(1300, settled);
    expect(await sending).toBe(true);
    expect(bodies[1]).toBe(bodies[0]);
    expect(JSON.parse(bodies[0]!)).toMatchObject({
      kind: 'EventList',
      apiVersion: 'audit.k8s.io/v1',
      items: [{ auditID: 'a' }, { auditID: 'b', requestObject: {} }],
    });
  });

  test('is not tried again when the server stops', async () => {
    const stopping = new AbortController();
    const parts = {
      clock: new FakeClock(),
      random: seededRandom(),
      failures: failures().failures,
      signal: stopping.signal,
    };
    const sending = webhookBackend(() => Promise.reject(new Error('no')), 1000, parts).process([event('a')]);
    await settled();
    stopping.abort(new Error('the server stops'));
    expect(await sending).toBe(false);
  });
});

describe('the log file', () => {
  const options = { maxSize: 100, maxBackups: 0, maxAge: 0, compress: false, blocking: true };

  async function inFolder(
    more: Partial<RotatingFileOptions>,
    use: (place: {
      folder: string;
      path: string;
      clock: FakeClock;
      append: (text: string) => Promise<void>;
      close: () => Promise<void>;
    }) => Promise<void>,
  ): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'kubets-audit-'));
    const path = join(folder, 'sub', 'audit.log');
    const clock = new FakeClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    try {
      const writer = openRotatingFile({ path, ...options, ...more }, { clock, log: silentLogger });
      const append = async (text: string): Promise<void> => writer.append(text);
      await use({ folder: join(folder, 'sub'), path, clock, append, close: () => writer.close() });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("is its owner's, and set aside under its time when it is full", () =>
    inFolder({}, async ({ folder, path, append, close }) => {
      await append('a'.repeat(99));
      await append('b');
      await append('c');
      await expect(append('d'.repeat(101))).rejects.toThrow('write length 101 exceeds maximum file size 100');
      await close();
      expect(readdirSync(folder).toSorted()).toEqual(['audit-2026-01-02T03-04-05.678.log', 'audit.log']);
      expect(readFileSync(path, 'utf8')).toBe('c');
      expect(readFileSync(join(folder, 'audit-2026-01-02T03-04-05.678.log'), 'utf8')).toHaveLength(100);
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }));

  test('goes on where it was', () =>
    inFolder({}, async ({ path, append, close, clock }) => {
      await append('one\n');
      await close();
      const again = openRotatingFile({ path, ...options }, { clock, log: silentLogger });
      await again.append('two\n');
      await again.close();
      expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    }));

  test('of old ones so many are kept, and none for too long', () =>
    inFolder({ maxBackups: 2, maxAge: 1 }, async ({ folder, append, close, clock }) => {
      writeFileSync(join(folder, 'audit-2025-12-31T00-00-00.000.log'), 'old');
      writeFileSync(join(folder, 'audit-else.log'), 'not ours');
      for (const text of 'abcd') {
        await append(text.repeat(100));
        await clock.advance(1000);
      }
      await close();
      expect(readdirSync(folder).toSorted()).toEqual([
        'audit-2026-01-02T03-04-07.678.log',
        'audit-2026-01-02T03-04-08.678.log',
        'audit-else.log',
        'audit.log',
      ]);
    }));

  test('old ones can be packed', () =>
    inFolder({ compress: true, blocking: false }, async ({ folder, append, close }) => {
      await append('a'.repeat(100));
      await append('b');
      await close();
      const packed = join(folder, 'audit-2026-01-02T03-04-05.678.log.gz');
      expect(readdirSync(folder).toSorted()).toEqual(['audit-2026-01-02T03-04-05.678.log.gz', 'audit.log']);
      expect(gunzipSync(readFileSync(packed)).toString()).toBe('a'.repeat(100));
      expect(statSync(packed).mode & 0o777).toBe(0o600);
    }));

  test('a full disk loses events and nothing else', async () => {
    const { failures: told, lost } = failures();
    const parts = { clock: new FakeClock(), log: silentLogger };
    const full = { path: '/dev/full', ...options, maxSize: 0 };
    const blocking = logBackend(openRotatingFile(full, parts), 'json', told);
    expect(blocking.process([event('a')])).toBe(false);
    const waiting = logBackend(openRotatingFile({ ...full, blocking: false }, parts), 'json', told);
    expect(await waiting.process([event('a')])).toBe(false);
    await vi.waitFor(() => expect(lost('log')).toBe(2));
    await Promise.all([blocking.close(), waiting.close()]);
  });
});
