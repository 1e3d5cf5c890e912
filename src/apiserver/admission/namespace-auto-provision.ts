/** Makes the namespaces that somebody begins to use. Source: plugin/pkg/admission/namespace/autoprovision. */
import { Namespace } from '../../api/core/namespace.ts';
import { hasReason, messageOf } from '../../base/errors.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { refusal } from './refusal.ts';

/** Upstream's NamespaceAutoProvision. */
export const namespaceAutoProvision: AdmissionPlugin = {
  name: 'NamespaceAutoProvision',
  admit(request, context) {
    const { resource, operation, attributes, dryRun } = request;
    if (operation !== 'CREATE' || !resource.namespaced || attributes.namespace === '' || dryRun) return;
    if (context.find(Namespace, { name: attributes.namespace })) return;
    return provide(request, context);
  },
};

async function provide(request: AdmissionRequest, { client }: AdmissionContext): Promise<void> {
  try {
    await client.create(Namespace, { metadata: { name: request.attributes.namespace } });
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw refusal(request, messageOf(error));
  }
}
