/** Who states what a signer's roots are must be allowed to attest for it. Source: plugin/pkg/admission/certificates/ctbattest. */
import type { ClusterTrustBundle } from '../../api/certificates/cluster-trust-bundle.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { requireSignerPermission } from './signer-permission.ts';

/** Upstream's ClusterTrustBundleAttest. */
export const clusterTrustBundleAttest: AdmissionPlugin = {
  name: 'ClusterTrustBundleAttest',
  concerns: ['clustertrustbundles.certificates.k8s.io'],
  validate(request, { authorizer }) {
    const bundle = request.object as ClusterTrustBundle | undefined;
    const signerName = bundle?.spec.signerName;
    if (!bundle || !signerName) return;
    // Garbage collection and storage migration write what they don't understand.
    if (request.old && equalJson(withoutOwners(bundle), withoutOwners(request.old))) return;
    return requireSignerPermission(request, authorizer, {
      verb: 'attest',
      signerName,
      refused: `user not permitted to attest for signerName ${JSON.stringify(signerName)}`,
    });
  },
};

function withoutOwners(object: ApiObject): object {
  const metadata = { ...object.metadata, ownerReferences: undefined, finalizers: undefined, managedFields: undefined };
  return { ...object, metadata };
}
