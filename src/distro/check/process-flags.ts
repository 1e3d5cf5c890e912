import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Flags by name, without dashes. */
export type GivenFlags = Readonly<Record<string, string>>;

/** The flags of the processes of a component on this machine, whether ours or upstream's. */
export function runningFlags(component: string, proc = '/proc'): readonly GivenFlags[] {
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const args = argumentsOf(join(proc, pid, 'cmdline'));
      // Upstream's is a program of this name, ours the first word after a program and its script.
      const at = args.slice(0, 12).findIndex((arg, index) => (index === 0 ? basename(arg) : arg) === component);
      return at < 0 ? [] : [flagsIn(args.slice(at + 1))];
    });
}

function argumentsOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\0').slice(0, -1);
  } catch {
    // It has ended in the meantime.
    return [];
  }
}

function flagsIn(args: readonly string[]): GivenFlags {
  const flags: Record<string, string> = {};
  for (const [index, arg] of args.entries()) {
    const [, name, value] = /^--?([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === undefined) continue;
    const next = args[index + 1];
    flags[name] = value ?? (next === undefined || next.startsWith('-') ? 'true' : next);
  }
  return flags;
}
