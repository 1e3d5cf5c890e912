/** Keeps content out of namespaces that are missing or on their way out, and some namespaces alive. */
import { StatusError, hasReason } from '../../base/errors.ts';
import { Namespace } from '../../api/core/namespace.ts';
import type { Client } from '../../client/client.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { refusal } from './refusal.ts';

const immortal: readonly string[] = ['default', 'kube-system', 'kube-public'];

/** Reviews may be asked about namespaces that do not exist. */
const reviewGroup = 'authorization.k8s.io';

/** Upstream's NamespaceLifecycle. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  admit(request, context) {
    const { operation, attributes, resource } = request;
    if (operation === 'DELETE' && resource === Namespace && immortal.includes(attributes.name)) {
      throw refusal(request, 'this namespace may not be deleted');
    }
    if (operation !== 'CREATE' || !resource.namespaced || resource.group === reviewGroup) return;
    const known = context.find(Namespace, { name: attributes.namespace });
    if (known && isAlive(known)) return;
    return checkAnew(request, context);
  },
};

/** It may have been made a moment ago, through another server. */
async function checkAnew(request: AdmissionRequest, { client }: AdmissionContext): Promise<void> {
  const { namespace: name } = request.attributes;
  if (isAlive(await askedFor(client, name))) return;
  throw refusal(request, `unable to create new content in namespace ${name} because it is being terminated`, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${name} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}

function isAlive({ metadata, status }: Namespace): boolean {
  return metadata.deletionTimestamp === undefined && status.phase !== 'Terminating';
}

async function askedFor(client: Client, name: string): Promise<Namespace> {
  try {
    return await client.get(Namespace, { name });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    const details = { name, kind: 'namespaces' };
    throw new StatusError('NotFound', `namespaces ${JSON.stringify(name)} not found`, { details, cause: error });
  }
}
