import { closeSync, constants, openSync, readSync } from 'node:fs';

/** The longest record that the kernel writes. */
const recordSize = 8192;

/**
 * Whether the kernel killed a process of the container because memory ran out, as far as the kernel's log goes back.
 * The kernel writes this line before it kills, at most ten in five seconds. False where the log can't be read.
 * Source: Documentation/ABI/testing/dev-kmsg and mm/oom_kill.c of Linux.
 */
export function oomKilled(containerId: string, log: Iterable<string> = kernelLog()): boolean {
  for (const record of log) if (oomVictimCgroup(record)?.includes(containerId)) return true;
  return false;
}

/** The cgroup of the process that, by this record, is about to be killed for want of memory. */
function oomVictimCgroup(record: string): string | undefined {
  return /^[0-7],[^;]*;oom-kill:.*\btask_memcg=([^,]*)/.exec(record)?.[1];
}

/** The records now in the kernel's log, oldest first: `priority,sequence,microseconds,flags;text`. */
function* kernelLog(): Generator<string> {
  let file: number;
  try {
    // Read in one go: some thousand records take milliseconds, through the thread pool a tenth of a second.
    file = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return;
  }
  try {
    const record = Buffer.alloc(recordSize);
    for (;;) {
      const length = readRecord(file, record);
      if (length === undefined) return;
      yield record.toString('utf8', 0, length);
    }
  } finally {
    closeSync(file);
  }
}

/** The length of the next record; undefined when there is none. */
function readRecord(file: number, into: Buffer): number | undefined {
  for (;;) {
    try {
      return readSync(file, into);
    } catch (error) {
      // Records were overwritten meanwhile: the next read goes on behind them.
      if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) return undefined;
    }
  }
}
