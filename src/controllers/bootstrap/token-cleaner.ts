import { bootstrapTokenOf } from '../../api/core/bootstrap-token.ts';
import { Secret } from '../../api/core/secret.ts';
import { again, defineController, done } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';

/** Deletes bootstrap tokens that have expired. Source: kubernetes' pkg/controller/bootstrap. */
export const tokenCleaner = defineController({
  name: 'token-cleaner',
  optional: true,
  for: Secret,
  rbac: {},
  namespacedRbac: {
    'kube-system': { secrets: ['delete', 'get', 'list', 'watch'], events: ['create', 'patch', 'update'] },
  },
  async reconcile(key, { cache, client, clock, log, signal }) {
    const secret = cache.get(Secret, key);
    const expires = secret && bootstrapTokenOf(secret)?.expires;
    if (!secret || expires === undefined) return done;
    const remaining = expires - clock.now();
    if (remaining > 0) return again(remaining);
    const { uid, resourceVersion } = secret.metadata;
    await client.delete(Secret, keyOf(secret), { preconditions: { uid, resourceVersion }, signal });
    log.info('Deleted an expired bootstrap token', { secret: key });
    return done;
  },
});
