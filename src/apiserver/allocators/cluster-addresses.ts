/** Cluster addresses are taken by making an IPAddress of that name, which only one can: whichever server it asks. */
import { Service } from '../../api/core/service.ts';
import { IPAddress } from '../../api/networking/ip-address.ts';
import { hasReason } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';
import { formatIP, ipFamily, parseIP } from '../../machinery/ip-address.ts';

/** Source: networking's LabelManagedBy and LabelIPAddressFamily, ipallocator's ControllerName. */
export const managedByLabel = 'ipaddress.kubernetes.io/managed-by';
const familyLabel = 'ipaddress.kubernetes.io/ip-family';
export const allocatorName = 'ipallocator.k8s.io';

/** A Service, as the parent of addresses. */
export interface AddressOwner {
  readonly namespace: string;
  readonly name: string;
}

/** Takes an address for a Service; false when it is taken. */
export async function takeAddress(client: Client, address: string, owner: AddressOwner): Promise<boolean> {
  const name = canonical(address);
  const labels = { [managedByLabel]: allocatorName, [familyLabel]: ipFamily(name) === 4 ? 'IPv4' : 'IPv6' };
  const parentRef = { group: Service.group, resource: Service.plural, ...owner };
  try {
    await client.create(IPAddress, { metadata: { name, labels }, spec: { parentRef } });
    return true;
  } catch (error) {
    if (hasReason(error, 'AlreadyExists')) return false;
    throw error;
  }
}

/** Gives an address back that a Service had, unless it is somebody else's by now. */
export async function releaseAddress(client: Client, address: string, owner: AddressOwner): Promise<void> {
  try {
    const taken = await client.get(IPAddress, { name: canonical(address) });
    if (belongsTo(taken, owner)) await deleteAddress(client, taken);
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}

/** Deletes an IPAddress, this one and no later of the same name. */
export async function deleteAddress(client: Client, { metadata: { name, uid } }: IPAddress): Promise<void> {
  try {
    await client.delete(IPAddress, { name }, { preconditions: { uid } });
  } catch (error) {
    if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
  }
}

/** Whether an address is a certain Service's. */
export function belongsTo({ spec: { parentRef } }: IPAddress, { namespace, name }: AddressOwner): boolean {
  return (
    (parentRef.group ?? '') === Service.group &&
    parentRef.resource === Service.plural &&
    parentRef.namespace === namespace &&
    parentRef.name === name
  );
}

/** An address as IPAddresses are named. */
export function canonical(address: string): string {
  const parsed = parseIP(address);
  return parsed ? formatIP(parsed) : address;
}
