import { hasReason } from '../../base/errors.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { defineController, done, watched } from '../../client/controller.ts';

const defaultName = 'default';

/** Gives every namespace the ServiceAccount `default`, again if somebody deletes it. */
export const serviceAccountController = defineController({
  name: 'service-account-controller',
  for: Namespace,
  rbac: {
    serviceaccounts: ['create', 'get', 'list', 'watch'],
    namespaces: ['get', 'list', 'watch'],
    events: ['create', 'patch', 'update'],
  },
  watches: [
    watched(ServiceAccount, ({ metadata: { name, namespace = '' } }) =>
      name === defaultName ? [{ name: namespace }] : [],
    ),
  ],
  async reconcile(key, { cache, client, signal }) {
    const namespace = cache.get(Namespace, key);
    if (!namespace || namespace.metadata.deletionTimestamp !== undefined || namespace.status.phase === 'Terminating')
      return done;
    if (cache.get(ServiceAccount, { namespace: key.name, name: defaultName })) return done;
    try {
      await client.create(ServiceAccount, { metadata: { namespace: key.name, name: defaultName } }, { signal });
    } catch (error) {
      if (!isAlreadySettled(error)) throw error;
    }
    return done;
  },
});

/** It exists after all, or its namespace is going away. */
export function isAlreadySettled(error: unknown): boolean {
  if (hasReason(error, 'AlreadyExists', 'NotFound')) return true;
  return (
    hasReason(error, 'Forbidden') &&
    error.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') === true
  );
}
