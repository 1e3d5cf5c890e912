import { bootstrapTokenOf, bootstrapTokenPrefix, hasExpired } from '../../api/core/bootstrap-token.ts';
import type { BootstrapToken } from '../../api/core/bootstrap-token.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { Cache } from '../../client/controller.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { clusterInfo, signedData } from './cluster-info.ts';
import type { SigningToken } from './cluster-info.ts';

const tokenId = /^[a-z0-9]{6}$/;

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
  async reconcile(key, { cache, client, clock, signal }) {
    if (key.namespace !== clusterInfo.namespace || key.name !== clusterInfo.name) return done;
    const map = cache.get(ConfigMap, key);
    const now = clock.now();
    const tokens = signingTokens(cache, now);
    const data = map && (await signedData(map.data ?? {}, tokens));
    if (!data) return done;
    if (!equalJson(map.data, data)) await client.update(ConfigMap, { ...map, data }, { signal });
    // Who deletes expired tokens may be late, or not there.
    const next = Math.min(...tokens.map(({ expires = Infinity }) => expires));
    return next === Infinity ? done : again(next - now);
  },
});

/** Source: kubernetes' validateSecretForSigning. */
function signingTokens(cache: Cache, now: number): readonly (SigningToken & Pick<BootstrapToken, 'expires'>)[] {
  return cache.list(Secret, { namespace: 'kube-system' }).flatMap((secret) => {
    const token = bootstrapTokenOf(secret);
    if (!token?.usages.has('signing') || !tokenId.test(token.id) || token.secret === '') return [];
    return secret.metadata.name === `${bootstrapTokenPrefix}${token.id}` && !hasExpired(token, now) ? [token] : [];
  });
}
