/** Lets nothing be done in namespaces that are not there. Source: plugin/pkg/admission/namespace/exists. */
import { Namespace } from '../../api/core/namespace.ts';
import type { AdmissionPlugin } from '../ports.ts';

/** Upstream's NamespaceExists. */
export const namespaceExists: AdmissionPlugin = {
  name: 'NamespaceExists',
  validate({ resource, operation, attributes }, { client, find }) {
    const { namespace: name } = attributes;
    if (!resource.namespaced || operation === 'CONNECT' || find(Namespace, { name })) return;
    // It may have been made a moment ago, through another server. NotFound is upstream's answer too.
    return client.get(Namespace, { name }).then(() => undefined);
  },
};
