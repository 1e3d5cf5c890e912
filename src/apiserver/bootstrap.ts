/** The objects that every cluster has from the first second. */
import { hasReason } from '../base/errors.ts';
import { Namespace } from '../api/core/namespace.ts';
import { PriorityClass, systemPriorities } from '../api/scheduling/priority-class.ts';
import { ServiceCIDR } from '../api/networking/service-cidr.ts';
import type { Client } from '../client/client.ts';

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Creates the four namespaces. Other objects need them, so this comes first. */
export async function bootstrapNamespaces(client: Client): Promise<void> {
  await Promise.all(systemNamespaces.map((name) => created(client.create(Namespace, { metadata: { name } }))));
}

const systemClassUses: Readonly<Record<string, string>> = {
  'system-cluster-critical': 'For pods that the cluster needs, wherever they run.',
  'system-node-critical': 'For pods that their node needs: the highest there is.',
};

/** Creates the priority classes that every cluster has. */
export async function bootstrapPriorityClasses(client: Client): Promise<void> {
  await Promise.all(
    Object.entries(systemPriorities).map(([name, value]) =>
      created(client.create(PriorityClass, { metadata: { name }, value, description: systemClassUses[name] })),
    ),
  );
}

/** Creates the ServiceCIDR `kubernetes`, of the networks that the server was started with, and says that it is in use. */
export async function bootstrapServiceCIDR(client: Client, cidrs: readonly string[], now: string): Promise<void> {
  const key = { name: 'kubernetes' };
  const isNew = await created(client.create(ServiceCIDR, { metadata: key, spec: { cidrs } }));
  if (!isNew) return;
  const ready = {
    type: 'Ready',
    status: 'True' as const,
    reason: '',
    message: 'Kubernetes default Service CIDR is ready',
    lastTransitionTime: now,
  };
  const body = { status: { conditions: [ready] } };
  await client.patch(ServiceCIDR, key, { type: 'merge', body }, { subresource: 'status' });
}

/** Whether the object is new; that it exists already is no error. */
async function created(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (error) {
    if (hasReason(error, 'AlreadyExists')) return false;
    throw error;
  }
}
