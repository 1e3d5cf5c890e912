/** Defaults of claims, and how tables tell their state. */
import type { Writable } from '../../machinery/schema.ts';
import type { DeviceClaim, ResourceClaim } from './resource-claim.ts';

/** Requests are for one device unless they say otherwise. */
export function defaultDeviceClaim({ requests = [] }: Writable<DeviceClaim>): void {
  for (const { exactly, firstAvailable = [] } of requests) {
    for (const wanted of exactly ? [exactly] : firstAvailable) {
      wanted.allocationMode ??= 'ExactCount';
      if (wanted.allocationMode === 'ExactCount') wanted.count ??= 1;
    }
  }
}

/** `pending`, `allocated,reserved` … */
export function claimState({ metadata, status }: ResourceClaim): string {
  const { allocation, reservedFor = [] } = status;
  const isDeleted = metadata.deletionTimestamp !== undefined;
  return [
    ...(isDeleted ? ['deleted'] : []),
    ...(allocation || isDeleted ? [] : ['pending']),
    ...(allocation ? ['allocated'] : []),
    ...(allocation && reservedFor.length > 0 ? ['reserved'] : []),
  ].join(',');
}
