import { createWriteStream, mkdirSync, renameSync, statSync } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createLogger, formatKlog } from '../../base/logger.ts';
import type { LogEntry, Logger } from '../../base/logger.ts';
import type { Clock } from '../../base/clock.ts';

/** Where a component's log goes. */
export interface LogFileOptions {
  /** As in `kubelet.INFO`. */
  readonly component: string;
  /** Undefined: standard error only. */
  readonly directory: string | undefined;
  readonly verbosity: number;
  readonly format?: 'text' | 'json' | undefined;
  /** Also write to standard error. */
  readonly alsoToStderr?: boolean | undefined;
  readonly clock: Clock;
}

/** Bytes after which a log is renamed to `.1` and begun anew. */
const rotateAt = 64 << 20;

/** A logger in klog's format that writes `<directory>/<component>.INFO`, rotated at 64 MiB with one predecessor. */
export function createFileLogger(options: LogFileOptions): Logger {
  const file = options.directory === undefined ? undefined : openLog(options.directory, options.component);
  const origin = { pid: process.pid, component: options.component };
  const format = (entry: LogEntry): string => (options.format === 'json' ? jsonLine(entry) : formatKlog(entry, origin));
  return createLogger({
    verbosity: options.verbosity,
    now: () => options.clock.now(),
    sink: (entry) => {
      const line = format(entry);
      file?.write(line);
      if (!file || options.alsoToStderr) process.stderr.write(line);
    },
  });
}

function jsonLine(entry: LogEntry): string {
  const level = { I: 'info', W: 'warning', E: 'error', F: 'fatal' }[entry.severity];
  return `${JSON.stringify({ ts: entry.time, level, msg: entry.message, ...entry.fields })}\n`;
}

function openLog(directory: string, component: string): { write(line: string): void } {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const path = join(directory, `${component}.INFO`);
  let size = sizeOf(path);
  let stream = createStream(path);
  return {
    write(line) {
      size += line.length;
      if (size > rotateAt) {
        stream.end();
        renameSync(path, `${path}.1`);
        stream = createStream(path);
        size = line.length;
      }
      stream.write(line);
    },
  };
}

function createStream(path: string): WriteStream {
  const stream = createWriteStream(path, { flags: 'a', mode: 0o640 });
  // A full disk must not end the component: the log is what is lost.
  stream.on('error', () => undefined);
  return stream;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
