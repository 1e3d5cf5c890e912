import { ConfigMap } from '../../api/core/config-map.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { Controller } from '../../client/controller.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { keyOf } from '../../machinery/resource.ts';
import { isAlreadySettled } from './service-account.ts';

/** The ConfigMap that pods mount to verify the API server. */
export const rootCAName = 'kube-root-ca.crt';

const annotations = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

/** The ConfigMap that tells aggregated servers of the authorities: when it changes, others want to know as well. */
const authentication = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
/** Milliseconds until another authority is published that came to this process later than to the one that told of it. */
const lookEvery = 300_000;

/** Publishes the authorities of the API server (PEM), as they are now, in every namespace. */
export function rootCAPublisher(ca: () => string): Controller {
  return defineController({
    name: 'root-ca-cert-publisher',
    for: Namespace,
    rbac: {
      configmaps: ['create', 'get', 'list', 'update', 'watch'],
      namespaces: ['get', 'list', 'watch'],
      events: ['create', 'patch', 'update'],
    },
    watches: [
      watched(ConfigMap, ({ metadata: { name, namespace = '' } }, { cache }) => {
        if (name === rootCAName) return [{ name: namespace }];
        const tells = name === authentication.name && namespace === authentication.namespace;
        return tells ? cache.list(Namespace).map(keyOf) : [];
      }),
    ],
    async reconcile(key, { cache, client, signal }) {
      const namespace = cache.get(Namespace, key);
      if (!namespace || namespace.metadata.deletionTimestamp !== undefined) return done;
      const name = { namespace: key.name, name: rootCAName };
      const known = cache.get(ConfigMap, name);
      const data = { 'ca.crt': ca() };
      if (known && equalJson(known.data, data)) return again(lookEvery);
      try {
        if (known)
          await client.update(
            ConfigMap,
            {
              ...known,
              metadata: { ...known.metadata, annotations: { ...known.metadata.annotations, ...annotations } },
              data,
            },
            { signal },
          );
        else await client.create(ConfigMap, { metadata: { ...name, annotations }, data }, { signal });
      } catch (error) {
        if (!isAlreadySettled(error)) throw error;
      }
      return again(lookEvery);
    },
  });
}
