import { readFile } from 'node:fs/promises';

const sysResource = 24n;

/** Whether this process may lower oom_score_adj below what it has: CAP_SYS_RESOURCE. */
export async function hasSysResource(): Promise<boolean> {
  return capabilitySet(await readFile('/proc/self/status', 'utf8'), sysResource);
}

/** Whether the effective capabilities in the text of /proc/PID/status hold the one with that number. */
export function capabilitySet(status: string, capability: bigint): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> capability) & 1n) === 1n;
}
