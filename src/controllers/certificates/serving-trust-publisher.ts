/** Source: kubernetes' pkg/controller/certificates/clustertrustbundlepublisher. */
import { createHash } from 'node:crypto';
import { trustBundlePrefix } from '../../api/certificates/cluster-trust-bundle-name.ts';
import { ClusterTrustBundle } from '../../api/certificates/cluster-trust-bundle.ts';
import { pemBlocks } from '../../api/certificates/pem-blocks.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { hasReason } from '../../base/errors.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { Controller } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';

/** Whose certificates clients of the API server verify. */
export const servingSigner = 'kubernetes.io/kube-apiserver-serving';

/** There is one bundle for the cluster: its turn comes under this name. */
const turn = { name: 'kube-system' };
/** The ConfigMap that tells aggregated servers of the authorities: when it changes, the bundle may have to. */
const authentication = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
/** Milliseconds until another authority is published that came to this process later than to the one that told of it. */
const lookEvery = 300_000;

/** The name of the bundle with these certificates: others have other names, so that none changes under those who read it. */
export function servingBundleName(certificates: string): string {
  return `${trustBundlePrefix(servingSigner)}${createHash('sha256').update(certificates).digest('hex').slice(0, 24)}`;
}

/** Publishes the authorities of the API server (PEM), as they are now, as the one ClusterTrustBundle of their signer. */
export function servingTrustPublisher(ca: () => string): Controller {
  return defineController({
    name: 'kube-apiserver-serving-clustertrustbundle-publisher',
    for: Namespace,
    rbac: {
      namespaces: ['list', 'watch'],
      configmaps: ['list', 'watch'],
      [`signers.certificates.k8s.io ${servingSigner}`]: ['attest'],
      'clustertrustbundles.certificates.k8s.io': ['create', 'delete', 'list', 'update', 'watch'],
      events: ['create', 'patch', 'update'],
    },
    watches: [
      watched(ClusterTrustBundle, ({ spec }) => (spec.signerName === servingSigner ? [turn] : [])),
      watched(ConfigMap, ({ metadata: { name, namespace } }) =>
        name === authentication.name && namespace === authentication.namespace ? [turn] : [],
      ),
    ],
    async reconcile(key, { cache, client, log, signal }) {
      if (key.name !== turn.name) return done;
      const trustBundle = ca();
      if (pemBlocks(trustBundle).length === 0) return again(lookEvery);
      const name = servingBundleName(trustBundle);
      const spec = { signerName: servingSigner, trustBundle };
      const known = cache.get(ClusterTrustBundle, { name });
      if (!known) {
        await client.create(ClusterTrustBundle, { metadata: { name }, spec }, { signal });
        log.info('Published the API server’s authorities', { bundle: name });
      } else if (known.spec.trustBundle !== trustBundle) {
        await client.update(ClusterTrustBundle, { ...known, spec }, { signal });
      }
      for (const bundle of cache.list(ClusterTrustBundle)) {
        if (bundle.spec.signerName !== servingSigner || bundle.metadata.name === name) continue;
        await client.delete(ClusterTrustBundle, keyOf(bundle), { signal }).catch((error: unknown) => {
          if (!hasReason(error, 'NotFound')) throw error;
        });
      }
      return again(lookEvery);
    },
  });
}
