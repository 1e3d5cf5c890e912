import { readFileSync } from 'node:fs';

/** What of this machine decides containerd's configuration. */
export interface KernelFacts {
  readonly hasSysResource: boolean;
  readonly hasAppArmor: boolean;
  /** Changes at every boot. */
  readonly bootId: string;
}

/** Bit of CAP_SYS_RESOURCE. Source: linux/capability.h. */
const sysResource = 24n;

/** The facts of the machine and process that this runs on. */
export function kernelFacts(): KernelFacts {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(read('/proc/self/status'))?.[1] ?? '0';
  return {
    hasSysResource: ((BigInt(`0x${bounding}`) >> sysResource) & 1n) === 1n,
    hasAppArmor: read('/sys/module/apparmor/parameters/enabled').startsWith('Y'),
    bootId: read('/proc/sys/kernel/random/boot_id').trim(),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
