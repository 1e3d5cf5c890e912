import { bootstrapTokenOf } from '../../api/core/bootstrap-token.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import { defineController, done, watched } from '../../client/controller.ts';
import type { Cache } from '../../client/controller.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { clusterInfo, signedData } from './cluster-info.ts';
import type { SigningToken } from './cluster-info.ts';

/**
 * Signs the ConfigMap kube-public/cluster-info with every bootstrap token that is for signing, so that a node that has a
 * token can tell whether it was told the truth. Source: kubernetes' pkg/controller/bootstrap.
 */
export const bootstrapSigner = defineController({
  name: 'bootstrap-signer',
  optional: true,
  for: ConfigMap,
  rbac: {},
  namespacedRbac: {
    'kube-system': { secrets: ['get', 'list', 'watch'] },
    'kube-public': {
      configmaps: ['get', 'list', 'watch'],
      [`configmaps ${clusterInfo.name}`]: ['update'],
      events: ['create', 'patch', 'update'],
    },
  },
  watches: [watched(Secret, (secret) => (bootstrapTokenOf(secret) ? [clusterInfo] : []))],
  async reconcile(key, { cache, client, signal }) {
    if (key.namespace !== clusterInfo.namespace || key.name !== clusterInfo.name) return done;
    const map = cache.get(ConfigMap, key);
    const data = map && (await signedData(map.data ?? {}, signingTokens(cache)));
    if (!data || equalJson(map.data, data)) return done;
    await client.update(ConfigMap, { ...map, data }, { signal });
    return done;
  },
});

function signingTokens(cache: Cache): readonly SigningToken[] {
  return cache.list(Secret, { namespace: 'kube-system' }).flatMap((secret) => {
    const token = bootstrapTokenOf(secret);
    const isSigning = token?.usages.has('signing') === true && secret.metadata.name === `bootstrap-token-${token.id}`;
    return isSigning && token.secret !== '' ? [token] : [];
  });
}
