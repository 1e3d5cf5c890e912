/** Keeps content out of namespaces that are missing or on their way out, and some namespaces alive. */
import { StatusError, hasReason } from '../../base/errors.ts';
import { Namespace } from '../../api/core/namespace.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { refusal } from './refusal.ts';

const immortal: readonly string[] = ['default', 'kube-system', 'kube-public'];

/** Reviews may be asked about namespaces that do not exist. */
const reviewGroup = 'authorization.k8s.io';

/** Upstream's NamespaceLifecycle. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  async admit(request, context) {
    const { operation, attributes, resource } = request;
    if (operation === 'DELETE' && resource === Namespace && immortal.includes(attributes.name)) {
      throw refusal(request, 'this namespace may not be deleted');
    }
    if (operation !== 'CREATE' || !resource.namespaced || resource.group === reviewGroup) return;
    await checkNamespace(request, context);
  },
};

async function checkNamespace(request: AdmissionRequest, { client }: AdmissionContext): Promise<void> {
  const { namespace: name } = request.attributes;
  const namespace = await client.get(Namespace, { name }).catch((error: unknown) => {
    if (!hasReason(error, 'NotFound')) throw error;
    throw new StatusError('NotFound', `namespaces ${JSON.stringify(name)} not found`, {
      details: { name, kind: 'namespaces' },
      cause: error,
    });
  });
  if (namespace.metadata.deletionTimestamp === undefined && namespace.status.phase !== 'Terminating') return;
  throw refusal(request, `unable to create new content in namespace ${name} because it is being terminated`, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${name} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}
