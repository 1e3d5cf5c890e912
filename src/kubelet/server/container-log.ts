import type { FileHandle } from 'node:fs/promises';
import { lstat } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import type { ContainerLogQuery } from './container-log-query.ts';
import { linesFrom, tailOffset } from '../files/log-file.ts';
import { openRegularFile } from '../files/open-regular-file.ts';
import { parseLogLine, shownText } from '../files/log-line.ts';

/** Where a log is and how long it may grow. */
export interface ContainerLog {
  readonly path: string;
  readonly query: ContainerLogQuery;
  readonly clock: Clock;
  /** Whether the container may still write. */
  isRunning(): Promise<boolean>;
  readonly signal: AbortSignal;
}

const pollEvery = 100;
const checkEvery = 10;

/** The text of a container's log as a client sees it; with `follow`, until the container has ended. */
export async function* readContainerLog(log: ContainerLog): AsyncGenerator<string> {
  const { query } = log;
  let left = query.limitBytes ?? Infinity;
  for await (const line of rawLines(log)) {
    const parsed = parseLogLine(line);
    if (!parsed) continue;
    if (query.since !== undefined && Date.parse(parsed.time) < query.since) continue;
    if (query.stream !== undefined && parsed.stream !== query.stream) continue;
    const text = shownText(parsed, query.timestamps);
    const bytes = Buffer.byteLength(text);
    if (bytes >= left) {
      yield Buffer.from(text).subarray(0, left).toString('utf8');
      return;
    }
    left -= bytes;
    yield text;
  }
}

async function* rawLines(log: ContainerLog): AsyncGenerator<string> {
  const { path, query } = log;
  let file = await openRegularFile(path);
  try {
    // What is written while it is read is for those who follow: else `--tail` shows too much, and a chatty log never ends.
    const { size } = await file.stat();
    const limit = query.follow ? Infinity : size;
    let offset = query.tailLines === undefined ? 0 : await tailOffset(file, query.tailLines, size);
    let quiet = 0;
    for (;;) {
      // Asked before reading: what was written before the end is then surely read.
      const last = !query.follow || (quiet % checkEvery === checkEvery - 1 && !(await log.isRunning()));
      const before = offset;
      for await (const { line, next } of linesFrom(file, offset)) {
        if (next > limit) return;
        offset = next;
        yield line;
      }
      if (last) return;
      quiet = offset === before ? quiet + 1 : 0;
      const rotated = quiet > 0 ? await reopened(file, path) : undefined;
      if (rotated) {
        await file.close();
        file = rotated;
        offset = 0;
      } else await log.clock.sleep(pollEvery, log.signal);
    }
  } finally {
    await file.close();
  }
}

/** The new file, if the log was rotated. */
async function reopened(file: FileHandle, path: string): Promise<FileHandle | undefined> {
  const [own, present] = await Promise.all([file.stat(), lstat(path).catch(() => undefined)]);
  return present && present.ino !== own.ino ? openRegularFile(path) : undefined;
}
