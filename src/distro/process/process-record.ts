import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process that kubets started. The start time guards against a pid that was given to another. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot. */
  readonly startTicks: number;
  /** Wall-clock milliseconds at which it was started. */
  readonly since: number;
  /** Identifies what it runs and with which settings: a different one means it must be restarted. */
  readonly fingerprint: string;
}

/** The name under which `up` itself is recorded while it works. */
export const upRecord = 'up';

/** The start time of a running process in ticks since boot; undefined when there is none with this pid (or a zombie). */
export function startTicksOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
}

/** Whether the recorded process still runs. */
export function isAlive(record: ProcessRecord): boolean {
  return startTicksOf(record.pid) === record.startTicks;
}

/** Resident memory in bytes; 0 when the process is gone. Source: VmRSS of /proc/PID/status. */
export function residentBytes(pid: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(match?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Writes a record into `directory`. */
export function saveRecord(directory: string, record: ProcessRecord): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${record.name}.json`), `${JSON.stringify(record)}\n`);
}

/** Forgets a record. */
export function removeRecord(directory: string, name: string): void {
  rmSync(join(directory, `${name}.json`), { force: true });
}

/** All records in `directory`; unreadable ones are left out. */
export function readRecords(directory: string): readonly ProcessRecord[] {
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.sort().flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(directory, name), 'utf8')) as ProcessRecord];
    } catch {
      return [];
    }
  });
}

/** The pids of running processes whose environment has `name=value`: also those whose record was never written. */
export function pidsWithEnvironment(name: string, value: string): readonly number[] {
  const entry = `${name}=${value}`;
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(entry);
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter((pid) => pid !== process.pid && startTicksOf(pid) !== undefined);
}
