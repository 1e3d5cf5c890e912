import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pod } from '../../api/core/pod.ts';
import type { Pod as PodObject } from '../../api/core/pod.ts';
import { systemClock } from '../../base/system-clock.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { tailOfLog } from '../files/log-file.ts';
import { parseLogLine } from '../files/log-line.ts';
import { readContainerLog } from './container-log.ts';
import { parseLogQuery } from './container-log-query.ts';
import { logTarget } from './log-target.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'logs-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const line = (second: number, text: string, { stream = 'stdout', tag = 'F' } = {}): string =>
  `2026-01-01T00:00:0${second}.000000000Z ${stream} ${tag} ${text}\n`;

async function read(
  query: string,
  isRunning = async () => false,
  onPart = async (): Promise<void> => undefined,
): Promise<string> {
  const parsed = parseLogQuery(new URLSearchParams(query), Date.parse('2026-01-01T00:00:05Z'));
  const log = {
    path: join(folder, '0.log'),
    query: parsed,
    clock: systemClock,
    isRunning,
    signal: AbortSignal.timeout(5_000),
  };
  let text = '';
  for await (const part of readContainerLog(log)) {
    text += part;
    await onPart();
  }
  return text;
}

describe('a container’s log', () => {
  beforeEach(() =>
    writeFile(
      join(folder, '0.log'),
      [
        line(1, 'one'),
        line(2, 'tw', { tag: 'P' }),
        line(2, 'o'),
        line(3, 'err', { stream: 'stderr' }),
        line(4, 'four'),
      ].join(''),
    ),
  );

  test('joins the parts of long lines', async () => {
    expect(await read('')).toBe('one\ntwo\nerr\nfour\n');
  });

  test('ends where it ended when it was asked for, however fast the container writes', async () => {
    const write = (): Promise<void> => appendFile(join(folder, '0.log'), line(5, 'more'));
    expect(await read('tailLines=1', undefined, write)).toBe('four\n');
  });

  test('is cut by tail, time, bytes and stream', async () => {
    expect(await read('tailLines=1')).toBe('four\n');
    expect(await read('tailLines=0')).toBe('');
    expect(await read('tailLines=99')).toBe('one\ntwo\nerr\nfour\n');
    expect(await read('sinceSeconds=2')).toBe('err\nfour\n');
    expect(await read('sinceTime=2026-01-01T00:00:04Z')).toBe('four\n');
    expect(await read('limitBytes=6')).toBe('one\ntw');
    expect(await read('stream=Stderr')).toBe('err\n');
  });

  test('shows timestamps when asked', async () => {
    expect(await read('tailLines=1&timestamps=true')).toBe('2026-01-01T00:00:04.000000000Z four\n');
  });

  test('is followed across a rotation until the container has ended, losing nothing', async () => {
    const path = join(folder, '0.log');
    let looks = 0;
    const isRunning = async (): Promise<boolean> => {
      looks++;
      if (looks === 1) {
        await appendFile(path, line(5, 'five'));
        await rename(path, `${path}.1`);
        await writeFile(path, line(6, 'six'));
      }
      if (looks === 2) await appendFile(path, line(7, 'seven'));
      return looks < 2;
    };
    expect(await read('follow=true&tailLines=1', isRunning)).toBe('four\nfive\nsix\nseven\n');
  });

  test('is no file of the machine that a container has put in its place', async () => {
    const secret = join(folder, 'secret');
    await writeFile(secret, line(1, 'root:x:0:0'));
    const log = join(folder, '0.log');
    for (const replace of [() => symlink(secret, log), () => mkdir(log), () => promisify(execFile)('mkfifo', [log])]) {
      await rm(log, { recursive: true });
      await replace();
      await expect(read('')).rejects.toThrow();
      await expect(tailOfLog(log, { lines: 10, bytes: 100 })).rejects.toThrow();
    }
  });

  test('ends with the last bytes and lines for a termination message', async () => {
    expect(await tailOfLog(join(folder, '0.log'), { lines: 2, bytes: 100 })).toBe('err\nfour\n');
    expect(await tailOfLog(join(folder, '0.log'), { lines: 9, bytes: 5 })).toBe('four\n');
  });
});

test('queries that make no sense are refused', () => {
  const parse = (query: string) => () => parseLogQuery(new URLSearchParams(query), 0);
  expect(parse('tailLines=-1')).toThrow('tailLines: Invalid value: "-1"');
  expect(parse('sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z')).toThrow('at most one of');
  expect(parse('sinceTime=yesterday')).toThrow('no RFC 3339 time');
});

test('lines that are no log lines are none', () => {
  expect(parseLogLine('garbage')).toBeUndefined();
  expect(parseLogLine('2026 stdnone F x')).toBeUndefined();
  expect(parseLogLine('2026 stderr F ')).toEqual({ time: '2026', stream: 'stderr', partial: false, text: '' });
});

describe('the container whose log is meant', () => {
  const podWith = (status: object): PodObject => {
    const spec = { containers: [{ name: 'app', image: 'i' }] };
    const containerStatuses = [{ name: 'app', ready: false, restartCount: 0, image: '', imageID: '', ...status }];
    return decodeObject(Pod, { metadata: { name: 'web', namespace: 'n' }, spec, status: { containerStatuses } }).object;
  };

  test('is the running one, the one that crashed last, or the one before', () => {
    const running = podWith({
      containerID: 'containerd://b',
      state: { running: {} },
      lastState: { terminated: { exitCode: 1, containerID: 'containerd://a' } },
    });
    expect([logTarget(running, 'app', false), logTarget(running, 'app', true)]).toEqual(['b', 'a']);
    const crashing = podWith({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1, containerID: 'containerd://a' } },
    });
    expect(logTarget(crashing, 'app', false)).toBe('a');
  });

  test('is missing with upstream’s words', () => {
    const waiting = podWith({ state: { waiting: { reason: 'ContainerCreating' } } });
    expect(() => logTarget(waiting, 'app', false)).toThrow(
      'container "app" in pod "web" is waiting to start: ContainerCreating',
    );
    expect(() => logTarget(podWith({ state: { waiting: { reason: 'ImagePullBackOff' } } }), 'app', false)).toThrow(
      'is waiting to start: trying and failing to pull image',
    );
    expect(() => logTarget(waiting, 'app', true)).toThrow('previous terminated container "app" in pod "web" not found');
    expect(() => logTarget(waiting, 'nope', false)).toThrow('container nope is not valid for pod web');
  });
});
